"""Conversion of a column to another type, as ClickHouse's CAST does it."""

from __future__ import annotations

import numpy as np

from minidb.columns import (
    ArrayColumn,
    BitsColumn,
    BoolArray,
    Column,
    FixedStringColumn,
    NullableColumn,
    NumericColumn,
    StringColumn,
    TupleColumn,
    WideColumn,
    default_column,
)
from minidb.columns.no_numpy_way import DECIMAL_TEXT
from minidb.columns.text import parse_text, render_text
from minidb.columns.text_layout import padded_matrix
from minidb.errors import (
    ARGUMENT_OUT_OF_BOUND,
    CANNOT_CONVERT_TYPE,
    CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN,
    CANNOT_PARSE_DATE,
    CANNOT_PARSE_DATETIME,
    CANNOT_PARSE_NUMBER,
    CANNOT_PARSE_TEXT,
    CANNOT_PARSE_UUID,
    SIZES_OF_ARRAYS_DONT_MATCH,
    TOO_LARGE_STRING_SIZE,
    TYPE_MISMATCH,
    UNKNOWN_ELEMENT_OF_ENUM,
    BindError,
    ErrorCode,
    ValueExecutionError,
    did_you_mean,
)
from minidb.functions.cast_decimals import from_decimal, to_decimal
from minidb.functions.cast_enums import to_enum
from minidb.functions.cast_numbers import (
    cast_number,
    cast_to_date,
    cast_to_datetime,
    is_plain_number,
    lanes_of,
)
from minidb.types import (
    AggregateStateType,
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
    is_number,
    is_numeric,
    is_string_like,
    without_null,
)

SHOWN_BYTES = 40


def can_cast(source: DataType, target: DataType) -> bool:
    """Tell whether CAST from one type to the other exists (single values may still fail)."""
    source, target = without_null(source), without_null(target)
    if source == target or isinstance(source, NothingType) or isinstance(target, StringType):
        return True
    if isinstance(source, StringType):
        return not isinstance(target, NothingType | AggregateStateType)
    match target:
        case BoolType() | IntType() | FloatType() if isinstance(source, DecimalType | EnumType):
            return True
        case IntType() if isinstance(source, UUIDType):
            return not target.is_signed and target.bits == 128
        case UUIDType():
            return isinstance(source, FixedStringType)
        case EnumType():
            return is_number(source) or isinstance(source, EnumType | FixedStringType)
        case BoolType() | IntType() | FloatType() | DateType() | DateTimeType():
            return is_plain_number(source) or _is_text_or_bits(source, target)
        case DecimalType():
            return is_numeric(source) or isinstance(source, FixedStringType)
        case FixedStringType():
            return is_string_like(source)
        case BitsType():
            return isinstance(source, FixedStringType) or _is_unsigned(source)
        case MapType(key=key, value=value) if isinstance(source, TupleType):
            types = source.elements
            is_pair = len(types) == 2 and all(isinstance(t, ArrayType) for t in types)
            return is_pair and can_cast(source, TupleType((ArrayType(key), ArrayType(value))))
        case ArrayType(element=element):
            return isinstance(source, ArrayType) and can_cast(source.element, element)
        case TupleType(elements=elements):
            if not isinstance(source, TupleType) or len(source.elements) != len(elements):
                return False
            pairs = zip(source.elements, elements, strict=True)
            return all(can_cast(a, b) for a, b in pairs)
        case _:
            return False


def _is_unsigned(data_type: DataType) -> bool:
    return isinstance(data_type, IntType) and not data_type.is_signed


def _is_text_or_bits(source: DataType, target: DataType) -> bool:
    if isinstance(source, BitsType):
        return _is_unsigned(target)
    return isinstance(source, FixedStringType)


def check_cast(source: DataType, target: DataType) -> None:
    """Refuse a pair of types that CAST does not connect.

    Raises
    ------
    BindError
        TYPE_MISMATCH.
    """
    if not can_cast(source, target):
        raise BindError(TYPE_MISMATCH, f"{source.name} cannot be cast to {target.name}")


