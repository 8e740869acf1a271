"""Arithmetic of tuples, element by element, and tuples joined."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from minidb.columns import Column, NullableColumn, TupleColumn, default_column, split_nulls
from minidb.errors import ILLEGAL_TYPE_OF_ARGUMENT, BindError
from minidb.functions.arguments import NUMBER, TUPLE, Arg
from minidb.functions.builtin import arithmetic, comparison, division, extremes, mathematics
from minidb.functions.builtin.kit import tuple_type, tuples
from minidb.functions.declaration import Argument, Call, Kernel, ResultRule, ScalarFunction
from minidb.types import DataType, NothingType, NullableType, TupleType, without_null

OPERATORS = {
    function.name: function
    for family in (arithmetic, comparison, division, mathematics, extremes)
    for function in family.FUNCTIONS
}
# What works on tuples inside tuples.
OF_TUPLES = {"plus", "minus"}


def applied(name: str, types: Sequence[DataType]) -> DataType:
    """Return the type that an operator gives.

    Raises
    ------
    BindError
        ILLEGAL_TYPE_OF_ARGUMENT for types that it does not take.
    """
    function = OPERATORS[name]
    bare = [without_null(data_type) for data_type in types]
    if NothingType() in bare:
        return NullableType(NothingType())
    if bare != list(types):
        return NullableType(applied(name, bare))
    if name in OF_TUPLES and isinstance(types[0], TupleType):
        return _pair_type([Argument(t) for t in types], name=name)
    for data_type, arg in zip(types, function.args, strict=False):
        if not arg.kind.accepts(data_type):
            message = f"{name} of tuples takes numbers, not {data_type.name}"
            raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message, hint=arg.name)
    rule = function.result
    return rule if isinstance(rule, DataType) else rule([Argument(t) for t in types])


def run(name: str, call: Call, columns: Sequence[Column]) -> Column:
    """Return what an operator gives for columns."""
    result = applied(name, [column.type for column in columns])
    nothing = (None,) * len(columns)
    if isinstance(result, NullableType):
        return _run_on_nulls(name, call, columns, result)
    inner = Call(tuple(columns), call.n_rows, result, nothing, call.settings)
    if isinstance(result, TupleType):
        return _pair(inner, name=name)
    found: Column = OPERATORS[name].kernel(inner)
    return found


def _run_on_nulls(name: str, call: Call, columns: Sequence[Column], result: NullableType) -> Column:
    """Return NULL where any operand is NULL."""
    if isinstance(result.inner, NothingType):
        return default_column(result, call.n_rows)
    parts = [split_nulls(column) for column in columns]
    masks = [mask for _, mask in parts if mask is not None]
    return NullableColumn(
        result, run(name, call, [values for values, _ in parts]), np.logical_or.reduce(masks)
    )


def _sides(arguments: Sequence[Argument]) -> list[tuple[DataType, ...]]:
    """Return the types of each place."""
    left, right = (argument.type for argument in arguments)
    first = tuple_type(left).elements
    if not isinstance(right, TupleType):
        return [(element, right) for element in first]
    if len(first) != len(right.elements):
        message = f"tuples of {len(first)} and {len(right.elements)} elements do not go together"
        raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message)
    return list(zip(first, right.elements, strict=True))


def _pair_type(arguments: Sequence[Argument], *, name: str) -> DataType:
    return TupleType(tuple(applied(name, types) for types in _sides(arguments)))


def _columns(call: Call) -> list[tuple[Column, Column]]:
    left, right = call.columns
    first = tuples(left).children
    others = right.children if isinstance(right, TupleColumn) else (right,) * len(first)
    return list(zip(first, others, strict=True))


def _pair(call: Call, *, name: str) -> Column:
    children = tuple(run(name, call, pair) for pair in _columns(call))
    return TupleColumn(tuple_type(call.result_type), children, call.n_rows)


def _negated_type(arguments: Sequence[Argument]) -> DataType:
    elements = tuple_type(arguments[0].type).elements
    return TupleType(tuple(applied("negate", [element]) for element in elements))


def _negated(call: Call) -> Column:
    children = tuple(run("negate", call, [child]) for child in tuples(call.columns[0]).children)
    return TupleColumn(tuple_type(call.result_type), children, call.n_rows)


def _joined_type(arguments: Sequence[Argument]) -> DataType:
    return TupleType(tuple(t for a in arguments for t in tuple_type(a.type).elements))


def _joined(call: Call) -> Column:
    children = tuple(child for column in call.columns for child in tuples(column).children)
    return TupleColumn(tuple_type(call.result_type), children, call.n_rows)


def _declare(
    name: str,
    args: Sequence[Arg],
    result: ResultRule,
    kernel: Kernel,
    what: str,
    shown: str,
    aliases: tuple[str, ...] = (),
) -> ScalarFunction:
    return ScalarFunction(
        name=name,
        family="tuple",
        args=tuple(args),
        result=result,
        kernel=kernel,
        help=what,
        example=f"SELECT {name}({shown})",
        aliases=aliases,
        can_fail=True,
    )


ONE, OTHER, BY = Arg("tuple", TUPLE), Arg("other", TUPLE), Arg("number", NUMBER)


def _both(name: str, operator: str, sign: str, aliases: tuple[str, ...] = ()) -> ScalarFunction:
    return _declare(
        name,
        (ONE, OTHER),
        partial(_pair_type, name=operator),
        partial(_pair, name=operator),
        f"Element {sign} element.",
        "(7, 2), (2, 4)",
        aliases,
    )


def _by(name: str, operator: str, sign: str) -> ScalarFunction:
    return _declare(
        name,
        (ONE, BY),
        partial(_pair_type, name=operator),
        partial(_pair, name=operator),
        f"Each element {sign} a number.",
        "(7, 2), 2",
    )


FUNCTIONS: tuple[ScalarFunction, ...] = (
    _both("tuplePlus", "plus", "+", ("vectorSum",)),
    _both("tupleMinus", "minus", "-", ("vectorDifference",)),
    _both("tupleMultiply", "multiply", "*"),
    _both("tupleDivide", "divide", "/"),
    _both("tupleIntDiv", "intDiv", "div"),
    _both("tupleModulo", "modulo", "modulo"),
    _by("tupleMultiplyByNumber", "multiply", "*"),
    _by("tupleDivideByNumber", "divide", "/"),
    _by("tupleIntDivByNumber", "intDiv", "div"),
    _by("tupleModuloByNumber", "modulo", "modulo"),
    _declare("tupleNegate", (ONE,), _negated_type, _negated, "Each element with its sign changed.", "(1, -2)"),
    _declare("tupleConcat", (Arg("tuple", TUPLE, is_repeated=True),), _joined_type, _joined, "The tuples one behind the other.", "(1, 'a'), (2, 3)"),
)  # fmt: skip
