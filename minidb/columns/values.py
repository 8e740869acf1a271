"""From Python values to a column, with every value checked against the type."""

from __future__ import annotations

import datetime
import decimal
import math
import uuid
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from minidb.columns.base import Column
from minidb.columns.bits import BitsColumn
from minidb.columns.make import empty_column
from minidb.columns.nested import ArrayColumn, NullableColumn, TupleColumn
from minidb.columns.numeric import EXACT, NumericColumn
from minidb.columns.strings import FixedStringColumn, StringColumn
from minidb.columns.text_uuids import uuids_of_bytes
from minidb.columns.wide import WideColumn, ints_to_lanes
from minidb.errors import (
    ARGUMENT_OUT_OF_BOUND,
    CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN,
    TOO_LARGE_STRING_SIZE,
    TYPE_MISMATCH,
    UNKNOWN_ELEMENT_OF_ENUM,
    ValueExecutionError,
    did_you_mean,
)
from minidb.types import (
    ArrayType,
    BitsType,
    BoolType,
    DataType,
    DateTimeType,
    DateType,
    DecimalType,
    EnumType,
    FixedStringType,
    FloatType,
    IntType,
    MapType,
    NothingType,
    NullableType,
    StringType,
    TupleType,
    UUIDType,
    numpy_dtype,
)

EPOCH_DAY = datetime.date(1970, 1, 1).toordinal()
MAX_DAY = 65_535
MAX_SECOND = (1 << 32) - 1


def column_from_values(data_type: DataType, values: Sequence[object]) -> Column:
    """Build a column of `data_type` from Python values, one per row.

    Parameters
    ----------
    data_type : DataType
        The type of the column.
    values : sequence
        What `Column.to_pylist` returns for that type; whole floats do for integers, any
        sequence for an Array, str or bytes for text.

    Raises
    ------
    ValueExecutionError
        TYPE_MISMATCH for a value of another kind, ARGUMENT_OUT_OF_BOUND for a number outside
        the type, CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN for None where NULL is not allowed.
    """
    match data_type:
        case NullableType(inner=inner):
            mask = np.fromiter((v is None for v in values), np.bool_, len(values))
            filler = _default_value(inner)
            filled = [filler if v is None else v for v in values]
            return NullableColumn(data_type, column_from_values(inner, filled), mask)
        case ArrayType():
            return _array(data_type, values)
        case TupleType():
            return _tuple(data_type, values)
        case StringType():
            return StringColumn.from_bytes(_text(data_type, v) for v in values)
        case FixedStringType(width=width):
            return _fixed(data_type, width, values)
        case BitsType(n_bits=n_bits):
            rows = [_bits(data_type, n_bits, v) for v in values]
            if not rows:
                return empty_column(data_type)
            return BitsColumn.from_bytes01(
                np.frombuffer(b"".join(rows), np.uint8).reshape(-1, n_bits)
            )
        case IntType(is_wide=True):
            return WideColumn(
                data_type, ints_to_lanes(data_type, [_int(data_type, v) for v in values])
            )
        case UUIDType():
            return _uuids(data_type, values)
        case DecimalType(is_wide=True):
            scaled = [_scaled(data_type, v) for v in values]
            return WideColumn(data_type, ints_to_lanes(data_type, scaled))
        case _:
            convert = _converter(data_type)
            numbers = [convert(v) for v in values]
            return NumericColumn(data_type, np.array(numbers, dtype=numpy_dtype(data_type)))


def _default_value(data_type: DataType) -> object:
    """Return a legal Python value to stand under a NULL."""
    match data_type:
        case StringType() | FixedStringType():
            return ""
        case DateType():
            return datetime.date(1970, 1, 1)
        case DateTimeType():
            return datetime.datetime(1970, 1, 1)
        case BitsType(n_bits=n_bits):
            return "0" * n_bits
        case EnumType(entries=entries):
            return entries[0][0]
        case UUIDType():
            return uuid.UUID(int=0)
        case _:
            return 0


