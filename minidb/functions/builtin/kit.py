"""What kernels share: plain arrays out of columns, columns out of plain arrays, per-row sums."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from minidb.columns import (
    ArrayColumn,
    BoolArray,
    Column,
    FixedStringColumn,
    IndexArray,
    NumericColumn,
    StringColumn,
    TupleColumn,
    WideColumn,
    concat_columns,
    default_column,
)
from minidb.errors import (
    ILLEGAL_TYPE_OF_ARGUMENT,
    MEMORY_LIMIT_EXCEEDED,
    BindError,
    InternalError,
    LimitExecutionError,
)
from minidb.functions.declaration import Call
from minidb.types import (
    ArrayType,
    BoolType,
    DataType,
    FloatType,
    IntType,
    NullableType,
    StringType,
    TupleType,
    numpy_dtype,
)

Ints: TypeAlias = NDArray[np.int64]
Bytes: TypeAlias = NDArray[np.uint8]

U8, U16, U32, U64 = (IntType(bits, False) for bits in (8, 16, 32, 64))
I8, I16, I32, I64 = (IntType(bits, True) for bits in (8, 16, 32, 64))
F32, F64 = FloatType(32), FloatType(64)
TEXT = StringType()
BOOL = BoolType()


def numbers(column: Column) -> NDArray[Any]:
    """Return the array of a column that has a single one; stride 0 is possible."""
    if not isinstance(column, NumericColumn):
        raise InternalError(f"a kernel expected numbers, got {column.type.name}")
    return column.values


def whole_numbers(column: Column) -> Ints:
    """Return numbers of any width as int64, cut off, those outside it as its nearest bound."""
    if isinstance(column, WideColumn):
        lanes = np.ascontiguousarray(column.lanes)
        top = lanes[:, 1:].astype(np.int64)
        low = lanes[:, 0].astype(np.int64)
        fits = (top == (low >> 63)[:, None]).all(axis=1)
        bounds = np.iinfo(np.int64)
        is_negative = (top[:, -1] < 0) if column.type.is_signed else np.zeros(len(low), np.bool_)
        clipped: Ints = np.where(fits, low, np.where(is_negative, bounds.min, bounds.max))
        return clipped
    values = numbers(column)
    if values.dtype == np.uint64:
        values = np.minimum(values, np.uint64(np.iinfo(np.int64).max))
    if values.dtype.kind == "f":
        # The largest float64 below 2**63; NaN becomes 0.
        values = np.clip(np.nan_to_num(values.astype(np.float64)), -(2.0**63), 2.0**63 - 1024)
    narrow: Ints = values.astype(np.int64)
    return narrow


def strings(column: Column) -> StringColumn:
    """Return text as a compact StringColumn; a FixedString keeps its zero bytes."""
    if isinstance(column, StringColumn):
        return column.compact()
    if isinstance(column, FixedStringColumn):
        offsets = np.arange(len(column) + 1, dtype=np.int64) * column.type.width
        return StringColumn(offsets, np.ascontiguousarray(column.data).reshape(-1))
    raise InternalError(f"a kernel expected text, got {column.type.name}")


def arrays(column: Column) -> ArrayColumn:
    """Return a compact ArrayColumn."""
    if not isinstance(column, ArrayColumn):
        raise InternalError(f"a kernel expected arrays, got {column.type.name}")
    return column.compact()


def tuples(column: Column) -> TupleColumn:
    """Return a TupleColumn."""
    if not isinstance(column, TupleColumn):
        raise InternalError(f"a kernel expected tuples, got {column.type.name}")
    return column


def numeric(data_type: DataType, values: NDArray[Any]) -> NumericColumn:
    """Return a column of a one-array type, its values cast to that type's dtype."""
    return NumericColumn(data_type, values.astype(numpy_dtype(data_type), copy=False))


def flags(values: BoolArray) -> NumericColumn:
    """Return truth values as UInt8, which is what ClickHouse's predicates give."""
    return NumericColumn(U8, values.astype(np.uint8))


def array_of(element: DataType, offsets: Ints, child: Column) -> ArrayColumn:
    """Return an array column; `child` has to be of type `element`."""
    return ArrayColumn(ArrayType(element), offsets, child)


def offsets_of(lengths: NDArray[Any]) -> Ints:
    """Return the offsets, int64, shape (n + 1,), of rows with these lengths."""
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def rows_of(offsets: Ints) -> IndexArray:
    """Return for each element the number of its row, intp."""
    return np.repeat(np.arange(len(offsets) - 1, dtype=np.intp), np.diff(offsets))


def places_of(offsets: Ints) -> Ints:
    """Return for each element its place in its row, from 0."""
    return np.arange(offsets[-1], dtype=np.int64) - np.repeat(offsets[:-1], np.diff(offsets))


def range_indices(starts: NDArray[Any], lengths: NDArray[Any]) -> Ints:
    """Return the indices of ranges laid end to end; `lengths` are not negative."""
    offsets = offsets_of(lengths)
    indices: Ints = places_of(offsets) + np.repeat(starts, lengths)
    return indices


def cut(column: StringColumn, starts: Ints, lengths: NDArray[Any]) -> StringColumn:
    """Return one piece of each row's text; `starts` count from the start of the data."""
    return StringColumn(offsets_of(lengths), column.data[range_indices(starts, lengths)])


