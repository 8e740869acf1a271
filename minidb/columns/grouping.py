"""Grouping: which rows have equal keys, with groups numbered by first appearance."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minidb.columns.base import BoolArray, Column, IndexArray
from minidb.columns.hashing import MULTIPLIER, hash_rows, rows_equal
from minidb.columns.words import IntegerArray, KeyWords, WordArray, key_words, pack_words
from minidb.record import record

MIN_DIRECT_RANGE = 1 << 12
DIRECT_RANGE_PER_ROW = 2
MAX_ROUNDS = 6
MIN_TABLE_BITS = 8
MAX_TABLE_BITS = 22
MIN_ROWS_PER_RUN = 3


@record
class Grouping:
    """The groups of a batch.

    Parameters
    ----------
    codes : ndarray of intp, shape (n,)
        The group of each row; groups are numbered by first appearance.
    first_rows : ndarray of intp, shape (n_groups,)
        The first row of each group; rising.
    """

    codes: IndexArray
    first_rows: IndexArray

    @property
    def n_groups(self) -> int:
        """Return the number of groups."""
        return len(self.first_rows)


def factorize(columns: Sequence[Column]) -> Grouping:
    """Group the rows of a batch by key columns.

    Parameters
    ----------
    columns : sequence of Column, n rows each
        At least one. NULL equals NULL, NaN equals NaN, 0.0 and -0.0 are two keys.

    Returns
    -------
    Grouping
        The group of each row and the first row of each group.

    Notes
    -----
    Runs of equal rows are folded first, so keys that arrive sorted or clustered are never
    hashed one by one. Integers of a small range address a table directly; everything else is
    hashed to 64 bits, grouped by hash, and compared exactly with the first row of its group.
    """
    keys = key_words(columns, packs_short_text=True)
    if not keys.ragged:
        starts = _run_starts(keys.fixed)
        n_runs = int(np.count_nonzero(starts))
        if _is_rising(keys.fixed, starts):
            codes = np.cumsum(starts, dtype=np.intp)
            codes -= 1
            return Grouping(codes, np.flatnonzero(starts))
        if n_runs * MIN_ROWS_PER_RUN <= keys.n_rows:
            return _factorize_runs(keys, starts)
    return _number(_first_equal_rows(keys))


def _run_starts(words: Sequence[IntegerArray]) -> BoolArray:
    """Mark the rows that differ from the row before them."""
    starts = np.zeros(len(words[0]), np.bool_)
    starts[:1] = True
    for word in words:
        if word.strides != (0,):
            starts[1:] |= word[1:] != word[:-1]
    return starts


def _is_rising(words: Sequence[IntegerArray], starts: BoolArray) -> bool:
    """Whether the rows never fall in lexicographic order, so that each run is a group."""
    probe = 1024
    if len(starts) > 2 * probe and not _is_rising([word[:probe] for word in words], starts[:probe]):
        return False
    undecided = starts[1:].copy()
    for word in words:
        if bool(np.any(undecided & (word[1:] < word[:-1]))):
            return False
        undecided &= word[1:] == word[:-1]
    return True


def _factorize_runs(keys: KeyWords, starts: BoolArray) -> Grouping:
    """Group the first rows of the runs, then spread the groups over the runs."""
    heads = np.flatnonzero(starts)
    inner = _number(
        _first_equal_rows(KeyWords(len(heads), tuple(word[heads] for word in keys.fixed)))
    )
    lengths = np.diff(heads, append=keys.n_rows)
    return Grouping(np.repeat(inner.codes, lengths), heads[inner.first_rows])


def _number(first: IndexArray) -> Grouping:
    """Give groups numbers by first appearance, given the first equal row of each row."""
    is_first = first == np.arange(len(first))
    numbers = np.cumsum(is_first, dtype=np.intp)
    numbers -= 1
    return Grouping(numbers[first], np.flatnonzero(is_first))


def _first_equal_rows(keys: KeyWords) -> IndexArray:
    """Return for each row the first row that equals it."""
    if keys.n_rows == 0:
        return np.zeros(0, np.intp)
    if not keys.ragged:
        packed = pack_words(keys.fixed)
        if packed is not None:
            word, n_values = packed
            if n_values <= max(MIN_DIRECT_RANGE, DIRECT_RANGE_PER_ROW * keys.n_rows):
                return _first_by_bucket(word.astype(np.intp), n_values)
            return _first_equal_words(word * MULTIPLIER)
    first = _first_equal_words(hash_rows(keys))
    if len(keys.fixed) == 1 and not keys.ragged:
        return first  # the hash of a single word is one to one
    if rows_equal(keys, np.arange(keys.n_rows), keys, first).all():
        return first
    return first_equal_rows_exact(keys)


def _first_by_bucket(buckets: IndexArray, n_buckets: int) -> IndexArray:
    """Return for each row the first row of its bucket."""
    table = np.empty(n_buckets, np.intp)
    # The last value assigned to a place stays, so the first row has to come last.
    table[buckets[::-1]] = np.arange(len(buckets) - 1, -1, -1)
    return table[buckets]


def _first_equal_words(hashes: WordArray) -> IndexArray:
    """Return for each row the first row with the same word; `hashes` should be well spread.

    Each round takes the first row of every bucket and settles the rows equal to it; all rows of
    one word share a bucket, so the others hold other words and go to the next round.
    """
    rows, left = np.arange(len(hashes)), hashes
    first = rows
    for number in range(MAX_ROUNDS):
        bits = min(max(len(left).bit_length() + 1, MIN_TABLE_BITS), MAX_TABLE_BITS)
        found = _first_by_bucket((left >> np.uint64(64 - bits)).astype(np.intp), 1 << bits)
        is_equal = left[found] == left
        if number == 0:
            first = found
        else:
            first[rows] = rows[found]
        is_left = ~is_equal
        rows, left = rows[is_left], left[is_left]
        if not len(rows):
            return first
        left = (left ^ (left >> np.uint64(32))) * MULTIPLIER  # one to one
    _, where, inverse = np.unique(left, return_index=True, return_inverse=True)
    first[rows] = rows[where[inverse]]
    return first


def first_equal_rows_exact(keys: KeyWords) -> IndexArray:
    """Return for each row the first row that equals it, by sorting; no hash is trusted.

    Slower than hashing, and the answer when two unequal rows share all 64 bits of a hash.
    """
    codes = np.zeros(keys.n_rows, np.intp)
    everything = np.arange(keys.n_rows)
    for word in keys.fixed:
        _refine(codes, everything, word)
    for part in keys.ragged:
        lengths = np.diff(part.offsets)
        _refine(codes, everything, lengths)
        rows, place = np.flatnonzero(lengths > 0), 0
        while len(rows):
            _refine(codes, rows, part.words[part.offsets[rows] + place])
            place += 1
            rows = rows[lengths[rows] > place]
    return _first_by_bucket(codes, keys.n_rows)


def _refine(codes: IndexArray, rows: IndexArray, word: IntegerArray) -> None:
    """Split groups by a word, in place; only whole groups may be named by `rows`.

    A group's code is the number of one of its rows, so codes of other groups stay distinct.
    """
    order = np.lexsort((word, codes[rows]))
    sorted_codes, sorted_words = codes[rows][order], word[order]
    starts = np.ones(len(rows), np.bool_)
    starts[1:] = sorted_codes[1:] != sorted_codes[:-1]
    starts[1:] |= sorted_words[1:] != sorted_words[:-1]
    heads = rows[order][starts]
    codes[rows[order]] = heads[np.cumsum(starts) - 1]
