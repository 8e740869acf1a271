"""From a type in the syntax tree to the data type."""

from __future__ import annotations

from collections.abc import Sequence

from minidb.errors import TOO_DEEP_RECURSION, BindError
from minidb.source import Span
from minidb.sql.ast import TypeElement, TypeName
from minidb.types import ArrayType, DataType, NullableType, TupleType
from minidb.types.names import MAX_TYPE_DEPTH, TypeArgument, build_type


def bind_type(type_name: TypeName) -> DataType:
    """Return the data type that a written type means.

    Raises
    ------
    BindError
        UNKNOWN_TYPE or BAD_ARGUMENTS, at the type's place; TOO_DEEP_RECURSION.
    """
    arguments = [_argument(argument) for argument in type_name.args]
    found = build_type(type_name.name, arguments or None, type_name.span)
    return check_depth(found, type_name.span)


def check_depth(data_type: DataType, span: Span | None) -> DataType:
    """Return the type, unless it nests deeper than its name could be read back.

    Raises
    ------
    BindError
        TOO_DEEP_RECURSION.
    """
    level: list[DataType] = [data_type]
    depth = 0
    while level := [inner for outer in level for inner in _parts(outer)]:
        depth += 1
        if depth > MAX_TYPE_DEPTH:
            message = f"a type of over {MAX_TYPE_DEPTH} levels"
            raise BindError(TOO_DEEP_RECURSION, message, span=span)
    return data_type


def _parts(data_type: DataType) -> Sequence[DataType]:
    """Return the types directly inside a type."""
    match data_type:
        case ArrayType(element=element):
            return (element,)
        case TupleType(elements=elements):
            return elements
        case NullableType(inner=inner):
            return (inner,)
        case _:
            return ()


def _argument(argument: TypeName | TypeElement | int | str) -> TypeArgument:
    """Return one argument between a type's parentheses."""
    match argument:
        case TypeName():
            return TypeArgument(bind_type(argument))
        case TypeElement(name=name, value=TypeName() as element):
            return TypeArgument(bind_type(element), name)
        case TypeElement(name=name):
            return TypeArgument(name)
        case _:
            return TypeArgument(argument)