def check_room(call: Call, size_bytes: int) -> None:
    """Refuse a result that does not fit the statement's memory, before it is made.

    Raises
    ------
    LimitExecutionError
        MEMORY_LIMIT_EXCEEDED.
    """
    if call.need is not None:
        call.need(size_bytes)
        return
    limit = call.settings.integer("max_memory_usage")
    if 0 < limit < size_bytes:
        message = f"a result of {size_bytes} bytes is over max_memory_usage, {limit} bytes"
        raise LimitExecutionError(MEMORY_LIMIT_EXCEEDED, message)


def count_per_row(chosen: BoolArray, offsets: Ints) -> Ints:
    """Return how many elements of each row are chosen."""
    running = np.zeros(len(chosen) + 1, np.int64)
    np.cumsum(chosen, out=running[1:])
    counted: Ints = running[offsets[1:]] - running[offsets[:-1]]
    return counted


def first_per_row(chosen: BoolArray, offsets: Ints) -> Ints:
    """Return for each row the index of its first chosen element, -1 where there is none."""
    found = np.flatnonzero(chosen)
    first = np.full(len(offsets) - 1, -1, np.int64)
    at = np.searchsorted(found, offsets[:-1])
    is_inside = at < len(found)
    candidate = found[at[is_inside]]
    first[is_inside] = np.where(candidate < offsets[1:][is_inside], candidate, -1)
    return first


def last_per_row(chosen: BoolArray, offsets: Ints) -> Ints:
    """Return for each row the index of its last chosen element, -1 where there is none."""
    found = np.flatnonzero(chosen)
    at = np.searchsorted(found, offsets[1:]) - 1
    last = np.full(len(offsets) - 1, -1, np.int64)
    has_one = at >= 0
    candidate = found[at[has_one]]
    last[has_one] = np.where(candidate >= offsets[:-1][has_one], candidate, -1)
    return last


def pieces(lengths: Ints, start: Ints, size: Ints | None = None) -> tuple[Ints, Ints]:
    """Return where a piece of each row begins, from 0, and its length.

    Parameters
    ----------
    lengths : ndarray of int64, shape (n,)
        Of the rows.
    start : ndarray of int64, shape (n,)
        From 1 on from the start, below 0 from the end, even in front of it; 0 for no piece.
    size : ndarray of int64, shape (n,), optional
        The piece's length; below 0, how much is left out at the end. None for all the rest.
    """
    begin = np.where(start > 0, start - 1, lengths + start)
    if size is None:
        end = lengths
    else:
        # A begin in front of the row and a size cannot overflow; else `size` is cut first.
        near = np.where(begin < 0, size, np.minimum(size, lengths))
        end = np.where(size < 0, lengths + size, np.minimum(begin, lengths) + near)
    begin = np.clip(begin, 0, lengths)
    length = np.maximum(np.minimum(end, lengths) - begin, 0)
    return begin, np.where(start == 0, 0, length)


def reversing(offsets: Ints) -> Ints:
    """Return the indices that turn every row around."""
    mirrored: Ints = np.repeat(offsets[:-1] + offsets[1:] - 1, np.diff(offsets))
    return mirrored - np.arange(offsets[0], offsets[-1])


def take_or_default(column: Column, indices: Ints, is_valid: BoolArray) -> Column:
    """Gather rows by number, and the type's default where `is_valid` is false."""
    if is_valid.all():
        return column.take(indices)
    present = column.take(indices[is_valid])
    together = concat_columns(column.type, [present, default_column(column.type, 1)])
    order = np.full(len(indices), len(present), np.intp)
    order[is_valid] = np.arange(len(present))
    return together.take(order)


def interleave(data_type: DataType, columns: Sequence[Column], n_rows: int) -> Column:
    """Return row 0 of every column, then row 1 of every column, and so on."""
    if len(columns) == 1:
        return columns[0]
    if all(isinstance(column, NumericColumn) for column in columns):
        return numeric(data_type, np.stack([numbers(c) for c in columns], axis=1).reshape(-1))
    order = np.arange(len(columns) * n_rows).reshape(len(columns), n_rows).T.reshape(-1)
    return concat_columns(data_type, columns).take(order)


def illegal_type(function: str, data_type: DataType, wanted: str) -> BindError:
    """Return the error for an argument of a type that a function does not take."""
    message = f"{function} takes {wanted}, not {data_type.name}"
    return BindError(ILLEGAL_TYPE_OF_ARGUMENT, message)


def require_not_null(function: str, data_type: DataType) -> None:
    """Refuse a Nullable argument where NULL would mean nothing."""
    if isinstance(data_type, NullableType):
        raise illegal_type(function, data_type, "a number that is not Nullable")


def element_type(data_type: DataType) -> DataType:
    """Return the element type of an array type."""
    if not isinstance(data_type, ArrayType):
        raise illegal_type("this function", data_type, "an Array")
    return data_type.element


def tuple_type(data_type: DataType) -> TupleType:
    """Return a type that has to be a tuple."""
    if not isinstance(data_type, TupleType):
        raise illegal_type("this function", data_type, "a Tuple")
    return data_type
