"""The aggregates that return arrays of values: ``groupArray`` and ``groupUniqArray``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minidb.columns import ArrayColumn, Column, IndexArray
from minidb.columns.sort_words import argsort_words
from minidb.columns.words import offsets_of
from minidb.errors import BAD_ARGUMENTS, BindError, InternalError
from minidb.functions.arguments import Arg
from minidb.functions.builtin.distinct_rows import DistinctRows
from minidb.functions.builtin.grouped import CollectedRows, parameter_value
from minidb.functions.builtin.kept_states import RowsState
from minidb.functions.builtin.naming import also_named
from minidb.functions.declaration import (
    AggregateCall,
    AggregateFunction,
    Argument,
    GrowingArray,
)
from minidb.types import ArrayType, DataType


def arrays_of_groups(
    result_type: DataType,
    values: Column,
    groups: IndexArray,
    n_groups: int,
    limit: int | None = None,
) -> Column:
    """Gather values into one array per group, in row order, at most `limit` each."""
    if not isinstance(result_type, ArrayType):
        raise InternalError(f"{result_type.name} is not an array")
    order = argsort_words([groups])
    sizes = np.bincount(groups, minlength=n_groups)
    if limit is not None and len(order):
        places = np.arange(len(order)) - np.repeat(offsets_of(sizes)[:-1], sizes)
        order = order[places < limit]
        sizes = np.minimum(sizes, limit)
    return ArrayColumn(result_type, offsets_of(sizes), values.take(order))


def size_parameter(call: AggregateCall, name: str) -> int | None:
    """Return the largest number of values that a parameter allows, or None.

    Raises
    ------
    BindError
        BAD_ARGUMENTS unless it is a positive whole number.
    """
    size = parameter_value(call, 0, None)
    if size is None and not call.parameters:
        return None
    if isinstance(size, bool) or not isinstance(size, int) or size <= 0:
        message = f"the parameter of {name} has to be a positive whole number, got {size!r}"
        raise BindError(BAD_ARGUMENTS, message)
    return size


class ArrayAccumulator(RowsState):
    """All values of each group, or the first ones."""

    def __init__(self, call: AggregateCall) -> None:
        self._type = call.result_type
        self._limit = size_parameter(call, "groupArray")
        self._rows = CollectedRows(call.types)
        self._counts = GrowingArray(np.dtype(np.intp))

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows; those of groups that are full already are dropped at once."""
        if self._limit is not None:
            counts = self._counts.grow(n_groups)
            is_open = counts[groups] < self._limit
            counts[:n_groups] += np.bincount(groups, minlength=n_groups)
            if not is_open.all():
                columns = [column.filter(is_open) for column in columns]
                groups = groups[is_open]
        self._rows.add(columns, groups)

    def finish(self, n_groups: int) -> Column:
        """Return the arrays, in input order."""
        (values,), groups = self._rows.all()
        return arrays_of_groups(self._type, values, groups, n_groups, self._limit)

    @property
    def row_types(self) -> tuple[DataType, ...]:
        """Return the types of the arguments."""
        return self._rows.types

    def kept_rows(self) -> tuple[tuple[Column, ...], IndexArray]:
        """Return the kept rows and the group of each."""
        return self._rows.all()

    @property
    def nbytes(self) -> int:
        """Return the bytes of the values."""
        return self._rows.nbytes + self._counts.values.nbytes


class UniqueArrayAccumulator(RowsState):
    """The distinct values of each group, by first appearance."""

    def __init__(self, call: AggregateCall) -> None:
        self._type = call.result_type
        self._limit = size_parameter(call, "groupUniqArray")
        self._rows = DistinctRows(call.types)

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows."""
        self._rows.add(columns, groups)

    def finish(self, n_groups: int) -> Column:
        """Return the arrays."""
        (values,), groups = self._rows.all()
        return arrays_of_groups(self._type, values, groups, n_groups, self._limit)

    @property
    def row_types(self) -> tuple[DataType, ...]:
        """Return the types of the arguments."""
        return self._rows.types

    def kept_rows(self) -> tuple[tuple[Column, ...], IndexArray]:
        """Return the kept rows and the group of each."""
        return self._rows.all()

    @property
    def nbytes(self) -> int:
        """Return the bytes of the distinct values."""
        return self._rows.nbytes


def _array_type(arguments: Sequence[Argument]) -> DataType:
    return ArrayType(arguments[0].type)


GROUP_ARRAY = AggregateFunction(
    name="groupArray",
    family="aggregate",
    args=(Arg("value"),),
    result=_array_type,
    make=ArrayAccumulator,
    parameters=(Arg("max_size", is_optional=True, is_constant=True),),
    help="Array of the values, in input order; the parameter limits its size.",
    example="SELECT groupArray(3)(number) FROM numbers(10)",
    is_null_if_empty=False,
)

FUNCTIONS: tuple[AggregateFunction, ...] = (
    GROUP_ARRAY,
    also_named(GROUP_ARRAY, "array_agg"),
    AggregateFunction(
        name="groupUniqArray",
        family="aggregate",
        args=(Arg("value"),),
        result=_array_type,
        make=UniqueArrayAccumulator,
        parameters=(Arg("max_size", is_optional=True, is_constant=True),),
        help="Array of the distinct values, by first appearance; the parameter limits its size.",
        example="SELECT groupUniqArray(number % 3) FROM numbers(10)",
        is_null_if_empty=False,
    ),
)
