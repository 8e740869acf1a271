"""Aggregates that are others in another form: with NULLs, as pairs, joined text, summed maps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from minidb.columns import (
    Column,
    IndexArray,
    NumericColumn,
    StringColumn,
    TupleColumn,
    default_column,
)
from minidb.columns.grouping import Grouping, factorize
from minidb.columns.sort_words import argsort_words, sort_words
from minidb.errors import (
    BAD_ARGUMENTS,
    ILLEGAL_TYPE_OF_ARGUMENT,
    SIZES_OF_ARRAYS_DONT_MATCH,
    BindError,
    ValueExecutionError,
)
from minidb.functions.arguments import ARRAY, INTEGER, UNSIGNED, Arg
from minidb.functions.builtin.aggregates_any import ANY, ANY_LAST
from minidb.functions.builtin.aggregates_avg import AverageAccumulator
from minidb.functions.builtin.aggregates_collected import (
    NARROW,
    Collected,
    CollectedAccumulator,
    size_of,
)
from minidb.functions.builtin.aggregates_extreme import make_extreme
from minidb.functions.builtin.aggregates_moments import (
    CORR,
    COVAR_POP,
    COVAR_SAMP,
    STDDEV_POP,
    STDDEV_SAMP,
    VAR_POP,
    VAR_SAMP,
    Formula,
    MomentsAccumulator,
)
from minidb.functions.builtin.aggregates_sum import sum_accumulator, sum_type
from minidb.functions.builtin.aggregates_uniq import UniqueCountAccumulator
from minidb.functions.builtin.grouped import parameter_value
from minidb.functions.builtin.kit import array_of, arrays, numeric, offsets_of
from minidb.functions.cast import to_text
from minidb.functions.cast_numbers import floats_of, numbers_of
from minidb.functions.declaration import Accumulator, AggregateCall, AggregateFunction, Argument
from minidb.types import ArrayType, BoolType, DataType, IntType, StringType, TupleType, is_number

INT64, UINT64 = IntType(64, True), IntType(64, False)


class SumCountAccumulator(AverageAccumulator):
    """The sum and the number of rows of each group."""

    def finish(self, n_groups: int) -> Column:
        """Return tuples."""
        parts = (self._sums.finish(n_groups), self._counts.finish(n_groups))
        found = TupleType((parts[0].type, parts[1].type))
        return TupleColumn(found, parts, n_groups)


class BitmapCountAccumulator(UniqueCountAccumulator):
    """The number of distinct integers, in their own type, around which it wraps."""

    def finish(self, n_groups: int) -> Column:
        """Return the numbers."""
        given = _own_type([Argument(self.row_types[0])])
        return numeric(given, numbers_of(super().finish(n_groups)))


def _own_type(arguments: Sequence[Argument]) -> DataType:
    given = arguments[0].type
    return IntType(8, False) if isinstance(given, BoolType) else given


def _sum_count_type(arguments: Sequence[Argument]) -> DataType:
    return TupleType((sum_type(arguments), UINT64))


def _joined(rows: Collected) -> Column:
    """Join the texts of each group."""
    text = to_text(rows.columns[0])
    between = parameter_value(rows.call, 0, "")
    if not isinstance(between, str):
        raise BindError(BAD_ARGUMENTS, f"the delimiter is a text, got {between!r}")
    limit = size_of(rows.call, 1)
    places = np.arange(len(rows.groups)) - np.repeat(rows.offsets[:-1], rows.sizes)
    if limit is not None:
        chosen = np.flatnonzero(places < limit)
        text, places = text.take(chosen), places[chosen]
        sizes = np.minimum(rows.sizes, limit)
    else:
        sizes = rows.sizes
    mark = np.frombuffer(between.encode(), np.uint8)
    whole = text.compact()
    lead = np.where(places > 0, len(mark), 0)
    ends = offsets_of(whole.lengths + lead)
    data = np.empty(ends[-1], np.uint8)
    starts = ends[:-1] + lead
    where = np.repeat(starts - whole.offsets[:-1], whole.lengths) + np.arange(len(whole.data))
    data[where] = whole.data
    behind = np.flatnonzero(places > 0)
    data[(ends[:-1][behind, None] + np.arange(len(mark))).reshape(-1)] = np.tile(mark, len(behind))
    return StringColumn(ends[offsets_of(sizes)], data)


class MappedAccumulator(CollectedAccumulator):
    """Two arrays as keys and values: the values of equal keys of a group, put together."""

    def __init__(self, call: AggregateCall, *, how: str) -> None:
        super().__init__(call, formula=partial(_mapped, how=how))


def _mapped(rows: Collected, *, how: str) -> Column:
    """Return per group the keys in order, and what became of their values."""
    keys, *values = (arrays(column) for column in rows.columns)
    if any(not np.array_equal(keys.offsets, value.offsets) for value in values):
        message = "keys and values are arrays of equal length"
        raise ValueExecutionError(SIZES_OF_ARRAYS_DONT_MATCH, message)
    groups = np.repeat(rows.groups, keys.lengths)
    result = rows.call.result_type
    if not len(groups) or not isinstance(result, TupleType):
        return default_column(result, rows.n_groups)
    grouping = factorize([NumericColumn(INT64, groups.astype(np.int64)), keys.child])
    merged = [
        _merge_values(rows.call, value.child, grouping, element, how)
        for value, element in zip(values, result.elements[1:], strict=True)
    ]
    owners, distinct = groups[grouping.first_rows], keys.child.take(grouping.first_rows)
    order: IndexArray = argsort_words([owners, *sort_words(distinct)])
    if how == "sum":
        is_zero = np.ones(len(order), np.bool_)
        for column in merged:
            is_zero &= numbers_of(column) == 0
        order = order[~is_zero[order]]
    offsets = offsets_of(np.bincount(owners[order], minlength=rows.n_groups))
    columns = tuple(array_of(c.type, offsets, c.take(order)) for c in (distinct, *merged))
    return TupleColumn(result, columns, rows.n_groups)


def _merge_values(
    call: AggregateCall, values: Column, grouping: Grouping, result: DataType, how: str
) -> Column:
    """Add values of equal keys, or take their extreme."""
    element = result.element if isinstance(result, ArrayType) else result
    accumulator: Accumulator
    if how == "sum":
        accumulator = sum_accumulator(element)
    else:
        call = replace(call, types=(values.type,), result_type=element)
        accumulator = make_extreme(call, is_greatest=how == "max")
    accumulator.update([values], grouping.codes, grouping.n_groups)
    return accumulator.finish(grouping.n_groups)


def _mapped_type(arguments: Sequence[Argument], *, how: str) -> DataType:
    elements = []
    for place, argument in enumerate(arguments):
        element = argument.type.element if isinstance(argument.type, ArrayType) else argument.type
        if place and not is_number(element):
            message = f"the values are arrays of numbers, not {argument.type.name}"
            raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message)
        summed = place and how == "sum"
        elements.append(ArrayType(sum_type([Argument(element)]) if summed else element))
    return TupleType(tuple(elements))


def _mapped_function(name: str, how: str, what: str, alias: str) -> AggregateFunction:
    return AggregateFunction(
        name=name,
        family="aggregate",
        args=(Arg("keys", ARRAY), Arg("values", ARRAY, is_repeated=True)),
        result=partial(_mapped_type, how=how),
        make=partial(MappedAccumulator, how=how),
        help=what,
        example=f"SELECT {name}([number % 3, 7], [number, 1]) FROM numbers(6)",
        aliases=(alias,),
        is_null_if_empty=False,
    )


def _renamed(function: AggregateFunction, name: str) -> AggregateFunction:
    """Return an aggregate that gives what another one does, under a name that has its case."""
    return replace(
        function,
        name=name,
        aliases=(),
        is_case_insensitive=False,
        example=function.example.replace(f"{function.name}(", f"{name}("),
    )


class StableAccumulator(MomentsAccumulator):
    """The moments as ClickHouse's Stable forms show them: infinity where there are too few rows."""

    def __init__(self, call: AggregateCall, *, formula: Formula, least: int) -> None:
        super().__init__(call, formula=formula)
        self._least = least

    def finish(self, n_groups: int) -> Column:
        """Return the statistics."""
        found = floats_of(super().finish(n_groups))
        counts = self._moments.counts(n_groups)
        return numeric(self._type, np.where(counts < self._least, np.inf, found))


