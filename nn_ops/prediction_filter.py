"""``predictionFilter``: whether two rows of words differ in at most so many bits, read no further.

Words are compared one after the other, and a row is left as soon as its count has passed the limit:
the answer is that of the full count. `predictionFilterWords` tells how many words were read.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from minidb.extension import (
    ILLEGAL_TYPE_OF_ARGUMENT,
    Arg,
    Argument,
    ArrayColumn,
    ArrayType,
    BindError,
    BoolType,
    Call,
    Column,
    DataType,
    IntType,
    Kind,
    NothingType,
    NumericColumn,
    ScalarFunction,
)
from nn_ops.errors import NN_SHAPE_MISMATCH, ExtensionError, InternalError
from nn_ops.lookup import n_bits_of, words_of
from nn_ops.lookup_tables import Counter, counter_of

Ints: TypeAlias = NDArray[np.int64]
UINT8, UINT32 = IntType(8, False), IntType(32, False)
LARGEST = np.iinfo(np.int64).max


def _is_integer(data_type: DataType) -> bool:
    return isinstance(data_type, IntType | BoolType)


WORDS = Kind(
    "an integer or an Array of integers",
    lambda t: _is_integer(t) or (isinstance(t, ArrayType) and _is_integer(_element(t))),
)
NARROW = Kind("an integer of at most 64 bits", lambda t: _is_integer(t) and n_bits_of(t) <= 64)


class Row:
    """One side of the comparison: where each row's words stand.

    Attributes
    ----------
    words : list of ndarray, each of shape (elements,)
        The lanes of every element, least significant first.
    starts, lengths : ndarray of int64, shape (rows,)
        A row's elements.
    """

    def __init__(self, column: Column, n_bits: int, n_rows: int) -> None:
        if isinstance(column, ArrayColumn):
            elements = column.child
            starts, lengths = column.offsets[:-1], column.lengths
        else:
            elements = column
            starts, lengths = np.arange(len(column)), np.ones(len(column), np.int64)
        self.words = words_of(elements, n_bits)
        # A constant array stands there once for all rows.
        self.starts: Ints = np.broadcast_to(starts, n_rows)
        self.lengths: Ints = np.broadcast_to(lengths, n_rows)


def _element(data_type: DataType) -> DataType:
    """Return the type of the words; those of an empty array are bytes."""
    element = data_type.element if isinstance(data_type, ArrayType) else data_type
    return UINT8 if isinstance(element, NothingType) else element


def _result(arguments: Sequence[Argument], result: DataType) -> DataType:
    """Refuse a word beside an array."""
    left, right, _ = (argument.type for argument in arguments)
    if isinstance(left, ArrayType) != isinstance(right, ArrayType):
        message = f"one side is {left.name}, the other {right.name}"
        raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message, hint="compare arrays with arrays")
    return result


def _scan(call: Call) -> tuple[Ints, NDArray[np.uint32]]:
    """Count word by word, each row until its count has passed the limit.

    Returns
    -------
    counts : ndarray of int64, shape (n,)
        Above the limit where that was passed; not all words are counted then.
    read : ndarray of uint32, shape (n,)

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH when a row has arrays of different lengths.
    """
    left_column, right_column, limit_column = call.columns
    n_bits = max(n_bits_of(_element(column.type)) for column in (left_column, right_column))
    left, right = (Row(c, n_bits, call.n_rows) for c in (left_column, right_column))
    _check_lengths(left.lengths, right.lengths)
    limits = _limits(limit_column)
    counts, read = np.zeros(call.n_rows, np.int64), np.zeros(call.n_rows, np.uint32)
    active = np.flatnonzero((limits >= 0) & (left.lengths > 0))
    place = 0
    while len(active):
        _count_word(left, right, active, place, counts, counter_of(call.settings))
        place += 1
        read[active] = place
        active = active[(counts[active] <= limits[active]) & (left.lengths[active] > place)]
    return counts, read


def _count_word(
    left: Row, right: Row, rows: NDArray[np.intp], place: int, counts: Ints, count: Counter
) -> None:
    """Add the differing bits of one word of some rows."""
    at, other = left.starts[rows] + place, right.starts[rows] + place
    for one, two in zip(left.words, right.words, strict=True):
        counts[rows] += count(one[at], two[other])


def _check_lengths(left: Ints, right: Ints) -> None:
    """Refuse arrays of different lengths."""
    wrong = np.flatnonzero(left != right)
    if len(wrong):
        row = int(wrong[0])
        raise ExtensionError(
            NN_SHAPE_MISMATCH,
            f"{int(left[row])} words cannot be compared with {int(right[row])}",
            hint="both sides are packed from the same number of bits",
        )


def _limits(column: Column) -> Ints:
    """Return the limits; those beyond the int64 are as good as the greatest of them."""
    if not isinstance(column, NumericColumn):
        raise InternalError(f"a limit is a number, not {column.type.name}")
    values: NDArray[Any] = np.asarray(column.values)
    if values.dtype == np.uint64:
        values = np.minimum(values, np.uint64(LARGEST))
    return values.astype(np.int64)


def _filter(call: Call) -> Column:
    """Return 1 where the count does not exceed the limit."""
    counts, _ = _scan(call)
    limits = _limits(call.columns[2])
    return NumericColumn(UINT8, (counts <= limits).astype(np.uint8))


def _words_read(call: Call) -> Column:
    """Return how many words had to be read."""
    return NumericColumn(UINT32, _scan(call)[1])


def _declared(
    name: str, result: DataType, kernel: Callable[[Call], Column], text: str, example: str
) -> ScalarFunction:
    """Return one of the two functions."""
    return ScalarFunction(
        name=name,
        family="neural network",
        args=(
            Arg("left", WORDS, is_shared=True),
            Arg("right", WORDS, is_shared=True),
            Arg("limit", NARROW),
        ),
        result=lambda arguments: _result(arguments, result),
        kernel=kernel,
        help=text,
        example=example,
        can_fail=True,
    )


PREDICTION_FILTER = _declared(
    "predictionFilter",
    UINT8,
    _filter,
    "1 where two words, or arrays of words, differ in at most `limit` bits; 0 as soon as more do.",
    "SELECT predictionFilter([0, 255, 15], [0, 0, 0], 7)",
)
PREDICTION_FILTER_WORDS = _declared(
    "predictionFilterWords",
    UINT32,
    _words_read,
    "How many words predictionFilter reads before the count has passed the limit.",
    "SELECT predictionFilterWords([0, 255, 15], [0, 0, 0], 7)",
)

FUNCTIONS = (PREDICTION_FILTER, PREDICTION_FILTER_WORDS)
