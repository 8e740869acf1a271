"""Text forms of bytes: hexadecimal, binary digits and base64, and back."""

from __future__ import annotations

import base64

import numpy as np

from minidb.columns import Column, NumericColumn, StringColumn, WideColumn
from minidb.errors import INCORRECT_DATA, ValueExecutionError
from minidb.functions.arguments import NUMERIC, TEMPORAL, Arg, either
from minidb.functions.arguments import TEXT as TEXT_KIND
from minidb.functions.builtin.kit import (
    TEXT,
    Bytes,
    Ints,
    numbers,
    offsets_of,
    range_indices,
    strings,
)
from minidb.functions.builtin.strings import check_text_size
from minidb.functions.declaration import Call, Kernel, ScalarFunction
from minidb.functions.no_numpy_way import decode_base64, map_texts
from minidb.types import DecimalType, FloatType

DIGITS = np.frombuffer(b"0123456789ABCDEF", np.uint8)


def _raw_bytes(column: Column) -> StringColumn:
    """Return the bytes to be shown: of a number the low ones last, without zeros in front.

    Floats and Decimals keep their bytes in memory order, as in ClickHouse.
    """
    match column:
        case WideColumn(type=DecimalType()):
            matrix = np.ascontiguousarray(column.lanes, dtype="<u8").view(np.uint8)
            offsets = np.arange(len(column) + 1, dtype=np.int64) * matrix.shape[1]
            return StringColumn(offsets, matrix.reshape(-1))
        case WideColumn():
            matrix = np.ascontiguousarray(column.lanes, dtype="<u8").view(np.uint8)
        case NumericColumn(type=FloatType() | DecimalType()):
            values = np.ascontiguousarray(column.values)
            size = values.dtype.itemsize
            offsets = np.arange(len(column) + 1, dtype=np.int64) * size
            return StringColumn(offsets, values.view(np.uint8))
        case NumericColumn():
            values = np.ascontiguousarray(numbers(column))
            matrix = values.view(np.uint8).reshape(len(values), values.dtype.itemsize)
        case _:
            return strings(column)
    matrix = matrix[:, ::-1]
    is_shown = np.logical_or.accumulate(matrix != 0, axis=1)
    is_shown[:, -1] = True
    return StringColumn(offsets_of(is_shown.sum(axis=1)), matrix[is_shown])


def _hex(call: Call) -> Column:
    shown = _raw_bytes(call.columns[0])
    check_text_size(call, 2 * len(shown.data))
    data = np.empty((len(shown.data), 2), np.uint8)
    data[:, 0] = DIGITS[shown.data >> 4]
    data[:, 1] = DIGITS[shown.data & 15]
    return StringColumn(shown.offsets * 2, data.reshape(-1))


def _bin(call: Call) -> Column:
    shown = _raw_bytes(call.columns[0])
    check_text_size(call, 8 * len(shown.data))
    return StringColumn(shown.offsets * 8, np.unpackbits(shown.data) + np.uint8(ord("0")))


def _digit_values() -> Bytes:
    """Return the value of each byte read as a hexadecimal digit; 255 for other bytes."""
    values = np.full(256, 255, np.uint8)
    values[DIGITS] = np.arange(16)
    values[np.frombuffer(b"abcdef", np.uint8)] = np.arange(10, 16)
    return values


HEX_VALUES = _digit_values()


def _aligned(text: StringColumn, size: int) -> tuple[Bytes, Ints]:
    """Return the digits of each row in whole groups of `size`, filled with ``0`` in front.

    Also returns the offsets of the groups.
    """
    counts = (text.lengths + size - 1) // size
    offsets = offsets_of(counts)
    digits = np.full(int(offsets[-1]) * size, ord("0"), np.uint8)
    digits[range_indices(offsets[1:] * size - text.lengths, text.lengths)] = text.data
    return digits.reshape(-1, size), offsets


def _unhex(call: Call) -> Column:
    """Read two digits as a byte, from the end on; a byte that is no digit counts as 255."""
    groups, offsets = _aligned(strings(call.columns[0]), 2)
    values = HEX_VALUES[groups]
    return StringColumn(offsets, (values[:, 0] << np.uint8(4)) + values[:, 1])


