"""ORDER BY: the permutation that sorts rows, whole or only its first rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minidb.columns.base import BoolArray, Column, IndexArray
from minidb.columns.sort_words import argsort_words, coarse_word, sort_words
from minidb.columns.words import IntegerArray
from minidb.errors import InternalError
from minidb.record import record

TOP_N_SHARE = 4


@record(eq=False)
class SortKey:
    """One term of ORDER BY.

    Parameters
    ----------
    column : Column, n rows
        The values.
    is_descending : bool
        Whether the greatest value comes first.
    nulls_first : bool
        Whether NULL and NaN come first; ClickHouse puts them last in both directions.
    """

    column: Column
    is_descending: bool = False
    nulls_first: bool = False

    @property
    def nulls_greatest(self) -> bool:
        """Whether NULL and NaN count as greater than all values."""
        return self.nulls_first == self.is_descending

    def take(self, indices: IndexArray) -> SortKey:
        """Return the key of some rows."""
        return SortKey(self.column.take(indices), self.is_descending, self.nulls_first)


def sort_permutation(keys: Sequence[SortKey]) -> IndexArray:
    """Return the row numbers in sorted order (intp, shape (n,)).

    Rows that are equal in all keys keep their order, also where the direction is descending.

    Raises
    ------
    InternalError
        Without keys.
    """
    words = order_words(keys)
    if _words_sorted(words):
        return np.arange(len(keys[0].column))
    return argsort_words(words)


def top_n_permutation(keys: Sequence[SortKey], n: int) -> IndexArray:
    """Return the first `n` row numbers of the sorted order, without sorting the rest."""
    n_rows = len(keys[0].column) if keys else 0
    if 0 < n <= n_rows // TOP_N_SHARE:
        coarse = _coarse(keys[0])
        if coarse is not None:
            limit = np.partition(coarse, n - 1)[n - 1]
            rows = np.flatnonzero(coarse <= limit)
            if len(rows) < n_rows:
                inner = sort_permutation([key.take(rows) for key in keys])
                return rows[inner[:n]]
    return sort_permutation(keys)[: max(n, 0)]


def is_sorted(keys: Sequence[SortKey]) -> bool:
    """Whether the rows stand in the order of the keys already."""
    return _words_sorted(order_words(keys))


def rows_like(keys: Sequence[SortKey], row: int) -> BoolArray:
    """Return which rows are equal to one row in all keys (bool, shape (n,))."""
    same = np.ones(len(keys[0].column), np.bool_)
    for word in order_words(keys):
        same &= word == word[row]
    return same


def order_words(keys: Sequence[SortKey]) -> list[IntegerArray]:
    """Return words whose rising lexicographic order is the order of the keys.

    Raises
    ------
    InternalError
        Without keys.
    """
    if not keys:
        raise InternalError("a sort needs at least one key")
    words: list[IntegerArray] = []
    for key in keys:
        of_key = sort_words(key.column, nulls_greatest=key.nulls_greatest)
        words.extend([~word for word in of_key] if key.is_descending else of_key)
    return words or [np.zeros(len(keys[0].column), np.uint8)]


def _coarse(key: SortKey) -> IntegerArray | None:
    """Return a word that never contradicts the order of one key."""
    word = coarse_word(key.column, nulls_greatest=key.nulls_greatest)
    return ~word if word is not None and key.is_descending else word


def _words_sorted(words: Sequence[IntegerArray]) -> bool:
    """Whether the rows never fall in lexicographic order."""
    probe = 1024
    n_rows = len(words[0])
    if n_rows > 2 * probe and not _words_sorted([word[:probe] for word in words]):
        return False
    undecided = np.ones(max(n_rows - 1, 0), np.bool_)
    for word in words:
        if bool(np.any(undecided & (word[1:] < word[:-1]))):
            return False
        undecided &= word[1:] == word[:-1]
    return True
