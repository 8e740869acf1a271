"""The greatest and the least of several values in one row."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from minidb.columns import (
    BoolArray,
    Column,
    NullableColumn,
    NumericColumn,
    null_mask,
    split_nulls,
)
from minidb.errors import BindError
from minidb.functions.arguments import ANY, Arg
from minidb.functions.builtin.comparison import compare_columns
from minidb.functions.builtin.conditional import nullable_of, select_rows
from minidb.functions.builtin.decimal_math import decimal_result
from minidb.functions.builtin.number_types import FLOAT64, extreme_type, illegal_pair
from minidb.functions.cast import cast_column
from minidb.functions.cast_numbers import floats_of
from minidb.functions.compare_numbers import EQUALS, GREATER, LESS
from minidb.functions.declaration import Argument, Call, NullPolicy, ScalarFunction
from minidb.types import (
    BoolType,
    DataType,
    DecimalType,
    FloatType,
    IntType,
    NothingType,
    NullableType,
    is_numeric,
    nullable,
    without_null,
)
from minidb.types.promotion import common_type

ARITHMETIC = "arithmetic"
CONDITIONAL = "conditional"


def _extreme_rule(*, is_greatest: bool) -> Callable[[Sequence[Argument]], DataType]:
    def rule(args: Sequence[Argument]) -> DataType:
        types = [arg.type for arg in args]
        bare = [without_null(t) for t in types if not isinstance(without_null(t), NothingType)]
        if not bare:
            return types[0]
        found: DataType | None = None
        if len(bare) == 2:
            found = extreme_type(bare[0], bare[1], is_greatest=is_greatest)
            if found is None and is_numeric(bare[0]) and is_numeric(bare[1]):
                found = _common_number(bare[0], bare[1])
        if found is None:
            found = common_type(bare)
        if isinstance(found, BoolType):
            found = IntType(8, False)
        is_nullable = any(isinstance(t, NullableType) for t in types)
        return nullable(found) if is_nullable else found

    return rule


def _common_number(left: DataType, right: DataType) -> DataType:
    """Return the common type of two numbers, or refuse them with ClickHouse's code."""
    if any(isinstance(t, DecimalType) for t in (left, right)):
        has_float = any(isinstance(t, FloatType) for t in (left, right))
        return FLOAT64 if has_float else decimal_result("minus", left, right)
    try:
        return common_type([left, right])
    except BindError as error:
        raise illegal_pair("greatest and least", left, right) from error


def _extreme(call: Call, *, is_greatest: bool) -> Column:
    """Keep the better value column by column; NULL is passed over."""
    bare = without_null(call.result_type)
    if isinstance(bare, NothingType):
        return call.columns[0]
    comparison = GREATER if is_greatest else LESS
    best: Column | None = None
    known = np.zeros(call.n_rows, np.bool_)
    for column in call.columns:
        values, is_null = split_nulls(column)
        if isinstance(values.type, NothingType):
            continue
        present = np.ones(call.n_rows, np.bool_) if is_null is None else ~is_null
        if best is None:
            best, known = values, present
            continue
        # The earlier value stays only where it compares better: beside NaN the later one wins.
        keeps = known & (compare_columns(comparison, best, values)[0] | ~present)
        best = select_rows(keeps, _wrapped(best, bare), _wrapped(values, bare))
        known = known | present
    result = _wrapped(call.columns[0] if best is None else best, bare)
    if isinstance(call.result_type, NullableType):
        return NullableColumn(call.result_type, result, ~known)
    return result


def _wrapped(column: Column, data_type: DataType) -> Column:
    return column if column.type == data_type else cast_column(column, data_type)


def _pick_rule(name: str) -> Callable[[Sequence[Argument]], DataType]:
    def rule(args: Sequence[Argument]) -> DataType:
        for arg in args:
            is_narrow = isinstance(arg.type, IntType) and not arg.type.is_wide
            if not is_narrow and not isinstance(arg.type, FloatType | BoolType):
                raise illegal_pair(name, args[0].type, args[1].type)
        return FLOAT64

    return rule


def _pick(call: Call, *, is_greatest: bool) -> Column:
    left, right = (floats_of(column) for column in call.columns)
    keeps: BoolArray = left > right if is_greatest else left < right
    return NumericColumn(FLOAT64, np.where(keeps, left, right))


def _null_if_type(args: Sequence[Argument]) -> DataType:
    # Numbers compare with one another even where no type holds both.
    bare = [without_null(arg.type) for arg in args]
    if not isinstance(bare[1], NothingType) and not all(map(is_numeric, bare)):
        common_type([arg.type for arg in args])
    return nullable_of(args[0].type)


def _null_if(call: Call) -> Column:
    column = call.columns[0]
    if not isinstance(call.result_type, NullableType):
        return column
    if isinstance(without_null(column.type), NothingType):
        return column
    same, _ = compare_columns(EQUALS, column, call.columns[1])
    return NullableColumn(call.result_type, split_nulls(column)[0], null_mask(column) | same)


VALUES = (Arg("x", ANY, is_repeated=True),)
PAIR = (Arg("x", ANY), Arg("y", ANY))

FUNCTIONS: tuple[ScalarFunction, ...] = (
    ScalarFunction(
        "greatest",
        CONDITIONAL,
        VALUES,
        _extreme_rule(is_greatest=True),
        lambda call: _extreme(call, is_greatest=True),
        "the greatest of the arguments that are not NULL",
        "SELECT greatest(1, 3, 2)",
        is_case_insensitive=True,
        nulls=NullPolicy.OWN,
    ),
    ScalarFunction(
        "least",
        CONDITIONAL,
        VALUES,
        _extreme_rule(is_greatest=False),
        lambda call: _extreme(call, is_greatest=False),
        "the least of the arguments that are not NULL",
        "SELECT least(1, 3, 2)",
        is_case_insensitive=True,
        nulls=NullPolicy.OWN,
    ),
    ScalarFunction(
        "max2",
        ARITHMETIC,
        PAIR,
        _pick_rule("max2"),
        lambda call: _pick(call, is_greatest=True),
        "the greater of two numbers as Float64",
        "SELECT max2(1, 2)",
        is_case_insensitive=True,
    ),
    ScalarFunction(
        "min2",
        ARITHMETIC,
        PAIR,
        _pick_rule("min2"),
        lambda call: _pick(call, is_greatest=False),
        "the smaller of two numbers as Float64",
        "SELECT min2(1, 2)",
        is_case_insensitive=True,
    ),
    ScalarFunction(
        "nullIf",
        CONDITIONAL,
        PAIR,
        _null_if_type,
        _null_if,
        "NULL where x = y, else x",
        "SELECT nullIf(1, 1)",
        is_case_insensitive=True,
        nulls=NullPolicy.OWN,
    ),
)
