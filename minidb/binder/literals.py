"""Constants of a statement: literals as written, and values passed as parameters."""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Mapping

import numpy as np

from minidb.errors import (
    TOO_DEEP_RECURSION,
    WRONG_PARAMETERS,
    BindError,
    InterfaceError,
    MiniDBError,
)
from minidb.expr import Constant, constant_from_value
from minidb.source import Span
from minidb.types import (
    ArrayType,
    BoolType,
    DataType,
    DateTimeType,
    DateType,
    DecimalType,
    FloatType,
    IntType,
    NothingType,
    NullableType,
    StringType,
    TupleType,
    UUIDType,
    map_of,
)
from minidb.types.family import DECIMAL_BITS
from minidb.types.literals import integer_literal_type
from minidb.types.names import MAX_TYPE_DEPTH
from minidb.types.promotion import common_type


def bind_value(value: object, span: Span | None) -> Constant:
    """Return the constant of a literal or parameter, in the narrowest type that holds it.

    Raises
    ------
    InterfaceError
        WRONG_PARAMETERS for a Python object that is no SQL value.
    """
    try:
        return constant_from_value(value_type(value), _plain(value), span)
    except MiniDBError as error:
        error.span = error.span or span
        raise


def value_type(value: object, depth: int = 0) -> DataType:
    """Return the type that a Python value has as a constant; `depth` lists are around it.

    Raises
    ------
    BindError
        TOO_DEEP_RECURSION.
    InterfaceError
        WRONG_PARAMETERS for a Python object that is no SQL value.
    """
    if depth > MAX_TYPE_DEPTH:
        message = f"a value nested over {MAX_TYPE_DEPTH} levels"
        raise BindError(TOO_DEEP_RECURSION, message)
    match value:
        case None:
            return NullableType(NothingType())
        case bool() | np.bool_():
            return BoolType()
        case np.timedelta64():  # a np.integer, but no number
            raise _no_parameter(value)
        case int() | np.integer():
            return _integer_type(int(value))
        case float() | np.floating():
            return FloatType(64)
        case uuid.UUID():
            return UUIDType()
        case decimal.Decimal():
            return _decimal_type(value)
        case str() | bytes() | bytearray():
            return StringType()
        case datetime.datetime():
            return DateTimeType()
        case datetime.date():
            return DateType()
        case np.ndarray(ndim=0):
            return value_type(value.tolist(), depth)
        case dict():
            keys = [value_type(key, depth + 1) for key in value]
            items = [value_type(item, depth + 1) for item in value.values()]
            nothing = NothingType()
            return map_of(*(common_type(t) if t else nothing for t in (keys, items)))
        case list() | np.ndarray():
            items = [value_type(item, depth + 1) for item in value]
            return ArrayType(common_type(items) if items else NothingType())
        case tuple():
            return TupleType(tuple(value_type(item, depth + 1) for item in value))
        case _:
            raise _no_parameter(value)


def _decimal_type(value: decimal.Decimal) -> DataType:
    """Return the Decimal that holds a number exactly, with at least the digits of 64 bits."""
    exponent = value.as_tuple().exponent
    if not isinstance(exponent, int):
        raise _no_parameter(value)
    scale = max(0, -exponent)
    digits = max(value.adjusted() + 1, 0) + scale
    for precision in DECIMAL_BITS:
        if max(digits, scale) <= precision:
            return DecimalType(precision, scale)
    message = f"a Decimal of {digits} digits is more than a parameter can hold"
    raise InterfaceError(WRONG_PARAMETERS, message)


def _no_parameter(value: object) -> InterfaceError:
    """Return the error for a Python object that is no SQL value."""
    message = f"a {type(value).__name__} cannot be a parameter"
    hint = "pass None, bool, int, float, Decimal, UUID, str, bytes, date, datetime, list, tuple or dict"
    return InterfaceError(WRONG_PARAMETERS, message, hint=hint)


def _integer_type(value: int) -> DataType:
    """Return the narrowest integer type of any width, so that a parameter is never rounded."""
    narrow = integer_literal_type(value)
    if isinstance(narrow, IntType):
        return narrow
    for bits in (128, 256):
        wide = IntType(bits, value < 0)
        if wide.minimum <= value <= wide.maximum:
            return wide
    return FloatType(64)


def bind_literal(value: object, span: Span | None) -> Constant:
    """Return the constant of a literal in the text; over 64 bits it is a Float64, as in ClickHouse.

    Raises
    ------
    ValueExecutionError
        ARGUMENT_OUT_OF_BOUND for an integer that is too large even for Float64.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        return constant_from_value(integer_literal_type(value), value, span)
    return bind_value(value, span)


def _plain(value: object) -> object:
    """Return NumPy arrays as lists; other values as they are."""
    return value.tolist() if isinstance(value, np.ndarray) else value


def bind_parameter(key: int | str, parameters: Mapping[int | str, object], span: Span) -> Constant:
    """Return the constant of ``?`` or ``%(name)s``.

    Raises
    ------
    BindError
        WRONG_PARAMETERS when no value was passed for it.
    """
    if key not in parameters:
        shown = f"parameter {key + 1}" if isinstance(key, int) else f"parameter {key!r}"
        given = len(parameters)
        message = f"no value was passed for {shown}; {given} given"
        raise BindError(WRONG_PARAMETERS, message, span=span)
    return bind_value(parameters[key], span)
