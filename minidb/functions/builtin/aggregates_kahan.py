"""The aggregate ``sumKahan``: a sum of floats with the rounding errors added back."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from minidb.columns import Column, IndexArray, NumericColumn
from minidb.columns.sort_words import argsort_words
from minidb.columns.words import offsets_of
from minidb.functions.arguments import NUMERIC, Arg
from minidb.functions.builtin.aggregates_sum import sum_accumulator, sum_type
from minidb.functions.builtin.grouped import CollectedRows
from minidb.functions.builtin.kept_states import RowsState
from minidb.functions.cast_numbers import floats_of, numbers_of
from minidb.functions.declaration import Accumulator, AggregateCall, AggregateFunction, Argument
from minidb.types import DataType, DecimalType, FloatType

FLOAT64 = FloatType(64)
Floats = NDArray[np.float64]


class CompensatedSumAccumulator(RowsState):
    """Keep all values, and add them pair by pair at the end.

    Notes
    -----
    ClickHouse adds row by row as Kahan described it; that order cannot be done on whole columns.
    Here neighbours are added, then neighbouring sums, and so on, each with its exact rounding
    error (Knuth's TwoSum), so the result is at least as good and does not depend on batches.
    """

    def __init__(self) -> None:
        self._rows = CollectedRows((FLOAT64,))

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows."""
        self._rows.add([NumericColumn(FLOAT64, floats_of(columns[0]))], groups)

    def finish(self, n_groups: int) -> Column:
        """Return the sums as Float64."""
        (column,), groups = self._rows.all()
        values: Floats = numbers_of(column)[argsort_words([groups])]
        sizes = np.bincount(groups, minlength=n_groups)
        with np.errstate(over="ignore", invalid="ignore"):
            return NumericColumn(FLOAT64, _sums(values, sizes))

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
        return self._rows.nbytes


def _sums(values: Floats, sizes: NDArray[np.int64]) -> Floats:
    """Return the compensated sum of each of the runs of `values` that `sizes` measures."""
    sums, errors = values, np.zeros(len(values))
    while len(sizes) and int(sizes.max()) > 1:
        offsets = offsets_of(sizes)
        halves = (sizes + 1) // 2
        new_offsets = offsets_of(halves)
        places = np.arange(new_offsets[-1]) - np.repeat(new_offsets[:-1], halves)
        left = np.repeat(offsets[:-1], halves) + 2 * places
        # The last one of an odd run has no neighbour; it goes on as it is.
        has_right = left + 1 < np.repeat(offsets[1:], halves)
        right = left[has_right] + 1
        a, b = sums[left[has_right]], sums[right]
        total = a + b
        part = total - a
        rounding = (a - (total - part)) + (b - part)
        sums, errors, old = sums[left], errors[left], errors
        sums[has_right] = total
        errors[has_right] += old[right] + np.where(np.isfinite(rounding), rounding, 0.0)
        sizes = halves
    result = np.zeros(len(sizes))
    result[sizes > 0] = sums + errors
    return result


def _result(arguments: Sequence[Argument]) -> DataType:
    """Return Float64; Decimals are added exactly."""
    is_exact = isinstance(arguments[0].type, DecimalType)
    return sum_type(arguments) if is_exact else FLOAT64


def _make(call: AggregateCall) -> Accumulator:
    is_exact = isinstance(call.result_type, DecimalType)
    return sum_accumulator(call.result_type) if is_exact else CompensatedSumAccumulator()


FUNCTIONS: tuple[AggregateFunction, ...] = (
    AggregateFunction(
        name="sumKahan",
        family="aggregate",
        args=(Arg("value", NUMERIC),),
        result=_result,
        make=_make,
        help="Sum of floats with the rounding errors added back.",
        example="SELECT sumKahan(number / 10) FROM numbers(10)",
    ),
)
