"""The aggregates that take a row by its place: ``any`` the first, ``anyLast`` the last."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from minidb.columns import Column, IndexArray
from minidb.functions.arguments import Arg
from minidb.functions.builtin.grouped import (
    NO_ROW,
    KeptRows,
    first_row_per_group,
    last_row_per_group,
    rows_or_default,
)
from minidb.functions.builtin.kept_states import OneRowState
from minidb.functions.builtin.naming import also_named
from minidb.functions.declaration import AggregateCall, AggregateFunction, Argument
from minidb.types import DataType


class FirstRowAccumulator(OneRowState):
    """The first row of each group."""

    def __init__(self, call: AggregateCall) -> None:
        self._rows = KeptRows(call.types)

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows."""
        has_row = self._rows.has_row(n_groups)
        if has_row.all():
            return
        rows = first_row_per_group(groups, n_groups)
        fresh = np.flatnonzero(~has_row & (rows != NO_ROW))
        self._rows.put(columns, rows[fresh], fresh)

    def finish(self, n_groups: int) -> Column:
        """Return the values; the type's default for a group without rows."""
        return self._rows.column(0, n_groups)

    def over_frames(
        self, columns: Sequence[Column], starts: IndexArray, ends: IndexArray
    ) -> Column:
        """Return the first value of each frame."""
        return rows_or_default(columns[0], np.where(ends > starts, starts, NO_ROW))

    @property
    def row_types(self) -> tuple[DataType, ...]:
        """Return the types of the arguments."""
        return self._rows.types

    def kept_row(self, n_groups: int) -> tuple[NDArray[np.bool_], tuple[Column, ...]]:
        """Return which groups have a row, and the rows."""
        columns = tuple(self._rows.column(i, n_groups) for i in range(len(self._rows.types)))
        return self._rows.has_row(n_groups), columns

    @property
    def nbytes(self) -> int:
        """Return the bytes of the rows."""
        return self._rows.nbytes


class LastRowAccumulator(FirstRowAccumulator):
    """The last row of each group."""

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows."""
        rows = last_row_per_group(groups, n_groups)
        present = np.flatnonzero(rows != NO_ROW)
        self._rows.put(columns, rows[present], present)

    def over_frames(
        self, columns: Sequence[Column], starts: IndexArray, ends: IndexArray
    ) -> Column:
        """Return the last value of each frame."""
        return rows_or_default(columns[0], np.where(ends > starts, ends - 1, NO_ROW))


def _type(arguments: Sequence[Argument]) -> DataType:
    return arguments[0].type


ANY = AggregateFunction(
    name="any",
    family="aggregate",
    args=(Arg("value"),),
    result=_type,
    make=FirstRowAccumulator,
    help="The value of the first row, in input order.",
    example="SELECT any(number) FROM numbers(3, 10)",
)
ANY_LAST = AggregateFunction(
    name="anyLast",
    family="aggregate",
    args=(Arg("value"),),
    result=_type,
    make=LastRowAccumulator,
    help="The value of the last row, in input order.",
    example="SELECT anyLast(number) FROM numbers(3, 10)",
)

FUNCTIONS: tuple[AggregateFunction, ...] = (
    ANY,
    also_named(ANY, "any_value"),
    also_named(ANY, "first_value"),
    ANY_LAST,
    also_named(ANY_LAST, "last_value"),
)
