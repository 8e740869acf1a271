"""Reading CSV: fields with and without quotes, NULLs, names, tuples over several fields."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from minidb.columns import BoolArray, Column, StringColumn, TupleColumn, default_column
from minidb.errors import INCORRECT_DATA
from minidb.formats.fields import (
    LINE_FEED,
    Fields,
    RowError,
    count_columns,
    input_error,
    split_rows,
    typed_column,
)
from minidb.formats.format import DEFAULT_OPTIONS, FormatOptions, Target
from minidb.formats.inference import infer_fields
from minidb.formats.tsv_input import NULL_TEXT, check_types, named_types, null_fields
from minidb.formats.unescape import QUOTE, undouble_quotes
from minidb.types import DataType, NullableType, StringType, TupleType

RETURN, SPACE, TAB = 13, 32, 9


# A quote in the middle of a field is a byte as any other; only here that has to be known.
def _field(delimiter: bytes) -> re.Pattern[bytes]:
    """Return the pattern of one field."""
    end = re.escape(delimiter)
    return re.compile(
        rb'[ \t]*"(?:[^"]|"")*"[ \t]*(?=' + end + rb"|\r?\n)|(?P<plain>[^" + end + rb"\n]*)"
    )


def _separators(data: NDArray[np.uint8], delimiter: bytes) -> NDArray[np.int64]:
    """Return the places of delimiters and line feeds outside of quotes."""
    is_separator = (data == delimiter[0]) | (data == LINE_FEED)
    is_quote = data == QUOTE
    if is_quote.any():
        is_inside = np.bitwise_xor.accumulate(is_quote.view(np.uint8)).view(np.bool_)
        is_separator &= ~is_inside
    return np.flatnonzero(is_separator)


def _scanned_separators(text: bytes, delimiter: bytes) -> NDArray[np.int64]:
    """Return the same, field by field, for input with quotes in the middle of fields."""
    places, position, field = [], 0, _field(delimiter)
    while position < len(text):
        found = field.match(text, position)
        end = found.end() if found is not None else position
        if found is not None and (found["plain"] or b"").lstrip(b" \t").startswith(b'"'):
            line = text.count(b"\n", 0, position) + 1
            message = "a quote is never closed, or text stands behind it"
            raise input_error(line, None, message, byte=position)
        if text[end : end + 1] == b"\r":
            end += 1
        places.append(end)
        position = end + 1
    return np.array(places, np.int64)


def _fields(text: bytes, n_columns: int | None, options: FormatOptions) -> Fields:
    """Find the fields; without `n_columns` the first row tells how many there are."""
    delimiter = options.csv_delimiter.encode("utf-8", "surrogateescape")
    if text and not text.endswith(b"\n"):
        text += b"\n"
    data = np.frombuffer(text, np.uint8)
    if not len(data):
        empty = np.zeros((0, n_columns or 0), np.int64)
        return Fields(data, empty, empty, empty.astype(np.bool_), empty.sum(axis=1))
    separators = _separators(data, delimiter)
    if not _quotes_fit(data, separators):
        separators = _scanned_separators(text, delimiter)
    wanted = n_columns if n_columns is not None else count_columns(data, separators)
    ends = split_rows(data, separators, wanted, INCORRECT_DATA)
    starts = np.empty_like(ends)
    starts.reshape(-1)[0] = 0
    starts.reshape(-1)[1:] = ends.reshape(-1)[:-1] + 1
    row_starts = starts[:, 0].copy()
    return _trimmed(data, starts, ends.copy(), row_starts)


def _quotes_fit(data: NDArray[np.uint8], separators: NDArray[np.int64]) -> bool:
    """Whether each field with quotes begins with one, so that counting quotes was right."""
    quotes = np.flatnonzero(data == QUOTE)
    if not len(quotes):
        return True
    if not len(separators) or separators[-1] != len(data) - 1:
        return False
    field = np.searchsorted(separators, quotes)
    is_first = np.diff(field, prepend=-1) != 0
    openings = quotes[is_first]
    starts = np.concatenate([[0], separators + 1])[field[is_first]]
    while True:
        blank = (starts < openings) & ((data[starts] == SPACE) | (data[starts] == TAB))
        if not blank.any():
            return bool((starts == openings).all())
        starts = starts + blank


def _trimmed(
    data: NDArray[np.uint8],
    starts: NDArray[np.int64],
    ends: NDArray[np.int64],
    row_starts: NDArray[np.int64],
) -> Fields:
    """Take carriage returns, blanks around fields and outer quotes away."""
    last = ends[:, -1]
    last -= (last > starts[:, -1]) & (data[last - 1] == RETURN)
    while True:
        blank = (starts < ends) & ((data[starts] == SPACE) | (data[starts] == TAB))
        if not blank.any():
            break
        starts += blank
    while True:
        before = data[ends - 1]
        blank = (starts < ends) & ((before == SPACE) | (before == TAB))
        if not blank.any():
            break
        ends -= blank
    is_quoted = (ends - starts >= 2) & (data[starts] == QUOTE) & (data[ends - 1] == QUOTE)
    return Fields(data, starts + is_quoted, ends - is_quoted, is_quoted, row_starts)


def _texts(
    fields: Fields, place: int, null: bytes = NULL_TEXT
) -> tuple[StringColumn, BoolArray, BoolArray]:
    """Return the texts of one column, which of them are NULL, and which are empty."""
    raw = fields.column(place)
    is_quoted = fields.is_quoted[:, place]
    is_null = null_fields(raw, null) & ~is_quoted
    is_empty = (raw.lengths == 0) & ~is_quoted
    return (undouble_quotes(raw) if is_quoted.any() else raw), is_null, is_empty


def _leaf(fields: Fields, place: int, data_type: DataType, name: str, null: bytes) -> Column:
    """Read one column of fields."""
    text, is_null, is_empty = _texts(fields, place, null)
    if isinstance(data_type, NullableType):
        is_null, is_empty = is_null | is_empty, np.zeros_like(is_empty)
    elif isinstance(data_type, StringType):
        is_empty = np.zeros_like(is_empty)
    try:
        return typed_column(text, data_type, is_null, is_empty)
    except RowError as error:
        raise fields.error_at(error.row, place, name, error.text) from None


def _width(data_type: DataType) -> int:
    """Return the fields that a value takes."""
    if not isinstance(data_type, TupleType) or not data_type.elements:
        return 1
    return sum(map(_width, data_type.elements))


def _column(fields: Fields, place: int, data_type: DataType, name: str, null: bytes) -> Column:
    """Read one column, which takes several fields if it is a tuple."""
    if not isinstance(data_type, TupleType) or not data_type.elements:
        return _leaf(fields, place, data_type, name, null)
    children = []
    for element in data_type.elements:
        children.append(_column(fields, place, element, name, null))
        place += _width(element)
    return TupleColumn(data_type, tuple(children), fields.n_rows)


def read_csv(text: bytes, target: Target) -> tuple[Column, ...]:
    """Read lines of comma-separated values, in the order of the target."""
    fields = _fields(text, sum(map(_width, target.types)), target.options)
    if target.has_header:
        fields = fields.rows(1)
    null = target.options.csv_null.encode("utf-8", "surrogateescape")
    columns, place = [], 0
    for name, data_type in zip(target.names, target.types, strict=True):
        columns.append(_column(fields, place, data_type, name, null))
        place += _width(data_type)
    return tuple(columns)


def _read_below(fields: Fields, n_header_lines: int, target: Target) -> tuple[Column, ...]:
    """Read the columns that the names in the first line choose."""
    names = _header_names(fields)
    body = fields.rows(n_header_lines)
    null = target.options.csv_null.encode("utf-8", "surrogateescape")
    return tuple(
        _column(body, names.index(name), data_type, name, null)
        if name in names
        else default_column(data_type, body.n_rows)
        for name, data_type in zip(target.names, target.types, strict=True)
    )


def read_csv_with_names(text: bytes, target: Target) -> tuple[Column, ...]:
    """Read lines below a line of names; unknown names are skipped, missing ones give defaults."""
    return _read_below(_fields(text, None, target.options), 1, target)


def read_csv_with_types(text: bytes, target: Target) -> tuple[Column, ...]:
    """Read lines below names and types; the types have to be those wanted."""
    fields = _fields(text, None, target.options)
    check_types(_header_names(fields), _header_names(fields.rows(1)), target)
    return _read_below(fields, 2, target)


def _header_names(fields: Fields) -> list[str]:
    """Return the texts of the first row."""
    if not fields.n_rows:
        return []
    head = fields.rows(0, 1)
    texts = [_texts(head, place)[0].to_bytes()[0] for place in range(head.n_columns)]
    return [text.decode("utf-8", "surrogateescape") for text in texts]


def infer_csv(text: bytes) -> Target:
    """Find names and types."""
    fields = _fields(text, None, DEFAULT_OPTIONS)
    found = [_texts(fields, place) for place in range(fields.n_columns)]
    nulls = [is_null | is_empty for _, is_null, is_empty in found]
    columns = [column for column, _, _ in found]
    return infer_fields(columns, nulls, fields.is_quoted, _header_names(fields))


def infer_csv_types(text: bytes) -> Target:
    """Take names and types from the first two lines."""
    fields = _fields(text, None, DEFAULT_OPTIONS)
    return named_types(_header_names(fields), _header_names(fields.rows(1)))
