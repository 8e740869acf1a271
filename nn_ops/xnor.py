"""The packed product: in how many bits does each patch differ from each filter.

``D[m, n] = popcount((patch[m] ^ filter[n]) & mask[n])``. Operands have their words first, shape
(words, m) and (words, n). The longer of the two runs along the rows of the result, so that one call
covers a long contiguous run; the other one is broadcast. A tile of the result stays in the cache
while all words are added to it: three words in uint8 (at most 192), then uint16 or int32.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from nn_ops.conventions import Words
from nn_ops.errors import InternalError
from nn_ops.scratch import Scratch

TILE_WORDS = 1 << 16
"""Words that one call xors: with their counts they fill about half of a second-level cache."""

RUN = 8192
"""The longest run of the long axis in a tile; longer ones leave no room for a second row."""

NARROW = 3
"""Words whose counts fit one uint8: 3 * 64 < 256."""

BUFFER_VALUES = 512
"""NumPy's buffer for broadcast operands: its default of 8192 values costs four times the time."""

Counts = NDArray[Any]  # uint16, or int32 where the fan-in needs it

_SCRATCH = Scratch()


def counter_dtype(n_bits: int) -> type[np.uint16] | type[np.int32]:
    """Return the narrowest type that counts up to `n_bits` bits and one more."""
    return np.uint16 if n_bits < np.iinfo(np.uint16).max else np.int32


@dataclass(frozen=True, slots=True, eq=False)
class Operand:
    """One side of the product.

    Attributes
    ----------
    words : ndarray of uint64, shape (words, rows)
        C-contiguous: word k of every row stands at index k.
    masks : ndarray of uint64, same shape, or None
        Bit 1 where a bit counts.
    """

    words: Words
    masks: Words | None = None

    @property
    def rows(self) -> int:
        """How many patches or filters there are."""
        return int(self.words.shape[1])


@contextmanager
def small_buffers() -> Iterator[None]:
    """Let NumPy's iterator use small buffers, and restore what was set."""
    before = np.setbufsize(BUFFER_VALUES)
    try:
        yield
    finally:
        np.setbufsize(before)


def distances(left: Operand, right: Operand, out: Counts) -> None:
    """Count the bits in which each row of `left` differs from each row of `right`.

    Parameters
    ----------
    left : Operand
        The shorter side, for speed.
    right : Operand
        The longer side, of as many words.
    out : ndarray of uint16 or int32, shape (left.rows, right.rows)
        Overwritten.

    Raises
    ------
    InternalError
        When the operands and the result do not fit.
    """
    if len(left.words) != len(right.words) or out.shape != (left.rows, right.rows):
        raise InternalError(
            f"a product of {left.words.shape} by {right.words.shape} words into {out.shape} counts"
        )
    if len(left.words) == 0:
        out[...] = 0
        return
    run = min(max(1, right.rows), RUN)
    height = min(max(1, left.rows), TILE_WORDS // run)
    at_once = TILE_WORDS // (height * run) // NARROW * NARROW
    with small_buffers():
        for column in range(0, right.rows, run):
            columns = slice(column, column + run)
            for row in range(0, left.rows, height):
                rows = slice(row, row + height)
                tile = _tile(left, right, rows, columns)
                if at_once:
                    _words_at_once(tile, at_once, out[rows, columns])
                else:
                    _word_by_word(tile, out[rows, columns])


class _Tile(NamedTuple):
    """What a tile of the result is made from: arrays that broadcast to (words, rows, columns)."""

    left: Words
    right: Words
    masks: tuple[Words, ...]

    def differ(self, k: int | slice, out: Words) -> None:
        """Write the differing bits that count of one or several words."""
        np.bitwise_xor(self.left[k], self.right[k], out=out)
        for mask in self.masks:
            np.bitwise_and(out, mask[k], out=out)


def _tile(left: Operand, right: Operand, rows: slice, columns: slice) -> _Tile:
    """Return the parts of the operands that make one tile."""
    masks = []
    if left.masks is not None:
        masks.append(left.masks[:, rows, None])
    if right.masks is not None:
        masks.append(right.masks[:, None, columns])
    return _Tile(left.words[:, rows, None], right.words[:, None, columns], tuple(masks))


def _word_by_word(tile: _Tile, out: Counts) -> None:
    """Fill a big tile of the result, one word at a time."""
    differing = _SCRATCH.get("differing", out.size, np.uint64).reshape(out.shape)
    counts = _SCRATCH.get("counts", out.size, np.uint8).reshape(out.shape)
    more = _SCRATCH.get("more", out.size, np.uint8).reshape(out.shape)
    last = len(tile.left) - 1
    for k in range(last + 1):
        tile.differ(k, differing)
        place = k % NARROW
        if place == 0:
            np.bitwise_count(differing, out=counts)
        else:
            np.bitwise_count(differing, out=more)
            np.add(counts, more, out=counts)
        if place == NARROW - 1 or k == last:
            if k < NARROW:
                out[...] = counts
            else:
                np.add(out, counts, out=out)


def _words_at_once(tile: _Tile, at_once: int, out: Counts) -> None:
    """Fill a small tile of the result, some multiple of three words at a time."""
    n_words = len(tile.left)
    for first in range(0, n_words, at_once):
        n = min(at_once, n_words - first)
        differing = _SCRATCH.get("differing", n * out.size, np.uint64).reshape(n, *out.shape)
        tile.differ(slice(first, first + n), differing)
        counts = _SCRATCH.get("counts", n * out.size, np.uint8).reshape(n, *out.shape)
        np.bitwise_count(differing, out=counts)
        thirds = -(-n // NARROW)
        for other in range(thirds, n, thirds):
            more = counts[other : other + thirds]
            np.add(counts[: len(more)], more, out=counts[: len(more)])
        for third in range(thirds):
            if first == 0 and third == 0:
                out[...] = counts[0]
            else:
                np.add(out, counts[third], out=out)
