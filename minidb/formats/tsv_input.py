"""Reading TabSeparated: fields, escapes, NULLs, names."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from minidb.columns import BoolArray, Column, StringColumn, default_column
from minidb.errors import CANNOT_PARSE_INPUT, INCORRECT_DATA
from minidb.formats.fields import (
    LINE_FEED,
    Fields,
    RowError,
    count_columns,
    input_error,
    split_rows,
    typed_column,
)
from minidb.formats.format import Target
from minidb.formats.inference import infer_fields
from minidb.formats.unescape import unescape
from minidb.types import ArrayType, StringType, TupleType, without_null

TAB = 9
RETURN = 13


def _separated(text: bytes) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Return the input, ended by a line feed, and the places of tabs and line feeds."""
    if text and not text.endswith(b"\n"):
        text += b"\n"
    data = np.frombuffer(text, np.uint8)
    return data, np.flatnonzero((data == TAB) | (data == LINE_FEED))


def _fields(text: bytes, n_columns: int | None) -> Fields:
    """Find the fields; without `n_columns` the first row tells how many there are."""
    data, separators = _separated(text)
    if not len(data):
        empty = np.zeros((0, n_columns or 0), np.int64)
        return Fields(data, empty, empty, empty.astype(np.bool_), empty.sum(axis=1))
    wanted = n_columns if n_columns is not None else count_columns(data, separators)
    ends = split_rows(data, separators, wanted, CANNOT_PARSE_INPUT)
    starts = np.empty_like(ends)
    starts.reshape(-1)[0] = 0
    starts.reshape(-1)[1:] = ends.reshape(-1)[:-1] + 1
    if len(ends) and data[ends[0, -1] - 1] == RETURN and ends[0, -1] > starts[0, -1]:
        message = "a carriage return ends the line; TabSeparated takes line feeds alone"
        raise input_error(1, None, message, INCORRECT_DATA)
    return Fields(data, starts, ends, np.zeros(starts.shape, np.bool_), starts[:, 0])


def null_fields(text: StringColumn) -> BoolArray:
    r"""Return which texts are the two bytes ``\N``."""
    text = text.compact()
    is_null: BoolArray = text.lengths == 2
    rows = np.flatnonzero(is_null)
    first, second = text.data[text.offsets[rows]], text.data[text.offsets[rows] + 1]
    is_null[rows] = (first == ord("\\")) & (second == ord("N"))
    return is_null


def _column(fields: Fields, place: int, target: Target, wanted: int) -> Column:
    """Read one column of fields as the target's column `wanted`."""
    data_type, name = target.types[wanted], target.names[wanted]
    raw = fields.column(place)
    is_null = null_fields(raw)
    is_default = np.zeros(len(raw), np.bool_)
    if not isinstance(without_null(data_type), StringType):
        is_default = raw.lengths == 0
    # Inside brackets escapes belong to the quoted texts there.
    is_nested = isinstance(data_type, ArrayType | TupleType)
    try:
        text = raw if is_nested else unescape(raw)
        return typed_column(text, data_type, is_null, is_default)
    except RowError as error:
        raise input_error(fields.line_of(error.row), name, error.text) from None


def read_tsv(text: bytes, target: Target) -> tuple[Column, ...]:
    """Read lines of tab-separated values, in the order of the target."""
    fields = _fields(text, len(target.names))
    if target.has_header:
        fields = fields.rows(1)
    return tuple(_column(fields, place, target, place) for place in range(len(target.names)))


def read_tsv_with_names(text: bytes, target: Target) -> tuple[Column, ...]:
    """Read lines below a line of names; unknown names are skipped, missing ones give defaults."""
    fields = _fields(text, None)
    names = header_names(fields)
    body = fields.rows(1)
    return tuple(
        _column(body, names.index(name), target, wanted)
        if name in names
        else default_column(target.types[wanted], body.n_rows)
        for wanted, name in enumerate(target.names)
    )


def header_names(fields: Fields) -> list[str]:
    """Return the texts of the first row."""
    if not fields.n_rows:
        return []
    head = fields.rows(0, 1)
    columns = [unescape(head.column(place)) for place in range(head.n_columns)]
    return [column.to_bytes()[0].decode("utf-8", "surrogateescape") for column in columns]


def infer_tsv(text: bytes) -> Target:
    """Find names and types."""
    fields = _fields(text, None)
    columns = [unescape(fields.column(place)) for place in range(fields.n_columns)]
    nulls = [null_fields(fields.column(place)) for place in range(fields.n_columns)]
    return infer_fields(columns, nulls, fields.is_quoted, header_names(fields))
