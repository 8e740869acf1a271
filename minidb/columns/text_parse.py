"""Reading values from their text form, whole columns at a time."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from minidb.columns.base import BoolArray, Column
from minidb.columns.bits import BitsColumn
from minidb.columns.make import default_column
from minidb.columns.nested import NullableColumn
from minidb.columns.no_numpy_way import parse_nested, parse_wide
from minidb.columns.numeric import NumericColumn
from minidb.columns.strings import FixedStringColumn, StringColumn
from minidb.columns.text_decimals import parse_decimals
from minidb.columns.text_enums import parse_enums
from minidb.columns.text_layout import Bytes, padded_matrix
from minidb.columns.text_maps import parse_maps
from minidb.columns.text_moments import parse_dates, parse_datetimes
from minidb.columns.text_uuids import parse_uuids
from minidb.columns.wide import WideColumn
from minidb.errors import InternalError
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

# Texts up to this length are read side by side; a longer number is rare and read alone.
MAX_MATRIX_WIDTH = 48
MAX_INT64_DIGITS = 18
MAX_DIGIT = 9
TRUE_WORDS = (b"true", b"1", b"t", b"y", b"yes", b"on", b"enable", b"enabled")
FALSE_WORDS = (b"false", b"0", b"f", b"n", b"no", b"off", b"disable", b"disabled")


def parse_text(
    strings: StringColumn, data_type: DataType, *, is_strict: bool = False
) -> tuple[Column, BoolArray]:
    r"""Read one value of `data_type` from each text.

    Parameters
    ----------
    strings : StringColumn, n rows
        The texts; nothing around a value is skipped.
    data_type : DataType
        Any type but a lambda's. Nullable reads ``NULL`` and ``\N`` as NULL.
    is_strict : bool
        Refuse integers outside the type, which otherwise wrap around as in ClickHouse.

    Returns
    -------
    column : Column, n rows
        The values, any legal one where the text is not read.
    ok : ndarray of bool, shape (n,)
        Whether the whole text was read.
    """
    match data_type:
        case StringType():
            return strings, np.ones(len(strings), np.bool_)
        case NullableType(inner=inner):
            return _parse_nullable(strings, data_type, inner, is_strict)
        case BoolType():
            return _parse_bools(strings)
        case IntType():
            return parse_integers(strings, data_type, is_strict=is_strict)
        case DecimalType():
            return parse_decimals(strings, data_type, is_strict=is_strict)
        case EnumType():
            return parse_enums(strings, data_type)
        case UUIDType():
            return parse_uuids(strings)
        case FloatType():
            return _parse_floats(strings, data_type)
        case DateType():
            return parse_dates(strings)
        case DateTimeType():
            return parse_datetimes(strings)
        case FixedStringType(width=width):
            ok = strings.lengths <= width
            return FixedStringColumn(data_type, padded_matrix(strings, width)), ok
        case BitsType():
            return _parse_bits(strings, data_type)
        case MapType():
            return parse_maps(strings, data_type, parse_text, is_strict=is_strict)
        case ArrayType() | TupleType():
            return parse_nested(strings, data_type, parse_text, is_strict=is_strict)
        case NothingType():
            return default_column(data_type, len(strings)), np.zeros(len(strings), np.bool_)
        case _:
            raise InternalError(f"no text form of {data_type.name}")


def equals_word(strings: StringColumn, word: bytes, *, any_case: bool = False) -> BoolArray:
    """Tell which texts are one word."""
    result: BoolArray = strings.lengths == len(word)
    rows = np.flatnonzero(result)
    at = strings.offsets[:-1][rows, None] + np.arange(len(word))
    letters = strings.data[at]
    if any_case:
        is_upper = (letters >= ord("A")) & (letters <= ord("Z"))
        letters = np.where(is_upper, letters | np.uint8(0x20), letters)
    result[rows] = (letters == np.frombuffer(word, np.uint8)).all(axis=1)
    return result


def _parse_nullable(
    strings: StringColumn, data_type: NullableType, inner: DataType, is_strict: bool
) -> tuple[Column, BoolArray]:
    is_null = equals_word(strings, b"NULL", any_case=True) | equals_word(strings, b"\\N")
    values, ok = parse_text(strings, inner, is_strict=is_strict)
    return NullableColumn(data_type, values, is_null), ok | is_null


def _parse_bools(strings: StringColumn) -> tuple[Column, BoolArray]:
    is_true = np.zeros(len(strings), np.bool_)
    is_false = np.zeros(len(strings), np.bool_)
    for word in TRUE_WORDS:
        is_true |= equals_word(strings, word, any_case=True)
    for word in FALSE_WORDS:
        is_false |= equals_word(strings, word, any_case=True)
    return NumericColumn(BoolType(), is_true.astype(np.uint8)), is_true | is_false


def _parse_bits(strings: StringColumn, data_type: BitsType) -> tuple[Column, BoolArray]:
    digits = padded_matrix(strings, data_type.n_bits)
    is_digit = ((digits == ord("0")) | (digits == ord("1"))).all(axis=1)
    bits = BitsColumn.from_bytes01((digits == ord("1")).astype(np.uint8))
    return bits, is_digit & (strings.lengths == data_type.n_bits)


def parse_integers(
    strings: StringColumn, data_type: IntType, *, is_strict: bool
) -> tuple[Column, BoolArray]:
    """Read decimal integers with an optional sign (no minus for unsigned types)."""
    lengths = strings.lengths
    longest = int(lengths.max(initial=0))
    first = np.zeros(len(strings), np.uint8)
    is_filled = lengths > 0
    first[is_filled] = strings.data[strings.offsets[:-1][is_filled]]
    is_minus = first == ord("-")
    has_sign = is_minus | (first == ord("+"))
    n_digits = lengths - has_sign
    value, ok = _read_digits(strings, n_digits, min(longest, MAX_MATRIX_WIDTH))
    if not data_type.is_signed:
        ok &= ~is_minus
    if longest <= MAX_INT64_DIGITS and not data_type.is_wide:
        signed = np.where(is_minus, np.negative(value), value)
        if is_strict:
            ok &= _fits(signed.view(np.int64), data_type)
        return NumericColumn(data_type, signed.astype(numpy_dtype(data_type))), ok
    return _parse_long_integers(strings, data_type, ok, is_strict)


def _read_digits(
    strings: StringColumn, n_digits: NDArray[np.int64], width: int
) -> tuple[NDArray[np.uint64], BoolArray]:
    """Read the last `n_digits` bytes of each text, modulo 2**64, and tell if they are digits."""
    n_kept = np.minimum(n_digits, width)
    starts = strings.offsets[1:] - n_kept
    # One row per place, the last digit in the last row; no digit counts as 0.
    places = np.zeros((width, len(strings)), np.uint8)
    ok = n_digits > 0
    value = np.zeros(len(strings), np.uint64)
    for place in range(width):
        at = starts + (place - width) + n_kept
        is_here = place >= width - n_kept
        digit = strings.data[np.where(is_here, at, 0)] - np.uint8(ord("0"))
        places[place] = np.where(is_here, digit, 0)
    ok &= places.max(axis=0, initial=0) <= MAX_DIGIT
    for digit in places:
        value *= np.uint64(10)
        value += digit
    return value, ok


def _fits(values: NDArray[np.int64], data_type: IntType) -> BoolArray:
    """Tell which values are inside a type of at most 64 bits."""
    upper = min(data_type.maximum, np.iinfo(np.int64).max)
    result: BoolArray = (values >= data_type.minimum) & (values <= upper)
    return result


def _parse_long_integers(
    strings: StringColumn, data_type: IntType, ok: BoolArray, is_strict: bool
) -> tuple[Column, BoolArray]:
    """Read integers that may need more than 64 bits."""
    texts = strings.to_bytes()
    ok = ok.copy()
    for row in np.flatnonzero(ok & (strings.lengths > MAX_MATRIX_WIDTH)).tolist():
        ok[row] = texts[row].lstrip(b"+-").isdigit()
    lanes, fits = parse_wide(texts, ok, data_type)
    if is_strict:
        ok &= fits
    if data_type.is_wide:
        return WideColumn(data_type, lanes), ok
    return NumericColumn(data_type, lanes[:, 0].astype(numpy_dtype(data_type))), ok


# The classes of bytes and the moves between states when a float is read; state 8 refuses.
_OTHER, _DIGIT, _SIGN, _POINT, _E, _END = range(6)
_START, _SIGNED, _WHOLE, _BARE_POINT, _FRACTION, _EXP, _EXP_SIGN, _EXP_DIGITS, _BAD = range(9)


def _float_moves() -> tuple[Bytes, Bytes]:
    """Return the class of each byte, and the next state by state and class."""
    classes = np.full(256, _OTHER, np.uint8)
    classes[ord("0") : ord("9") + 1] = _DIGIT
    classes[[ord("+"), ord("-")]] = _SIGN
    classes[ord(".")] = _POINT
    classes[[ord("e"), ord("E")]] = _E
    classes[0] = _END
    moves = np.full((9, 6), _BAD, np.uint8)
    moves[:, _END] = np.arange(9)
    moves[[_START, _SIGNED, _WHOLE], _DIGIT] = _WHOLE
    moves[[_BARE_POINT, _FRACTION], _DIGIT] = _FRACTION
    moves[[_EXP, _EXP_SIGN, _EXP_DIGITS], _DIGIT] = _EXP_DIGITS
    moves[_START, _SIGN], moves[_EXP, _SIGN] = _SIGNED, _EXP_SIGN
    moves[[_START, _SIGNED], _POINT] = _BARE_POINT
    moves[_WHOLE, _POINT] = _FRACTION
    moves[[_WHOLE, _FRACTION], _E] = _EXP
    return classes, moves


_CLASSES, _MOVES = _float_moves()
_SPECIAL_FLOATS = {b"inf": np.inf, b"infinity": np.inf, b"nan": np.nan}


def _parse_floats(strings: StringColumn, data_type: FloatType) -> tuple[Column, BoolArray]:
    lengths = strings.lengths
    width = max(1, int(lengths.max(initial=0)))
    matrix = padded_matrix(strings, width)
    classes = _CLASSES[matrix]
    # A zero byte inside the text is no end.
    classes[(matrix == 0) & (np.arange(width) < lengths[:, None])] = _OTHER
    state = np.zeros(len(strings), np.uint8)
    for j in range(width):
        state = _MOVES[state, classes[:, j]]
    ok = (state == _WHOLE) | (state == _FRACTION) | (state == _EXP_DIGITS)
    readable = np.where(ok[:, None], matrix, _zero_text(width))
    values = np.ascontiguousarray(readable).view(f"S{width}")[:, 0].astype(np.float64)
    if not ok.all():
        ok = _read_special(strings, values, ok)
    with np.errstate(over="ignore"):
        return NumericColumn(data_type, values.astype(numpy_dtype(data_type))), ok


def _zero_text(width: int) -> Bytes:
    text = np.zeros(width, np.uint8)
    text[0] = ord("0")
    return text


def _read_special(strings: StringColumn, values: NDArray[Any], ok: BoolArray) -> BoolArray:
    """Write infinities and NaN into `values`; return what is read now."""
    for word, value in _SPECIAL_FLOATS.items():
        for sign, factor in ((b"", 1.0), (b"+", 1.0), (b"-", -1.0)):
            found = equals_word(strings, sign + word, any_case=True)
            values[found] = factor * value
            ok = ok | found
    return ok