def _refuse(data_type: DataType, value: object) -> ValueExecutionError:
    """Return the error for a value of the wrong kind."""
    if value is None:
        return ValueExecutionError(
            CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN, f"NULL does not fit {data_type.name}"
        )
    return ValueExecutionError(TYPE_MISMATCH, f"{_shown(value)} does not fit {data_type.name}")


def _shown(value: object) -> str:
    """Return a value as Python writes it, cut where it is long."""
    try:
        text = repr(value)
    except ValueError:
        # Python refuses to write integers of thousands of digits.
        return f"a {type(value).__name__} with a very large number"
    return text if len(text) <= 60 else text[:57] + "..."


def _converter(data_type: DataType) -> Callable[[object], object]:
    """Return the function from one Python value to the number that is stored."""
    match data_type:
        case BoolType():
            return lambda v: _int(IntType(8, False), v) != 0
        case IntType():
            return lambda v: _int(data_type, v)
        case DecimalType():
            return lambda v: _scaled(data_type, v)
        case EnumType(entries=entries):
            by_text = dict(entries)
            return lambda v: _member(data_type, by_text, v)
        case FloatType():
            return lambda v: _float(data_type, v)
        case DateType():
            return lambda v: _day(data_type, v)
        case DateTimeType():
            return lambda v: _second(data_type, v)
        case _:
            return lambda v: _nothing(data_type, v)


def _nothing(data_type: DataType, value: object) -> int:
    is_filler = value is None or (isinstance(value, int) and value == 0)
    if isinstance(data_type, NothingType) and is_filler:
        return 0
    raise _refuse(data_type, value)


def _int(data_type: IntType, value: object) -> int:
    if isinstance(value, float | np.floating) and math.isfinite(value) and value == int(value):
        value = int(value)
    # NumPy counts a span of time among the integers.
    if isinstance(value, np.timedelta64) or not isinstance(value, int | np.integer | np.bool_):
        raise _refuse(data_type, value)
    number = int(value)
    if not data_type.minimum <= number <= data_type.maximum:
        message = f"{_shown(number)} is outside {data_type.name} "
        message += f"({data_type.minimum} to {data_type.maximum})"
        raise ValueExecutionError(ARGUMENT_OUT_OF_BOUND, message)
    return number


def _uuids(data_type: UUIDType, values: Sequence[object]) -> Column:
    for value in values:
        if not isinstance(value, uuid.UUID):
            raise _refuse(data_type, value)
    raw = b"".join(value.bytes for value in values if isinstance(value, uuid.UUID))
    return uuids_of_bytes(np.frombuffer(raw, np.uint8).reshape(-1, 16))


