"""A column as streams of little-endian bytes, and back.

A column of a simple type is one stream; text adds a stream of lengths, Nullable one of NULL
marks, and Array and Tuple put the streams of their elements behind their own. Every stream
knows where each granule ends in it, so a few granules can be read without the others.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from minidb.columns import (
    ArrayColumn,
    BitsColumn,
    Column,
    FixedStringColumn,
    NullableColumn,
    NumericColumn,
    StateColumn,
    StringColumn,
    TupleColumn,
    WideColumn,
)
from minidb.errors import InternalError
from minidb.record import record
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

Bytes = NDArray[np.uint8]
Rows = NDArray[np.int64]

LENGTH_SIZES = (1, 2, 4, 8)


@record(eq=False)
class Stream:
    """Bytes of one kind, for all granules.

    Parameters
    ----------
    item_bytes : int
        Bytes of one item; text is a stream of single bytes.
    data : ndarray of uint8
        The items, little-endian.
    ends : ndarray of int64, shape (n_granules,)
        Where each granule ends in `data`.
    """

    item_bytes: int
    data: Bytes
    ends: Rows


@record
class Piece:
    """What was read of a stream: whole items of `item_bytes` bytes each."""

    item_bytes: int
    data: bytes


class StreamError(ValueError):
    """The streams do not make a column of the type; the caller knows the file."""


def encode_column(column: Column, starts: Rows) -> list[Stream]:
    """Turn a column into streams.

    Parameters
    ----------
    column : Column
        Any column.
    starts : ndarray of int64, shape (n_granules + 1,)
        The first row of each granule and, last, the number of rows.
    """
    match column:
        case NumericColumn(values=values):
            return [_items(values, starts)]
        case WideColumn(lanes=matrix) | BitsColumn(words=matrix):
            return [_items(matrix, starts)]
        case FixedStringColumn(data=matrix):
            return [_items(matrix, starts)]
        case StringColumn():
            text = column.compact()
            return [_lengths(text.lengths, starts), Stream(1, text.data, text.offsets[starts[1:]])]
        case StateColumn(rows=rows):
            return encode_column(rows, starts)
        case ArrayColumn():
            array = column.compact()
            child = encode_column(array.child, array.offsets[starts])
            return [_lengths(array.lengths, starts), *child]
        case TupleColumn(children=children):
            return [stream for child in children for stream in encode_column(child, starts)]
        case NullableColumn(inner=inner, is_null=is_null):
            return [_items(is_null.view(np.uint8), starts), *encode_column(inner, starts)]
        case _:
            raise InternalError(f"cannot store a {type(column).__name__}")


def _items(values: NDArray[np.generic], starts: Rows) -> Stream:
    """Lay rows of a fixed size end to end."""
    n_bytes = values.dtype.itemsize * (values.shape[1] if values.ndim == 2 else 1)
    little = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
    return Stream(n_bytes, little.reshape(-1).view(np.uint8), starts[1:] * n_bytes)


def _lengths(lengths: Rows, starts: Rows) -> Stream:
    """Store lengths in the narrowest integers that hold them."""
    longest = int(lengths.max()) if len(lengths) else 0
    size = next(size for size in LENGTH_SIZES if longest < 1 << (8 * size))
    return _items(lengths.astype(f"<u{size}"), starts)


def decode_column(data_type: DataType, pieces: Iterator[Piece], n_rows: int) -> Column:
    """Turn the pieces of some adjacent granules back into a column.

    Parameters
    ----------
    data_type : DataType
        What was encoded.
    pieces : iterator of Piece
        One per stream, in the order of `encode_column`.
    n_rows : int
        The rows of those granules.

    Raises
    ------
    StreamError
        When the pieces do not fit the type or each other.
    """
    match data_type:
        case NullableType(inner=inner):
            marks = np.frombuffer(_take(pieces, 1, n_rows), np.uint8)
            return NullableColumn(data_type, decode_column(inner, pieces, n_rows), marks != 0)
        case StringType():
            offsets = _offsets(pieces, n_rows)
            text = _take(pieces, 1, int(offsets[-1]))
            return StringColumn(offsets, np.frombuffer(text, np.uint8))
        case AggregateStateType():
            offsets = _offsets(pieces, n_rows)
            raw = np.frombuffer(_take(pieces, 1, int(offsets[-1])), np.uint8)
            return StateColumn(data_type, StringColumn(offsets, raw))
        case ArrayType(element=element):
            offsets = _offsets(pieces, n_rows)
            child = decode_column(element, pieces, int(offsets[-1]))
            return ArrayColumn(data_type, offsets, child)
        case TupleType(elements=elements):
            children = tuple(decode_column(element, pieces, n_rows) for element in elements)
            return TupleColumn(data_type, children, n_rows)
        case FixedStringType(width=width):
            data = np.frombuffer(_take(pieces, width, n_rows), np.uint8)
            return FixedStringColumn(data_type, data.reshape(n_rows, width))
        case BitsType(n_words=n_words):
            return BitsColumn(data_type, _words(pieces, n_rows, n_words))
        case IntType(is_wide=True, n_lanes=n_lanes) | DecimalType(is_wide=True, n_lanes=n_lanes):
            return WideColumn(data_type, _words(pieces, n_rows, n_lanes))
        case UUIDType():
            return WideColumn(data_type, _words(pieces, n_rows, 2))
        case _:
            dtype = numpy_dtype(data_type)
            raw = np.frombuffer(_take(pieces, dtype.itemsize, n_rows), dtype.newbyteorder("<"))
            return NumericColumn(data_type, raw.astype(dtype, copy=False))


def _take(pieces: Iterator[Piece], item_bytes: int, n_items: int) -> bytes:
    """Return the next piece, which has to hold `n_items` items."""
    piece = next(pieces, None)
    if piece is None:
        raise StreamError("a stream is missing")
    if piece.item_bytes != item_bytes or len(piece.data) != item_bytes * n_items:
        raise StreamError(
            f"a stream has {len(piece.data)} bytes, expected {n_items} items of {item_bytes}"
        )
    return piece.data


def _offsets(pieces: Iterator[Piece], n_rows: int) -> Rows:
    """Add up the next piece's lengths."""
    piece = next(pieces, None)
    if piece is None or piece.item_bytes not in LENGTH_SIZES:
        raise StreamError("a stream of lengths is missing")
    raw = _take(iter([piece]), piece.item_bytes, n_rows)
    lengths = np.frombuffer(raw, f"<u{piece.item_bytes}")
    offsets = np.zeros(n_rows + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:], dtype=np.int64)
    if n_rows and bool((offsets[1:] < offsets[:-1]).any()):
        raise StreamError("a length is negative")
    return offsets


def _words(pieces: Iterator[Piece], n_rows: int, n_words: int) -> NDArray[np.uint64]:
    raw = np.frombuffer(_take(pieces, n_words * 8, n_rows), "<u8")
    return raw.reshape(n_rows, n_words).astype(np.uint64, copy=False)
