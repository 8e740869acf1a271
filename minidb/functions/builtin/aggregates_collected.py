"""Aggregates computed from all rows of a group at the end: lists, runs, shapes of distributions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from minidb.columns import Column, IndexArray, NumericColumn, TupleColumn, with_nulls
from minidb.columns.grouping import factorize
from minidb.errors import BAD_ARGUMENTS, BindError
from minidb.functions.arguments import ANY, INTEGER, NUMBER, Arg, Kind
from minidb.functions.builtin.aggregates_array import arrays_of_groups
from minidb.functions.builtin.grouped import (
    CollectedRows,
    first_row_per_group,
    last_row_per_group,
    parameter_value,
    sorted_in_groups,
)
from minidb.functions.builtin.kept_states import RowsState
from minidb.functions.builtin.kit import array_of, numeric, offsets_of, take_or_default
from minidb.functions.cast_numbers import floats_of, numbers_of
from minidb.functions.declaration import AggregateCall, AggregateFunction, Argument, ResultRule
from minidb.record import record
from minidb.types import ArrayType, DataType, FloatType, IntType, TupleType, nullable

Floats: TypeAlias = NDArray[np.float64]
FLOAT64 = FloatType(64)
NARROW = Kind(
    "a number of at most 64 bits",
    lambda t: NUMBER.accepts(t) and not (isinstance(t, IntType) and t.is_wide),
)
MAX_ARRAY = 0xFFFFFF


@record
class Collected:
    """All rows of all groups, sorted by group, in input order inside a group."""

    call: AggregateCall
    columns: tuple[Column, ...]
    groups: IndexArray
    offsets: NDArray[np.int64]

    @property
    def n_groups(self) -> int:
        """Return the number of groups."""
        return len(self.offsets) - 1

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Return the rows of each group."""
        return np.diff(self.offsets)

    def sums(self, values: NDArray[Any]) -> Floats:
        """Add values group by group, in row order."""
        found = np.bincount(self.groups, weights=values, minlength=self.n_groups)
        return found.astype(np.float64, copy=False)


Formula: TypeAlias = Callable[[Collected], Column]


class CollectedAccumulator(RowsState):
    """Keep all rows, and put them into a formula at the end."""

    def __init__(self, call: AggregateCall, *, formula: Formula) -> None:
        self._call = call
        self._formula = formula
        self._rows = CollectedRows(call.types)

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows."""
        self._rows.add(columns, groups)

    def finish(self, n_groups: int) -> Column:
        """Return the formula's results."""
        columns, groups = self._rows.all()
        order = np.argsort(groups, kind="stable")
        ordered = tuple(column.take(order) for column in columns)
        offsets = offsets_of(np.bincount(groups, minlength=n_groups))
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            return self._formula(Collected(self._call, ordered, groups[order], offsets))

    @property
    def row_types(self) -> tuple[DataType, ...]:
        """Return the types of the arguments."""
        return self._rows.types

    def kept_rows(self) -> tuple[tuple[Column, ...], IndexArray]:
        """Return the rows and the group of each."""
        return self._rows.all()

    @property
    def nbytes(self) -> int:
        """Return the bytes of the rows."""
        return self._rows.nbytes


def size_of(call: AggregateCall, place: int = 0) -> int | None:
    """Return a parameter that is a number of values, None where it is not given.

    Raises
    ------
    BindError
        BAD_ARGUMENTS unless it is a positive whole number that is not too large.
    """
    size = parameter_value(call, place, None)
    if size is None:
        return None
    if isinstance(size, bool) or not isinstance(size, int) or not 0 < size <= MAX_ARRAY:
        message = f"the parameter is a whole number from 1 to {MAX_ARRAY}, got {size!r}"
        raise BindError(BAD_ARGUMENTS, message)
    return size


def _sorted_lists(rows: Collected) -> Column:
    """Return the least values of each group, in order."""
    order = sorted_in_groups(rows.columns[0], rows.groups, rows.n_groups)
    values = rows.columns[0].take(order)
    limit = size_of(rows.call)
    return arrays_of_groups(rows.call.result_type, values, rows.groups, rows.n_groups, limit)


def _last_lists(rows: Collected) -> Column:
    """Return the last values of each group."""
    limit = size_of(rows.call) or MAX_ARRAY
    from_end = np.repeat(rows.offsets[1:], rows.sizes) - np.arange(len(rows.groups))
    chosen = np.flatnonzero(from_end <= limit)
    # The place of a row is its number modulo the limit: the lists are rings.
    number = chosen - rows.offsets[rows.groups[chosen]]
    chosen = chosen[np.lexsort((number % limit, rows.groups[chosen]))]
    values, groups = rows.columns[0].take(chosen), rows.groups[chosen]
    return arrays_of_groups(rows.call.result_type, values, groups, rows.n_groups)


