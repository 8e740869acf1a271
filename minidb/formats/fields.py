"""Fields of text input: where they lie in the bytes, and their columns."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from minidb.columns import (
    BoolArray,
    Column,
    NullableColumn,
    StringColumn,
    concat_columns,
    default_column,
)
from minidb.columns.text import parse_text
from minidb.errors import CANNOT_PARSE_INPUT, ErrorCode, ValueExecutionError
from minidb.record import record
from minidb.types import DataType, NullableType, StringType, without_null

LINE_FEED = 10
MAX_SHOWN = 40


@record
class Fields:
    """A table of fields.

    Parameters
    ----------
    data : ndarray of uint8
        The input, which ends with a line feed.
    starts, ends : ndarray of int64, shape (rows, columns)
        The bytes of each field, without separators and outer quotes.
    is_quoted : ndarray of bool, shape (rows, columns)
        Which fields stand in quotes.
    row_starts : ndarray of int64, shape (rows,)
        Where each row begins.
    """

    data: NDArray[np.uint8]
    starts: NDArray[np.int64]
    ends: NDArray[np.int64]
    is_quoted: BoolArray
    row_starts: NDArray[np.int64]

    @property
    def n_rows(self) -> int:
        """Return the number of rows."""
        return len(self.starts)

    @property
    def n_columns(self) -> int:
        """Return the number of columns."""
        return int(self.starts.shape[1])

    def column(self, place: int) -> StringColumn:
        """Return the fields of one column, as they stand in the input."""
        starts, ends = self.starts[:, place], self.ends[:, place]
        offsets = np.zeros(self.n_rows + 1, np.int64)
        np.cumsum(ends - starts, out=offsets[1:])
        where = np.arange(offsets[-1], dtype=np.int64)
        where += np.repeat(starts - offsets[:-1], ends - starts)
        return StringColumn(offsets, self.data[where])

    def rows(self, start: int, stop: int | None = None) -> Fields:
        """Return a range of rows."""
        chosen = slice(start, stop)
        parts = (self.starts[chosen], self.ends[chosen], self.is_quoted[chosen])
        return Fields(self.data, *parts, self.row_starts[chosen])

    def error_at(self, row: int, place: int, name: str, message: str) -> ValueExecutionError:
        """Return the error for one field."""
        line, start = line_at(self.data, int(self.row_starts[row])), int(self.starts[row, place])
        return input_error(line, name, message, row=row + 1, byte=start)


def line_at(data: NDArray[np.uint8], position: int) -> int:
    """Return the line of a position, from 1."""
    return int(np.count_nonzero(data[:position] == LINE_FEED)) + 1


def input_error(
    line: int | None,
    name: str | None,
    message: str,
    code: ErrorCode = CANNOT_PARSE_INPUT,
    *,
    row: int | None = None,
    byte: int | None = None,
) -> ValueExecutionError:
    """Return the error for a place in the input; lines and rows count from 1, bytes from 0."""
    where = [
        f"line {line}" if line is not None else "",
        f"column '{name}'" if name is not None else "",
    ]
    more = [
        f"row {row}" if row is not None else "",
        f"byte {byte}" if byte is not None else "",
    ]
    if line is None:
        where, more = [more[0], where[1]], more[1:]
    before, after = (", ".join(part for part in parts if part) for parts in (where, more))
    text = f"{before}: {message}" if before else message
    return ValueExecutionError(code, f"{text} ({after})" if after else text)


def split_rows(
    data: NDArray[np.uint8], separators: NDArray[np.int64], n_columns: int, too_many: ErrorCode
) -> NDArray[np.int64]:
    """Arrange the places of separators and line feeds as rows.

    Returns
    -------
    ndarray of int64, shape (rows, n_columns)
        Where each field ends.

    Raises
    ------
    ValueExecutionError
        CANNOT_PARSE_INPUT for a row with too few fields, `too_many` for one with too many.
    """
    row_ends = np.flatnonzero(data[separators] == LINE_FEED)
    counts = np.diff(row_ends, prepend=-1)
    wrong = np.flatnonzero(counts != n_columns)
    if len(wrong):
        row = int(wrong[0])
        found = int(counts[row])
        start = int(separators[row_ends[row - 1]]) + 1 if row else 0
        code = CANNOT_PARSE_INPUT if found < n_columns else too_many
        message = f"expected {n_columns} values, found {found}"
        raise input_error(line_at(data, start), None, message, code, row=row + 1, byte=start)
    return separators.reshape(-1, n_columns)


def count_columns(data: NDArray[np.uint8], separators: NDArray[np.int64]) -> int:
    """Return the fields of the first row."""
    return int(np.flatnonzero(data[separators] == LINE_FEED)[0]) + 1


def typed_column(
    text: StringColumn, data_type: DataType, is_null: BoolArray, is_default: BoolArray
) -> Column:
    """Read texts as values.

    Parameters
    ----------
    text : StringColumn
        One text per row, without escapes.
    data_type : DataType
        The wanted type.
    is_null, is_default : ndarray of bool, shape (n,)
        Rows that hold NULL (the default where the type has no NULL), and rows that hold the
        default of the type inside Nullable.

    Raises
    ------
    RowError
        For the first row that cannot be read.
    """
    bare = without_null(data_type)
    is_empty = is_null | is_default
    if not is_empty.any():
        values = _parsed(text, bare)
    elif isinstance(bare, StringType):
        values = text.take(np.flatnonzero(~is_empty))
        values = _spread(values, bare, is_empty)
    else:
        rows = np.flatnonzero(~is_empty)
        try:
            values = _spread(_parsed(text.take(rows), bare), bare, is_empty)
        except RowError as error:
            raise RowError(int(rows[error.row]), error.text) from None
    return (
        NullableColumn(data_type, values, is_null)
        if isinstance(data_type, NullableType)
        else values
    )


def _spread(values: Column, data_type: DataType, is_empty: BoolArray) -> Column:
    """Put values into the rows that are not empty and the default into the others."""
    with_default = concat_columns(data_type, [values, default_column(data_type, 1)])
    return with_default.take(np.where(is_empty, len(values), np.cumsum(~is_empty) - 1))


class RowError(Exception):
    """A text that its type refuses; callers add line and column and raise it as their own."""

    def __init__(self, row: int, text: str) -> None:
        super().__init__(text)
        self.row = row
        self.text = text


def _parsed(text: StringColumn, data_type: DataType) -> Column:
    """Read all texts, or name the first that cannot be read."""
    if isinstance(data_type, StringType):
        return text
    values, is_read = parse_text(text, data_type, is_strict=True)
    if not is_read.all():
        row = int(np.argmin(is_read))
        shown = text.slice(row, row + 1).to_bytes()[0].decode("utf-8", "replace")
        shown = shown if len(shown) <= MAX_SHOWN else shown[:MAX_SHOWN] + "..."
        raise RowError(row, f"cannot read {shown!r} as {data_type.name}")
    return values
