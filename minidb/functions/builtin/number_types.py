"""The result types of arithmetic, as ClickHouse finds them."""

from __future__ import annotations

from minidb.errors import ILLEGAL_TYPE_OF_ARGUMENT, BindError
from minidb.types import BoolType, DataType, FloatType, IntType

MAX_PLAIN_BITS = 64
FLOAT64 = FloatType(64)


def as_number(data_type: DataType) -> IntType | FloatType | None:
    """Return a number type, Bool as UInt8; None for every other type."""
    if isinstance(data_type, BoolType):
        return IntType(8, False)
    return data_type if isinstance(data_type, IntType | FloatType) else None


def number_pair(
    function: str, left: DataType, right: DataType
) -> tuple[IntType | FloatType, IntType | FloatType]:
    """Return both types as numbers.

    Raises
    ------
    BindError
        ILLEGAL_TYPE_OF_ARGUMENT when one is not a number.
    """
    a, b = as_number(left), as_number(right)
    if a is None or b is None:
        raise illegal_pair(function, left, right)
    return a, b


def illegal_pair(function: str, left: DataType, right: DataType) -> BindError:
    """Return the error for two types that do not go together."""
    message = f"{function} does not take {left.name} and {right.name}"
    return BindError(ILLEGAL_TYPE_OF_ARGUMENT, message)


def illegal_type(function: str, data_type: DataType, wanted: str) -> BindError:
    """Return the error for an argument of a type that a function does not take."""
    message = f"{function} takes {wanted}, not {data_type.name}"
    return BindError(ILLEGAL_TYPE_OF_ARGUMENT, message)


def next_bits(bits: int) -> int:
    """Return the width that a sum of two such integers needs; from 64 bits on it stays."""
    return bits * 2 if bits < MAX_PLAIN_BITS else bits


def sum_type(function: str, left: DataType, right: DataType) -> IntType | FloatType:
    """Return the type of a sum or product: one width up, signed if one side is."""
    a, b = number_pair(function, left, right)
    if isinstance(a, IntType) and isinstance(b, IntType):
        bits = next_bits(max(a.bits, b.bits))
        return IntType(bits, a.is_signed or b.is_signed)
    _refuse_wide_with_float(function, a, b)
    return FLOAT64


def difference_type(function: str, left: DataType, right: DataType) -> IntType | FloatType:
    """Return the type of a difference: as of a sum, but always signed."""
    result = sum_type(function, left, right)
    return IntType(result.bits, True) if isinstance(result, IntType) else result


def quotient_type(function: str, left: DataType, right: DataType) -> IntType:
    """Return the type of a whole quotient: the width of the left side."""
    a, b = number_pair(function, left, right)
    is_signed = any(not isinstance(t, IntType) or t.is_signed for t in (a, b))
    return IntType(a.bits, is_signed)


def remainder_type(function: str, left: DataType, right: DataType) -> IntType | FloatType:
    """Return the type of a remainder: the right side's width, with the left side's sign."""
    a, b = number_pair(function, left, right)
    if not isinstance(a, IntType) or not isinstance(b, IntType):
        return FLOAT64
    return IntType(next_bits(b.bits), True) if a.is_signed else IntType(b.bits, False)


def bitwise_type(function: str, left: DataType, right: DataType) -> IntType:
    """Return the type of a bitwise operation: the wider one, signed if one side is."""
    a, b = number_pair(function, left, right)
    if not isinstance(a, IntType) or not isinstance(b, IntType):
        raise illegal_pair(function, left, right)
    return IntType(max(a.bits, b.bits), a.is_signed or b.is_signed)


def extreme_type(left: DataType, right: DataType, *, is_greatest: bool) -> DataType | None:
    """Return the type of the greatest or least of two integers; None for no such type.

    The greatest of a UInt64 and an Int64 fits UInt64, the least fits Int64.
    """
    a, b = as_number(left), as_number(right)
    if not isinstance(a, IntType) or not isinstance(b, IntType):
        return None
    if a.is_signed == b.is_signed:
        return IntType(max(a.bits, b.bits), a.is_signed)
    signed, unsigned = (a, b) if a.is_signed else (b, a)
    if signed.bits == unsigned.bits == MAX_PLAIN_BITS:
        return IntType(MAX_PLAIN_BITS, not is_greatest)
    if unsigned.bits < signed.bits:
        return signed
    return IntType(unsigned.bits * 2, True) if unsigned.bits < 256 else None


def _refuse_wide_with_float(function: str, a: DataType, b: DataType) -> None:
    if any(isinstance(t, IntType) and t.is_wide for t in (a, b)):
        raise illegal_pair(function, a, b)