def _moving(rows: Collected, *, is_average: bool) -> Column:
    """Return for each row the sum of it and the rows before it, at most `window` of them."""
    element = FLOAT64 if is_average else rows.call.result_type
    window = size_of(rows.call)
    source = rows.columns[0]
    is_float = is_average or isinstance(source.type, FloatType)
    values = numbers_of(source)
    values = values.astype(np.float64) if is_float else values.astype(np.int64)
    running = np.zeros(len(values) + 1, values.dtype)
    np.cumsum(values, out=running[1:])
    starts = np.repeat(rows.offsets[:-1], rows.sizes)
    if window is not None:
        starts = np.maximum(starts, np.arange(1, len(values) + 1) - window)
    sums = running[1:] - running[starts]
    if is_average:
        sums = sums / (np.repeat(rows.sizes, rows.sizes) if window is None else window)
    inner = element.element if isinstance(element, ArrayType) else element
    if not is_float and not is_average:
        sums = sums.view(np.uint64) if not _is_signed(source.type) else sums
    return array_of(inner, rows.offsets, numeric(inner, sums))


def _is_signed(data_type: DataType) -> bool:
    return isinstance(data_type, IntType) and data_type.is_signed


def _moving_average(rows: Collected) -> Column:
    return _moving(rows, is_average=True)


def _moving_sum(rows: Collected) -> Column:
    return _moving(rows, is_average=False)


def _delta_sum(rows: Collected) -> Column:
    """Add up the rises from each row to the next."""
    values = numbers_of(rows.columns[0])
    rises = np.zeros(len(values), values.dtype)
    if len(values):
        is_rise = (values[1:] > values[:-1]) & (rows.groups[1:] == rows.groups[:-1])
        rises[1:] = np.where(is_rise, values[1:] - values[:-1], values.dtype.type(0))
    sums = np.zeros(rows.n_groups, values.dtype)
    np.add.at(sums, rows.groups, rises)
    return numeric(rows.call.result_type, sums)


def _bounding_ratio(rows: Collected) -> Column:
    """Return the slope between the leftmost and the rightmost point."""
    x, y = (floats_of(column) for column in rows.columns)
    order = sorted_in_groups(rows.columns[0], rows.groups, rows.n_groups)
    first = first_row_per_group(rows.groups[order], rows.n_groups)
    last = last_row_per_group(rows.groups[order], rows.n_groups)
    has_rows = rows.sizes > 0
    found = np.full(rows.n_groups, np.nan)
    left, right = order[first[has_rows]], order[last[has_rows]]
    found[has_rows] = (y[right] - y[left]) / (x[right] - x[left])
    return numeric(FLOAT64, found)


def _entropy(rows: Collected) -> Column:
    """Return the Shannon entropy of how often each value comes, in bits."""
    groups = NumericColumn(IntType(64, True), rows.groups.astype(np.int64))
    grouping = factorize([groups, *rows.columns])
    counts = np.bincount(grouping.codes, minlength=grouping.n_groups).astype(np.float64)
    owners = rows.groups[grouping.first_rows]
    shares = counts / rows.sizes[owners]
    found = np.bincount(owners, weights=-shares * np.log2(shares), minlength=rows.n_groups)
    return numeric(FLOAT64, np.where(rows.sizes > 0, found.astype(np.float64), 0.0))


def _shape(rows: Collected, *, power: int, is_sample: bool) -> Column:
    """Return the third or fourth central moment over that power of the standard deviation."""
    values, n = floats_of(rows.columns[0]), rows.sizes.astype(np.float64)
    means = rows.sums(values) / n
    deviations = values - means[rows.groups]
    variance = rows.sums(deviations**2) / (n - 1 if is_sample else n)
    found = rows.sums(deviations**power) / n / variance ** (power / 2)
    enough = rows.sizes > (1 if is_sample else 0)
    return numeric(FLOAT64, np.where(enough, found, np.nan))


def _weighted_average(rows: Collected) -> Column:
    values, weights = (floats_of(column) for column in rows.columns)
    return numeric(FLOAT64, rows.sums(values * weights) / rows.sums(weights))


def _regression(rows: Collected) -> Column:
    """Fit a line by least squares; a tuple of its slope and where it meets the axis."""
    x, y = (floats_of(column) for column in rows.columns)
    n = rows.sizes.astype(np.float64)
    sx, sy = rows.sums(x), rows.sums(y)
    slope = (n * rows.sums(x * y) - sx * sy) / (n * rows.sums(x * x) - sx * sx)
    parts = (numeric(FLOAT64, slope), numeric(FLOAT64, (sy - slope * sx) / n))
    return TupleColumn(LINE, parts, rows.n_groups)


