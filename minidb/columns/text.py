"""The text form of values, as ClickHouse shows them in TSV and by toString."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from minidb.columns.base import Column
from minidb.columns.bits import BitsColumn
from minidb.columns.nested import ArrayColumn, NullableColumn, TupleColumn
from minidb.columns.no_numpy_way import render_wide
from minidb.columns.numeric import NumericColumn
from minidb.columns.states import StateColumn
from minidb.columns.strings import FixedStringColumn, StringColumn
from minidb.columns.text_decimals import render_decimals
from minidb.columns.text_enums import render_enums
from minidb.columns.text_floats import render_floats
from minidb.columns.text_layout import (
    choose_text,
    escape_table,
    escape_text,
    join_columns,
    join_elements,
    repeated_text,
    text_from_matrix,
)
from minidb.columns.text_maps import render_maps
from minidb.columns.text_parse import parse_text
from minidb.columns.text_uuids import render_uuids
from minidb.columns.wide import WideColumn
from minidb.columns.wide_math import is_negative
from minidb.errors import InternalError
from minidb.types import (
    BoolType,
    DateTimeType,
    DateType,
    DecimalType,
    EnumType,
    FloatType,
    MapType,
    NothingType,
    UUIDType,
)

__all__ = ["QUOTED_ESCAPES", "parse_text", "quote_text", "render_quoted", "render_text"]

# What stands behind a backslash inside quotes.
QUOTED_ESCAPES = escape_table(
    {
        0x00: ord("0"),
        0x08: ord("b"),
        0x09: ord("t"),
        0x0A: ord("n"),
        0x0C: ord("f"),
        0x0D: ord("r"),
        0x27: ord("'"),
        0x5C: ord("\\"),
    }
)

POWERS_OF_TEN = np.array([10**n for n in range(1, 20)], np.uint64)
# Four digits in the bytes of one word, for each number up to 9,999.
FOUR_DIGITS: NDArray[np.uint32] = (
    (np.arange(10_000)[:, None] // [1000, 100, 10, 1] % 10 + ord("0"))
    .astype(np.uint8)
    .view(np.uint32)
    .reshape(-1)
)
DATE_WIDTH, DATETIME_WIDTH = 10, 19
SECONDS_PER_DAY = 86_400


def render_text(column: Column, null_text: bytes = b"NULL") -> StringColumn:
    """Return the text form of each value, without quotes and escapes at the top level.

    Parameters
    ----------
    column : Column, n rows
        Of any type.
    null_text : bytes
        What stands for NULL at the top level; inside arrays and tuples it is ``NULL``.

    Returns
    -------
    StringColumn, n rows
        ``true``, ``42``, the shortest text of a float that reads back, ``2020-01-01``,
        ``[1,'a',NULL]``, ``(1,'a')``, bits as ``0`` and ``1`` with bit 0 first.
    """
    match column:
        case StringColumn():
            return column
        case StateColumn(rows=rows):
            return rows
        case FixedStringColumn(data=data):
            offsets = np.arange(len(data) + 1, dtype=np.int64) * column.type.width
            return StringColumn(offsets, np.ascontiguousarray(data).reshape(-1))
        case NullableColumn(inner=inner, is_null=is_null):
            values = render_text(inner)
            return choose_text(is_null, repeated_text(null_text, len(column)), values)
        case NumericColumn():
            return _render_numbers(column)
        case WideColumn():
            return _render_wide(column)
        case BitsColumn(type=bits_type):
            digits = column.unpacked() + np.uint8(ord("0"))
            offsets = np.arange(len(column) + 1, dtype=np.int64) * bits_type.n_bits
            return StringColumn(offsets, digits.reshape(-1))
        case ArrayColumn(type=MapType()):
            whole = column.compact()
            pairs = whole.child
            if not isinstance(pairs, TupleColumn):
                raise InternalError("a map holds pairs")
            return render_maps(whole, *map(render_quoted, pairs.children))
        case ArrayColumn():
            whole = column.compact()
            return join_elements(whole.offsets, render_quoted(whole.child))
        case TupleColumn():
            return _render_tuples(column)
        case _:
            raise InternalError(f"no text form of {type(column).__name__}")


def render_quoted(column: Column) -> StringColumn:
    """Return the text form inside arrays and tuples: text and dates in single quotes."""
    match column:
        case NullableColumn(inner=inner, is_null=is_null):
            null_texts = repeated_text(b"NULL", len(column))
            return choose_text(is_null, null_texts, render_quoted(inner))
        case StringColumn() | FixedStringColumn():
            return quote_text(render_text(column))
        case NumericColumn(type=DateType() | DateTimeType() | EnumType()) | BitsColumn():
            return quote_text(render_text(column))
        case WideColumn(type=UUIDType()):
            return quote_text(render_text(column))
        case _:
            return render_text(column)


def quote_text(column: StringColumn) -> StringColumn:
    """Return text in single quotes, with backslashes before what needs them."""
    quote = repeated_text(b"'", len(column))
    return join_columns([quote, escape_text(column, QUOTED_ESCAPES), quote])


def _render_tuples(column: TupleColumn) -> StringColumn:
    n_rows = len(column)
    parts = [repeated_text(b"(", n_rows)]
    for i, child in enumerate(column.children):
        if i:
            parts.append(repeated_text(b",", n_rows))
        parts.append(render_quoted(child))
    parts.append(repeated_text(b")", n_rows))
    return join_columns(parts)


def _render_numbers(column: NumericColumn) -> StringColumn:
    values = column.values
    match column.type:
        case DecimalType() as decimal_type:
            return render_decimals(column, decimal_type)
        case EnumType() as enum_type:
            return render_enums(values, enum_type)
        case BoolType():
            yes, no = repeated_text(b"true", len(values)), repeated_text(b"false", len(values))
            return choose_text(values != 0, yes, no)
        case FloatType():
            return render_floats(values)
        case DateType():
            return _render_moments(values.astype(np.int64), None)
        case DateTimeType():
            moments = values.astype(np.int64)
            return _render_moments(moments // SECONDS_PER_DAY, moments % SECONDS_PER_DAY)
        case NothingType():
            return repeated_text(b"NULL", len(values))
        case _:
            return render_integers(values)


def render_integers(values: NDArray[Any]) -> StringColumn:
    """Return integers of at most 64 bits as decimal text."""
    is_below = values < 0
    rest = values.astype(np.uint64)
    if is_below.any():
        rest = np.where(is_below, np.negative(rest), rest)
    n_digits = np.searchsorted(POWERS_OF_TEN, rest, side="right") + 1
    n_groups = (int(n_digits.max(initial=1)) + 4) // 4
    groups = np.empty((len(values), n_groups), np.uint32)
    for place in reversed(range(n_groups)):
        higher = rest // np.uint64(10_000)
        groups[:, place] = FOUR_DIGITS[rest - higher * np.uint64(10_000)]
        rest = higher
    matrix = groups.view(np.uint8).reshape(len(values), n_groups * 4)
    width = n_groups * 4
    # There is always room for a sign: the groups hold one digit more than the longest number.
    rows = np.flatnonzero(is_below)
    matrix[rows, width - n_digits[rows] - 1] = ord("-")
    shown = n_digits + is_below
    return text_from_matrix(matrix, np.arange(width) >= (width - shown)[:, None])


def _render_moments(days: NDArray[np.int64], seconds: NDArray[np.int64] | None) -> StringColumn:
    """Return dates, with the time of day where there is one, in ISO form."""
    dates = days.astype("M8[D]")
    months = dates.astype("M8[M]")
    month = months.astype(np.int64)
    day = (dates - months.astype("M8[D]")).astype(np.int64) + 1
    parts = [(month // 12 + 1970, 4, "-"), (month % 12 + 1, 2, "-"), (day, 2, " ")]
    if seconds is not None:
        hours, minutes = seconds // 3600, seconds // 60 % 60
        parts += [(hours, 2, ":"), (minutes, 2, ":"), (seconds % 60, 2, " ")]
    width = DATE_WIDTH if seconds is None else DATETIME_WIDTH
    matrix = np.empty((len(days), width), np.uint8)
    at = 0
    for value, n_digits, sign in parts:
        digits = FOUR_DIGITS[value].view(np.uint8).reshape(len(days), 4)
        matrix[:, at : at + n_digits] = digits[:, 4 - n_digits :]
        at += n_digits + 1
        if at < width:
            matrix[:, at - 1] = ord(sign)
    return StringColumn(np.arange(len(days) + 1, dtype=np.int64) * width, matrix.reshape(-1))


def _render_wide(column: WideColumn) -> StringColumn:
    """Return wide numbers as decimal text; those of one lane go the fast way."""
    if isinstance(column.type, DecimalType):
        return render_decimals(column, column.type)
    if isinstance(column.type, UUIDType):
        return render_uuids(column.lanes)
    if not column.lanes[:, 1:].any() and not is_negative(column.lanes).any():
        return render_integers(column.lanes[:, 0])
    return render_wide(column.lanes, column.type)
