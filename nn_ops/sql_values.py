"""Columns of arrays as tensors of NumPy, and back: what the SQL functions of networks share.

A column of arrays of equal length is one tensor, a row of it per row of the column. Where lengths
differ, rows of the same lengths are taken together, so there is never one call per row unless every
row has a length of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from minidb.extension import (
    ArrayColumn,
    ArrayType,
    BoolType,
    Column,
    DataType,
    FloatType,
    IntType,
    Kind,
    NothingType,
    NumericColumn,
    TupleColumn,
    TupleType,
)
from nn_ops.errors import (
    NN_NOT_FINITE,
    NN_SHAPE_MISMATCH,
    ExtensionError,
    InternalError,
)

Tensor: TypeAlias = NDArray[Any]
NARROW_BITS = 64


def is_word(data_type: DataType) -> bool:
    """Whether a type's values are words of at most 64 bits."""
    if isinstance(data_type, IntType):
        return not data_type.is_signed and data_type.bits <= NARROW_BITS
    return isinstance(data_type, BoolType | NothingType)


def is_number(data_type: DataType) -> bool:
    """Whether a type's values are numbers that one NumPy array holds."""
    if isinstance(data_type, IntType):
        return data_type.bits <= NARROW_BITS
    return isinstance(data_type, FloatType | BoolType | NothingType)


def is_array_of(data_type: DataType, accepts: Callable[[DataType], bool]) -> bool:
    """Whether a type is an array whose elements `accepts` takes."""
    return isinstance(data_type, ArrayType) and accepts(data_type.element)


def _is_rows(data_type: DataType, accepts: Callable[[DataType], bool]) -> bool:
    """Whether a type is an array of such arrays; an empty array may be."""
    return is_array_of(data_type, lambda t: isinstance(t, NothingType) or is_array_of(t, accepts))


WORDS = Kind("an Array of unsigned integers", lambda t: is_array_of(t, is_word))
WORD_ROWS = Kind("an Array of Arrays of unsigned integers", lambda t: _is_rows(t, is_word))
NUMBERS = Kind("an Array of numbers", lambda t: is_array_of(t, is_number))
NUMBER_ROWS = Kind("an Array of Arrays of numbers", lambda t: _is_rows(t, is_number))
WHOLE = Kind("an integer of at most 64 bits", lambda t: isinstance(t, IntType) and is_number(t))
REAL = Kind("a number", lambda t: is_number(t) and not isinstance(t, NothingType))
SIZES = Kind(
    "an integer, or an Array or Tuple of integers",
    lambda t: (
        WHOLE.accepts(t)
        or is_array_of(t, WHOLE.accepts)
        or (isinstance(t, TupleType) and all(map(WHOLE.accepts, t.elements)))
    ),
)
TERMS = Kind(
    "a Tuple of two Arrays of Arrays of numbers, as nnTerms gives it",
    lambda t: isinstance(t, TupleType) and list(map(NUMBER_ROWS.accepts, t.elements)) == [True] * 2,
)
LIMITS = Kind(
    "a Tuple of an Array of Arrays and an Array of numbers, as nnFoldBatchNorm gives it",
    lambda t: (
        isinstance(t, TupleType)
        and len(t.elements) == 2
        and NUMBER_ROWS.accepts(t.elements[0])
        and NUMBERS.accepts(t.elements[1])
    ),
)


def tensor_of(column: Column, name: str, n_axes: int = 1) -> Tensor:
    """Return a column of arrays as one tensor.

    Parameters
    ----------
    column : Column
        Arrays of numbers, nested `n_axes` deep.
    name : str
        The argument's, for messages.
    n_axes : int

    Returns
    -------
    ndarray, shape (rows, n_1, ..., n_axes)

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH when arrays of one level differ in length.
    """
    sizes, rows = [len(column)], len(column)
    for _ in range(n_axes):
        if isinstance(column.type, NothingType):
            # The elements of arrays that are all empty have no arrays of their own.
            return np.zeros((*sizes, 0), np.uint8)
        if not isinstance(column, ArrayColumn):
            raise InternalError(f"{name} is no array but {column.type.name}")
        array = column.compact()
        lengths = array.lengths
        size = int(lengths[0]) if rows else 0
        if (lengths != size).any():
            raise ExtensionError(
                NN_SHAPE_MISMATCH,
                f"the arrays in {name} have {int(lengths.min())} to {int(lengths.max())} elements",
                hint="all of them have the same number",
            )
        sizes.append(size)
        column, rows = array.child, rows * size
    if not isinstance(column, NumericColumn):
        raise InternalError(f"{name} holds {column.type.name}")
    return np.asarray(column.values).reshape(sizes)


def column_of(data_type: DataType, tensor: Tensor | tuple[Tensor, ...]) -> Column:
    """Return a tensor as a column of numbers or (nested) arrays, several as one of tuples."""
    if isinstance(tensor, tuple):
        if not isinstance(data_type, TupleType):
            raise InternalError(f"several tensors are no column of {data_type.name}")
        parts = tuple(map(column_of, data_type.elements, tensor))
        return TupleColumn(data_type, parts, len(tensor[0]))
    depth, element = 0, data_type
    while isinstance(element, ArrayType):
        depth, element = depth + 1, element.element
    if tensor.ndim != depth + 1:
        raise InternalError(f"a tensor of {tensor.ndim} axes is no column of {data_type.name}")
    return _nested(data_type, tensor.shape, np.ascontiguousarray(tensor).reshape(-1))


def _nested(data_type: DataType, sizes: Sequence[int], values: Tensor) -> Column:
    """Return flat values as ``sizes[0]`` arrays of the sizes behind it."""
    if not isinstance(data_type, ArrayType):
        return NumericColumn(data_type, values.astype(_dtype(data_type), copy=False))
    rows, size = sizes[0], sizes[1]
    child = _nested(data_type.element, (rows * size, *sizes[2:]), values)
    return ArrayColumn(data_type, np.arange(rows + 1, dtype=np.int64) * size, child)


def _dtype(data_type: DataType) -> np.dtype[Any]:
    """Return the dtype of a type of plain numbers."""
    match data_type:
        case IntType(bits=bits, is_signed=is_signed):
            return np.dtype(f"{'i' if is_signed else 'u'}{bits // 8}")
        case FloatType(bits=bits):
            return np.dtype(f"f{bits // 8}")
        case other:
            raise InternalError(f"{other.name} is no type of plain numbers")


def lengths_of(column: Column) -> NDArray[np.int64]:
    """Return the length of each row's array."""
    if not isinstance(column, ArrayColumn):
        raise InternalError(f"a kernel expected arrays, got {column.type.name}")
    return column.lengths


def words_of(tensor: Tensor) -> NDArray[np.uint64]:
    """Return words as uint64."""
    return np.ascontiguousarray(tensor, dtype=np.uint64)


def reals_of(tensor: Tensor, name: str) -> NDArray[np.float64]:
    """Return numbers as float64.

    Raises
    ------
    ExtensionError
        NN_NOT_FINITE.
    """
    found = np.ascontiguousarray(tensor, dtype=np.float64)
    if np.isnan(found).any():
        raise ExtensionError(
            NN_NOT_FINITE,
            f"a value of {name} is not a number",
            hint="look for a division of 0 by 0, or a parameter that was not trained",
        )
    return found
