"""Gathering pieces of bytes: which way is quickest depends on how long they are."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

PART_BYTES = 1 << 22
MIN_PIECES = 4096
MIN_MEAN_LENGTH = 12
MAX_LENGTH = 1 << 16
"""Pieces are gathered by length where there are many, not short, of few lengths."""


def as_items(data: NDArray[np.uint8], length: int, kind: str) -> NDArray[np.generic]:
    """Return the `length` bytes at every place of `data` as one item, without copying.

    Parameters
    ----------
    data : ndarray of uint8, shape (n,), n >= length >= 1
        Contiguous.
    kind : str
        ``V`` for bytes to be moved, ``S`` for bytes to be compared.

    Returns
    -------
    ndarray of dtype ``kind + length``, shape (n - length + 1,)
        The items overlap.
    """
    return np.ndarray((len(data) - length + 1,), f"{kind}{length}", data, 0, (1,))


def gather_bytes(
    data: NDArray[np.uint8], starts: NDArray[np.int64], offsets: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """Lay pieces of `data` end to end.

    Parameters
    ----------
    data : ndarray of uint8
        Contiguous.
    starts : ndarray of int64, shape (m,)
        Where each piece begins.
    offsets : ndarray of int64, shape (m + 1,)
        Where each piece goes, from 0; the last is the bytes of all.
    """
    total, n_pieces = int(offsets[-1]), len(starts)
    if not total:
        return np.zeros(0, np.uint8)
    lengths = np.diff(offsets)
    longest = int(lengths.max())
    if longest * n_pieces == total and longest < MAX_LENGTH:
        return as_items(data, longest, "V")[starts].view(np.uint8)
    is_many = n_pieces >= MIN_PIECES and total >= MIN_MEAN_LENGTH * n_pieces
    if is_many and longest < MAX_LENGTH and longest * MIN_MEAN_LENGTH < n_pieces:
        return _by_length(data, starts, offsets, lengths)
    return _by_place(data, starts, offsets, lengths)


def _by_place(
    data: NDArray[np.uint8],
    starts: NDArray[np.int64],
    offsets: NDArray[np.int64],
    lengths: NDArray[np.int64],
) -> NDArray[np.uint8]:
    """Move byte by byte; the place of a byte takes 16 bytes, so much text goes part by part."""
    total = int(offsets[-1])
    result = np.empty(total, np.uint8)
    cuts = np.searchsorted(offsets, np.arange(PART_BYTES, total, PART_BYTES))
    shifts = starts - offsets[:-1]
    for start, stop in pairwise([0, *np.unique(cuts).tolist(), len(starts)]):
        where = np.arange(offsets[start], offsets[stop], dtype=np.int64)
        where += np.repeat(shifts[start:stop], lengths[start:stop])
        result[offsets[start] : offsets[stop]] = data[where]
    return result


def _by_length(
    data: NDArray[np.uint8],
    starts: NDArray[np.int64],
    offsets: NDArray[np.int64],
    lengths: NDArray[np.int64],
) -> NDArray[np.uint8]:
    """Move all pieces of one length at once, which copies whole pieces instead of bytes."""
    result = np.empty(int(offsets[-1]), np.uint8)
    order = np.argsort(lengths.astype(np.uint16), kind="stable")
    sources, targets = starts[order], offsets[:-1][order]
    ends = np.cumsum(np.bincount(lengths))
    first = int(ends[0])
    for length, end in enumerate(ends[1:].tolist(), start=1):
        if end > first:
            moved = as_items(data, length, "V")[sources[first:end]]
            as_items(result, length, "V")[targets[first:end]] = moved
        first = end
    return result
