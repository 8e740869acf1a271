"""Aggregates over pairs of columns: regressions, rank correlation, weighted lists, chosen rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from minidb.columns import Column, IndexArray, TupleColumn, concat_columns, default_column
from minidb.columns.values import column_from_values
from minidb.errors import BAD_ARGUMENTS, TOO_LARGE_ARRAY_SIZE, BindError, ValueExecutionError
from minidb.functions.arguments import UNSIGNED, Arg
from minidb.functions.builtin.aggregates_collected import (
    MAX_ARRAY,
    NARROW,
    Collected,
    CollectedAccumulator,
    size_of,
)
from minidb.functions.builtin.aggregates_extreme import ExtremeRowAccumulator
from minidb.functions.builtin.aggregates_top import TopAccumulator
from minidb.functions.builtin.frames import extreme_rows
from minidb.functions.builtin.grouped import parameter_value, rows_or_default, sorted_in_groups
from minidb.functions.builtin.kit import array_of, numeric, offsets_of
from minidb.functions.builtin.ranks import rank
from minidb.functions.cast import cast_column
from minidb.functions.cast_numbers import floats_of, numbers_of
from minidb.functions.declaration import AggregateCall, AggregateFunction, Argument
from minidb.record import record
from minidb.types import (
    ArrayType,
    DataType,
    DateTimeType,
    DateType,
    FixedStringType,
    FloatType,
    IntType,
    StringType,
    TupleType,
    without_null,
)

Floats: TypeAlias = NDArray[np.float64]
FLOAT64, UINT64 = FloatType(64), IntType(64, False)


@record
class Moments:
    """Means and central sums of pairs (y, x), one per group, float64, shape (n_groups,)."""

    n: Floats
    y: Floats
    x: Floats
    syy: Floats
    sxx: Floats
    sxy: Floats


def _moments(rows: Collected) -> Moments:
    y, x = (floats_of(column) for column in rows.columns)
    n = rows.sizes.astype(np.float64)
    mean_y, mean_x = rows.sums(y) / n, rows.sums(x) / n
    dy, dx = y - mean_y[rows.groups], x - mean_x[rows.groups]
    sums = (np.where(n > 0, rows.sums(part), np.nan) for part in (dy * dy, dx * dx, dx * dy))
    return Moments(n, mean_y, mean_x, *sums)


def _of_moments(find: Callable[[Moments], Floats]) -> Callable[[Collected], Column]:
    return lambda rows: numeric(FLOAT64, find(_moments(rows)))


def _intercept(m: Moments) -> Floats:
    found: Floats = m.y - m.sxy / m.sxx * m.x
    return found


def _determination(m: Moments) -> Floats:
    """Return the share of the variance that the line explains."""
    found: Floats = np.where(m.syy == 0, 1.0, m.sxy**2 / (m.sxx * m.syy))
    return np.where(m.sxx > 0, found, np.nan)


def _count(rows: Collected) -> Column:
    return numeric(UINT64, rows.sizes)


def _ranks(rows: Collected, column: Column) -> Floats:
    """Return the rank of each row in its group, from 1; equal values share the mean of theirs."""
    order = sorted_in_groups(column, rows.groups, rows.n_groups)
    keys = rank(column)[order]
    groups = rows.groups[order]
    is_new = np.ones(len(order), np.bool_)
    is_new[1:] = (keys[1:] != keys[:-1]) | (groups[1:] != groups[:-1])
    firsts = np.flatnonzero(is_new)
    lengths = np.diff(np.append(firsts, len(order)))
    means = firsts + (lengths + 1) / 2
    found = np.empty(len(order), np.float64)
    found[order] = np.repeat(means, lengths)
    return found - rows.offsets[:-1][rows.groups]


def _rank_correlation(rows: Collected) -> Column:
    """Return Spearman's rank correlation."""
    n = rows.sizes.astype(np.float64)
    gaps = _ranks(rows, rows.columns[0]) - _ranks(rows, rows.columns[1])
    return numeric(FLOAT64, 1 - 6 * rows.sums(gaps * gaps) / (n * (n * n - 1)))


