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
from typing import Any

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
                if at_once:
                    _words_at_once(left, right, rows, columns, at_once, out[rows, columns])
                else:
                    _word_by_word(left, right, rows, columns, out[rows, columns])


def _word_by_word(left: Operand, right: Operand, rows: slice, columns: slice, out: Counts) -> None:
    """Fill a big tile of the result, one word at a time."""
    size = out.size
    differing = _SCRATCH.get("differing", size, np.uint64).reshape(out.shape)
    counts = _SCRATCH.get("counts", size, np.uint8).reshape(out.shape)
    more = _SCRATCH.get("more", size, np.uint8).reshape(out.shape)
    last = len(left.words) - 1
    for k in range(last + 1):
        _differ(left, right, k, rows, columns, differing)
        place = k % NARROW
        np.bitwise_count(differing, out=more if place else counts)
        if place:
            np.add(counts, more, out=counts)
        if place == NARROW - 1 or k == last:
            if k < NARROW:
                out[...] = counts
            else:
                np.add(out, counts, out=out)


def _words_at_once(
    left: Operand, right: Operand, rows: slice, columns: slice, at_once: int, out: Counts
) -> None:
    """Fill a small tile of the result, some multiple of three words at a time."""
    n_words = len(left.words)
    for first in range(0, n_words, at_once):
        n = min(at_once, n_words - first)
        differing = _SCRATCH.get("differing", n * out.size, np.uint64).reshape(n, *out.shape)
        _differ(left, right, slice(first, first + n), rows, columns, differing)
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


def _differ(
    left: Operand, right: Operand, k: int | slice, rows: slice, columns: slice, out: Words
) -> None:
    """Write the differing bits that count of one or several words."""
    np.bitwise_xor(left.words[k, rows, None], right.words[k, None, columns], out=out)
    for side in (left.masks, right.masks):
        if side is not None:
            own = side[k, rows, None] if side is left.masks else side[k, None, columns]
            np.bitwise_and(out, own, out=out)
