"""The texts of values as the formats of lines write them: escaped, quoted or plain."""

from __future__ import annotations

from minidb.columns import Column, StringColumn, split_nulls
from minidb.columns.text import render_text
from minidb.formats.assemble import CSV_QUOTED, ESCAPED, concat_rows, replace_rows
from minidb.types import (
    AggregateStateType,
    ArrayType,
    BitsType,
    DataType,
    DateTimeType,
    DateType,
    EnumType,
    FixedStringType,
    NothingType,
    StringType,
    TupleType,
    UUIDType,
    is_numeric,
    without_null,
)

TSV_NULL = b"\\N"
PRETTY_NULL = "ᴺᵁᴸᴸ".encode()


def plain_cells(column: Column, null: bytes = TSV_NULL) -> StringColumn:
    """Return the texts of a column without escapes at the top level."""
    values, mask = split_nulls(column)
    text = render_text(values)
    return text if mask is None else replace_rows(text, mask, null)


def escaped_cells(column: Column, null: bytes = TSV_NULL) -> StringColumn:
    """Return the texts as TabSeparated writes them: bytes such as tab behind a backslash."""
    values, mask = split_nulls(column)
    text = render_text(values)
    if is_text(values.type):
        text = ESCAPED.escape(text)
    return text if mask is None else replace_rows(text, mask, null)


def csv_cells(column: Column, null: bytes = TSV_NULL) -> StringColumn:
    """Return the texts as CSV writes them: all but numbers and Bool in double quotes."""
    values, mask = split_nulls(column)
    text = render_text(values)
    if not is_numeric(values.type):
        text = concat_rows([b'"', CSV_QUOTED.escape(text), b'"'], len(text))
    return text if mask is None else replace_rows(text, mask, null)


def value_cells(column: Column) -> StringColumn:
    """Return the texts as a SQL list of values holds them: texts and dates in single quotes."""
    values, mask = split_nulls(column)
    text = render_text(values)
    if is_text(values.type):
        text = concat_rows([b"'", ESCAPED.escape(text), b"'"], len(text))
    elif isinstance(values.type, DateType | DateTimeType | UUIDType):
        text = concat_rows([b"'", text, b"'"], len(text))
    return text if mask is None else replace_rows(text, mask, b"NULL")


def is_text(data_type: DataType) -> bool:
    """Whether values may hold any bytes, so that formats have to escape them."""
    texts = StringType | FixedStringType | BitsType | AggregateStateType | EnumType
    return isinstance(data_type, texts)


def is_right_aligned(data_type: DataType) -> bool:
    """Whether the formats for people put values of `data_type` at the right."""
    left = (
        StringType
        | FixedStringType
        | ArrayType
        | TupleType
        | BitsType
        | NothingType
        | EnumType
        | UUIDType
    )
    bare = without_null(data_type)
    return not isinstance(bare, left) and bare.name != "Bool"
