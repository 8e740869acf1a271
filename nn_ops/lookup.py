"""The scalar function ``lookup``: in how many bits two words differ.

``lookup(a, b)`` is popcount(a XOR b), ``lookup(a)`` is popcount(a). A narrower integer is widened
as a conversion would: unsigned ones with zeros, signed ones with their sign.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minidb.extension import (
    BITS,
    FIXED_STRING,
    ILLEGAL_TYPE_OF_ARGUMENT,
    INTEGER,
    Arg,
    Argument,
    BindError,
    BitsColumn,
    BitsType,
    Call,
    Column,
    DataType,
    FixedStringColumn,
    FixedStringType,
    InternalError,
    IntType,
    NumericColumn,
    ScalarFunction,
    WideColumn,
    either,
)
from nn_ops.lookup_tables import counter_of

LANE_BITS = 64
LANE_BYTES = 8
MAX_BITS_OF_UINT8 = 128
MAX_BITS_OF_UINT16 = (1 << 16) - 1
# Two lanes of a block of rows, and their counts, stay in a core's own cache.
BLOCK_ROWS = 16_384


def n_bits_of(data_type: DataType) -> int:
    """Return the bits of one value; Bool is a byte."""
    match data_type:
        case IntType(bits=bits) | BitsType(n_bits=bits):
            return bits
        case FixedStringType(width=width):
            return 8 * width
        case _:
            return 8


def _result(arguments: Sequence[Argument]) -> DataType:
    """Return the unsigned integer that holds the count; ClickHouse's bitCount has the same."""
    types = [argument.type for argument in arguments]
    fixed = [t for t in types if isinstance(t, FixedStringType | BitsType)]
    if fixed and len(set(types)) != 1:
        names = " and ".join(t.name for t in types)
        message = f"lookup compares words of one kind and width, got {names}"
        hint = "cast one of them to the other's type"
        raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message, hint=hint)
    n_bits = max(map(n_bits_of, types))
    if n_bits <= MAX_BITS_OF_UINT8:
        return IntType(8, False)
    return IntType(16 if n_bits <= MAX_BITS_OF_UINT16 else 32, False)


def words_of(column: Column, n_bits: int) -> list[NDArray[Any]]:
    """Return a column as unsigned words, least significant first, widened to `n_bits` bits.

    Narrow integers are one word of their common width, all others lanes of 64 bits. A constant
    keeps its stride of 0, so nothing is copied for it.
    """
    match column:
        case NumericColumn():
            return _number_words(column.values, n_bits)
        case WideColumn(type=wide_type, lanes=lanes):
            words = list(lanes.T)
            top: NDArray[Any] = np.broadcast_to(np.uint64(0), len(lanes))
            if wide_type.is_signed:
                top = (lanes[:, -1].view(np.int64) >> (LANE_BITS - 1)).view(np.uint64)
            return words + [top] * (n_bits // LANE_BITS - len(words))
        case BitsColumn(words=words):
            return list(words.T)
        case FixedStringColumn(data=data):
            padded = np.zeros((len(data), -(-data.shape[1] // LANE_BYTES) * LANE_BYTES), np.uint8)
            padded[:, : data.shape[1]] = data
            return list(padded.view(np.uint64).T)
        case other:
            raise InternalError(f"lookup got a column of {other.type.name}")


def _number_words(values: NDArray[Any], n_bits: int) -> list[NDArray[Any]]:
    """Return narrow integers as one word of their common width, or as lanes of 64 bits."""
    is_signed = values.dtype.kind == "i"
    if n_bits <= LANE_BITS:
        wide = values.astype(f"{'i' if is_signed else 'u'}{n_bits // 8}", copy=False)
        return [wide.view(f"u{n_bits // 8}")]
    high: NDArray[Any] = np.broadcast_to(np.uint64(0), len(values))
    if is_signed:
        high = (values >> (8 * values.itemsize - 1)).astype(np.uint64)
    # The conversion to uint64 extends the sign of what is signed.
    return [values.astype(np.uint64), *[high] * (n_bits // LANE_BITS - 1)]


def lookup_kernel(call: Call) -> Column:
    """Count the differing bits of two columns, or the set bits of one.

    Parameters
    ----------
    call : Call
        One or two columns of n rows: integers, FixedString or Bits.

    Returns
    -------
    NumericColumn, dtype uint8, uint16 or uint32, shape (n,)
        Counts from 0 to the number of bits, whatever the setting ``lookup_method`` says.
    """
    count = counter_of(call.settings)
    n_bits = max(n_bits_of(column.type) for column in call.columns)
    left, *others = (words_of(column, n_bits) for column in call.columns)
    result_bits = call.result_type.bits if isinstance(call.result_type, IntType) else 0
    counts = np.zeros(call.n_rows, f"u{result_bits // 8}")
    for start in range(0, call.n_rows, BLOCK_ROWS):
        block = slice(start, start + BLOCK_ROWS)
        into = counts[block]
        for number, word in enumerate(left):
            other = others[0][number][block] if others else None
            # Counts of one word are uint8; the sum of four words, up to 256, is not.
            into += count(word[block], other)
    return NumericColumn(call.result_type, counts)


_WORD = either(INTEGER, FIXED_STRING, BITS)

LOOKUP = ScalarFunction(
    name="lookup",
    family="neural network",
    args=(Arg("left", _WORD), Arg("right", _WORD, is_optional=True)),
    result=_result,
    kernel=lookup_kernel,
    help="Number of bits in which two words differ; of one word, the number of its set bits.",
    example="SELECT lookup(toUInt256(1), toUInt256(3))",
)

FUNCTIONS = (LOOKUP,)