def _inserted(rows: Collected) -> Column:
    """Return arrays with each value at its place, counted from 0; the first one stays."""
    result = rows.call.result_type
    values, places = rows.columns[0], numbers_of(rows.columns[1])
    limit = size_of(rows.call, 1)
    if limit is not None:
        inside = places < limit
        values, places, groups = values.filter(inside), places[inside], rows.groups[inside]
    else:
        groups = rows.groups
    if len(places) and int(places.max()) >= MAX_ARRAY:
        message = f"an array has at most {MAX_ARRAY} places"
        raise ValueExecutionError(TOO_LARGE_ARRAY_SIZE, message)
    at = places.astype(np.int64)
    lengths = np.zeros(rows.n_groups, np.int64)
    np.maximum.at(lengths, groups, at + 1)
    if limit is not None and parameter_value(rows.call, 0, None) is not None:
        lengths[:] = limit
    offsets = offsets_of(lengths)
    chosen = np.full(int(offsets[-1]), len(values), np.int64)
    chosen[(offsets[groups] + at)[::-1]] = np.arange(len(values))[::-1]
    child = concat_columns(values.type, [values, _filler(rows.call, values.type)]).take(chosen)
    element = result.element if isinstance(result, ArrayType) else result
    return array_of(element, offsets, child)


def _filler(call: AggregateCall, data_type: DataType) -> Column:
    """Return what stands where no value does: the first parameter, or the type's default."""
    given = parameter_value(call, 0, None)
    if given is None:
        return default_column(data_type, 1)
    if not isinstance(given, bool | int | float | str):
        raise BindError(BAD_ARGUMENTS, f"the default is a number or a text, got {given!r}")
    bare = without_null(data_type)
    if isinstance(bare, StringType | FixedStringType) and not isinstance(given, str):
        given = str(int(given) if isinstance(given, bool) else given)
    elif isinstance(given, str):
        return cast_column(column_from_values(StringType(), [given]), data_type)
    if isinstance(bare, DateType | DateTimeType) and isinstance(given, int):
        return cast_column(column_from_values(IntType(64, True), [int(given)]), data_type)
    return column_from_values(data_type, [given])


class WeightedTopAccumulator(TopAccumulator):
    """Add up the weights of the distinct values of each group."""

    def __init__(self, call: AggregateCall) -> None:
        super().__init__(
            AggregateCall(call.types[:1], call.result_type, call.parameters, call.settings)
        )

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows with their weights."""
        self._rows.add(columns[:1], groups, numbers_of(columns[1]).astype(np.uint64))


class HeavyAccumulator(TopAccumulator):
    """Find the value that most rows of a group have."""

    def __init__(self, call: AggregateCall) -> None:
        result = ArrayType(call.result_type)
        super().__init__(AggregateCall(call.types, result, (1,), call.settings))

    def finish(self, n_groups: int) -> Column:
        """Return the values; the type's default for a group without rows."""
        (values,), groups = self._rows.all()
        order = np.lexsort((~self._rows.counts(), groups)) if len(groups) else groups
        firsts = np.full(n_groups, len(values), np.int64)
        firsts[groups[order][::-1]] = order[::-1]
        return concat_columns(values.type, [values, default_column(values.type, 1)]).take(firsts)


class ExtremePairAccumulator(ExtremeRowAccumulator):
    """The first row of each group with the least or greatest second value, as a tuple."""

    def __init__(self, call: AggregateCall, *, is_greatest: bool) -> None:
        super().__init__(call, is_greatest=is_greatest)
        self._pair = TupleType(call.types)

    def finish(self, n_groups: int) -> Column:
        """Return the tuples."""
        parts = tuple(self._rows.column(place, n_groups) for place in (0, 1))
        return TupleColumn(self._pair, parts, n_groups)

    def over_frames(
        self, columns: Sequence[Column], starts: IndexArray, ends: IndexArray
    ) -> Column:
        """Return both columns of the chosen row of each frame."""
        rows = extreme_rows(columns[-1], starts, ends, is_greatest=self._is_greatest)
        parts = tuple(rows_or_default(column, rows) for column in columns)
        return TupleColumn(self._pair, parts, len(starts))


