"""Equi-join: which rows of two sides have equal keys."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from minidb.columns.base import BoolArray, Column, IndexArray
from minidb.columns.hashing import MULTIPLIER, hash_rows, rows_equal
from minidb.columns.keys import MIN_DIRECT_RANGE, factorize
from minidb.columns.nulls import null_mask, split_nulls
from minidb.columns.sort_words import argsort_words
from minidb.columns.words import IntegerArray, KeyWords, WordArray, key_words

DIRECT_RANGE_PER_ROW = 4
MAX_DIRECT_RANGE = 1 << 24
MAX_TABLE_BITS = 22
TABLE_BITS_OVER_ROWS = 3
NO_GROUP = -1


@dataclass(frozen=True, slots=True, eq=False)
class _Round:
    """One hash table: the groups it finds, and how its buckets are made from hashes."""

    table: IndexArray  # bucket -> group, or NO_GROUP
    shift: np.uint64
    hashes: WordArray  # group -> its hash in this round

    def find(self, hashes: WordArray) -> IndexArray:
        """Return the group that each hash may belong to, or NO_GROUP."""
        return self.table[(hashes >> self.shift).astype(np.intp)]


class JoinTable:
    """The rows of the right side, ready to be found by key.

    Parameters
    ----------
    right_keys : sequence of Column, m rows each
        At least one; of the same types as the left keys up to Nullable. A row with a NULL key
        matches nothing; NaN matches NaN, and 0.0 does not match -0.0, as in ClickHouse.
    """

    def __init__(self, right_keys: Sequence[Column]) -> None:
        self.n_rows = len(right_keys[0])
        valid = _valid_rows(right_keys)
        bare = [split_nulls(column)[0] for column in right_keys]
        if valid is not None:
            bare = [column.take(valid) for column in bare]
        grouping = factorize(bare)
        order = argsort_words([grouping.codes])
        self._rows = order if valid is None else valid[order]
        counts = np.bincount(grouping.codes, minlength=grouping.n_groups)
        self._counts = counts.astype(np.intp, copy=False)
        self._starts = np.cumsum(self._counts) - self._counts
        self._is_unique = grouping.n_groups == len(order)
        self._uniques = [column.take(grouping.first_rows) for column in bare]
        self._words = key_words(self._uniques)
        self._low, self._direct = _direct_table(self._words)
        self._rounds: list[_Round] = []
        if self._direct is None and grouping.n_groups:
            self._rounds = _hash_rounds(hash_rows(self._words))

    @property
    def nbytes(self) -> int:
        """Return the bytes that the table holds."""
        tables = [self._rows, self._counts, self._starts, *(r.table for r in self._rounds)]
        if self._direct is not None:
            tables.append(self._direct)
        return sum(t.nbytes for t in tables) + sum(column.nbytes for column in self._uniques)

    def probe(self, left_keys: Sequence[Column]) -> tuple[IndexArray, IndexArray]:
        """Find the matches of a batch of left rows.

        Parameters
        ----------
        left_keys : sequence of Column, n rows each
            In the order of the right keys.

        Returns
        -------
        left_rows, right_rows : ndarray of intp, shape (matches,)
            All pairs of rows with equal keys, ordered by left row, then by right row.
        """
        groups = self._find(left_keys)
        return self._pairs(groups, 0, len(groups))

    def probe_windows(
        self, left_keys: Sequence[Column], max_pairs: int
    ) -> Iterator[tuple[IndexArray, IndexArray]]:
        """Yield what `probe` returns in pieces of about `max_pairs` pairs.

        A piece holds whole left rows, so one row with more matches makes a larger piece.
        """
        groups = self._find(left_keys)
        if self._is_unique:
            yield self._pairs(groups, 0, len(groups))
            return
        counts = np.where(groups >= 0, self._counts[groups], 0)
        ends = np.cumsum(counts)
        total = int(ends[-1]) if len(ends) else 0
        cuts = np.searchsorted(ends, np.arange(max_pairs, total, max_pairs), side="left") + 1
        bounds = [0, *np.unique(cuts).tolist(), len(groups)]
        for start, stop in pairwise(bounds):
            yield self._pairs(groups, start, stop)

    def _pairs(self, groups: IndexArray, start: int, stop: int) -> tuple[IndexArray, IndexArray]:
        """Return the pairs of the left rows from `start` up to `stop`, given their groups."""
        left_rows = np.flatnonzero(groups[start:stop] >= 0) + start
        found = groups[left_rows]
        if self._is_unique:
            return left_rows, self._rows[self._starts[found]]
        counts = self._counts[found]
        ends = np.cumsum(counts)
        places = np.arange(int(ends[-1]) if len(ends) else 0)
        places += np.repeat(self._starts[found] - (ends - counts), counts)
        return np.repeat(left_rows, counts), self._rows[places]

    def count_matches(self, left_keys: Sequence[Column]) -> IndexArray:
        """Return how many right rows match each left row (intp, shape (n,))."""
        groups = self._find(left_keys)
        counts = np.zeros(len(groups), np.intp)
        is_found = groups >= 0
        counts[is_found] = self._counts[groups[is_found]]
        return counts

    def _find(self, left_keys: Sequence[Column]) -> IndexArray:
        """Return the right group of each left row, or NO_GROUP."""
        valid = _valid_rows(left_keys)
        bare = [split_nulls(column)[0] for column in left_keys]
        n_rows = len(left_keys[0])
        if not len(self._counts) or not n_rows:
            return np.full(n_rows, NO_GROUP, np.intp)
        words = key_words(bare)
        groups = self._find_direct(words.fixed[0]) if self._direct is not None else None
        if groups is None:
            groups = self._find_hashed(words)
        if valid is not None:
            kept = groups[valid]
            groups = np.full(n_rows, NO_GROUP, np.intp)
            groups[valid] = kept
        return groups

    def _find_direct(self, word: IntegerArray) -> IndexArray:
        """Look keys up in the table addressed by the key itself."""
        table = self._direct if self._direct is not None else np.zeros(0, np.intp)
        # The last place of the table says NO_GROUP; keys below the lowest wrap to large numbers.
        places = word.astype(np.uint64) - np.uint64(self._low % (1 << 64))
        groups: IndexArray = table[np.minimum(places, np.uint64(len(table) - 1)).astype(np.intp)]
        return groups

    def _find_hashed(self, words: KeyWords) -> IndexArray:
        """Look keys up in one hash table after the other, comparing exactly."""
        hashes = hash_rows(words)
        is_single = len(words.fixed) == 1 and not words.ragged  # its hash is one to one
        groups = np.full(words.n_rows, NO_GROUP, np.intp)
        rows: IndexArray = np.arange(words.n_rows)
        for one in self._rounds:
            maybe = one.find(hashes)
            is_open = maybe >= 0
            is_equal = is_open & (one.hashes[maybe] == hashes)
            if not is_single:
                hit = np.flatnonzero(is_equal)
                is_equal[hit] = rows_equal(words, rows[hit], self._words, maybe[hit])
            groups[rows[is_equal]] = maybe[is_equal]
            # A bucket that is empty in this round is taken in none of the later ones.
            is_open &= ~is_equal
            rows = rows[is_open]
            if not len(rows):
                break
            hashes = _rehash(hashes[is_open])
        return groups


def match_pairs(
    left_keys: Sequence[Column], right_keys: Sequence[Column]
) -> tuple[IndexArray, IndexArray]:
    """Return all pairs of rows with equal keys, ordered by left row, then by right row.

    The keys are as for `JoinTable`; the two arrays are intp, shape (matches,).
    """
    return JoinTable(right_keys).probe(left_keys)


def _valid_rows(keys: Sequence[Column]) -> IndexArray | None:
    """Return the rows without NULL in a key, or None when that is all of them."""
    masks: list[BoolArray] = [null_mask(key) for key in keys if split_nulls(key)[1] is not None]
    masks = [mask for mask in masks if mask.any()]
    return np.flatnonzero(~np.logical_or.reduce(masks)) if masks else None


def _direct_table(uniques: KeyWords) -> tuple[int, IndexArray | None]:
    """Return the lowest key and the table from key to group, for one integer of small range."""
    if len(uniques.fixed) != 1 or uniques.ragged or not uniques.n_rows:
        return 0, None
    word = uniques.fixed[0]
    low, high = int(word.min()), int(word.max())
    limit = min(max(MIN_DIRECT_RANGE, DIRECT_RANGE_PER_ROW * uniques.n_rows), MAX_DIRECT_RANGE)
    if high - low >= limit:
        return 0, None
    table = np.full(high - low + 2, NO_GROUP, np.intp)
    places = word.astype(np.uint64) - np.uint64(low % (1 << 64))
    table[places.astype(np.intp)] = np.arange(uniques.n_rows)
    return low, table


def _rehash(hashes: WordArray) -> WordArray:
    """Return other hashes, one to one."""
    return (hashes ^ (hashes >> np.uint64(32))) * MULTIPLIER


def _hash_rounds(hashes: WordArray) -> list[_Round]:
    """Distribute groups over hash tables such that no table has two groups in one bucket."""
    rounds: list[_Round] = []
    groups: IndexArray = np.arange(len(hashes))
    while len(groups):
        bits = min(len(groups).bit_length() + TABLE_BITS_OVER_ROWS, MAX_TABLE_BITS)
        one = _Round(np.full(1 << bits, NO_GROUP, np.intp), np.uint64(64 - bits), hashes)
        one.table[(hashes[groups] >> one.shift).astype(np.intp)] = groups
        rounds.append(one)
        groups = groups[one.find(hashes[groups]) != groups]
        hashes = _rehash(hashes)
    return rounds
