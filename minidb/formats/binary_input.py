"""Reading RowBinary and Native: first where each value lies, then whole columns at once."""

from __future__ import annotations

import numpy as np

from minidb.columns import (
    Column,
    NullableColumn,
    TupleColumn,
    concat_columns,
    default_column,
)
from minidb.columns.nested import ArrayColumn
from minidb.errors import (
    CANNOT_READ_ALL_DATA,
    INCORRECT_DATA,
    MiniDBError,
    NotSupportedError,
    ValueExecutionError,
)
from minidb.formats.fields import input_error
from minidb.formats.fixed_bytes import column_of_bytes, fixed_width
from minidb.formats.format import Reader, Target
from minidb.formats.row_cursors import EndError, make_cursor, read_varint
from minidb.formats.tsv_input import check_types, named_types, type_in_input
from minidb.functions.cast import cast_column
from minidb.types import ArrayType, DataType, NothingType, NullableType, StringType, TupleType

MAX_COLUMNS = 100_000


def _text(raw: bytes, position: int) -> tuple[str, int]:
    """Read a text behind its length."""
    length, start = read_varint(raw, position)
    if length > len(raw) - start:
        raise EndError(position, "the input ends inside a text")
    return raw[start : start + length].decode("utf-8", "surrogateescape"), start + length


def _header(raw: bytes, n_header_lines: int) -> tuple[list[list[str]], int]:
    """Read names, or names and types."""
    count, position = read_varint(raw, 0)
    if count > MAX_COLUMNS:
        raise EndError(0, f"{count} columns are too many to be true")
    lines: list[list[str]] = []
    for _ in range(n_header_lines):
        line = []
        for _ in range(count):
            text, position = _text(raw, position)
            line.append(text)
        lines.append(line)
    return lines, position


def _broken(error: EndError, row: int | None = None, name: str | None = None) -> MiniDBError:
    """Return the error for input that breaks off."""
    message, byte = error.message, error.position
    return input_error(None, name, message, CANNOT_READ_ALL_DATA, row=row, byte=byte)


def row_binary_reader(n_header_lines: int) -> Reader:
    """Return what reads rows; behind names, unknown columns are skipped by their types."""

    def read(raw: bytes, target: Target) -> tuple[Column, ...]:
        if not n_header_lines:
            return _rows(raw, 0, target)
        try:
            lines, position = _header(raw, n_header_lines)
        except EndError as error:
            raise _broken(error) from None
        names, wanted = lines[0], dict(zip(target.names, target.types, strict=True))
        if n_header_lines == 2:
            check_types(names, lines[1], target)
            types = tuple(map(type_in_input, lines[1]))
        else:
            unknown = next((name for name in names if name not in wanted), None)
            if unknown is not None:
                message = (
                    f"column '{unknown}' is not wanted, and without its type not to be skipped"
                )
                raise ValueExecutionError(INCORRECT_DATA, message)
            types = tuple(wanted[name] for name in names)
        columns = _rows(raw, position, Target(tuple(names), types))
        n_rows = len(columns[0]) if columns else 0
        by_name = dict(zip(names, columns, strict=True))
        return tuple(
            by_name[name] if name in by_name else default_column(data_type, n_rows)
            for name, data_type in wanted.items()
        )

    return read


def infer_row_binary(raw: bytes) -> Target:
    """Take names and types from the header."""
    try:
        names, types = _header(raw, 2)[0]
    except EndError as error:
        raise _broken(error) from None
    return named_types(names, types)


def _rows(raw: bytes, position: int, target: Target) -> tuple[Column, ...]:
    """Read rows up to the end of the input."""
    widths = [fixed_width(data_type) for data_type in target.types]
    fixed = [width for width in widths if width is not None]
    if len(fixed) == len(widths) and any(fixed):
        return _fixed_rows(raw, position, target, fixed)
    data = np.frombuffer(raw, np.uint8)
    cursors = [make_cursor(data_type) for data_type in target.types]
    start, row, name = position, 0, ""
    try:
        while position < len(raw):
            row, start = row + 1, position
            for place, cursor in enumerate(cursors):
                name = target.names[place]
                position = cursor.move(raw, position)
            if position == start:
                raise EndError(position, "bytes stand behind rows that take none")
    except EndError as error:
        raise _broken(error, row, name) from None
    return tuple(cursor.column(data) for cursor in cursors)


