"""The packed product with pruned filters: words pruned away are neither stored nor read.

Each filter keeps its own words, so filters are taken in the order of how many they keep, most
first. Rank r is the r-th word that each filter keeps: the filters that have one are the first ones
in that order, whatever words they are. A rank is one call over a tile.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from nn_ops.conventions import WORD_BITS, Words
from nn_ops.errors import InternalError
from nn_ops.scratch import Scratch, aligned
from nn_ops.xnor import NARROW, RUN, TILE_WORDS, Counts, small_buffers

FEW_PATCHES = 16
"""Below it the patches of a word are too short a run, and filters run along the rows instead."""

ALL_ONES = np.uint64((1 << WORD_BITS) - 1)

_SCRATCH = Scratch()


@dataclass(frozen=True, slots=True, eq=False)
class SparseFilters:
    """Filters by the words that they keep.

    Rank r stands in ``words[starts[r] : starts[r + 1]]``: one word of each of the first so many
    filters in `order`. Ranks shrink.

    Attributes
    ----------
    order : ndarray of intp, shape (filters,)
        The filters, those with most words first.
    starts : tuple of int
        One more than there are ranks.
    numbers : ndarray of intp, shape (kept words,)
        Which word of the patch each one meets.
    words : ndarray of uint64, shape (kept words,)
    masks : ndarray of uint64, shape (kept words,), or None
        Bit 1 where a bit counts; None when all of them do.
    is_whole : tuple of bool
        Whether all bits of a rank count.
    shared : tuple of (int or None)
        The number, where it is the same in the whole rank.
    """

    order: NDArray[np.intp]
    starts: tuple[int, ...]
    numbers: NDArray[np.intp]
    words: Words
    masks: Words | None
    is_whole: tuple[bool, ...]
    shared: tuple[int | None, ...]

    @property
    def rows(self) -> int:
        """How many filters there are."""
        return len(self.order)

    @property
    def n_ranks(self) -> int:
        """How many words the filter with most of them keeps."""
        return len(self.starts) - 1


def sparse_filters(words: Words, masks: Words, n_bits: int) -> SparseFilters:
    """Keep the words of each filter in which some bit counts.

    Parameters
    ----------
    words, masks : ndarray of uint64, shape (filters, n_words(n_bits))
        Bits that do not count are 0 in `words` as well.
    n_bits : int
        The fan-in.
    """
    used = n_bits % WORD_BITS
    is_whole = masks == ALL_ONES
    if used:
        tail = ALL_ONES << np.uint64(used)
        is_whole[:, -1] = (masks[:, -1] | tail) == ALL_ONES
    # Whole words first, then those with a mask, then those without a bit that counts.
    by_rank = np.argsort(np.where(is_whole, 0, np.where(masks != 0, 1, 2)), axis=1, kind="stable")
    n_kept = np.count_nonzero(masks, axis=1)
    order = np.argsort(-n_kept, kind="stable")
    ranks = [order[: np.count_nonzero(n_kept > rank)] for rank in range(n_kept.max(initial=0))]
    numbers = [by_rank[filters, rank] for rank, filters in enumerate(ranks)]
    filters = np.concatenate([order[:0], *ranks])
    flat = np.concatenate([by_rank[:0, 0], *numbers])
    masked = None if np.all(is_whole[filters, flat]) else aligned(masks[filters, flat])
    return SparseFilters(
        order,
        tuple(np.cumsum([0, *map(len, ranks)]).tolist()),
        flat,
        aligned(words[filters, flat]),
        masked,
        tuple(bool(np.all(is_whole[of, own])) for of, own in zip(ranks, numbers, strict=True)),
        tuple(int(own[0]) if np.all(own == own[0]) else None for own in numbers),
    )


def sparse_distances(filters: SparseFilters, patches: Words, out: Counts) -> None:
    """Count the bits in which each patch differs from each filter, where they count.

    Parameters
    ----------
    filters : SparseFilters
    patches : ndarray of uint64, shape (words, m)
        Words first.
    out : ndarray of uint16 or int32, shape (filters, m)
        Overwritten; it need not be contiguous.

    Raises
    ------
    InternalError
        When the result does not fit.
    """
    m = patches.shape[1]
    if out.shape != (filters.rows, m):
        raise InternalError(f"{filters.rows} filters by {m} patches into {out.shape} counts")
    with small_buffers():
        if m < FEW_PATCHES:
            _few_patches(filters, patches, out)
        else:
            _many_patches(filters, patches, out)


def _many_patches(filters: SparseFilters, patches: Words, out: Counts) -> None:
    """Take tiles of some filters and some patches, the patches along the rows."""
    run = min(patches.shape[1], RUN)
    height = max(1, TILE_WORDS // run)
    for column in range(0, patches.shape[1], run):
        columns = slice(column, column + run)
        for row in range(0, filters.rows, height):
            own = slice(row, min(row + height, filters.rows))
            tile = _tile_by_filter(filters, patches[:, columns], own, out.dtype)
            out[filters.order[own], columns] = tile


def _few_patches(filters: SparseFilters, patches: Words, out: Counts) -> None:
    """Take tiles of all filters and one patch or some, the filters along the rows."""
    height = max(1, TILE_WORDS // max(1, filters.rows))
    for row in range(0, patches.shape[1], height):
        words = np.ascontiguousarray(patches[:, row : row + height].T)
        for patch, counts in enumerate(_tile_by_patch(filters, words, out.dtype), row):
            out[:, patch][filters.order] = counts


def _tile_by_filter(
    filters: SparseFilters, patches: Words, rows: slice, dtype: np.dtype[np.integer]
) -> Counts:
    """Return the counts of some filters, in their order, with the patches along the rows."""
    shape = rows.stop - rows.start, patches.shape[1]
    differing, more, narrow = (
        _SCRATCH.get(name, math.prod(shape), kind).reshape(shape)
        for name, kind in (("differing", np.uint64), ("more", np.uint8), ("narrow", np.uint8))
    )
    total: Counts = _SCRATCH.get("total", math.prod(shape), dtype).reshape(shape)
    total[...] = 0
    n_narrow = n_pending = 0
    for rank, (start, stop) in enumerate(pairwise(filters.starts)):
        own = slice(start + rows.start, min(start + rows.stop, stop))
        n = own.stop - own.start
        if n <= 0:
            break
        shared, differs = filters.shared[rank], differing[:n]
        if shared is not None:
            np.bitwise_xor(patches[shared], filters.words[own, None], out=differs)
        else:
            np.take(patches, filters.numbers[own], axis=0, out=differs, mode="clip")
            np.bitwise_xor(differs, filters.words[own, None], out=differs)
        if filters.masks is not None and not filters.is_whole[rank]:
            np.bitwise_and(differs, filters.masks[own, None], out=differs)
        if n_pending == 0:
            n_narrow = n
            np.bitwise_count(differs, out=narrow[:n])
        else:
            np.bitwise_count(differs, out=more[:n])
            np.add(narrow[:n], more[:n], out=narrow[:n])
        n_pending = (n_pending + 1) % NARROW
        if n_pending == 0:
            np.add(total[:n_narrow], narrow[:n_narrow], out=total[:n_narrow])
    if n_pending:
        np.add(total[:n_narrow], narrow[:n_narrow], out=total[:n_narrow])
    return total


def _tile_by_patch(filters: SparseFilters, rows: Words, dtype: np.dtype[np.integer]) -> Counts:
    """Return the counts of some patches, whose words lie together, with the filters along rows.

    Several ranks are read in one call, as those of few patches are short.
    """
    n = len(rows)
    total: Counts = _SCRATCH.get("total", n * filters.rows, dtype).reshape(n, filters.rows)
    total[...] = 0
    at_once = max(1, TILE_WORDS // max(1, n * filters.rows) // NARROW) * NARROW
    for first in range(0, filters.n_ranks, at_once):
        starts = filters.starts[first : first + at_once + 1]
        own = slice(starts[0], starts[-1])
        shape = n, own.stop - own.start
        differing = _SCRATCH.get("differing", math.prod(shape), np.uint64).reshape(shape)
        rows.take(filters.numbers[own], axis=1, out=differing, mode="clip")
        np.bitwise_xor(differing, filters.words[own], out=differing)
        if filters.masks is not None:
            np.bitwise_and(differing, filters.masks[own], out=differing)
        counts = _SCRATCH.get("narrow", math.prod(shape), np.uint8).reshape(shape)
        np.bitwise_count(differing, out=counts)
        ranks = [
            counts[:, start - own.start : stop - own.start] for start, stop in pairwise(starts)
        ]
        for third in range(0, len(ranks), NARROW):
            narrow = ranks[third]
            for more in ranks[third + 1 : third + NARROW]:
                part = narrow[:, : more.shape[1]]
                np.add(part, more, out=part)
            part = total[:, : narrow.shape[1]]
            np.add(part, narrow, out=part)
    return total
