"""Bitwise logic, shifts, rotations and counts, up to 256 bits and on FixedString."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minidb.columns import (
    BitsColumn,
    Column,
    FixedStringColumn,
    NumericColumn,
    StringColumn,
    WideColumn,
)
from minidb.errors import InternalError
from minidb.functions.arguments import BITS, FIXED_STRING, NUMBER, TEXT, Arg, either
from minidb.functions.builtin.number_types import (
    as_number,
    bitwise_type,
    illegal_pair,
    illegal_type,
)
from minidb.functions.cast_numbers import cast_number, lanes_of, numbers_of, truncate_floats
from minidb.functions.compare_numbers import text_difference
from minidb.functions.declaration import Argument, Call, ScalarFunction
from minidb.types import (
    BitsType,
    DataType,
    FixedStringType,
    FloatType,
    IntType,
    StringType,
    numpy_dtype,
)

FAMILY = "bit"
UINT8, UINT16, UINT64 = IntType(8, False), IntType(16, False), IntType(64, False)
WORDS = either(NUMBER, FIXED_STRING, BITS)
COUNTABLE = either(NUMBER, TEXT, BITS)


def _logic_type(name: str) -> Callable[[Sequence[Argument]], DataType]:
    def rule(args: Sequence[Argument]) -> DataType:
        left, right = args[0].type, args[1].type
        if isinstance(left, FixedStringType | BitsType):
            if left != right:
                raise illegal_pair(name, left, right)
            return left
        return bitwise_type(name, left, right)

    return rule


def _logic(call: Call, operation: Callable[..., Any]) -> Column:
    """Apply and, or, xor in the result type."""
    left, right = call.columns
    match call.result_type, left, right:
        case BitsType() as kind, BitsColumn(words=a), BitsColumn(words=b):
            return BitsColumn(kind, operation(a, b))
        case FixedStringType() as kind, FixedStringColumn(data=a), FixedStringColumn(data=b):
            return FixedStringColumn(kind, operation(a, b))
        case IntType(is_wide=True, n_lanes=n_lanes) as kind, _, _:
            return WideColumn(kind, operation(lanes_of(left, n_lanes), lanes_of(right, n_lanes)))
        case IntType() as kind, _, _:
            dtype = numpy_dtype(kind)
            a = numbers_of(left).astype(dtype, copy=False)
            b = numbers_of(right).astype(dtype, copy=False)
            return NumericColumn(kind, operation(a, b))
        case kind, _, _:
            raise InternalError(f"no bitwise logic on {kind.name}")


def _not_type(args: Sequence[Argument]) -> DataType:
    data_type = args[0].type
    if isinstance(data_type, FixedStringType | BitsType):
        return data_type
    match as_number(data_type):
        case IntType() as kind:
            return kind
        case FloatType(bits=bits):
            return IntType(bits, True)
        case _:
            raise illegal_type("bitNot", data_type, "a number")


def _not(call: Call) -> Column:
    column = call.columns[0]
    match column:
        case FixedStringColumn(type=kind, data=data):
            return FixedStringColumn(kind, ~data)
        case WideColumn(type=kind, lanes=lanes):
            return WideColumn(kind, ~lanes)
        case BitsColumn(type=kind, words=words):
            return BitsColumn(kind, _cut_tail(kind, ~words))
        case _:
            values = numbers_of(column)
            if values.dtype.kind == "f":
                # ClickHouse truncates the float first.
                target = IntType(values.dtype.itemsize * 8, True)
                values = numbers_of(cast_number(column, target))
            return NumericColumn(call.result_type, ~values)


def _cut_tail(kind: BitsType, words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Set the bits past the end to zero."""
    tail = kind.n_bits % 64
    if tail:
        words = words.copy()
        words[:, -1] &= np.uint64((1 << tail) - 1)
    return words


def _raw_words(column: Column) -> NDArray[Any]:
    """Return the bits of each value as unsigned words, shape (n, words)."""
    match column:
        case WideColumn(lanes=words) | BitsColumn(words=words):
            return words
        case FixedStringColumn(data=data):
            return data
        case _:
            values = numbers_of(column)
            unsigned = np.dtype(f"u{values.dtype.itemsize}")
            return np.ascontiguousarray(values).view(unsigned)[:, None]


def _count_type(args: Sequence[Argument]) -> DataType:
    """Return UInt8, and where a count can exceed it the next type that holds it."""
    match args[0].type:
        case IntType(bits=256):
            return UINT16
        case StringType():
            return UINT64
        case FixedStringType(width=width):
            return _count_width(width * 8, UINT16)
        case BitsType(n_bits=n_bits):
            return _count_width(n_bits, UINT8)
        case _:
            return UINT8


def _count_width(n_bits: int, least: IntType) -> IntType:
    """Return the first unsigned type from `least` on that holds `n_bits`."""
    if n_bits <= least.maximum:
        return least
    return UINT16 if n_bits <= UINT16.maximum else UINT64


