"""Reading TabSeparated: fields, escapes, NULLs, names."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from minidb.columns import BoolArray, Column, StringColumn, default_column
from minidb.columns.text_parse import equals_word
from minidb.errors import CANNOT_PARSE_INPUT, INCORRECT_DATA, MiniDBError, ValueExecutionError
from minidb.formats.fields import (
    LINE_FEED,
    Fields,
    RowError,
    count_columns,
    input_error,
    split_rows,
    typed_column,
)
from minidb.formats.format import Reader, Target
from minidb.formats.inference import infer_fields
from minidb.formats.unescape import unescape
from minidb.types import ArrayType, DataType, StringType, TupleType, without_null
from minidb.types.names import parse_type

NULL_TEXT = rb"\N"
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
        raise input_error(1, None, message, INCORRECT_DATA, byte=int(ends[0, -1]) - 1)
    return Fields(data, starts, ends, np.zeros(starts.shape, np.bool_), starts[:, 0])


def null_fields(text: StringColumn, null: bytes = NULL_TEXT) -> BoolArray:
    r"""Return which texts are what stands for NULL, ``\N`` by default."""
    return equals_word(text.compact(), null)


def _column(fields: Fields, place: int, target: Target, wanted: int, is_raw: bool) -> Column:
    """Read one column of fields as the target's column `wanted`."""
    data_type, name = target.types[wanted], target.names[wanted]
    raw = fields.column(place)
    is_null = null_fields(raw, target.options.tsv_null.encode("utf-8", "surrogateescape"))
    is_default = np.zeros(len(raw), np.bool_)
    if not isinstance(without_null(data_type), StringType):
        is_default = raw.lengths == 0
    # Inside brackets escapes belong to the quoted texts there.
    is_kept = is_raw or isinstance(data_type, ArrayType | TupleType)
    try:
        text = raw if is_kept else unescape(raw)
        return typed_column(text, data_type, is_null, is_default)
    except RowError as error:
        raise fields.error_at(error.row, place, name, error.text) from None


def tsv_reader(n_header_lines: int = 0, *, is_raw: bool = False) -> Reader:
    """Return what reads lines of tab-separated values.

    Parameters
    ----------
    n_header_lines : int
        Below 1 line of names, unknown names are skipped and missing ones give defaults; a second
        line has to name the types that are wanted.
    is_raw : bool
        Whether a backslash is a byte as any other.
    """

    def read(text: bytes, target: Target) -> tuple[Column, ...]:
        fields = _fields(text, None if n_header_lines else len(target.names))
        if not n_header_lines:
            body = fields.rows(1) if target.has_header else fields
            places = range(len(target.names))
            return tuple(_column(body, place, target, place, is_raw) for place in places)
        names = header_names(fields, is_raw)
        if n_header_lines == 2:
            check_types(names, header_names(fields.rows(1), is_raw), target)
        body = fields.rows(n_header_lines)
        return tuple(
            _column(body, names.index(name), target, wanted, is_raw)
            if name in names
            else default_column(target.types[wanted], body.n_rows)
            for wanted, name in enumerate(target.names)
        )

    return read


def header_names(fields: Fields, is_raw: bool = False) -> list[str]:
    """Return the texts of the first row."""
    if not fields.n_rows:
        return []
    head = fields.rows(0, 1)
    raw = [head.column(place) for place in range(head.n_columns)]
    columns = raw if is_raw else [unescape(column) for column in raw]
    return [column.to_bytes()[0].decode("utf-8", "surrogateescape") for column in columns]


def check_types(names: list[str], types: list[str], target: Target) -> None:
    """Check the types that a header names.

    Raises
    ------
    ValueExecutionError
        INCORRECT_DATA for the first column of another type than the target's.
    """
    if names and len(names) != len(types):
        raise ValueExecutionError(INCORRECT_DATA, "the header has names, but not as many types")
    wanted = dict(zip(target.names, target.types, strict=True))
    for name, found in zip(names, types, strict=False):
        if name in wanted and found != wanted[name].name:
            message = f"column '{name}': the header says {found}, expected {wanted[name].name}"
            raise ValueExecutionError(INCORRECT_DATA, message)


def named_types(names: list[str], types: list[str]) -> Target:
    """Return the columns that a header names.

    Raises
    ------
    ValueExecutionError
        INCORRECT_DATA when a text is no type.
    """
    if not names or len(names) != len(types):
        raise ValueExecutionError(INCORRECT_DATA, "the header does not name each column's type")
    return Target(tuple(names), tuple(map(type_in_input, types)))


def type_in_input(text: str) -> DataType:
    """Return the type that a text in the input names.

    Raises
    ------
    ValueExecutionError
        INCORRECT_DATA when there is no such type.
    """
    try:
        return parse_type(text)
    except MiniDBError as error:
        raise ValueExecutionError(
            INCORRECT_DATA, f"no type {text[:80]!r} ({error.message})"
        ) from None


def infer_tsv(text: bytes) -> Target:
    """Find names and types."""
    fields = _fields(text, None)
    columns = [unescape(fields.column(place)) for place in range(fields.n_columns)]
    nulls = [null_fields(fields.column(place)) for place in range(fields.n_columns)]
    return infer_fields(columns, nulls, fields.is_quoted, header_names(fields))


def infer_tsv_types(text: bytes) -> Target:
    """Take names and types from the first two lines."""
    fields = _fields(text, None)
    return named_types(header_names(fields), header_names(fields.rows(1)))
