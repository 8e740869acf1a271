"""The aggregate ``avg``: the sum, as ``sum`` finds it, divided by the number of rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from minidb.columns import Column, IndexArray, NumericColumn
from minidb.functions.arguments import NUMERIC, TEMPORAL, Arg, either
from minidb.functions.builtin.aggregates_count import CountAccumulator
from minidb.functions.builtin.aggregates_sum import sum_accumulator, sum_type
from minidb.functions.builtin.kept_states import parts_of, tuple_of
from minidb.functions.cast_numbers import floats_of, numbers_of
from minidb.functions.declaration import Accumulator, AggregateCall, AggregateFunction, Argument
from minidb.types import DataType, DateTimeType, DateType, FloatType, TupleType, numpy_dtype


class AverageAccumulator(Accumulator):
    """Keep the sum and the number of rows of each group."""

    def __init__(self, call: AggregateCall) -> None:
        self._type = call.result_type
        self._sums = sum_accumulator(sum_type([Argument(call.types[0])]))
        self._counts = CountAccumulator()

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows."""
        self._sums.update(columns, groups, n_groups)
        self._counts.update((), groups, n_groups)

    def finish(self, n_groups: int) -> Column:
        """Return the averages; NaN, or day or second 0, for a group without rows."""
        return self._averages(self._sums.finish(n_groups), self._counts.finish(n_groups))

    def over_frames(
        self, columns: Sequence[Column], starts: IndexArray, ends: IndexArray
    ) -> Column | None:
        """Return the average of each frame."""
        sums = self._sums.over_frames(columns, starts, ends)
        counts = self._counts.over_frames((), starts, ends)
        return None if sums is None else self._averages(sums, counts)

    def _averages(self, sums_column: Column, counts_column: Column) -> Column:
        """Divide, as the result type asks for."""
        sums = floats_of(sums_column)
        counts = numbers_of(counts_column).astype(np.float64)
        with np.errstate(invalid="ignore", divide="ignore"):
            averages: NDArray[np.float64] = sums / counts
        if isinstance(self._type, FloatType):
            return NumericColumn(self._type, averages)
        whole = np.rint(np.where(counts > 0, averages, 0.0))
        return NumericColumn(self._type, whole.astype(numpy_dtype(self._type)))

    @property
    def state_type(self) -> DataType:
        """Return a tuple of the sum and the number of rows."""
        return TupleType((self._sums.state_type, self._counts.state_type))

    def save(self, n_groups: int) -> Column:
        """Return the sums and counts."""
        return tuple_of([self._sums.save(n_groups), self._counts.save(n_groups)], n_groups)

    def merge(self, states: Column, groups: IndexArray, n_groups: int) -> None:
        """Add sums and counts."""
        sums, counts = parts_of(states)
        self._sums.merge(sums, groups, n_groups)
        self._counts.merge(counts, groups, n_groups)

    @property
    def nbytes(self) -> int:
        """Return the bytes of the sums and counts."""
        return self._sums.nbytes + self._counts.nbytes


def _result(arguments: Sequence[Argument]) -> DataType:
    """Return Float64; Date and DateTime stay what they are."""
    found = arguments[0].type
    return found if isinstance(found, DateType | DateTimeType) else FloatType(64)


FUNCTIONS: tuple[AggregateFunction, ...] = (
    AggregateFunction(
        name="avg",
        family="aggregate",
        args=(Arg("value", either(NUMERIC, TEMPORAL)),),
        result=_result,
        make=AverageAccumulator,
        help="Arithmetic mean; NaN without rows.",
        example="SELECT avg(number) FROM numbers(10)",
        is_case_insensitive=True,
    ),
)
