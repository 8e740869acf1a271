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
from minidb.columns.strings import FixedStringColumn, StringColumn
from minidb.columns.text_floats import render_floats
from minidb.columns.text_layout import (
    choose_text,
    escape_table,
    escape_text,
    join_columns,
    join_elements,
    offsets_from,
    repeated_text,
    text_from_ascii,
    text_from_matrix,
)
from minidb.columns.text_parse import parse_text
from minidb.columns.wide import WideColumn
from minidb.columns.wide_math import is_negative
from minidb.errors import InternalError
from minidb.types import BoolType, DateTimeType, DateType, FloatType, NothingType

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
        case NumericColumn(type=DateType() | DateTimeType()) | BitsColumn():
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
        case BoolType():
            yes, no = repeated_text(b"true", len(values)), repeated_text(b"false", len(values))
            return choose_text(values != 0, yes, no)
        case FloatType():
            return render_floats(values)
        case DateType():
            return _render_moments(values.astype("M8[D]"))
        case DateTimeType():
            return _render_moments(values.astype(np.int64).astype("M8[s]"))
        case NothingType():
            return repeated_text(b"NULL", len(values))
        case _:
            return render_integers(values)


def render_integers(values: NDArray[Any]) -> StringColumn:
    """Return integers of at most 64 bits as decimal text."""
    if not len(values):
        return StringColumn(offsets_from(values), np.zeros(0, np.uint8))
    return text_from_ascii(values.astype("S21"))


def _render_moments(values: NDArray[Any]) -> StringColumn:
    """Return dates and times in ISO form, with a space before the time."""
    if not len(values):
        return StringColumn(np.zeros(1, np.int64), np.zeros(0, np.uint8))
    letters = np.datetime_as_string(values)
    matrix = letters.view(np.uint32).reshape(len(values), -1).astype(np.uint8)
    matrix[matrix == ord("T")] = ord(" ")
    return text_from_matrix(matrix, matrix != 0)


def _render_wide(column: WideColumn) -> StringColumn:
    """Return wide integers as decimal text; those of one lane go the fast way."""
    if not column.lanes[:, 1:].any() and not is_negative(column.lanes).any():
        return render_integers(column.lanes[:, 0])
    return render_wide(column.lanes, column.type)
