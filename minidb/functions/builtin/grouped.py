"""Tools of the aggregates: groups on whole columns, and states that keep rows of the input."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minidb.columns import Column, IndexArray, concat_columns, default_column, empty_column
from minidb.columns.sort_words import argsort_words, coarse_word, sort_words
from minidb.columns.words import IntegerArray
from minidb.functions.declaration import AggregateCall, GrowingArray
from minidb.record import state
from minidb.types import DataType

NO_ROW = -1
LOW_HALF = np.uint64(0xFFFF_FFFF)
HALF_BITS = np.uint64(32)
COMPACT_FROM_ROWS = 4_096


def first_row_per_group(groups: IndexArray, n_groups: int) -> IndexArray:
    """Return the first row of each group, or NO_ROW (intp, shape (n_groups,))."""
    rows = np.full(n_groups, NO_ROW, np.intp)
    # The last value assigned to a place stays, so the first row has to come last.
    rows[groups[::-1]] = np.arange(len(groups) - 1, -1, -1)
    return rows


def last_row_per_group(groups: IndexArray, n_groups: int) -> IndexArray:
    """Return the last row of each group, or NO_ROW (intp, shape (n_groups,))."""
    rows = np.full(n_groups, NO_ROW, np.intp)
    rows[groups] = np.arange(len(groups))
    return rows


def extreme_row_per_group(
    column: Column, groups: IndexArray, n_groups: int, *, is_greatest: bool
) -> IndexArray:
    """Return the first row of each group that holds its least or greatest value.

    Parameters
    ----------
    column : Column, n rows
        Of any type; NaN wins only where a group has nothing else.
    groups : ndarray of intp, shape (n,)
        The group of each row.
    n_groups : int
        More than all of `groups`.
    is_greatest : bool
        Whether the greatest is wanted.

    Returns
    -------
    ndarray of intp, shape (n_groups,)
        Row numbers, NO_ROW for a group without rows.
    """
    rows: IndexArray = np.arange(len(groups))
    coarse = coarse_word(column, nulls_greatest=not is_greatest)
    if coarse is not None:
        rows = np.flatnonzero(_is_least(~coarse if is_greatest else coarse, groups, n_groups))
        column = column.take(rows)
    words = sort_words(column, nulls_greatest=not is_greatest)
    still: IndexArray = np.arange(len(rows))
    for word in words:
        left = word[still]
        is_least = _is_least(~left if is_greatest else left, groups[rows[still]], n_groups)
        still = still[is_least]
    found = first_row_per_group(groups[rows[still]], n_groups)
    return np.where(found == NO_ROW, NO_ROW, np.append(rows[still], NO_ROW)[found])


def _is_least(word: IntegerArray, groups: IndexArray, n_groups: int) -> NDArray[np.bool_]:
    """Mark the rows whose word is the least of their group."""
    least = np.full(n_groups, np.iinfo(word.dtype).max, word.dtype)
    np.minimum.at(least, groups, word)
    is_least: NDArray[np.bool_] = word == least[groups]
    return is_least


def rows_or_default(column: Column, rows: IndexArray) -> Column:
    """Return the chosen rows of a column, the type's default in place of NO_ROW."""
    whole = concat_columns(column.type, [column, default_column(column.type, 1)])
    return whole.take(np.where(rows == NO_ROW, len(column), rows))


@state
class KeptRows:
    """One row of the input per group: some of its columns.

    Parameters
    ----------
    types : tuple of DataType
        The types of the columns that are kept.
    """

    types: tuple[DataType, ...]
    _parts: list[tuple[Column, ...]] = field(default_factory=list)
    _n_rows: int = 0
    _places: GrowingArray = field(
        default_factory=lambda: GrowingArray(np.dtype(np.intp), fill=NO_ROW)
    )

    def has_row(self, n_groups: int) -> NDArray[np.bool_]:
        """Return which groups have a row, bool, shape (n_groups,)."""
        found: NDArray[np.bool_] = self._places.grow(n_groups)[:n_groups] != NO_ROW
        return found

    def put(self, columns: Sequence[Column], rows: IndexArray, groups: IndexArray) -> None:
        """Keep `rows` of `columns` as the rows of `groups`, in place of what was kept before."""
        if not len(rows):
            return
        self._parts.append(tuple(column.take(rows) for column in columns))
        places = self._places.grow(int(groups.max()) + 1)
        places[groups] = np.arange(self._n_rows, self._n_rows + len(rows))
        self._n_rows += len(rows)
        n_kept = int(np.count_nonzero(places != NO_ROW))
        if self._n_rows > max(COMPACT_FROM_ROWS, 2 * n_kept):
            self._compact()

    def kept(self) -> tuple[tuple[Column, ...], IndexArray]:
        """Return the kept columns, one row per group that has one, and those groups."""
        self._compact()
        groups = np.flatnonzero(self._places.values != NO_ROW)
        if not self._parts:
            return tuple(empty_column(data_type) for data_type in self.types), groups
        return self._parts[0], groups

    def column(self, index: int, n_groups: int) -> Column:
        """Return column `index`, one row per group, the type's default where nothing was kept."""
        data_type = self.types[index]
        default = default_column(data_type, 1)
        whole = concat_columns(data_type, [*(part[index] for part in self._parts), default])
        # NO_ROW is -1, the last row, which is the default; `take` wants it counted from 0.
        places = self._places.grow(n_groups)[:n_groups]
        return whole.take(np.where(places == NO_ROW, len(whole) - 1, places))

    def _compact(self) -> None:
        """Drop rows that have been replaced; what is left stands in the order of the groups."""
        places = self._places.values
        groups = np.flatnonzero(places != NO_ROW)
        self._parts = [
            tuple(
                concat_columns(data_type, [part[i] for part in self._parts]).take(places[groups])
                for i, data_type in enumerate(self.types)
            )
        ]
        places[groups] = np.arange(len(groups))
        self._n_rows = len(groups)

    @property
    def nbytes(self) -> int:
        """Return the bytes of the kept rows."""
        of_parts = sum(column.nbytes for part in self._parts for column in part)
        return of_parts + self._places.values.nbytes