def _single_value(rows: Collected) -> Column:
    """Return the only value of a group, NULL where there are several or none."""
    groups = NumericColumn(IntType(64, True), rows.groups.astype(np.int64))
    grouping = factorize([groups, *rows.columns])
    owners = rows.groups[grouping.first_rows]
    is_single = np.bincount(owners, minlength=rows.n_groups) == 1
    firsts = first_row_per_group(rows.groups, rows.n_groups)
    values = take_or_default(rows.columns[0], firsts, is_single)
    return with_nulls(values, ~is_single)


LINE = TupleType((FLOAT64, FLOAT64), ("k", "b"))
SIZE = (Arg("size", INTEGER, is_optional=True, is_constant=True),)


def _array(arguments: Sequence[Argument]) -> DataType:
    return ArrayType(arguments[0].type)


def _moving_type(arguments: Sequence[Argument]) -> DataType:
    data_type = arguments[0].type
    if isinstance(data_type, FloatType):
        return ArrayType(FLOAT64)
    return ArrayType(IntType(64, _is_signed(data_type)))


def _number_type(arguments: Sequence[Argument]) -> DataType:
    found = arguments[0].type
    return found if isinstance(found, IntType | FloatType) else IntType(8, False)


def _single_type(arguments: Sequence[Argument]) -> DataType:
    found = nullable(arguments[0].type)
    if found == arguments[0].type:
        message = f"{found.name} cannot be Nullable"
        raise BindError(BAD_ARGUMENTS, message)
    return found


def _declare(
    name: str,
    kinds: Sequence[Kind],
    result: ResultRule,
    formula: Formula,
    what: str,
    example: str,
    parameters: tuple[Arg, ...] = (),
    is_null_if_empty: bool = True,
) -> AggregateFunction:
    return AggregateFunction(
        name=name,
        family="aggregate",
        args=tuple(Arg(n, kind) for n, kind in zip(("value", "by"), kinds, strict=False)),
        result=result,
        make=partial(CollectedAccumulator, formula=formula),
        parameters=parameters,
        help=what,
        example=f"SELECT {name}{example} FROM numbers(6)",
        is_null_if_empty=is_null_if_empty,
    )


FUNCTIONS: tuple[AggregateFunction, ...] = (
    _declare("groupArraySorted", [ANY], _array, _sorted_lists, "The least values, in order.", "(3)(number)", SIZE, False),
    _declare("groupArrayLast", [ANY], _array, _last_lists, "The last values; each takes the place of the one that many rows before.", "(3)(number)", SIZE, False),
    _declare("groupArrayMovingSum", [NARROW], _moving_type, _moving_sum, "For each row the sum of the last rows.", "(2)(number)", SIZE, False),
    _declare("groupArrayMovingAvg", [NARROW], ArrayType(FLOAT64), _moving_average, "For each row the sum of the last rows over the size of the window.", "(2)(number)", SIZE, False),
    _declare("deltaSum", [NARROW], _number_type, _delta_sum, "Sum of the rises from row to row.", "(number % 3)"),
    _declare("boundingRatio", [NARROW, NARROW], FLOAT64, _bounding_ratio, "Slope between the leftmost and the rightmost point.", "(number, number * 2)"),
    _declare("entropy", [ANY], FLOAT64, _entropy, "Shannon entropy of the values, in bits.", "(number % 2)"),
    _declare("skewPop", [NARROW], FLOAT64, partial(_shape, power=3, is_sample=False), "Skewness of a population.", "(number * number)"),
    _declare("skewSamp", [NARROW], FLOAT64, partial(_shape, power=3, is_sample=True), "Skewness of a sample.", "(number * number)"),
    _declare("kurtPop", [NARROW], FLOAT64, partial(_shape, power=4, is_sample=False), "Kurtosis of a population.", "(number * number)"),
    _declare("kurtSamp", [NARROW], FLOAT64, partial(_shape, power=4, is_sample=True), "Kurtosis of a sample.", "(number * number)"),
    _declare("avgWeighted", [NARROW, NARROW], FLOAT64, _weighted_average, "Mean of values with weights.", "(number, number)"),
    _declare("simpleLinearRegression", [NARROW, NARROW], LINE, _regression, "Slope and offset of the line through points.", "(number, 2 * number + 1)"),
    _declare("singleValueOrNull", [ANY], _single_type, _single_value, "The only value, NULL where there are several.", "(number % 1)"),
)  # fmt: skip