def _pair_type(arguments: Sequence[Argument]) -> DataType:
    return TupleType(tuple(argument.type for argument in arguments))


def _list_type(arguments: Sequence[Argument]) -> DataType:
    return ArrayType(arguments[0].type)


def _regression(
    name: str, formula: Callable[[Collected], Column], what: str, result: DataType = FLOAT64
) -> AggregateFunction:
    return AggregateFunction(
        name=name,
        family="aggregate",
        args=(Arg("y", NARROW), Arg("x", NARROW)),
        result=result,
        make=partial(CollectedAccumulator, formula=formula),
        help=what,
        example=f"SELECT {name}(number, number * number) FROM numbers(10)",
        is_null_if_empty=name != "regr_count",
    )


def _extreme_pair(name: str, word: str, *, is_greatest: bool) -> AggregateFunction:
    return AggregateFunction(
        name=name,
        family="aggregate",
        args=(Arg("value"), Arg("by")),
        result=_pair_type,
        make=partial(ExtremePairAccumulator, is_greatest=is_greatest),
        help=f"Both arguments of the first row where the second is {word}, as a tuple.",
        example=f"SELECT {name}(number, -number) FROM numbers(10)",
        is_null_if_empty=False,
    )


FUNCTIONS: tuple[AggregateFunction, ...] = (
    _regression("regr_slope", _of_moments(lambda m: m.sxy / m.sxx), "Slope of the line y by x."),
    _regression("regr_intercept", _of_moments(_intercept), "Where the line y by x meets x = 0."),
    _regression("regr_r2", _of_moments(_determination), "Share of y's variance that x explains."),
    _regression("regr_count", _count, "Number of pairs.", UINT64),
    _regression("regr_avgx", _of_moments(lambda m: m.x), "Mean of x."),
    _regression("regr_avgy", _of_moments(lambda m: m.y), "Mean of y."),
    _regression("regr_sxx", _of_moments(lambda m: m.sxx), "Sum of squares of x around its mean."),
    _regression("regr_syy", _of_moments(lambda m: m.syy), "Sum of squares of y around its mean."),
    _regression("regr_sxy", _of_moments(lambda m: m.sxy), "Sum of products around the means."),
    _regression("rankCorr", _rank_correlation, "Spearman's rank correlation."),
    _extreme_pair("argAndMin", "least", is_greatest=False),
    _extreme_pair("argAndMax", "greatest", is_greatest=True),
    AggregateFunction(
        name="topKWeighted",
        family="aggregate",
        args=(Arg("value"), Arg("weight", UNSIGNED)),
        result=_list_type,
        make=WeightedTopAccumulator,
        parameters=(Arg("size", is_optional=True, is_constant=True),),
        help="Array of the values with the most weight (10 unless given), the heaviest first.",
        example="SELECT topKWeighted(2)(number % 5, number) FROM numbers(12)",
        is_null_if_empty=False,
    ),
    AggregateFunction(
        name="anyHeavy",
        family="aggregate",
        args=(Arg("value"),),
        result=lambda arguments: arguments[0].type,
        make=HeavyAccumulator,
        help="The value of more than half of the rows; if there is none, the most frequent one.",
        example="SELECT anyHeavy(number > 3) FROM numbers(10)",
    ),
    AggregateFunction(
        name="groupArrayInsertAt",
        family="aggregate",
        args=(Arg("value"), Arg("place", UNSIGNED)),
        result=_list_type,
        make=partial(CollectedAccumulator, formula=_inserted),
        parameters=(
            Arg("default", is_optional=True, is_constant=True),
            Arg("size", is_optional=True, is_constant=True),
        ),
        help="Array of the values at their places from 0, with a default between them.",
        example="SELECT groupArrayInsertAt(7)(number, number * 2) FROM numbers(3)",
        is_null_if_empty=False,
    ),
)
