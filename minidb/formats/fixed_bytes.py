"""Values of one width as bytes: what RowBinary, Native and Npy share.

A type needs nothing here as long as its columns are of one of these classes.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from minidb.columns import (
    BitsColumn,
    Column,
    FixedStringColumn,
    NumericColumn,
    WideColumn,
    empty_column,
)
from minidb.types import BoolType, DataType, NothingType

Bytes = NDArray[np.uint8]


def fixed_bytes(column: Column) -> Bytes | None:
    """Return the values as bytes, shape (n, width), little end first; None for other columns."""
    match column:
        case NumericColumn(type=NothingType()):
            return None
        case NumericColumn(values=values):
            return _matrix(values.reshape(-1, 1))
        case WideColumn(lanes=lanes):
            return _matrix(lanes)
        case BitsColumn(words=words):
            return _matrix(words)
        case FixedStringColumn(data=data):
            return np.ascontiguousarray(data)
        case _:
            return None


def _matrix(values: NDArray[np.generic]) -> Bytes:
    """Return rows of numbers as rows of bytes."""
    width = values.shape[1] * values.itemsize
    raw = np.ascontiguousarray(values, dtype=values.dtype.newbyteorder("<"))
    return raw.view(np.uint8).reshape(len(values), width)


def fixed_width(data_type: DataType) -> int | None:
    """Return the bytes of a value of `data_type`, None where they are not the same for all."""
    matrix = fixed_bytes(empty_column(data_type))
    return None if matrix is None else int(matrix.shape[1])


def column_of_bytes(data_type: DataType, matrix: Bytes) -> Column:
    """Return the column whose values are the rows of bytes (uint8, shape (n, width))."""
    matrix = np.ascontiguousarray(matrix)
    empty = empty_column(data_type)
    match empty:
        case NumericColumn(values=values):
            numbers = matrix.view(values.dtype.newbyteorder("<")).reshape(len(matrix))
            if isinstance(data_type, BoolType):
                numbers = (numbers != 0).view(np.uint8)
            return replace(empty, values=numbers.astype(values.dtype, copy=False))
        case WideColumn():
            return replace(empty, lanes=_words(matrix))
        case BitsColumn(type=bits_type):
            words = _words(matrix).copy()
            if bits_type.n_bits % 64:
                words[:, -1] &= np.uint64((1 << bits_type.n_bits % 64) - 1)
            return replace(empty, words=words)
        case FixedStringColumn():
            return replace(empty, data=matrix)
        case _:
            return empty


def _words(matrix: Bytes) -> NDArray[np.uint64]:
    """Return rows of bytes as rows of words."""
    return (
        matrix.view("<u8").reshape(len(matrix), matrix.shape[1] // 8).astype(np.uint64, copy=False)
    )
