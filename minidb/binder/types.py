"""From a type in the syntax tree to the data type."""

from __future__ import annotations

from minidb.sql.ast import TypeElement, TypeName
from minidb.types import DataType
from minidb.types.names import TypeArgument, build_type


def bind_type(type_name: TypeName) -> DataType:
    """Return the data type that a written type means.

    Raises
    ------
    BindError
        UNKNOWN_TYPE or BAD_ARGUMENTS, at the type's place.
    """
    arguments = [_argument(argument) for argument in type_name.args]
    return build_type(type_name.name, arguments or None, type_name.span)


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
