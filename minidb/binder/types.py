"""From a type in the syntax tree to the data type."""

from __future__ import annotations

from collections.abc import Sequence

from minidb.errors import BAD_ARGUMENTS, TOO_DEEP_RECURSION, BindError
from minidb.source import Span
from minidb.sql.ast import TypeElement, TypeName
from minidb.types import AggregateStateType, ArrayType, DataType, NullableType, TupleType
from minidb.types.constructors import TypeArgument
from minidb.types.names import MAX_TYPE_DEPTH, STATE, build_type


def bind_type(type_name: TypeName) -> DataType:
    """Return the data type that a written type means.

    Raises
    ------
    BindError
        UNKNOWN_TYPE or BAD_ARGUMENTS, at the type's place; TOO_DEEP_RECURSION.
    """
    if type_name.name == STATE and type_name.args:
        return check_depth(_state_type(type_name), type_name.span)
    arguments = [_argument(argument) for argument in type_name.args]
    found = build_type(type_name.name, arguments or None, type_name.span)
    return check_depth(found, type_name.span)


def _state_type(type_name: TypeName) -> DataType:
    """Return the type ``AggregateFunction(quantile(0.5), UInt8)``, which names a function."""
    head, *types = type_name.args
    if not isinstance(head, TypeName):
        message = f"{STATE} begins with the name of an aggregate function"
        raise BindError(BAD_ARGUMENTS, message, span=type_name.span)
    parameters = tuple(arg for arg in head.args if isinstance(arg, int | float | str))
    arguments = tuple(bind_type(arg) for arg in types if isinstance(arg, TypeName))
    if len(parameters) + len(arguments) != len(head.args) + len(types):
        message = f"{STATE} takes a function, with literals as its parameters, and types"
        raise BindError(BAD_ARGUMENTS, message, span=type_name.span)
    return AggregateStateType(head.name, parameters, arguments)


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
        case AggregateStateType(arguments=arguments):
            return arguments
        case _:
            return ()


def _argument(argument: TypeName | TypeElement | int | float | str) -> TypeArgument:
    """Return one argument between a type's parentheses."""
    match argument:
        case TypeName():
            return TypeArgument(bind_type(argument))
        case TypeElement(name=name, value=TypeName() as element):
            return TypeArgument(bind_type(element), name)
        case TypeElement(name=name, value=int() as number):
            return TypeArgument(number, name)
        case TypeElement(name=name):
            return TypeArgument(name)
        case _:
            return TypeArgument(argument)
