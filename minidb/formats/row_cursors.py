"""Cursors over bytes that stand row by row: they note where values lie and build columns at the end.

Rows of varying width have no shape that NumPy could see, so moving is a loop over values.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from minidb.columns import (
    ArrayColumn,
    Column,
    NullableColumn,
    StringColumn,
    TupleColumn,
    concat_columns,
    default_column,
)
from minidb.errors import NotSupportedError
from minidb.formats.fixed_bytes import column_of_bytes, fixed_width
from minidb.types import ArrayType, DataType, NothingType, NullableType, StringType, TupleType

Bytes = NDArray[np.uint8]
MAX_VARINT = 10


class EndError(Exception):
    """The input breaks off or cannot be; callers add row and column and raise it as their own."""

    def __init__(self, position: int, message: str) -> None:
        super().__init__(message)
        self.position = position
        self.message = message


def read_varint(raw: bytes, position: int) -> tuple[int, int]:
    """Return a count and the place behind it."""
    number = shift = 0
    for place in range(position, min(position + MAX_VARINT, len(raw))):
        byte = raw[place]
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, place + 1
        shift += 7
    raise EndError(position, "a length is cut off or too long")


class Cursor(Protocol):
    """Reads the values of one column."""

    def move(self, raw: bytes, position: int) -> int:
        """Take note of the value at `position` and return the place behind it."""

    def column(self, data: Bytes) -> Column:
        """Return all values met so far."""


class _Fixed:
    """Values of one width."""

    def __init__(self, data_type: DataType, width: int) -> None:
        self.type, self.width = data_type, width
        self.starts: list[int] = []

    def move(self, raw: bytes, position: int) -> int:
        end = position + self.width
        if end > len(raw):
            raise EndError(position, f"the input ends inside a value of {self.type.name}")
        self.starts.append(position)
        return end

    def column(self, data: Bytes) -> Column:
        starts = np.array(self.starts, np.int64)
        return column_of_bytes(self.type, data[starts[:, None] + np.arange(self.width)])


class _Text:
    """Texts behind their lengths."""

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []

    def move(self, raw: bytes, position: int) -> int:
        length, start = read_varint(raw, position)
        if length > len(raw) - start:
            raise EndError(position, "the input ends inside a text")
        self.starts.append(start)
        self.ends.append(start + length)
        return start + length

    def column(self, data: Bytes) -> Column:
        starts, ends = np.array(self.starts, np.int64), np.array(self.ends, np.int64)
        offsets = np.zeros(len(starts) + 1, np.int64)
        np.cumsum(ends - starts, out=offsets[1:])
        where = np.arange(offsets[-1], dtype=np.int64)
        where += np.repeat(starts - offsets[:-1], ends - starts)
        return StringColumn(offsets, data[where])


class _Nullable:
    """Values behind a byte that is 1 for NULL."""

    def __init__(self, data_type: NullableType) -> None:
        self.type = data_type
        self.inner = make_cursor(data_type.inner)
        self.flags = bytearray()

    def move(self, raw: bytes, position: int) -> int:
        if position >= len(raw):
            raise EndError(position, "the input ends before a value")
        flag = raw[position]
        if flag > 1:
            raise EndError(
                position, f"the byte before a value says {flag}, neither 0 nor 1 for NULL"
            )
        self.flags.append(flag)
        return position + 1 if flag else self.inner.move(raw, position + 1)

    def column(self, data: Bytes) -> Column:
        mask = np.frombuffer(bytes(self.flags), np.uint8) != 0
        values = self.inner.column(data)
        both = concat_columns(self.type.inner, [values, default_column(self.type.inner, 1)])
        places = np.where(mask, len(values), np.cumsum(~mask) - 1)
        return NullableColumn(self.type, both.take(places), mask)


class _Array:
    """Lists behind their sizes."""

    def __init__(self, data_type: ArrayType) -> None:
        self.type = data_type
        self.child = make_cursor(data_type.element)
        self.lengths: list[int] = []

    def move(self, raw: bytes, position: int) -> int:
        length, start = read_varint(raw, position)
        if length > len(raw) - start:
            raise EndError(position, f"a list of {length} values is longer than the input")
        for _ in range(length):
            start = self.child.move(raw, start)
        self.lengths.append(length)
        return start

    def column(self, data: Bytes) -> Column:
        offsets = np.zeros(len(self.lengths) + 1, np.int64)
        np.cumsum(np.array(self.lengths, np.int64), out=offsets[1:])
        return ArrayColumn(self.type, offsets, self.child.column(data))


class _Tuple:
    """Values of several types, one after another."""

    def __init__(self, data_type: TupleType) -> None:
        self.type = data_type
        self.children = [make_cursor(element) for element in data_type.elements]
        self.n_rows = 0

    def move(self, raw: bytes, position: int) -> int:
        for child in self.children:
            position = child.move(raw, position)
        self.n_rows += 1
        return position

    def column(self, data: Bytes) -> Column:
        children = tuple(child.column(data) for child in self.children)
        return TupleColumn(self.type, children, self.n_rows)


class _Nothing:
    """The type without values."""

    def __init__(self) -> None:
        self.n_rows = 0

    def move(self, _raw: bytes, position: int) -> int:
        self.n_rows += 1
        return position

    def column(self, _data: Bytes) -> Column:
        return default_column(NothingType(), self.n_rows)


def make_cursor(data_type: DataType) -> Cursor:
    """Return a cursor for values of `data_type`.

    Raises
    ------
    NotSupportedError
        For a type without a binary form.
    """
    width = fixed_width(data_type)
    match data_type:
        case StringType():
            return _Text()
        case NullableType():
            return _Nullable(data_type)
        case ArrayType():
            return _Array(data_type)
        case TupleType():
            return _Tuple(data_type)
        case NothingType():
            return _Nothing()
        case _ if width is not None:
            return _Fixed(data_type, width)
        case _:
            raise NotSupportedError(f"no binary form of {data_type.name}")