@state
class CollectedRows:
    """All rows of the input with their groups, for results that need all values of a group.

    Parameters
    ----------
    types : tuple of DataType
        The types of the columns that are collected.
    """

    types: tuple[DataType, ...]
    _parts: list[tuple[Column, ...]] = field(default_factory=list)
    _groups: list[IndexArray] = field(default_factory=list)

    def add(self, columns: Sequence[Column], groups: IndexArray) -> None:
        """Add rows."""
        if len(groups):
            self._parts.append(tuple(columns))
            self._groups.append(groups)

    def all(self) -> tuple[tuple[Column, ...], IndexArray]:
        """Return all rows in input order, and the group of each."""
        columns = tuple(
            concat_columns(data_type, [part[i] for part in self._parts])
            for i, data_type in enumerate(self.types)
        )
        groups = np.concatenate(self._groups) if self._groups else np.zeros(0, np.intp)
        return columns, groups

    @property
    def nbytes(self) -> int:
        """Return the bytes of the rows."""
        of_parts = sum(column.nbytes for part in self._parts for column in part)
        return of_parts + sum(groups.nbytes for groups in self._groups)


def sorted_in_groups(values: Column, groups: IndexArray, n_groups: int) -> IndexArray:
    """Return the rows by group, and by value in each group; rows of equal values in any order.

    The values are sorted first, by the quickest sort there is, and then the groups by two bytes
    at a time, which keeps the order of the values.
    """
    if not len(groups):
        return groups
    words = sort_words(values)
    if len(words) > 1:
        return argsort_words([groups, *words])
    order: IndexArray = np.argsort(words[0])
    shift = 0
    while n_groups - 1 >> shift:
        part = (groups[order] >> shift).astype(np.uint16)
        order = order[np.argsort(part, kind="stable")]
        shift += 16
    return order


def add_wide(
    state: NDArray[np.uint64], lanes: NDArray[np.uint64], groups: IndexArray, n_groups: int
) -> None:
    """Add wide integers to the sums of their groups, modulo 2**bits, in place.

    Parameters
    ----------
    state : ndarray of uint64, shape (at least n_groups, n_lanes)
        The sums, least significant lane first.
    lanes : ndarray of uint64, shape (n, n_lanes)
        What is added; n below 2**31, so that sums of half lanes do not overflow.
    groups : ndarray of intp, shape (n,)
        The group of each row, below `n_groups`.
    """
    carry = np.zeros(n_groups, np.uint64)
    for lane in range(lanes.shape[1]):
        low, high = np.zeros(n_groups, np.uint64), np.zeros(n_groups, np.uint64)
        np.add.at(low, groups, lanes[:, lane] & LOW_HALF)
        np.add.at(high, groups, lanes[:, lane] >> HALF_BITS)
        old = state[:n_groups, lane]
        low += (old & LOW_HALF) + carry
        high += (old >> HALF_BITS) + (low >> HALF_BITS)
        state[:n_groups, lane] = (low & LOW_HALF) | (high << HALF_BITS)
        carry = high >> HALF_BITS


def add_at(
    state: NDArray[Any], groups: IndexArray, values: NDArray[Any], dtype: np.dtype[Any]
) -> None:
    """Add values to the states of their groups, one row after the other, in place.

    The order is that of the rows whatever the batches are, so sums of floats are reproducible;
    integers wrap around.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        # `add.at` is many times faster when no value has to be cast on the way.
        np.add.at(state, groups, values.astype(dtype, copy=False))


def parameter_value(call: AggregateCall, index: int, default: object) -> object:
    """Return a parameter of the first pair of parentheses, or the default."""
    return call.parameters[index] if index < len(call.parameters) else default