def _member(data_type: EnumType, by_text: Mapping[str, int], value: object) -> int:
    """Return the number of a text, or a number that is one of the type's."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", "surrogateescape")
    if isinstance(value, str) and value in by_text:
        return by_text[value]
    if isinstance(value, int) and value in by_text.values():
        return int(value)
    if value is None or not isinstance(value, int | str):
        raise _refuse(data_type, value)
    hint = did_you_mean(value, by_text) if isinstance(value, str) else None
    message = f"{_shown(value)} is no element of {data_type.name}"
    raise ValueExecutionError(UNKNOWN_ELEMENT_OF_ENUM, message, hint=hint)


def _scaled(data_type: DecimalType, value: object) -> int:
    """Return a number times 10**scale; digits past the scale are cut off."""
    if isinstance(value, np.timedelta64):
        raise _refuse(data_type, value)
    if isinstance(value, float | np.floating):
        # The shortest text that reads back is what somebody wrote.
        value = decimal.Decimal(repr(float(value)))
    elif isinstance(value, int | np.integer):
        value = decimal.Decimal(int(value))
    if not isinstance(value, decimal.Decimal) or not value.is_finite():
        raise _refuse(data_type, value)
    # Far outside there is nothing to scale, and the power of ten would be huge.
    is_over = bool(value) and value.adjusted() >= data_type.precision
    number = 0 if is_over else int(EXACT.scaleb(value, data_type.scale))
    if is_over or abs(number) >= 10**data_type.precision:
        message = f"{_shown(value)} is outside {data_type.name}"
        raise ValueExecutionError(ARGUMENT_OUT_OF_BOUND, message)
    return number


def _float(data_type: DataType, value: object) -> float:
    if isinstance(value, np.timedelta64):
        raise _refuse(data_type, value)
    if not isinstance(value, int | float | np.integer | np.floating):
        raise _refuse(data_type, value)
    try:
        return float(value)
    except OverflowError:
        raise ValueExecutionError(
            ARGUMENT_OUT_OF_BOUND, f"{data_type.name} cannot hold so large an integer"
        ) from None


def _day(data_type: DataType, value: object) -> int:
    if not isinstance(value, datetime.date) or isinstance(value, datetime.datetime):
        raise _refuse(data_type, value)
    return _bounded(data_type, value, value.toordinal() - EPOCH_DAY, MAX_DAY)


def _second(data_type: DataType, value: object) -> int:
    if not isinstance(value, datetime.datetime):
        raise _refuse(data_type, value)
    aware = value if value.tzinfo is not None else value.replace(tzinfo=datetime.UTC)
    return _bounded(data_type, value, math.floor(aware.timestamp()), MAX_SECOND)


def _bounded(data_type: DataType, value: object, number: int, limit: int) -> int:
    if not 0 <= number <= limit:
        message = f"{value} is outside {data_type.name}"
        raise ValueExecutionError(ARGUMENT_OUT_OF_BOUND, message)
    return number


def _text(data_type: DataType, value: object) -> bytes:
    if isinstance(value, str):
        try:
            return value.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            # A surrogate that stands for no byte still has a form; nothing is lost by it.
            return value.encode("utf-8", "surrogatepass")
    if isinstance(value, bytes | bytearray):
        return bytes(value)
    raise _refuse(data_type, value)


def _fixed(data_type: FixedStringType, width: int, values: Sequence[object]) -> Column:
    rows = []
    for value in values:
        text = _text(data_type, value)
        if len(text) > width:
            message = f"{len(text)} bytes do not fit {data_type.name}"
            raise ValueExecutionError(TOO_LARGE_STRING_SIZE, message)
        rows.append(text.ljust(width, b"\0"))
    matrix = np.frombuffer(b"".join(rows), np.uint8).reshape(len(rows), width)
    return FixedStringColumn(data_type, matrix)


def _bits(data_type: DataType, n_bits: int, value: object) -> bytes:
    """Return the bits of a str of ``0`` and ``1`` as bytes 0 and 1."""
    if not isinstance(value, str) or len(value) != n_bits or value.strip("01"):
        raise _refuse(data_type, value)
    return value.encode("ascii").translate(bytes.maketrans(b"01", b"\0\1"))


def _pairs(value: object) -> object:
    """Return a dict as a list of pairs; any other value as it is."""
    return list(value.items()) if isinstance(value, Mapping) else value


def _array(data_type: ArrayType, values: Sequence[object]) -> Column:
    flat: list[object] = []
    offsets = np.zeros(len(values) + 1, np.int64)
    for row, given in enumerate(values):
        value = _pairs(given) if isinstance(data_type, MapType) else given
        if isinstance(value, str | bytes) or not isinstance(value, Sequence | np.ndarray):
            raise _refuse(data_type, value)
        if isinstance(value, np.ndarray) and not value.ndim:
            raise _refuse(data_type, value)
        flat.extend(value)
        offsets[row + 1] = len(flat)
    return ArrayColumn(data_type, offsets, column_from_values(data_type.element, flat))


def _tuple(data_type: TupleType, values: Sequence[object]) -> Column:
    size = len(data_type.elements)
    for value in values:
        if not isinstance(value, tuple | list) or len(value) != size:
            raise _refuse(data_type, value)
    children = tuple(
        column_from_values(element, [value[i] for value in values])  # type: ignore[index] # a tuple or list, by the check above
        for i, element in enumerate(data_type.elements)
    )
    return TupleColumn(data_type, children, len(values))
