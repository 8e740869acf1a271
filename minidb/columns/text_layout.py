"""Building text columns from whole arrays: byte matrices, row-wise joins, escapes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minidb.columns.base import BoolArray
from minidb.columns.strings import StringColumn

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]


def offsets_from(lengths: NDArray[Any]) -> Ints:
    """Return the offsets, int64, shape (n + 1,), of rows with these lengths."""
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def text_from_matrix(matrix: Bytes, keep: BoolArray) -> StringColumn:
    """Return the bytes of each row of `matrix` where `keep` is true, in order."""
    return StringColumn(offsets_from(keep.sum(axis=1)), matrix[keep])


def text_from_ascii(values: NDArray[Any]) -> StringColumn:
    """Return an array of dtype S as text; its zero bytes are padding."""
    matrix = byte_matrix(values)
    return text_from_matrix(matrix, matrix != 0)


def byte_matrix(values: NDArray[Any]) -> Bytes:
    """Return an array of dtype S as its bytes, uint8, shape (n, width)."""
    raw = np.ascontiguousarray(values).view(np.uint8)
    return raw.reshape(len(values), values.itemsize)


def padded_matrix(column: StringColumn, width: int) -> Bytes:
    """Return text as rows of `width` bytes, cut there, filled with zero bytes."""
    starts = column.offsets[:-1]
    lengths = np.minimum(column.lengths, width)
    matrix = np.zeros((len(column), width), np.uint8)
    is_inside = np.arange(width) < lengths[:, None]
    offsets = offsets_from(lengths)
    where = np.arange(offsets[-1]) + np.repeat(starts - offsets[:-1], lengths)
    matrix[is_inside] = column.data[where]
    return matrix


def repeated_text(value: bytes, n_rows: int) -> StringColumn:
    """Return one text for every row."""
    data = np.frombuffer(value * n_rows, np.uint8)
    return StringColumn(np.arange(n_rows + 1, dtype=np.int64) * len(value), data)


def place_text(column: StringColumn, starts: Ints, into: Bytes) -> None:
    """Write the bytes of each row at its place in a buffer."""
    source = column.compact()
    where = np.arange(len(source.data)) + np.repeat(starts - source.offsets[:-1], source.lengths)
    into[where] = source.data


def join_columns(columns: Sequence[StringColumn]) -> StringColumn:
    """Return row by row the texts of all columns one after another."""
    lengths = [column.lengths for column in columns]
    offsets = offsets_from(np.sum(lengths, axis=0))
    data = np.empty(int(offsets[-1]), np.uint8)
    starts = offsets[:-1].copy()
    for column, length in zip(columns, lengths, strict=True):
        place_text(column, starts, data)
        starts = starts + length
    return StringColumn(offsets, data)


def join_elements(offsets: Ints, elements: StringColumn) -> StringColumn:
    """Return ``[a,b,c]`` for each row of elements; `offsets` begin at 0."""
    counts = np.diff(offsets)
    before = offsets_from(elements.lengths + 1)
    row_bytes = before[offsets[1:]] - before[offsets[:-1]]
    # Each element brings one separator; the first of a row brings the bracket instead.
    new_offsets = offsets_from(np.where(counts > 0, row_bytes + 1, 2))
    data = np.empty(int(new_offsets[-1]), np.uint8)
    data[new_offsets[1:] - 1] = ord("]")
    data[new_offsets[:-1]] = ord("[")
    shift = np.repeat(new_offsets[:-1] - before[offsets[:-1]], counts)
    starts = before[:-1] + shift
    is_first = np.zeros(len(elements), np.bool_)
    is_first[offsets[:-1][counts > 0]] = True
    data[starts[~is_first]] = ord(",")
    place_text(elements, starts + 1, data)
    return StringColumn(new_offsets, data)


def choose_text(condition: BoolArray, yes: StringColumn, no: StringColumn) -> StringColumn:
    """Return `yes` where the condition holds, else `no`."""
    if not condition.any():
        return no
    joined = StringColumn(
        np.concatenate([no.compact().offsets, yes.compact().offsets[1:] + len(no.compact().data)]),
        np.concatenate([no.compact().data, yes.compact().data]),
    )
    rows = np.arange(len(no))
    return joined.take(np.where(condition, rows + len(no), rows))


def escape_table(escapes: dict[int, int]) -> Bytes:
    """Return the table for `escape_text`: for each byte the one that stands behind a backslash."""
    table = np.zeros(256, np.uint8)
    for raw, shown in escapes.items():
        table[raw] = shown
    return table


def escape_text(column: StringColumn, table: Bytes, lead: int = 0x5C) -> StringColumn:
    """Put `lead` before each byte that the table lists, and show that byte as the table says."""
    source = column.compact()
    shown = table[source.data]
    is_special = shown != 0
    if not is_special.any():
        return source
    extra = offsets_from(is_special)
    data = np.empty(len(source.data) + int(extra[-1]), np.uint8)
    places = np.arange(len(source.data)) + extra[1:]
    data[places] = np.where(is_special, shown, source.data)
    data[places[is_special] - 1] = lead
    return StringColumn(source.offsets + extra[source.offsets], data)