def _unbin(call: Call) -> Column:
    """Read eight digits as a byte, from the end on; a byte other than ``0`` counts as 1."""
    groups, offsets = _aligned(strings(call.columns[0]), 8)
    return StringColumn(offsets, np.packbits(groups != ord("0"), axis=1).reshape(-1))


def _encode_base64(is_url: bool) -> Kernel:
    def plain(value: bytes) -> bytes:
        return base64.b64encode(value)

    def for_urls(value: bytes) -> bytes:
        return base64.urlsafe_b64encode(value).rstrip(b"=")

    return lambda call: map_texts(strings(call.columns[0]), for_urls if is_url else plain)


def _decode_base64(is_url: bool, is_forgiving: bool) -> Kernel:
    """Return the kernel that decodes; a broken text is an error, or empty text when forgiven."""

    def kernel(call: Call) -> Column:
        text = strings(call.columns[0])
        decoded = decode_base64(text, b"-_" if is_url else None, pads=is_url)
        if None in decoded and not is_forgiving:
            row = decoded.index(None)
            shown = text.slice(row, row + 1).to_pylist()[0]
            raise ValueExecutionError(INCORRECT_DATA, f"{shown!r} is not base64")
        return StringColumn.from_bytes(value or b"" for value in decoded)

    return kernel


SHOWABLE = either(NUMERIC, TEXT_KIND, TEMPORAL)


def _declare(
    name: str,
    arg: Arg,
    kernel: Kernel,
    help_text: str,
    example: str,
    aliases: tuple[str, ...] = (),
    *,
    is_case_insensitive: bool = True,
    can_fail: bool = False,
) -> ScalarFunction:
    """Declare one function of this file."""
    return ScalarFunction(
        name=name,
        family="encoding",
        args=(arg,),
        result=TEXT,
        kernel=kernel,
        help=help_text,
        example=f"SELECT {example}",
        aliases=aliases,
        is_case_insensitive=is_case_insensitive,
        can_fail=can_fail,
    )


FUNCTIONS: tuple[ScalarFunction, ...] = (
    _declare(
        "hex",
        Arg("value", SHOWABLE),
        _hex,
        "The bytes of a text or number as hexadecimal digits.",
        "hex('abc'), hex(255)",
    ),
    _declare(
        "unhex",
        Arg("digits", TEXT_KIND),
        _unhex,
        "The bytes that hexadecimal digits stand for.",
        "unhex('616263')",
    ),
    _declare(
        "bin",
        Arg("value", SHOWABLE),
        _bin,
        "The bytes of a text or number as binary digits.",
        "bin('a'), bin(5)",
    ),
    _declare(
        "unbin",
        Arg("digits", TEXT_KIND),
        _unbin,
        "The bytes that binary digits stand for.",
        "unbin('01100001')",
    ),
    _declare(
        "base64Encode",
        Arg("text", TEXT_KIND),
        _encode_base64(is_url=False),
        "The text in base64.",
        "base64Encode('abc')",
        ("TO_BASE64",),
    ),
    _declare(
        "base64Decode",
        Arg("text", TEXT_KIND),
        _decode_base64(is_url=False, is_forgiving=False),
        "The bytes that a base64 text stands for.",
        "base64Decode('YWJj')",
        ("FROM_BASE64",),
        can_fail=True,
    ),
    _declare(
        "tryBase64Decode",
        Arg("text", TEXT_KIND),
        _decode_base64(is_url=False, is_forgiving=True),
        "The bytes that a base64 text stands for, none if it is broken.",
        "tryBase64Decode('!')",
    ),
    _declare(
        "base64URLEncode",
        Arg("text", TEXT_KIND),
        _encode_base64(is_url=True),
        "The text in the base64 of URLs, without padding.",
        "base64URLEncode('a??')",
        is_case_insensitive=False,
    ),
    _declare(
        "base64URLDecode",
        Arg("text", TEXT_KIND),
        _decode_base64(is_url=True, is_forgiving=False),
        "The bytes that a text in the base64 of URLs stands for.",
        "base64URLDecode('YT8_')",
        is_case_insensitive=False,
        can_fail=True,
    ),
)
