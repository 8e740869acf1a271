"""Tuples: making them and taking them apart."""

from __future__ import annotations

from collections.abc import Sequence

from minidb.columns import ArrayColumn, Column, TupleColumn
from minidb.errors import (
    ARGUMENT_OUT_OF_BOUND,
    BAD_ARGUMENTS,
    ILLEGAL_TYPE_OF_ARGUMENT,
    BindError,
    did_you_mean,
)
from minidb.functions.arguments import ANY, ARRAY, INTEGER, STRING, TUPLE, Arg, either
from minidb.functions.builtin.kit import arrays, tuple_type, tuples
from minidb.functions.declaration import Argument, Call, NullPolicy, ScalarFunction
from minidb.types import ArrayType, DataType, TupleType


def _tuple_type(arguments: Sequence[Argument]) -> DataType:
    return TupleType(tuple(argument.type for argument in arguments))


def _tuple(call: Call) -> Column:
    return TupleColumn(tuple_type(call.result_type), call.columns, call.n_rows)


def _place(data_type: TupleType, key: object) -> int | None:
    """Return where in the tuple a number (from 1, or below 0 from the end) or a name points."""
    size = len(data_type.elements)
    if isinstance(key, str) and not data_type.names and key.isascii() and key.isdecimal():
        return int(key) - 1 if 0 < int(key) <= size else None
    if isinstance(key, str):
        return data_type.names.index(key) if key in data_type.names else None
    if isinstance(key, int) and 0 < abs(key) <= size:
        return key - 1 if key > 0 else size + key
    return None


def _depth(data_type: DataType) -> tuple[int, TupleType]:
    """Return how many arrays stand around a tuple, and the tuple."""
    depth = 0
    while isinstance(data_type, ArrayType):
        data_type, depth = data_type.element, depth + 1
    return depth, tuple_type(data_type)


def _element_type(arguments: Sequence[Argument]) -> DataType:
    """Return the type of the chosen element, in as many arrays as the tuple stands in."""
    depth, inner = _depth(arguments[0].type)
    key = arguments[1].constant_value()
    if not isinstance(key, int | str):
        message = "tupleElement takes a constant number or name as its second argument"
        raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message)
    place = _place(inner, key)
    if place is None and len(arguments) > 2:
        return arguments[2].type
    if place is None:
        code = BAD_ARGUMENTS if isinstance(key, str) else ARGUMENT_OUT_OF_BOUND
        hint = did_you_mean(key, inner.names) if isinstance(key, str) else None
        raise BindError(code, f"{inner.name} has no element {key!r}", hint=hint)
    found = inner.elements[place]
    for _ in range(depth):
        found = ArrayType(found)
    return found


def _element(call: Call) -> Column:
    """Hand out one child; nothing is copied."""
    place = _place(_depth(call.columns[0].type)[1], call.constant_value(1))
    return call.columns[2] if place is None else _child(call.columns[0], place)


def _child(column: Column, place: int) -> Column:
    """Return the child of a tuple, or of the tuples inside arrays."""
    if isinstance(column, ArrayColumn):
        whole = arrays(column)
        child = _child(whole.child, place)
        return ArrayColumn(ArrayType(child.type), whole.offsets, child)
    return tuples(column).children[place]


FUNCTIONS: tuple[ScalarFunction, ...] = (
    ScalarFunction(
        name="tuple",
        family="tuple",
        args=(Arg("value", ANY, is_optional=True, is_repeated=True),),
        result=_tuple_type,
        kernel=_tuple,
        help="The tuple of the arguments; also written (a, b).",
        example="SELECT tuple(1, 'a')",
        nulls=NullPolicy.OWN,
    ),
    ScalarFunction(
        name="tupleElement",
        family="tuple",
        args=(
            Arg("tuple", either(TUPLE, ARRAY)),
            Arg("index", either(INTEGER, STRING), is_constant=True),
            Arg("default", ANY, is_optional=True),
        ),
        result=_element_type,
        kernel=_element,
        help="One element of a tuple by number or name; also written t.1 and t.name.",
        example="SELECT tupleElement((1, 'a'), 2)",
        nulls=NullPolicy.OWN,
    ),
)