def _stable(function: AggregateFunction) -> AggregateFunction:
    """Return the Stable form of a moment."""
    found = _renamed(function, f"{function.name}Stable")
    least = 1 if function.name.endswith("Pop") else 2
    if not isinstance(function.make, partial):
        return found
    make = partial(StableAccumulator, least=least, **function.make.keywords)
    return replace(found, make=make, help=function.help.replace("NaN", "infinity"))


def _with_nulls(
    function: AggregateFunction, name: str, aliases: tuple[str, ...]
) -> AggregateFunction:
    return replace(
        function,
        name=name,
        aliases=aliases,
        skips_nulls=False,
        is_null_if_empty=False,
        help=function.help.replace("row,", "row, also of NULL,"),
        example=f"SELECT {name}(if(number = 0, NULL, number)) FROM numbers(3)",
    )


def _unique(name: str, args: tuple[Arg, ...], what: str) -> AggregateFunction:
    return AggregateFunction(
        name=name,
        family="aggregate",
        args=args,
        result=UINT64,
        make=UniqueCountAccumulator,
        help=what,
        example=f"SELECT {name}(number % 3) FROM numbers(10)",
        is_null_if_empty=False,
    )


ESTIMATED = (Arg("value", is_repeated=True),)
STABLE = (VAR_POP, VAR_SAMP, STDDEV_POP, STDDEV_SAMP, COVAR_POP, COVAR_SAMP, CORR)

