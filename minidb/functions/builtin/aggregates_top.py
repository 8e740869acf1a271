"""The aggregate ``topK``: the most frequent values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minidb.columns import Column, IndexArray, NumericColumn
from minidb.columns.sort_words import argsort_words
from minidb.errors import ARGUMENT_OUT_OF_BOUND, BindError
from minidb.functions.arguments import Arg
from minidb.functions.builtin.aggregates_array import arrays_of_groups
from minidb.functions.builtin.distinct_rows import INT64, DistinctRows
from minidb.functions.builtin.grouped import parameter_value
from minidb.functions.builtin.kept_states import rows_by_group, rows_of_states
from minidb.functions.cast_numbers import numbers_of
from minidb.functions.declaration import Accumulator, AggregateCall, AggregateFunction, Argument
from minidb.types import ArrayType, DataType, TupleType

DEFAULT_SIZE = 10
MAX_SIZE = (1 << 24) - 1


class TopAccumulator(Accumulator):
    """Count the distinct values of each group.

    ClickHouse estimates; here the counts are exact, and values of equal count come by first
    appearance.
    """

    def __init__(self, call: AggregateCall) -> None:
        self._type = call.result_type
        size = parameter_value(call, 0, DEFAULT_SIZE)
        if isinstance(size, bool) or not isinstance(size, int) or not 0 < size <= MAX_SIZE:
            message = f"the parameter of topK is from 1 to {MAX_SIZE}, got {size!r}"
            raise BindError(ARGUMENT_OUT_OF_BOUND, message)
        self._size = size
        self._rows = DistinctRows(call.types)

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows."""
        self._rows.add(columns, groups)

    def finish(self, n_groups: int) -> Column:
        """Return the arrays, the most frequent value first."""
        (values,), groups = self._rows.all()
        order = np.zeros(0, np.intp)
        if len(groups):
            order = argsort_words([groups, ~self._rows.counts()])
        return arrays_of_groups(self._type, values.take(order), groups[order], n_groups, self._size)

    @property
    def state_type(self) -> DataType:
        """Return an array of the values and how often they came."""
        return ArrayType(TupleType((*self._rows.types, INT64)))

    def save(self, n_groups: int) -> Column:
        """Return the values and counts of each group."""
        columns, groups = self._rows.all()
        counts = NumericColumn(INT64, self._rows.counts().view(np.int64))
        return rows_by_group([*columns, counts], groups, n_groups)

    def merge(self, states: Column, groups: IndexArray, n_groups: int) -> None:
        """Add values and counts."""
        (*columns, counts), row_groups = rows_of_states(states, groups)
        self._rows.add(columns, row_groups, numbers_of(counts).view(np.uint64))

    @property
    def nbytes(self) -> int:
        """Return the bytes of the distinct values."""
        return self._rows.nbytes


def _array_type(arguments: Sequence[Argument]) -> DataType:
    return ArrayType(arguments[0].type)


FUNCTIONS: tuple[AggregateFunction, ...] = (
    AggregateFunction(
        name="topK",
        family="aggregate",
        args=(Arg("value"),),
        result=_array_type,
        make=TopAccumulator,
        parameters=(Arg("size", is_optional=True, is_constant=True),),
        help="Array of the most frequent values (10 unless given), the most frequent first.",
        example="SELECT topK(2)(number % 5) FROM numbers(12)",
        is_null_if_empty=False,
    ),
)
