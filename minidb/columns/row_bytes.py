"""A row's value as bytes, and back: how the state of an aggregate is kept.

Numbers are little-endian, 1 to 32 bytes. A text is its length (4 bytes) and its bytes; an array
its length and then its elements; a tuple its elements in order; a Nullable a mark (1 for NULL)
and a value. Inside an array the parts of the elements stand apart: all marks, all lengths or all
first elements of tuples before what follows them. So whole columns are read and written at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minidb.columns.base import Column
from minidb.columns.bits import BitsColumn
from minidb.columns.make import empty_column
from minidb.columns.nested import ArrayColumn, NullableColumn, TupleColumn
from minidb.columns.numeric import NumericColumn
from minidb.columns.states import StateColumn
from minidb.columns.strings import FixedStringColumn, StringColumn
from minidb.columns.wide import WideColumn
from minidb.errors import INCORRECT_DATA, InternalError, ValueExecutionError
from minidb.types import (
    AggregateStateType,
    ArrayType,
    BitsType,
    DataType,
    DecimalType,
    FixedStringType,
    IntType,
    NullableType,
    StringType,
    TupleType,
    UUIDType,
    numpy_dtype,
)

Ints = NDArray[np.int64]
LENGTH = np.dtype("<u4")


def encode_rows(column: Column) -> StringColumn:
    """Return the bytes of each row's value."""
    return _side_by_side(_pieces(column, np.arange(len(column) + 1, dtype=np.int64)))


def decode_rows(data_type: DataType, rows: StringColumn) -> Column:
    """Return the values that `encode_rows` made the bytes of.

    Raises
    ------
    ValueExecutionError
        INCORRECT_DATA when the bytes are no values of the type.
    """
    if not len(rows):
        return empty_column(data_type)
    reader = _Reader(rows.compact())
    column = reader.read(data_type, np.ones(len(rows), np.int64))
    reader.check_end()
    return column


def _pieces(column: Column, offsets: Ints) -> list[StringColumn]:
    """Return the parts of the bytes of each row, where row i holds the items of a range."""
    match column:
        case NumericColumn(values=values):
            return [_fixed(values, offsets)]
        case WideColumn(lanes=matrix) | BitsColumn(words=matrix) | FixedStringColumn(data=matrix):
            return [_fixed(matrix, offsets)]
        case StringColumn() | StateColumn():
            text = (column if isinstance(column, StringColumn) else column.rows).compact()
            lengths = _fixed(text.lengths.astype(LENGTH), offsets)
            return [lengths, StringColumn(text.offsets[offsets], text.data)]
        case ArrayColumn():
            array = column.compact()
            lengths = _fixed(array.lengths.astype(LENGTH), offsets)
            return [lengths, *_pieces(array.child, array.offsets[offsets])]
        case TupleColumn(children=children):
            return [piece for child in children for piece in _pieces(child, offsets)]
        case NullableColumn(inner=inner, is_null=is_null):
            return [_fixed(is_null.astype(np.uint8), offsets), *_pieces(inner, offsets)]
        case _:
            raise InternalError(f"no bytes for a {type(column).__name__}")


def _fixed(values: NDArray[Any], offsets: Ints) -> StringColumn:
    """Return items of one size as bytes."""
    little = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
    width = values.dtype.itemsize * (values.shape[1] if values.ndim == 2 else 1)
    return StringColumn(offsets * width, little.reshape(-1).view(np.uint8))


def _side_by_side(pieces: Sequence[StringColumn]) -> StringColumn:
    """Join the pieces of each row."""
    if len(pieces) == 1:
        return pieces[0]
    lengths = [piece.lengths for piece in pieces]
    offsets = np.zeros(len(pieces[0]) + 1, np.int64)
    np.cumsum(np.sum(lengths, axis=0), out=offsets[1:])
    data = np.empty(offsets[-1], np.uint8)
    place = offsets[:-1].copy()
    for piece, sizes in zip(pieces, lengths, strict=True):
        text = piece.compact()
        data[_ranges(place, sizes)] = text.data
        place += sizes
    return StringColumn(offsets, data)


def _ranges(starts: Ints, sizes: Ints) -> Ints:
    """Return the indices of ranges laid end to end."""
    ends = np.cumsum(sizes)
    where: Ints = np.arange(ends[-1] if len(ends) else 0, dtype=np.int64)
    where += np.repeat(starts - (ends - sizes), sizes)
    return where


def _sums(values: Ints, counts: Ints) -> Ints:
    """Add up the values of each row, which has `counts` of them."""
    running = np.zeros(len(values) + 1, np.int64)
    np.cumsum(values, out=running[1:])
    ends = np.cumsum(counts)
    sums: Ints = running[ends] - running[ends - counts]
    return sums


class _Reader:
    """A cursor in every row at once."""

    def __init__(self, rows: StringColumn) -> None:
        self.data = rows.data
        self.at = rows.offsets[:-1].copy()
        self.ends = rows.offsets[1:]

    def bytes(self, sizes: Ints) -> NDArray[np.uint8]:
        """Take some bytes of each row."""
        if bool((self.at + sizes > self.ends).any()):
            raise _broken()
        found: NDArray[np.uint8] = self.data[_ranges(self.at, sizes)]
        self.at += sizes
        return found

    def items(self, dtype: np.dtype[Any], counts: Ints) -> NDArray[Any]:
        """Take items of one size."""
        return self.bytes(counts * dtype.itemsize).view(dtype.newbyteorder("<")).astype(dtype)

    def check_end(self) -> None:
        """Refuse bytes behind the value."""
        if bool((self.at != self.ends).any()):
            raise _broken()

    def read(self, data_type: DataType, counts: Ints) -> Column:
        """Take `counts` values of each row."""
        n_items = int(counts.sum())
        match data_type:
            case NullableType(inner=inner):
                marks = self.items(np.dtype(np.uint8), counts)
                return NullableColumn(data_type, self.read(inner, counts), marks != 0)
            case StringType():
                return self._text(counts)
            case AggregateStateType():
                return StateColumn(data_type, self._text(counts))
            case ArrayType(element=element):
                lengths = self.items(LENGTH, counts).astype(np.int64)
                child = self.read(element, _sums(lengths, counts))
                return ArrayColumn(data_type, _offsets(lengths), child)
            case TupleType(elements=elements):
                children = tuple(self.read(element, counts) for element in elements)
                return TupleColumn(data_type, children, n_items)
            case FixedStringType(width=width):
                data = self.bytes(counts * width).reshape(n_items, width)
                return FixedStringColumn(data_type, data)
            case BitsType(n_words=n_words):
                words = self.items(np.dtype(np.uint64), counts * n_words)
                return BitsColumn(data_type, words.reshape(n_items, n_words))
            case (
                IntType(is_wide=True, n_lanes=n_lanes)
                | DecimalType(is_wide=True, n_lanes=n_lanes)
                | UUIDType(n_lanes=n_lanes)
            ):
                lanes = self.items(np.dtype(np.uint64), counts * n_lanes)
                return WideColumn(data_type, lanes.reshape(n_items, n_lanes))
            case _:
                return NumericColumn(data_type, self.items(numpy_dtype(data_type), counts))

    def _text(self, counts: Ints) -> StringColumn:
        """Take texts."""
        lengths = self.items(LENGTH, counts).astype(np.int64)
        return StringColumn(_offsets(lengths), self.bytes(_sums(lengths, counts)))


def _offsets(lengths: Ints) -> Ints:
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def _broken() -> ValueExecutionError:
    return ValueExecutionError(INCORRECT_DATA, "the bytes are no state of this aggregate")