def _count(call: Call) -> Column:
    column = call.columns[0]
    dtype = numpy_dtype(call.result_type)
    if isinstance(column, StringColumn):
        source = column.compact()
        running = np.zeros(len(source.data) + 1, np.int64)
        np.cumsum(np.bitwise_count(source.data), out=running[1:])
        counts = running[source.offsets[1:]] - running[source.offsets[:-1]]
        return NumericColumn(call.result_type, counts.astype(dtype))
    counts = np.bitwise_count(_raw_words(column)).sum(axis=1, dtype=np.int64)
    return NumericColumn(call.result_type, counts.astype(dtype))


def _distance_type(args: Sequence[Argument]) -> DataType:
    left, right = args[0].type, args[1].type
    if isinstance(left, StringType | FixedStringType):
        if left != right:
            raise illegal_pair("bitHammingDistance", left, right)
        return UINT64 if isinstance(left, StringType) else UINT16
    if isinstance(left, BitsType):
        if left != right:
            raise illegal_pair("bitHammingDistance", left, right)
        return _count_width(left.n_bits, UINT8)
    a, b = as_number(left), as_number(right)
    if a is None or b is None or (max(a.bits, b.bits) > 64 and a != b):
        raise illegal_pair("bitHammingDistance", left, right)
    return UINT16 if a.bits == 256 else UINT8


def _distance(call: Call) -> Column:
    left, right = call.columns
    dtype = numpy_dtype(call.result_type)
    if isinstance(left, StringColumn) and isinstance(right, StringColumn):
        return NumericColumn(call.result_type, text_difference(left, right).astype(dtype))
    if isinstance(left, FixedStringColumn | BitsColumn):
        differing = _raw_words(left) ^ _raw_words(right)
        counts = np.bitwise_count(differing).sum(axis=1, dtype=np.int64)
        return NumericColumn(call.result_type, counts.astype(dtype))
    n_lanes = max(_lane_count(left), _lane_count(right))
    a, b = _sign_extended(left, n_lanes), _sign_extended(right, n_lanes)
    counts = np.bitwise_count(a ^ b).sum(axis=1, dtype=np.int64)
    return NumericColumn(call.result_type, counts.astype(dtype))


def _lane_count(column: Column) -> int:
    return column.type.n_lanes if isinstance(column.type, IntType) else 1


def _sign_extended(column: Column, n_lanes: int) -> NDArray[np.uint64]:
    """Return a number as lanes with its sign; a float is cut to an Int64 first."""
    if isinstance(column.type, FloatType):
        whole = truncate_floats(numbers_of(column), np.dtype(np.int64))
        return whole.astype(np.uint64)[:, None]
    return lanes_of(column, n_lanes)


def _swap_type(args: Sequence[Argument]) -> DataType:
    found = as_number(args[0].type)
    if not isinstance(found, IntType):
        raise illegal_type("byteSwap", args[0].type, "an integer")
    return found


def _byte_swap(call: Call) -> Column:
    column = call.columns[0]
    if isinstance(column, WideColumn):
        return WideColumn(column.type, column.lanes[:, ::-1].byteswap())
    return NumericColumn(call.result_type, numbers_of(column).byteswap())


def _declare_logic(name: str, operation: Callable[..., Any], text: str) -> ScalarFunction:
    return ScalarFunction(
        name,
        FAMILY,
        (Arg("x", WORDS), Arg("y", WORDS)),
        _logic_type(name),
        lambda call: _logic(call, operation),
        text,
        f"SELECT {name}(5, 3)",
    )


FUNCTIONS: tuple[ScalarFunction, ...] = (
    _declare_logic("bitAnd", np.bitwise_and, "the bits that both values have"),
    _declare_logic("bitOr", np.bitwise_or, "the bits that one of the values has"),
    _declare_logic("bitXor", np.bitwise_xor, "the bits that exactly one of the values has"),
    ScalarFunction(
        "bitNot",
        FAMILY,
        (Arg("x", WORDS),),
        _not_type,
        _not,
        "every bit turned",
        "SELECT bitNot(5)",
    ),
    ScalarFunction(
        "bitCount",
        FAMILY,
        (Arg("x", COUNTABLE),),
        _count_type,
        _count,
        "the number of bits that are 1",
        "SELECT bitCount(5)",
    ),
    ScalarFunction(
        "bitHammingDistance",
        FAMILY,
        (Arg("x", COUNTABLE), Arg("y", COUNTABLE)),
        _distance_type,
        _distance,
        "the number of bits in which two values differ",
        "SELECT bitHammingDistance(5, 3)",
    ),
    ScalarFunction(
        "byteSwap",
        FAMILY,
        (Arg("x", NUMBER),),
        _swap_type,
        _byte_swap,
        "the bytes of a number in reverse order",
        "SELECT byteSwap(258)",
        is_case_insensitive=True,
    ),
)
