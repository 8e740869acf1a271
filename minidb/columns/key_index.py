"""An index of distinct keys: which of them, if any, equals a given key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from minidb.columns.base import BoolArray, Column, IndexArray
from minidb.columns.bits import BitsColumn
from minidb.columns.grouping import factorize
from minidb.columns.hashing import MULTIPLIER, hash_rows, rows_equal
from minidb.columns.make import concat_columns
from minidb.columns.strings import StringColumn
from minidb.columns.words import (
    WORD_BYTES,
    IntegerArray,
    KeyWords,
    WordArray,
    key_words,
    packed_text_words,
    words_of_text,
)
from minidb.record import record
from minidb.types import BitsType

MIN_DIRECT_RANGE = 1 << 12
DIRECT_RANGE_PER_ROW = 4
MAX_DIRECT_RANGE = 1 << 24
MAX_TABLE_BITS = 24
TABLE_BITS_OVER_ROWS = 2
MAX_INT32 = (1 << 31) - 1
# With good hashes the third round is the last; what collides on and on is sorted instead.
MAX_ROUNDS = 8
MAX_TEXT_WORDS = 4
WORD_BITS = 8 * WORD_BYTES
NO_GROUP = -1

GroupNumbers: TypeAlias = NDArray[Any]


@record(eq=False)
class _Round:
    """One hash table: the groups it finds, and how its buckets are made from hashes.

    The tables of later rounds take the same hashes, mixed once more each.
    """

    table: GroupNumbers  # bucket -> group, or NO_GROUP
    shift: np.uint64

    def find(self, hashes: WordArray) -> GroupNumbers:
        """Return the group that each hash may belong to, or NO_GROUP."""
        return self.table[(hashes >> self.shift).astype(np.intp)]


class KeyIndex:
    """Finds rows among distinct keys; NULL equals NULL, NaN equals NaN, 0.0 differs from -0.0.

    Parameters
    ----------
    uniques : sequence of Column, m rows each
        The keys, each of which stands there once.
    """

    def __init__(self, uniques: Sequence[Column]) -> None:
        self.uniques = tuple(uniques)
        self._text_words = tuple(map(_short_text_words, self.uniques))
        self._packed = self._pack(self.uniques)[0]
        self._words = key_words(self._packed)
        self._low, self._direct = _direct_table(self._words)
        self._hashes: WordArray = np.zeros(0, np.uint64)
        self._rounds: list[_Round] = []
        self._rest: IndexArray = np.zeros(0, np.intp)
        if self._direct is None and self._words.n_rows:
            self._hashes = hash_rows(self._words)
            self._rounds, self._rest = _hash_rounds(self._hashes)

    @property
    def nbytes(self) -> int:
        """Return the bytes of the keys and the tables."""
        tables: list[NDArray[Any]] = [self._hashes, *(one.table for one in self._rounds)]
        if self._direct is not None:
            tables.append(self._direct)
        keys = sum(column.nbytes for column in self.uniques)
        packed = zip(self._packed, self._text_words, strict=True)
        keys += sum(column.nbytes for column, n_words in packed if n_words)
        return keys + sum(table.nbytes for table in tables)

    def find(self, columns: Sequence[Column]) -> IndexArray:
        """Look keys up.

        Parameters
        ----------
        columns : sequence of Column, n rows each
            Of the types of the distinct keys.

        Returns
        -------
        ndarray of intp, shape (n,)
            The number of the equal key, or NO_GROUP.
        """
        n_rows = len(columns[0])
        if not self._words.n_rows or not n_rows:
            return np.full(n_rows, NO_GROUP, np.intp)
        packed, is_long = self._pack(columns)
        words = key_words(packed)
        if self._direct is not None:
            groups = self._find_direct(self._direct, words.fixed[0])
        else:
            groups, open_rows = self._find_hashed(words)
            if len(self._rest) and len(open_rows):
                groups[open_rows] = self._find_rest([column.take(open_rows) for column in packed])
        if is_long is not None:
            groups[is_long] = NO_GROUP
        return groups

    def _pack(self, columns: Sequence[Column]) -> tuple[tuple[Column, ...], BoolArray | None]:
        """Turn text into words where all keys are short; return also which rows are too long."""
        packed: list[Column] = []
        is_long: BoolArray | None = None
        for column, n_words in zip(columns, self._text_words, strict=True):
            if not n_words or not isinstance(column, StringColumn):
                packed.append(column)
                continue
            words = np.stack(packed_text_words(column, n_words), axis=1)
            packed.append(BitsColumn(BitsType(WORD_BITS * n_words), words))
            mine = column.lengths >= WORD_BYTES * n_words
            if mine.any():
                is_long = mine if is_long is None else is_long | mine
        return tuple(packed), is_long

    def _find_direct(self, table: IndexArray, word: IntegerArray) -> IndexArray:
        """Look keys up in the table addressed by the key itself."""
        # The last place of the table says NO_GROUP; keys below the lowest wrap to large numbers.
        places = word.astype(np.uint64) - np.uint64(self._low % (1 << 64))
        groups: IndexArray = table[np.minimum(places, np.uint64(len(table) - 1)).astype(np.intp)]
        return groups

    def _find_hashed(self, words: KeyWords) -> tuple[IndexArray, IndexArray]:
        """Look keys up in one hash table after the other, comparing exactly.

        Returns the groups found, and the rows that no table could decide.
        """
        hashes = mixed = hash_rows(words)
        is_single = len(words.fixed) == 1 and not words.ragged  # its hash is one to one
        groups = np.full(words.n_rows, NO_GROUP, np.intp)
        rows: IndexArray = np.arange(words.n_rows)
        for one in self._rounds:
            maybe = one.find(mixed).astype(np.intp, copy=False)
            is_open = maybe >= 0
            is_equal = is_open & (self._hashes[maybe] == hashes)
            if not is_single:
                hit = np.flatnonzero(is_equal)
                is_equal[hit] = rows_equal(words, rows[hit], self._words, maybe[hit])
            groups[rows[is_equal]] = maybe[is_equal]
            # A bucket that is empty in this round is taken in none of the later ones.
            is_open &= ~is_equal
            rows = rows[is_open]
            if not len(rows):
                break
            hashes, mixed = hashes[is_open], _rehash(mixed[is_open])
        return groups, rows

    def _find_rest(self, columns: Sequence[Column]) -> IndexArray:
        """Look keys up among those that collide in every table."""
        rest = [column.take(self._rest) for column in self._packed]
        codes = factorize(
            [concat_columns(a.type, [a, b]) for a, b in zip(rest, columns, strict=True)]
        ).codes[len(self._rest) :]
        # The first codes are the rest in its own order, because its keys are distinct.
        is_found = codes < len(self._rest)
        return np.where(is_found, self._rest[np.where(is_found, codes, 0)], NO_GROUP)


def _short_text_words(column: Column) -> int:
    """Return into how many words the texts of a column are packed; 0 if they are not."""
    if not isinstance(column, StringColumn):
        return 0
    n_words = words_of_text(column)
    return n_words if n_words <= MAX_TEXT_WORDS else 0


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


def _hash_rounds(hashes: WordArray) -> tuple[list[_Round], IndexArray]:
    """Distribute groups over hash tables, one group to a bucket; return also those left over."""
    rounds: list[_Round] = []
    dtype = np.int32 if len(hashes) <= MAX_INT32 else np.intp
    groups: GroupNumbers = np.arange(len(hashes), dtype=dtype)
    while len(groups) and len(rounds) < MAX_ROUNDS:
        bits = min(len(groups).bit_length() + TABLE_BITS_OVER_ROWS, MAX_TABLE_BITS)
        one = _Round(np.full(1 << bits, NO_GROUP, dtype), np.uint64(64 - bits))
        one.table[(hashes >> one.shift).astype(np.intp)] = groups
        rounds.append(one)
        is_left = one.find(hashes) != groups
        groups, hashes = groups[is_left], _rehash(hashes[is_left])
    return rounds, groups.astype(np.intp)
