"""Arithmetic that gives NULL where there is no result, and values kept between limits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np

from minidb.columns import Column, split_nulls, with_nulls
from minidb.errors import BAD_ARGUMENTS, ValueExecutionError
from minidb.functions.arguments import ANY, NUMBER, NUMERIC, Arg
from minidb.functions.builtin import arithmetic, division
from minidb.functions.builtin.comparison import compare_columns
from minidb.functions.builtin.conditional import select_rows
from minidb.functions.builtin.division import is_zero, overflows, with_ones
from minidb.functions.builtin.kit import U8, flags
from minidb.functions.cast import cast_column
from minidb.functions.compare_numbers import GREATER, LESS
from minidb.functions.declaration import Argument, Call, NullPolicy, ResultRule, ScalarFunction
from minidb.types import (
    BoolType,
    DataType,
    IntType,
    NothingType,
    nullable,
    without_null,
)
from minidb.types.promotion import common_type

FAMILY = "arithmetic"
PLAIN = {function.name: function for function in (*arithmetic.FUNCTIONS, *division.FUNCTIONS)}


def _type_of(rule: ResultRule, arguments: Sequence[Argument]) -> DataType:
    return rule if isinstance(rule, DataType) else rule(arguments)


def _or_null_type(arguments: Sequence[Argument], *, plain: ScalarFunction) -> DataType:
    return nullable(_type_of(plain.result, arguments))


def _or_null(call: Call, *, plain: ScalarFunction) -> Column:
    """Divide by 1 where the division has no result, and put NULL there."""
    left, right = call.columns
    result_type = without_null(call.result_type)
    bad = is_zero(right)
    if all(isinstance(column.type, IntType | BoolType) for column in call.columns):
        overflow = overflows(left, right)
        bad = bad if overflow is None or plain.name == "divide" else bad | overflow
    columns = (left, with_ones(right, bad if bad.any() else None))
    found = plain.kernel(replace(call, columns=columns, result_type=result_type))
    return with_nulls(found, bad)


def _clamp_type(arguments: Sequence[Argument]) -> DataType:
    return common_type([argument.type for argument in arguments])


def _clamp(call: Call) -> Column:
    """Return each value, or the limit that it is beyond."""
    target = call.result_type
    value, low, high = (
        column if column.type == target else cast_column(column, target) for column in call.columns
    )
    if compare_columns(GREATER, low, high)[0].any():
        raise ValueExecutionError(BAD_ARGUMENTS, "the lower limit of clamp is above the upper one")
    found = select_rows(compare_columns(LESS, value, low)[0], low, value)
    return select_rows(compare_columns(GREATER, value, high)[0], high, found)


def _square_type(arguments: Sequence[Argument]) -> DataType:
    return _type_of(PLAIN["multiply"].result, (arguments[0], arguments[0]))


def _square(call: Call) -> Column:
    return PLAIN["multiply"].kernel(replace(call, columns=(call.columns[0],) * 2))


def _is_zero_or_null(call: Call) -> Column:
    values, is_null = split_nulls(call.columns[0])
    if isinstance(values.type, NothingType):
        return flags(np.ones(call.n_rows, np.bool_))
    return flags(is_zero(values) if is_null is None else is_zero(values) | is_null)


def _or_null_function(plain_name: str, example: str, aliases: tuple[str, ...]) -> ScalarFunction:
    plain = PLAIN[plain_name]
    name = f"{plain_name}OrNull"
    return ScalarFunction(
        name=name,
        family=FAMILY,
        args=(Arg("x", NUMBER), Arg("y", NUMBER)),
        result=partial(_or_null_type, plain=plain),
        kernel=partial(_or_null, plain=plain),
        help=f"as {plain_name}, but NULL where the division has no result",
        example=f"SELECT {name}({example}, 0), {name}({example}, 3)",
        aliases=aliases,
        can_fail=plain_name == "intDiv",
    )


FUNCTIONS: tuple[ScalarFunction, ...] = (
    _or_null_function("divide", "7", ()),
    _or_null_function("intDiv", "7", ()),
    _or_null_function("modulo", "7", ("modOrNull",)),
    _or_null_function("positiveModulo", "-7", ("positive_modulo_or_null", "pmodOrNull")),
    ScalarFunction(
        name="clamp",
        family="conditional",
        args=(Arg("x", ANY), Arg("low", ANY), Arg("high", ANY)),
        result=_clamp_type,
        kernel=_clamp,
        help="x, or the limit that it is beyond",
        example="SELECT clamp(5, 1, 3)",
        can_fail=True,
    ),
    ScalarFunction(
        name="sqr",
        family=FAMILY,
        args=(Arg("x", NUMERIC),),
        result=_square_type,
        kernel=_square,
        help="x * x",
        example="SELECT sqr(-3)",
    ),
    ScalarFunction(
        name="isZeroOrNull",
        family="conditional",
        args=(Arg("x", NUMBER),),
        result=U8,
        kernel=_is_zero_or_null,
        help="1 where x is 0 or NULL, else 0",
        example="SELECT isZeroOrNull(0), isZeroOrNull(NULL)",
        nulls=NullPolicy.OWN,
    ),
)