def _fixed_rows(raw: bytes, position: int, target: Target, widths: list[int]) -> tuple[Column, ...]:
    """Read rows of one width as a matrix."""
    total = sum(widths)
    n_rows, rest = divmod(len(raw) - position, total)
    if rest:
        error = EndError(len(raw) - rest, f"the input ends inside a row of {total} bytes")
        raise _broken(error, n_rows + 1)
    matrix = np.frombuffer(raw, np.uint8, offset=position).reshape(n_rows, total)
    columns, at = [], 0
    for data_type, width in zip(target.types, widths, strict=True):
        columns.append(column_of_bytes(data_type, matrix[:, at : at + width]))
        at += width
    return tuple(columns)


def _native_column(
    raw: bytes, position: int, data_type: DataType, n_rows: int
) -> tuple[Column, int]:
    """Read one column of a block."""
    match data_type:
        case NullableType(inner=inner):
            mask, position = _taken(raw, position, n_rows)
            values, position = _native_column(raw, position, inner, n_rows)
            return NullableColumn(data_type, values, mask != 0), position
        case ArrayType(element=element):
            found, position = _taken(raw, position, n_rows * 8)
            offsets = np.zeros(n_rows + 1, np.int64)
            offsets[1:] = found.view("<i8")
            if (np.diff(offsets) < 0).any():
                raise EndError(position, "the sizes of arrays fall")
            child, position = _native_column(raw, position, element, int(offsets[-1]))
            return ArrayColumn(data_type, offsets, child), position
        case TupleType(elements=()) | NothingType():
            _, position = _taken(raw, position, n_rows)
            return default_column(data_type, n_rows), position
        case TupleType(elements=elements):
            children = []
            for element in elements:
                child, position = _native_column(raw, position, element, n_rows)
                children.append(child)
            return TupleColumn(data_type, tuple(children), n_rows), position
        case StringType():
            if n_rows > len(raw) - position:
                raise EndError(len(raw), "the input ends inside a column")
            cursor = make_cursor(data_type)
            for _ in range(n_rows):
                position = cursor.move(raw, position)
            return cursor.column(np.frombuffer(raw, np.uint8)), position
        case _:
            width = fixed_width(data_type)
            if width is None:
                raise NotSupportedError(f"{data_type.name} is not read from Native")
            found, position = _taken(raw, position, n_rows * width)
            return column_of_bytes(data_type, found.reshape(n_rows, width)), position


def _taken(
    raw: bytes, position: int, size: int
) -> tuple[np.ndarray[tuple[int], np.dtype[np.uint8]], int]:
    """Return the next `size` bytes and the place behind them."""
    if size > len(raw) - position:
        raise EndError(len(raw), "the input ends inside a column")
    return np.frombuffer(raw, np.uint8, size, position), position + size


def _blocks(raw: bytes, limit: int | None = None) -> list[dict[str, Column]]:
    """Read blocks up to the end of the input."""
    blocks: list[dict[str, Column]] = []
    position, name = 0, None
    try:
        while position < len(raw) and (limit is None or len(blocks) < limit):
            n_columns, position = read_varint(raw, position)
            n_rows, position = read_varint(raw, position)
            if n_columns > MAX_COLUMNS or n_rows > (len(raw) + 1) * 64:
                raise EndError(position, "the size of the block is too large to be true")
            block: dict[str, Column] = {}
            for _ in range(n_columns):
                name, position = _text(raw, position)
                type_name, position = _text(raw, position)
                column, position = _native_column(raw, position, type_in_input(type_name), n_rows)
                block[name] = column
            blocks.append(block)
            name = None
    except EndError as error:
        raise _broken(error, None, name) from None
    return blocks


def read_native(raw: bytes, target: Target) -> tuple[Column, ...]:
    """Read blocks; columns go by name, and are converted where their types differ."""
    blocks = _blocks(raw)
    columns = []
    for name, data_type in zip(target.names, target.types, strict=True):
        parts = []
        for block in blocks:
            n_rows = len(next(iter(block.values()))) if block else 0
            part = block.get(name, default_column(data_type, n_rows))
            parts.append(part if part.type == data_type else _converted(name, part, data_type))
        columns.append(concat_columns(data_type, parts))
    return tuple(columns)


def _converted(name: str, column: Column, data_type: DataType) -> Column:
    try:
        return cast_column(column, data_type)
    except MiniDBError as error:
        error.message = f"column '{name}': {error.message}"
        raise


def infer_native(raw: bytes) -> Target:
    """Take names and types from the first block."""
    blocks = _blocks(raw, 1)
    if not blocks:
        raise ValueExecutionError(INCORRECT_DATA, "the input is empty")
    return Target(tuple(blocks[0]), tuple(column.type for column in blocks[0].values()))