def cast_column(column: Column, target: DataType) -> Column:
    """Convert every value of a column.

    Parameters
    ----------
    column : Column, n rows
        Of any type.
    target : DataType
        The type of the result.

    Returns
    -------
    Column, n rows
        Integers wrap around, floats are cut to whole numbers, text is read whole. Into
        Nullable, text that cannot be read becomes NULL, as in ClickHouse.

    Raises
    ------
    BindError
        TYPE_MISMATCH when there is no such conversion.
    ValueExecutionError
        CANNOT_PARSE_TEXT, CANNOT_PARSE_NUMBER, CANNOT_PARSE_DATE or CANNOT_PARSE_DATETIME for
        text, CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN for NULL to a type without it,
        CANNOT_CONVERT_TYPE for NaN to an integer, TOO_LARGE_STRING_SIZE for FixedString.
    """
    if column.type == target:
        return column
    check_cast(column.type, target)
    if isinstance(without_null(column.type), NothingType):
        return _cast_nothing(column, target)
    if isinstance(column, NullableColumn):
        return _cast_nullable(column, target)
    if isinstance(target, NullableType) and not isinstance(target.inner, EnumType):
        if isinstance(column, StringColumn | FixedStringColumn):
            return parse_or_null(column, target)
        values = cast_column(column, target.inner)
        return NullableColumn(target, values, np.broadcast_to(np.False_, len(column)))
    if isinstance(target, NullableType):
        # A text that is no element is an error here, too.
        values = cast_column(column, target.inner)
        return NullableColumn(target, values, np.broadcast_to(np.False_, len(column)))
    return _cast_bare(column, target)


def _cast_nothing(column: Column, target: DataType) -> Column:
    if isinstance(target, NullableType) or not len(column):
        return default_column(target, len(column))
    hint = f"Nullable({target.name}) holds NULL"
    message = f"NULL cannot be converted to {target.name}"
    raise ValueExecutionError(CANNOT_CONVERT_TYPE, message, hint=hint)


def _refused_null(target: DataType) -> ValueExecutionError:
    message = f"NULL cannot be converted to {target.name}"
    hint = f"Nullable({target.name}) holds NULL"
    return ValueExecutionError(CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN, message, hint=hint)


def _cast_nullable(column: NullableColumn, target: DataType) -> Column:
    """Convert the values that are there; what stands under a NULL must not fail."""
    if not isinstance(target, NullableType):
        if column.is_null.any():
            raise _refused_null(target)
        return cast_column(column.inner, target)
    if column.type.inner == target.inner:
        return NullableColumn(target, column.inner, column.is_null)
    if not column.is_null.any():
        return cast_column(column.inner, target)
    rows = np.flatnonzero(~column.is_null)
    if not len(rows):
        return default_column(target, len(column))
    part = cast_column(column.inner.take(rows), target)
    source = np.zeros(len(column), np.intp)
    source[rows] = np.arange(len(rows))
    spread = part.take(source)
    if not isinstance(spread, NullableColumn):
        return spread
    return NullableColumn(target, spread.inner, spread.is_null | column.is_null)


def _cast_bare(column: Column, target: DataType) -> Column:
    """Convert between types without Nullable around them."""
    match target, column:
        case StringType(), _:
            return to_text(column)
        case FixedStringType(width=width), StringColumn() | FixedStringColumn():
            text = to_text(column)
            if (text.lengths > width).any():
                message = f"{int(text.lengths.max())} bytes do not fit {target.name}"
                raise ValueExecutionError(TOO_LARGE_STRING_SIZE, message)
            return FixedStringColumn(target, padded_matrix(text, width))
        case _, StringColumn() | FixedStringColumn():
            return _parse_all(to_text(column), target)
        case DecimalType(), _:
            return to_decimal(column, target)
        case EnumType(), _:
            return to_enum(column, target)
        case BoolType() | IntType() | FloatType(), NumericColumn() if isinstance(
            column.type, EnumType
        ):
            numbers = NumericColumn(IntType(column.type.bits, True), column.values)
            return cast_column(numbers, target)
        case IntType(), WideColumn() if isinstance(column.type, UUIDType):
            return WideColumn(target, np.ascontiguousarray(column.lanes[:, ::-1]))
        case BoolType() | IntType() | FloatType(), _ if isinstance(column.type, DecimalType):
            return from_decimal(column, column.type, target)
        case BitsType(), _:
            return _bits_from_integer(column, target)
        case IntType(), BitsColumn():
            return _integer_from_bits(column, target)
        case BoolType() | IntType() | FloatType(), _:
            return cast_number(column, target)
        case DateType(), _:
            return cast_to_date(column)
        case DateTimeType(), _:
            return cast_to_datetime(column)
        case MapType(), TupleColumn():
            return map_of_arrays(column, target)
        case ArrayType(element=element), ArrayColumn():
            whole = column.compact()
            return ArrayColumn(target, whole.offsets, cast_column(whole.child, element))
        case TupleType(elements=elements), TupleColumn():
            pairs = zip(column.children, elements, strict=True)
            return TupleColumn(target, tuple(cast_column(c, t) for c, t in pairs), len(column))
        case _:
            message = f"{column.type.name} cannot be cast to {target.name}"
            raise BindError(TYPE_MISMATCH, message)


