"""The packed product with pruned filters: words pruned away are neither stored nor read.

Each filter keeps its own words, so filters are taken in the order of how many they keep, most
first. Rank r is the r-th word that each filter keeps: the filters that have one are the first
``len(rank.numbers)`` in that order, whatever words they are. A rank is one call over a tile.
"""

from __future__ import annotations

from dataclasses import dataclass

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
class Rank:
    """One kept word of each filter that has so many.

    Attributes
    ----------
    numbers : ndarray of intp, shape (n,)
        Which word of the patch it meets.
    words : ndarray of uint64, shape (n,)
    masks : ndarray of uint64, shape (n,), or None
        Bit 1 where a bit counts; None when all of them do.
    shared : int or None
        The number, where it is the same for all.
    """

    numbers: NDArray[np.intp]
    words: Words
    masks: Words | None
    shared: int | None


@dataclass(frozen=True, slots=True, eq=False)
class SparseFilters:
    """Filters by the words that they keep.

    Attributes
    ----------
    order : ndarray of intp, shape (filters,)
        The filters, those with most words first.
    ranks : tuple of Rank
        Shrinking: rank r holds a word of the first so many filters in `order`.
    """

    order: NDArray[np.intp]
    ranks: tuple[Rank, ...]

    @property
    def rows(self) -> int:
        """How many filters there are."""
        return len(self.order)

    @property
    def n_stored(self) -> int:
        """Words that all filters keep together: what one patch is compared with."""
        return sum(len(rank.words) for rank in self.ranks)


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
    rank_of = np.argsort(np.where(is_whole, 0, np.where(masks != 0, 1, 2)), axis=1, kind="stable")
    n_kept = np.count_nonzero(masks, axis=1)
    order = np.argsort(-n_kept, kind="stable")
    ranks = []
    for rank in range(int(n_kept.max(initial=0))):
        filters = order[: np.count_nonzero(n_kept > rank)]
        numbers = rank_of[filters, rank]
        is_shared = bool(np.all(numbers == numbers[0]))
        has_masks = not np.all(is_whole[filters, numbers])
        ranks.append(
            Rank(
                numbers,
                aligned(words[filters, numbers]),
                aligned(masks[filters, numbers]) if has_masks else None,
                int(numbers[0]) if is_shared else None,
            )
        )
    return SparseFilters(order, tuple(ranks))


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
    if m < FEW_PATCHES:
        height, run = filters.rows, max(1, min(m, TILE_WORDS // max(1, filters.rows)))
    else:
        run = min(m, RUN)
        height = max(1, min(filters.rows, TILE_WORDS // run))
    with small_buffers():
        for column in range(0, m, run):
            columns = slice(column, min(column + run, m))
            rows = np.ascontiguousarray(patches[:, columns].T) if m < FEW_PATCHES else None
            for row in range(0, filters.rows, height):
                own = slice(row, min(row + height, filters.rows))
                if rows is not None:
                    tile = _tile_by_patch(filters, rows, out.dtype).T
                else:
                    tile = _tile_by_filter(filters, patches[:, columns], own, out.dtype)
                out[filters.order[own], columns] = tile


def _tile_by_filter(
    filters: SparseFilters, patches: Words, rows: slice, dtype: np.dtype[np.integer]
) -> Counts:
    """Return the counts of some filters, in their order, with the patches along the rows."""
    shape = rows.stop - rows.start, patches.shape[1]
    tile = _Tile(shape, dtype)
    for rank in filters.ranks:
        numbers = rank.numbers[rows]
        n = len(numbers)
        if n == 0:
            break
        differing = tile.differing[:n]
        if rank.shared is not None:
            np.bitwise_xor(patches[rank.shared], rank.words[rows, None], out=differing)
        else:
            np.take(patches, numbers, axis=0, out=differing, mode="clip")
            np.bitwise_xor(differing, rank.words[rows, None], out=differing)
        if rank.masks is not None:
            np.bitwise_and(differing, rank.masks[rows, None], out=differing)
        tile.add(slice(n))
    return tile.total()


def _tile_by_patch(filters: SparseFilters, rows: Words, dtype: np.dtype[np.integer]) -> Counts:
    """Return the counts of some patches, whose words lie together, with the filters along rows."""
    tile = _Tile((len(rows), filters.rows), dtype)
    for rank in filters.ranks:
        own = slice(len(rank.numbers))
        differing = tile.differing[:, own]
        np.take(rows, rank.numbers, axis=1, out=differing, mode="clip")
        np.bitwise_xor(differing, rank.words, out=differing)
        if rank.masks is not None:
            np.bitwise_and(differing, rank.masks, out=differing)
        tile.add((slice(None), own))
    return tile.total()


class _Tile:
    """Counts that grow rank by rank, each over a part no larger than the one before."""

    def __init__(self, shape: tuple[int, int], dtype: np.dtype[np.integer]) -> None:
        size = shape[0] * shape[1]
        self.differing: Words = _SCRATCH.get("differing", size, np.uint64).reshape(shape)
        self._counts = _SCRATCH.get("counts", size, np.uint8).reshape(shape)
        self._more = _SCRATCH.get("more", size, np.uint8).reshape(shape)
        self._total: Counts = _SCRATCH.get("total", size, dtype).reshape(shape)
        self._total[...] = 0
        self._n_pending = 0
        self._part: slice | tuple[slice, slice] = slice(0)

    def add(self, part: slice | tuple[slice, slice]) -> None:
        """Add the bits that are set in a part of `differing`."""
        if self._n_pending == 0:
            self._part = part
            np.bitwise_count(self.differing[part], out=self._counts[part])
        else:
            np.bitwise_count(self.differing[part], out=self._more[part])
            np.add(self._counts[part], self._more[part], out=self._counts[part])
        self._n_pending += 1
        if self._n_pending == NARROW:
            self._flush()

    def total(self) -> Counts:
        """Return the counts, in scratch memory."""
        self._flush()
        return self._total

    def _flush(self) -> None:
        """Add what up to three words gave, and which fits uint8, to the total."""
        if self._n_pending:
            total = self._total[self._part]
            np.add(total, self._counts[self._part], out=total)
        self._n_pending = 0
