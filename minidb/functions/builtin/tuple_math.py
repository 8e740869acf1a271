"""Arithmetic of tuples, element by element, and tuples joined."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from minidb.columns import Column, TupleColumn
from minidb.errors import ILLEGAL_TYPE_OF_ARGUMENT, BindError
from minidb.functions.arguments import NUMBER, TUPLE, Arg
from minidb.functions.builtin import arithmetic, division
from minidb.functions.builtin.kit import tuple_type, tuples
from minidb.functions.declaration import Argument, Call, Kernel, ResultRule, ScalarFunction
from minidb.types import DataType, TupleType

OPERATORS = {function.name: function for function in (*arithmetic.FUNCTIONS, *division.FUNCTIONS)}


def _apply(name: str, types: Sequence[DataType]) -> DataType:
    """Return the type that an operator gives."""
    function = OPERATORS[name]
    for data_type, arg in zip(types, function.args, strict=False):
        if not NUMBER.accepts(data_type):
            message = f"{name} of tuples takes numbers, not {data_type.name}"
            raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message, hint=arg.name)
    rule = function.result
    return rule if isinstance(rule, DataType) else rule([Argument(t) for t in types])


def _run(name: str, call: Call, columns: Sequence[Column]) -> Column:
    """Run an operator on columns."""
    result = _apply(name, [column.type for column in columns])
    nothing = (None,) * len(columns)
    return OPERATORS[name].kernel(Call(tuple(columns), call.n_rows, result, nothing, call.settings))


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
    return TupleType(tuple(_apply(name, types) for types in _sides(arguments)))


def _columns(call: Call) -> list[tuple[Column, Column]]:
    left, right = call.columns
    first = tuples(left).children
    others = right.children if isinstance(right, TupleColumn) else (right,) * len(first)
    return list(zip(first, others, strict=True))


def _pair(call: Call, *, name: str) -> Column:
    children = tuple(_run(name, call, pair) for pair in _columns(call))
    return TupleColumn(tuple_type(call.result_type), children, call.n_rows)


def _negated_type(arguments: Sequence[Argument]) -> DataType:
    elements = tuple_type(arguments[0].type).elements
    return TupleType(tuple(_apply("negate", [element]) for element in elements))


def _negated(call: Call) -> Column:
    children = tuple(_run("negate", call, [child]) for child in tuples(call.columns[0]).children)
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
