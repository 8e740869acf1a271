"""The SQL signature of a Python function: from annotations, or from types given by name."""

from __future__ import annotations

import datetime
import inspect
import types
import typing
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np

from minidb.errors import BAD_ARGUMENTS, ExtensionError, MiniDBError
from minidb.functions.arguments import DATE, DATETIME, INTEGER, NUMBER, TEXT, Arg, Kind
from minidb.functions.cast import can_cast
from minidb.record import record
from minidb.types import (
    ArrayType,
    BoolType,
    DataType,
    DateTimeType,
    DateType,
    FloatType,
    IntType,
    NullableType,
    StringType,
    TupleType,
    without_null,
)
from minidb.types.names import parse_type

TypeLike: TypeAlias = "str | type | DataType"

PYTHON_TYPES: dict[object, DataType] = {
    bool: BoolType(),
    int: IntType(64, True),
    float: FloatType(64),
    str: StringType(),
    bytes: StringType(),
    datetime.date: DateType(),
    datetime.datetime: DateTimeType(),
    np.float32: FloatType(32),
    np.float64: FloatType(64),
    np.bool_: BoolType(),
    **{getattr(np, f"int{bits}"): IntType(bits, True) for bits in (8, 16, 32, 64)},
    **{getattr(np, f"uint{bits}"): IntType(bits, False) for bits in (8, 16, 32, 64)},
}


@record
class Signature:
    """The names and types of the arguments, and the type of the result."""

    names: tuple[str, ...]
    arguments: tuple[DataType, ...]
    result: DataType

    @property
    def args(self) -> tuple[Arg, ...]:
        """Return the arguments as a declaration."""
        pairs = zip(self.names, self.arguments, strict=True)
        return tuple(Arg(name, kind_for(data_type)) for name, data_type in pairs)


def kind_for(data_type: DataType) -> Kind:
    """Return what may be given where a type is declared: what converts to it without a guess."""
    match without_null(data_type):
        case IntType():
            return INTEGER
        case FloatType():
            return NUMBER
        case StringType():
            return TEXT
        case DateType():
            return DATE
        case DateTimeType():
            return DATETIME
        case wanted:
            is_same = type(wanted)
            return Kind(
                wanted.name, lambda given: isinstance(given, is_same) and can_cast(given, wanted)
            )


def signature_of(
    name: str,
    arguments: Callable[..., Any],
    result: Callable[..., Any],
    given_args: Sequence[TypeLike] | None,
    given_result: TypeLike | None,
) -> Signature:
    """Return the signature of a function, or of the two methods of an aggregate.

    Parameters
    ----------
    name : str
        The function's name, for messages.
    arguments : callable
        Whose parameters are the arguments.
    result : callable
        Whose annotation for ``return`` is the result's.
    given_args, given_result : types, optional
        Stand in place of the annotations.

    Raises
    ------
    ExtensionError
        BAD_ARGUMENTS for a type that is missing or not known.
    """
    names = [
        parameter.name
        for parameter in inspect.signature(arguments).parameters.values()
        if parameter.kind in {parameter.POSITIONAL_ONLY, parameter.POSITIONAL_OR_KEYWORD}
        and parameter.name != "self"
    ]
    if given_args is None:
        hints = _hints(name, arguments)
        found = [_annotated(name, hints, parameter) for parameter in names]
    else:
        found = [type_of(name, given) for given in given_args]
        names = [*names, *(f"arg{i + 1}" for i in range(len(names), len(found)))][: len(found)]
    if given_result is None:
        returns = _annotated(name, _hints(name, result), "return")
    else:
        returns = type_of(name, given_result)
    return Signature(tuple(names), tuple(found), returns)


def _hints(name: str, function: Callable[..., Any]) -> dict[str, Any]:
    """Return the annotations; texts that name a ClickHouse type stay as they are."""
    raw = dict(inspect.get_annotations(function))
    known = {key: value for key, value in raw.items() if _is_type_name(value)}
    missing = {key: value for key, value in raw.items() if key not in known}
    if not any(isinstance(value, str) for value in missing.values()):
        return raw
    try:
        resolved = typing.get_type_hints(function, localns=dict.fromkeys(known))
    except (NameError, TypeError, SyntaxError) as error:
        message = f"an annotation of {name} cannot be read: {error}"
        raise ExtensionError(BAD_ARGUMENTS, message) from error
    return {**resolved, **known}


def _is_type_name(value: object) -> bool:
    """Whether a value is the name of a ClickHouse type."""
    # Python's names come first: SQL reads `int`, in lower case, as Int32.
    if not isinstance(value, str) or not value.strip("'\"")[:1].isupper():
        return False
    try:
        parse_type(value.strip("'\""))
    except MiniDBError:
        return False
    return True


def _annotated(name: str, hints: dict[str, Any], parameter: str) -> DataType:
    """Return the type of a parameter or of the result."""
    if parameter not in hints:
        what = "its result" if parameter == "return" else f"its parameter {parameter!r}"
        message = f"function {name} needs the type of {what}"
        hint = "annotate it, or give args= and returns= as ClickHouse's types"
        raise ExtensionError(BAD_ARGUMENTS, message, hint=hint)
    return type_of(name, hints[parameter])


def type_of(name: str, given: object) -> DataType:
    """Return the SQL type that an annotation or a type's name means.

    Raises
    ------
    ExtensionError
        BAD_ARGUMENTS.
    """
    if isinstance(given, DataType):
        return given
    if isinstance(given, str):
        try:
            return parse_type(given.strip("'\""))
        except MiniDBError as error:
            raise ExtensionError(BAD_ARGUMENTS, f"{name}: {error.message}") from error
    known = PYTHON_TYPES.get(given) if isinstance(given, type) else None
    if known is not None:
        return known
    origin, inner = typing.get_origin(given), typing.get_args(given)
    if origin is list and len(inner) == 1:
        return ArrayType(type_of(name, inner[0]))
    if origin is tuple and inner:
        return TupleType(tuple(type_of(name, part) for part in inner))
    if origin in {typing.Union, types.UnionType} and len(inner) == 2 and type(None) in inner:
        (bare,) = (part for part in inner if part is not type(None))
        return NullableType(type_of(name, bare))
    message = f"{given!r} in the signature of {name} stands for no SQL type"
    hint = "give args= and returns= as ClickHouse's types"
    raise ExtensionError(BAD_ARGUMENTS, message, hint=hint)
