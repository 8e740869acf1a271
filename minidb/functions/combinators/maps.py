"""The combinator -Map: one state per key of the maps of a group."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minidb.columns import ArrayColumn, Column, IndexArray, NumericColumn, TupleColumn
from minidb.columns.keys import GroupTable
from minidb.columns.make import empty_column
from minidb.columns.sort_words import argsort_words, sort_words
from minidb.columns.words import offsets_of
from minidb.functions.builtin.kept_states import parts_of, tuple_of
from minidb.functions.builtin.kit import arrays
from minidb.functions.cast_numbers import numbers_of
from minidb.functions.declaration import Accumulator
from minidb.types import ArrayType, DataType, IntType, MapType, TupleType

INT64 = IntType(64, True)


class MapAccumulator(Accumulator):
    """One state per key in each group; the keys of a result are in order."""

    def __init__(self, inner: Accumulator, result: MapType) -> None:
        self._inner = inner
        self._result = result
        self._table = GroupTable()

    def _codes(self, array: ArrayColumn, groups: IndexArray) -> tuple[IndexArray, Column]:
        """Return the number of the state of each entry, and the entries' values."""
        keys, values = parts_of(array.child)
        if not len(keys):
            return np.zeros(0, np.intp), values
        outer = NumericColumn(INT64, np.repeat(groups, array.lengths).astype(np.int64))
        return self._table.add([outer, keys]), values

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add the entries of the maps."""
        codes, values = self._codes(arrays(columns[0]), groups)
        self._inner.update([values], codes, self._table.n_groups)

    def _as_arrays(self, values: Column, n_groups: int, result: ArrayType) -> Column:
        """Return an array of entries per group."""
        if not self._table.n_groups:
            return ArrayColumn(
                result, np.zeros(n_groups + 1, np.int64), empty_column(result.element)
            )
        outer, keys = self._table.keys()
        owners = numbers_of(outer)
        order = argsort_words([owners, *sort_words(keys)])
        entries = tuple_of([keys, values], len(owners)).take(order)
        if isinstance(result.element, TupleType):
            entries = TupleColumn(result.element, entries.children, len(order))
        return ArrayColumn(result, offsets_of(np.bincount(owners, minlength=n_groups)), entries)

    def finish(self, n_groups: int) -> Column:
        """Return the maps."""
        return self._as_arrays(self._inner.finish(self._table.n_groups), n_groups, self._result)

    @property
    def _kept(self) -> ArrayType:
        return ArrayType(TupleType((self._result.key, self._inner.state_type)))

    @property
    def state_type(self) -> DataType:
        """Return an array of keys and inner states."""
        return self._kept

    def save(self, n_groups: int) -> Column:
        """Return the keys and states of each group."""
        return self._as_arrays(self._inner.save(self._table.n_groups), n_groups, self._kept)

    def merge(self, states: Column, groups: IndexArray, n_groups: int) -> None:
        """Merge key by key."""
        codes, values = self._codes(arrays(states), groups)
        self._inner.merge(values, codes, self._table.n_groups)

    @property
    def nbytes(self) -> int:
        """Return the bytes of the states and of their table."""
        return self._inner.nbytes + self._table.nbytes