def to_text(column: Column) -> StringColumn:
    """Return the text form of each value; a FixedString loses the zero bytes at its end."""
    if isinstance(column, FixedStringColumn):
        data = np.ascontiguousarray(column.data)
        is_text = np.logical_or.accumulate(data[:, ::-1] != 0, axis=1)[:, ::-1]
        offsets = np.zeros(len(data) + 1, np.int64)
        np.cumsum(is_text.sum(axis=1), out=offsets[1:])
        return StringColumn(offsets, data[is_text])
    return render_text(column)


def map_of_arrays(pair: TupleColumn, target: MapType) -> ArrayColumn:
    """Return maps from an array of keys and one of values.

    Raises
    ------
    ValueExecutionError
        SIZES_OF_ARRAYS_DONT_MATCH where a row has more of the one than of the other.
    """
    kinds = (target.key, target.value)
    found = [cast_column(c, ArrayType(t)) for c, t in zip(pair.children, kinds, strict=True)]
    keys, values = (c.compact() for c in found if isinstance(c, ArrayColumn))
    if not np.array_equal(keys.offsets, values.offsets):
        message = "a map needs as many keys as values in every row"
        raise ValueExecutionError(SIZES_OF_ARRAYS_DONT_MATCH, message)
    pairs = TupleColumn(TupleType(kinds), (keys.child, values.child), len(keys.child))
    return ArrayColumn(target, keys.offsets, pairs)


def _bits_from_integer(column: Column, target: BitsType) -> Column:
    """Read an unsigned integer as bits, bit 0 the least significant; the top may be cut off."""
    words = lanes_of(column, max(target.n_words, 4))[:, : target.n_words].copy()
    tail = target.n_bits % 64
    if tail:
        words[:, -1] &= np.uint64((1 << tail) - 1)
    return BitsColumn(target, words)


def _integer_from_bits(column: BitsColumn, target: IntType) -> Column:
    """Read bits as an integer, bit 0 the least significant; bits past the type are cut off."""
    wide = IntType(256, False)
    lanes = np.zeros((len(column), 4), np.uint64)
    n_words = min(4, column.type.n_words)
    lanes[:, :n_words] = column.words[:, :n_words]
    return cast_number(WideColumn(wide, lanes), target)


def parse_or_null(column: Column, target: NullableType) -> Column:
    """Read text; what cannot be read, or does not fit, becomes NULL."""
    inner = without_null(target)
    if isinstance(inner, FixedStringType) and isinstance(column, FixedStringColumn):
        column = to_text(column)
    if is_string_like(inner):
        values = cast_column(column, inner)
        return NullableColumn(target, values, np.broadcast_to(np.False_, len(column)))
    values, ok = parse_text(to_text(column), target, is_strict=True)
    if not isinstance(values, NullableColumn):
        return values
    return NullableColumn(target, values.inner, values.is_null | ~ok)


def _parse_all(strings: StringColumn, target: DataType) -> Column:
    """Read every text, or refuse the first that is none of `target`."""
    values, ok = parse_text(strings, target)
    if not ok.all():
        raise parse_error(strings, ok, target)
    return values


def parse_error(strings: StringColumn, ok: BoolArray, target: DataType) -> ValueExecutionError:
    """Return the error that names the first text that was not read."""
    row = int(np.flatnonzero(~ok)[0])
    value = strings.slice(row, row + 1).to_bytes()[0]
    shown = value.decode("utf-8", "replace")
    shown = shown if len(shown) <= SHOWN_BYTES else shown[:SHOWN_BYTES] + "..."
    message = f"{shown!r} cannot be read as {target.name}"
    hint = None
    if isinstance(target, EnumType):
        hint = did_you_mean(value.decode("utf-8", "replace"), [text for text, _ in target.entries])
    if isinstance(target, BoolType | IntType | FloatType | DateType | DateTimeType):
        family = f"to{target.name}"
        hint = f"{family}OrNull and {family}OrZero give NULL or 0 instead"
    return ValueExecutionError(_parse_code(value, target), message, hint=hint)


def _parse_code(value: bytes, target: DataType) -> ErrorCode:
    match target:
        case DecimalType() if DECIMAL_TEXT.fullmatch(value) and value[-1:].isdigit():
            return ARGUMENT_OUT_OF_BOUND
        case EnumType():
            return UNKNOWN_ELEMENT_OF_ENUM
        case UUIDType():
            return CANNOT_PARSE_UUID
        case DateType():
            return CANNOT_PARSE_DATE
        case DateTimeType():
            return CANNOT_PARSE_DATETIME
        case IntType() | FloatType() if value[:1] in {b"", b"-", b"+"}:
            return CANNOT_PARSE_NUMBER
        case _:
            return CANNOT_PARSE_TEXT


def refuse_lossy(source: DataType, target: DataType) -> ValueExecutionError:
    """Return the error of a conversion that would change a value."""
    message = f"a value of {source.name} does not fit {target.name} exactly"
    return ValueExecutionError(CANNOT_CONVERT_TYPE, message)