FUNCTIONS: tuple[AggregateFunction, ...] = (
    AggregateFunction(
        name="sumCount",
        family="aggregate",
        args=(Arg("value", NARROW),),
        result=_sum_count_type,
        make=SumCountAccumulator,
        help="A tuple of the sum and the number of rows.",
        example="SELECT sumCount(number) FROM numbers(10)",
    ),
    AggregateFunction(
        name="groupConcat",
        family="aggregate",
        args=(Arg("value"),),
        result=StringType(),
        make=partial(CollectedAccumulator, formula=_joined),
        parameters=(
            Arg("delimiter", is_optional=True, is_constant=True),
            Arg("limit", INTEGER, is_optional=True, is_constant=True),
        ),
        help="The texts of the values joined by a delimiter, in input order.",
        example="SELECT groupConcat(', ')(number) FROM numbers(5)",
        aliases=("group_concat", "string_agg"),
        is_case_insensitive=True,
    ),
    _with_nulls(ANY, "any_respect_nulls", ("anyRespectNulls", "first_value_respect_nulls", "any_value_respect_nulls")),
    _with_nulls(ANY_LAST, "anyLast_respect_nulls", ("anyLastRespectNulls", "last_value_respect_nulls")),
    _mapped_function("sumMappedArrays", "sum", "The sums of the values of equal keys.", "sumMap"),
    _mapped_function("minMappedArrays", "min", "The least values of equal keys.", "minMap"),
    _mapped_function("maxMappedArrays", "max", "The greatest values of equal keys.", "maxMap"),
    replace(
        _unique("groupBitmap", (Arg("value", UNSIGNED),), "Number of distinct unsigned integers."),
        result=_own_type,
        make=BitmapCountAccumulator,
    ),
    _unique("uniqCombined", ESTIMATED, "Number of distinct values; exact, where ClickHouse estimates."),
    _unique("uniqCombined64", ESTIMATED, "Number of distinct values; exact, where ClickHouse estimates."),
    _unique("uniqHLL12", ESTIMATED, "Number of distinct values; exact, where ClickHouse estimates."),
    *(_stable(function) for function in STABLE),
)  # fmt: skip
