"""RowBinary and Native: values as bytes, row by row or column by column."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from minidb.columns import (
    ArrayColumn,
    Column,
    NullableColumn,
    NumericColumn,
    StringColumn,
    TupleColumn,
)
from minidb.errors import InternalError, NotSupportedError
from minidb.formats.assemble import ListMarks, concat_rows, join_lists, replace_rows
from minidb.formats.binary_input import (
    infer_native,
    infer_row_binary,
    read_native,
    row_binary_reader,
)
from minidb.formats.fixed_bytes import fixed_bytes
from minidb.formats.format import Format, Table, Writer
from minidb.types import NothingType, TupleType

NO_MARKS = ListMarks(b"", b"", b"", b"")
SEVEN_BITS, MORE = np.uint64(0x7F), np.uint8(0x80)


def varint(number: int) -> bytes:
    """Return a count, seven bits to a byte, the least significant first."""
    made = bytearray()
    while number >= 0x80:
        made.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*made, number])


def varints(numbers: NDArray[np.int64]) -> StringColumn:
    """Return counts as `varint` does, one text per count."""
    rest = numbers.astype(np.uint64)
    n_bytes = np.ones(len(rest), np.int64)
    for place in range(1, 10):
        n_bytes += rest >= np.uint64(1) << np.uint64(7 * place)
    offsets = np.zeros(len(rest) + 1, np.int64)
    np.cumsum(n_bytes, out=offsets[1:])
    data = np.empty(offsets[-1], np.uint8)
    for place in range(int(n_bytes.max(initial=0))):
        reaching = n_bytes > place
        part = (rest[reaching] >> np.uint64(7 * place)) & SEVEN_BITS
        is_last = n_bytes[reaching] == place + 1
        data[offsets[:-1][reaching] + place] = part.astype(np.uint8) | np.where(is_last, 0, MORE)
    return StringColumn(offsets, data)


def text_bytes(text: str) -> bytes:
    """Return a text behind its length."""
    raw = text.encode("utf-8", "surrogateescape")
    return varint(len(raw)) + raw


def binary_cells(column: Column) -> StringColumn:
    """Return the bytes of each value, as RowBinary has them."""
    matrix = fixed_bytes(column)
    if matrix is not None:
        offsets = np.arange(len(matrix) + 1, dtype=np.int64) * matrix.shape[1]
        return StringColumn(offsets, matrix.reshape(-1))
    match column:
        case StringColumn():
            return concat_rows([varints(column.lengths), column], len(column))
        case NullableColumn(inner=inner, is_null=is_null):
            values = concat_rows([b"\0", binary_cells(inner)], len(column))
            return replace_rows(values, is_null, b"\1")
        case ArrayColumn():
            whole = column.compact()
            elements = join_lists(binary_cells(whole.child), whole.offsets, NO_MARKS)
            return concat_rows([varints(whole.lengths), elements], len(column))
        case TupleColumn(children=children):
            return concat_rows([binary_cells(child) for child in children], len(column))
        case NumericColumn(type=NothingType()):
            return concat_rows([], len(column))
        case _:
            raise NotSupportedError(f"no binary form of {column.type.name}")


def native_bytes(column: Column) -> bytes:
    """Return a column as Native has it."""
    match column:
        case NullableColumn(inner=inner, is_null=is_null):
            return np.ascontiguousarray(is_null).view(np.uint8).tobytes() + native_bytes(inner)
        case ArrayColumn():
            whole = column.compact()
            return whole.offsets[1:].astype("<u8").tobytes() + native_bytes(whole.child)
        case TupleColumn(type=TupleType(elements=())) | NumericColumn(type=NothingType()):
            return b"0" * len(column)
        case TupleColumn(children=children):
            return b"".join(map(native_bytes, children))
        case _:
            cells = binary_cells(column)
            return cells.compact().data.tobytes()


def write_native(table: Table) -> Iterator[bytes]:
    """Yield one block per batch: names, types and columns."""
    for batch in table.batches:
        if batch.n_rows:
            yield _block(table, batch.columns, batch.n_rows)


def _block(table: Table, columns: tuple[Column, ...], n_rows: int) -> bytes:
    pieces = [varint(len(columns)), varint(n_rows)]
    for name, data_type, column in zip(table.names, table.types, columns, strict=True):
        if len(column) != n_rows:
            raise InternalError("columns of a block differ in length")
        pieces += [text_bytes(name), text_bytes(data_type.name), native_bytes(column)]
    return b"".join(pieces)


def row_binary_writer(n_header_lines: int) -> Writer:
    """Return what writes rows; below names, or names and types."""

    def write(table: Table) -> Iterator[bytes]:
        headers = (table.names, tuple(data_type.name for data_type in table.types))
        if n_header_lines:
            yield varint(len(table.names))
        for texts in headers[:n_header_lines]:
            yield b"".join(map(text_bytes, texts))
        for batch in table.batches:
            cells = [binary_cells(column) for column in batch.columns]
            yield concat_rows(cells, batch.n_rows).data.tobytes()

    return write


def write_raw_blob(table: Table) -> Iterator[bytes]:
    """Yield the bytes of all values, with nothing between."""
    for batch in table.batches:
        cells = [c if isinstance(c, StringColumn) else _raw_cells(c) for c in batch.columns]
        yield concat_rows(cells, batch.n_rows).data.tobytes()


def _raw_cells(column: Column) -> StringColumn:
    """Return the bytes of values as they lie in memory."""
    values = column.inner if isinstance(column, NullableColumn) else column
    matrix = fixed_bytes(values)
    if isinstance(values, StringColumn):
        cells = values
    elif matrix is not None:
        offsets = np.arange(len(matrix) + 1, dtype=np.int64) * matrix.shape[1]
        cells = StringColumn(offsets, matrix.reshape(-1))
    else:
        raise NotSupportedError(f"RawBLOB does not take {column.type.name}")
    return replace_rows(cells, column.is_null, b"") if isinstance(column, NullableColumn) else cells


BINARY_FORMATS = (
    Format(
        "RowBinary",
        "rows as bytes",
        row_binary_writer(0),
        row_binary_reader(0),
        is_text=False,
    ),
    Format(
        "RowBinaryWithNames",
        "RowBinary behind the names",
        row_binary_writer(1),
        row_binary_reader(1),
        is_text=False,
    ),
    Format(
        "RowBinaryWithNamesAndTypes",
        "RowBinary behind names and types",
        row_binary_writer(2),
        row_binary_reader(2),
        infer_row_binary,
        is_text=False,
    ),
    Format(
        "Native",
        "blocks of columns as bytes, with names and types",
        write_native,
        read_native,
        infer_native,
        suffixes=("native",),
        is_text=False,
    ),
)
