"""Calls that mean another function for the types they are given: ``+`` of tuples, texts of Enums."""

from __future__ import annotations

from collections.abc import Sequence

from minidb.binder.environment import Environment
from minidb.binder.functions import bind_call
from minidb.binder.literals import bind_value
from minidb.expr import BoundExpr
from minidb.functions.declaration import ScalarFunction
from minidb.types import (
    ArrayType,
    DataType,
    EnumType,
    MapType,
    NullableType,
    StringType,
    TupleType,
    without_null,
)

OF_TUPLES = {
    "plus": "tuplePlus",
    "minus": "tupleMinus",
    "multiply": "dotProduct",
    "L1Distance": "tupleL1Distance",
    "L2Distance": "tupleL2Distance",
    "L2SquaredDistance": "tupleL2SquaredDistance",
    "LinfDistance": "tupleLinfDistance",
    "cosineDistance": "tupleCosineDistance",
}
OF_TUPLE_AND_NUMBER = {
    "multiply": "tupleMultiplyByNumber",
    "divide": "tupleDivideByNumber",
    "modulo": "tupleModuloByNumber",
    "intDiv": "tupleIntDivByNumber",
}
OF_TUPLE = {
    "negate": "tupleNegate",
    "L1Norm": "tupleL1Norm",
    "L2Norm": "tupleL2Norm",
    "L2SquaredNorm": "tupleL2SquaredNorm",
    "LinfNorm": "tupleLinfNorm",
}
# What ClickHouse reads an Enum as a text in.
READS_ENUMS = frozenset(
    [
        "substring",
        "like",
        "notLike",
        "ilike",
        "notILike",
        "position",
        "positionCaseInsensitive",
        "locate",
        "match",
        "countSubstrings",
        "hasToken",
    ]
)


def overloaded(
    environment: Environment, function: ScalarFunction, args: Sequence[BoundExpr]
) -> tuple[ScalarFunction, Sequence[BoundExpr]]:
    """Return the function that a call means for its arguments, and the arguments it takes."""
    types = [without_null(arg.type) for arg in args]
    if function.name in READS_ENUMS and any(isinstance(given, EnumType) for given in types):
        return function, [_as_text(environment, arg) for arg in args]
    name = _name_for(function.name, types)
    if name is None:
        return function, args
    found = environment.registry.scalar(name)
    if found is None:
        return function, args
    is_turned = name == "tupleMultiplyByNumber" and not isinstance(types[0], TupleType)
    return found, [args[1], args[0]] if is_turned else args


def _name_for(name: str, types: Sequence[DataType]) -> str | None:
    """Return the name of what `name` means for tuples and maps, None where it means itself."""
    is_tuple = [isinstance(given, TupleType) for given in types]
    match is_tuple:
        case [True]:
            return OF_TUPLE.get(name)
        case [True, True]:
            return OF_TUPLES.get(name)
        case [True, False]:
            return OF_TUPLE_AND_NUMBER.get(name)
        case [False, True] if name == "multiply":
            return OF_TUPLE_AND_NUMBER[name]
    if name == "has" and len(types) == 2 and isinstance(types[0], MapType):
        return "mapContains"
    if name == "dotProduct" and types and isinstance(types[0], ArrayType):
        return "arrayDotProduct"
    return None


def _as_text(environment: Environment, arg: BoundExpr) -> BoundExpr:
    """Return an Enum as its text."""
    if not isinstance(without_null(arg.type), EnumType):
        return arg
    text = StringType()
    target = NullableType(text) if isinstance(arg.type, NullableType) else text
    function = environment.registry.scalar("CAST")
    if function is None:
        return arg
    name = bind_value(target.name, arg.span)
    return bind_call(function, [arg, name], environment.settings, arg.span, environment.next_id)
