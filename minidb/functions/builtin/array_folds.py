"""Arrays folded to one value or to running values, after a lambda if one is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minidb.columns import Column, NullableColumn, NumericColumn, WideColumn
from minidb.functions.builtin.higher_order import (
    MAYBE_LAMBDA_ARGS,
    array_after_lambda,
    mapped,
    mapped_type,
)
from minidb.functions.builtin.kit import (
    F64,
    I64,
    U64,
    Ints,
    array_of,
    element_type,
    first_per_row,
    illegal_type,
    numbers,
    numeric,
    places_of,
    rows_of,
    take_or_default,
)
from minidb.functions.builtin.ranks import rank
from minidb.functions.cast_numbers import floats_of, lanes_of
from minidb.functions.declaration import Argument, Call, Kernel, ResultRule, ScalarFunction
from minidb.types import (
    ArrayType,
    BoolType,
    DataType,
    DecimalType,
    FloatType,
    IntType,
    NothingType,
    is_numeric,
    numpy_dtype,
)

LOW_HALF = np.uint64(0xFFFF_FFFF)
HALF_BITS = np.uint64(32)


def _number_type(name: str, arguments: Sequence[Argument]) -> DataType:
    """Return the type of the numbers that are folded."""
    array_after_lambda(arguments)
    found = mapped_type(arguments)
    if not is_numeric(found):
        raise illegal_type(name, found, "numbers that are not Nullable")
    return found


def sum_type(data_type: DataType) -> DataType:
    """Return the type of a sum: 64 bits at least, wide integers as they are."""
    match data_type:
        case DecimalType(bits=bits, scale=scale):
            return DecimalType(76 if bits == 256 else 38, scale)
        case IntType(is_wide=True):
            return data_type
        case IntType(is_signed=True):
            return I64
        case FloatType():
            return F64
        case _:
            return U64


def sum_per_row(column: Column, offsets: Ints, result: DataType) -> Column:
    """Return the sum of each row; integers wrap, floats are added in their order."""
    if isinstance(result, DecimalType):
        lanes = lanes_of(column, result.n_lanes)
        return WideColumn(result, _sum_lanes(lanes, offsets))
    if isinstance(column, WideColumn):
        return WideColumn(column.type, _sum_lanes(column.lanes, offsets))
    values = numbers(column)
    if values.dtype.kind == "f":
        # bincount adds one weight after another, which cumulative or pairwise sums do not.
        return numeric(F64, _float_sums(values.astype(np.float64), offsets))
    sums = _integer_sums(values.astype(np.uint64), offsets)
    return NumericColumn(result, sums.view(numpy_dtype(result)))


def _float_sums(values: NDArray[np.float64], offsets: Ints) -> NDArray[np.float64]:
    """Add floats row by row in order."""
    sums = np.bincount(rows_of(offsets), weights=values, minlength=len(offsets) - 1)
    return sums.astype(np.float64, copy=False)


def _integer_sums(values: NDArray[np.uint64], offsets: Ints) -> NDArray[np.uint64]:
    """Add integers modulo 2**64 row by row."""
    running = np.zeros(len(values) + 1, np.uint64)
    np.cumsum(values, out=running[1:])
    sums: NDArray[np.uint64] = running[offsets[1:]] - running[offsets[:-1]]
    return sums


def _sum_lanes(lanes: NDArray[np.uint64], offsets: Ints) -> NDArray[np.uint64]:
    """Add wide integers: halves of lanes in 64 bits, then the carries from half to half."""
    sums = np.empty((len(offsets) - 1, lanes.shape[1]), np.uint64)
    carry = np.zeros(len(offsets) - 1, np.uint64)
    for lane in range(lanes.shape[1]):
        low = _integer_sums(lanes[:, lane] & LOW_HALF, offsets) + carry
        high = _integer_sums(lanes[:, lane] >> HALF_BITS, offsets) + (low >> HALF_BITS)
        sums[:, lane] = (low & LOW_HALF) | (high << HALF_BITS)
        carry = high >> HALF_BITS
    return sums


def as_floats(column: Column) -> NDArray[np.float64]:
    """Return numbers of any width as float64."""
    if isinstance(column.type, DecimalType):
        return floats_of(column)
    if not isinstance(column, WideColumn):
        return numbers(column).astype(np.float64)
    lanes = column.lanes
    is_negative = np.zeros(len(lanes), np.bool_)
    if column.type.is_signed:
        is_negative = lanes[:, -1].astype(np.int64) < 0
        lanes = np.where(is_negative[:, None], ~lanes, lanes)
    total = np.zeros(len(lanes), np.longdouble)
    for lane in reversed(range(lanes.shape[1])):
        total = total * np.longdouble(1 << 64) + lanes[:, lane].astype(np.longdouble)
    return np.where(is_negative, -(total + 1), total).astype(np.float64)


def _sum(call: Call) -> Column:
    inputs, column = mapped(call)
    return sum_per_row(column, inputs[0].offsets, call.result_type)


def _average(call: Call) -> Column:
    """Divide the sum (integers wrap, as in ClickHouse) by the count; 0 for an empty array."""
    inputs, column = mapped(call)
    sums = as_floats(sum_per_row(column, inputs[0].offsets, sum_type(column.type)))
    lengths = inputs[0].lengths
    return numeric(F64, np.divide(sums, lengths, out=np.zeros(len(sums)), where=lengths > 0))


def _product(call: Call) -> Column:
    """Multiply, narrow integers modulo 2**64; an empty array's product is 0."""
    inputs, column = mapped(call)
    offsets = inputs[0].offsets
    factors = as_floats(column)
    if isinstance(column.type, IntType) and not column.type.is_wide:
        factors = numbers(column).astype(numpy_dtype(sum_type(column.type)))
    products = np.zeros(call.n_rows)
    is_filled = inputs[0].lengths > 0
    if is_filled.any():
        with np.errstate(all="ignore"):
            products[is_filled] = np.multiply.reduceat(factors, offsets[:-1][is_filled])
    return numeric(F64, products)


def _extreme_type(arguments: Sequence[Argument]) -> DataType:
    array_after_lambda(arguments)
    found = mapped_type(arguments)
    if isinstance(found, NothingType):
        raise illegal_type("this function", found, "elements of a type")
    return found


def _extreme(is_max: bool) -> Kernel:
    """Return the kernel for the least or greatest element; NULL and NaN only if alone."""

    def kernel(call: Call) -> Column:
        inputs, column = mapped(call)
        offsets = inputs[0].offsets
        keys = rank(column) + 2
        values = column
        if isinstance(column, NullableColumn):
            values = column.inner
        if is_max and isinstance(values, NumericColumn) and values.values.dtype.kind == "f":
            keys[np.isnan(values.values)] = 1
        if is_max and isinstance(column, NullableColumn):
            keys[column.is_null] = 0
        is_filled = np.diff(offsets) > 0
        best = np.zeros(call.n_rows, np.int64)
        if is_filled.any():
            reduce = np.maximum.reduceat if is_max else np.minimum.reduceat
            best[is_filled] = reduce(keys, offsets[:-1][is_filled])
        index = first_per_row(keys == best[rows_of(offsets)], offsets)
        return take_or_default(column, index, index >= 0)

    return kernel


def _cumulated_type(arguments: Sequence[Argument]) -> DataType:
    return ArrayType(sum_type(_number_type("arrayCumSum", arguments)))


def running_sums(values: NDArray[Any], offsets: Ints) -> NDArray[Any]:
    """Return the running sums of each row, each one exactly the sum before it plus one value.

    Takes as many steps as the longest row has elements, or as there are rows with elements,
    whichever is less.
    """
    result = values.copy()
    lengths = np.diff(offsets)
    rows = np.flatnonzero(lengths > 1)
    longest = int(lengths.max(initial=0))
    if len(rows) <= longest:
        for begin, end in zip(offsets[rows].tolist(), offsets[rows + 1].tolist(), strict=True):
            np.cumsum(values[begin:end], out=result[begin:end])
        return result
    for place in range(1, longest):
        at = offsets[:-1][lengths > place] + place
        result[at] += result[at - 1]
    return result


def _cumulate(call: Call) -> Column:
    inputs, column = mapped(call)
    offsets, element = inputs[0].offsets, element_type(call.result_type)
    if isinstance(column, WideColumn):
        return array_of(element, offsets, WideColumn(column.type, _running_lanes(column, offsets)))
    values = numbers(column).astype(numpy_dtype(element))
    with np.errstate(all="ignore"):
        sums = running_sums(values, offsets)
    return array_of(element, offsets, numeric(element, sums))


def _running_lanes(column: WideColumn, offsets: Ints) -> NDArray[np.uint64]:
    """Return the running sums of wide integers, modulo their width."""
    every = np.arange(len(column) + 1, dtype=np.int64)
    starts = np.repeat(offsets[:-1], np.diff(offsets))
    totals = np.zeros((len(column) + 1, column.lanes.shape[1]), np.uint64)
    carry = np.zeros(len(column) + 1, np.uint64)
    for lane in range(column.lanes.shape[1]):
        halves = []
        for half in (column.lanes[:, lane] & LOW_HALF, column.lanes[:, lane] >> HALF_BITS):
            running = np.zeros(len(every), np.uint64)
            np.cumsum(half, out=running[1:])
            running += carry
            halves.append(running & LOW_HALF)
            carry = running >> HALF_BITS
        totals[:, lane] = halves[0] | (halves[1] << HALF_BITS)
    return subtract_lanes(totals[1:], totals[starts])


def subtract_lanes(left: NDArray[np.uint64], right: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the differences of wide integers, modulo their width."""
    result = np.empty(left.shape, np.uint64)
    borrow = np.zeros(len(left), np.uint64)
    for lane in range(left.shape[1]):
        part = left[:, lane] - right[:, lane]
        result[:, lane] = part - borrow
        borrow = ((left[:, lane] < right[:, lane]) | (part < borrow)).astype(np.uint64)
    return result


def _difference_type(arguments: Sequence[Argument]) -> DataType:
    """Return the signed type of a difference: twice the width, up to 64 bits."""
    match _number_type("arrayDifference", arguments):
        case FloatType():
            return ArrayType(F64)
        case BoolType():
            return ArrayType(IntType(16, True))
        case IntType(bits=bits):
            return ArrayType(IntType(bits if bits > 32 else bits * 2, True))
        case other:
            raise illegal_type("arrayDifference", other, "numbers")


def _difference(call: Call) -> Column:
    """Subtract from each element the one before it; the first becomes 0."""
    inputs, column = mapped(call)
    offsets, element = inputs[0].offsets, element_type(call.result_type)
    is_first = places_of(offsets) == 0
    if isinstance(column, WideColumn) and isinstance(element, IntType):
        lanes = np.zeros(column.lanes.shape, np.uint64)
        lanes[1:] = subtract_lanes(column.lanes[1:], column.lanes[:-1])
        lanes[is_first] = 0
        return array_of(element, offsets, WideColumn(element, lanes))
    values = numbers(column).astype(numpy_dtype(element))
    result = np.zeros(len(values), values.dtype)
    with np.errstate(all="ignore"):
        result[1:] = np.diff(values)
    result[is_first] = 0
    return array_of(element, offsets, numeric(element, result))


def _rule(name: str, choose: Callable[[DataType], DataType]) -> ResultRule:
    """Return the rule for a function that folds numbers."""
    return lambda arguments: choose(_number_type(name, arguments))


def _declare(
    name: str, result: ResultRule, kernel: Kernel, help_text: str, example: str
) -> ScalarFunction:
    """Declare one function of this file."""
    return ScalarFunction(
        name=name,
        family="array",
        args=MAYBE_LAMBDA_ARGS,
        result=result,
        kernel=kernel,
        help=help_text,
        example=f"SELECT {example}",
        can_fail=True,
    )


FUNCTIONS: tuple[ScalarFunction, ...] = (
    _declare(
        "arraySum",
        _rule("arraySum", sum_type),
        _sum,
        "The sum of the elements, or of a lambda's results.",
        "arraySum([1, 2]), arraySum(x -> x * x, [1, 2])",
    ),
    _declare(
        "arrayAvg",
        _rule("arrayAvg", lambda _: F64),
        _average,
        "The average of the elements, or of a lambda's results.",
        "arrayAvg([1, 2])",
    ),
    _declare(
        "arrayProduct",
        _rule("arrayProduct", lambda _: F64),
        _product,
        "The product of the elements, or of a lambda's results.",
        "arrayProduct([2, 3])",
    ),
    _declare(
        "arrayMin",
        _extreme_type,
        _extreme(is_max=False),
        "The least element, or the least of a lambda's results.",
        "arrayMin([3, 1, 2])",
    ),
    _declare(
        "arrayMax",
        _extreme_type,
        _extreme(is_max=True),
        "The greatest element, or the greatest of a lambda's results.",
        "arrayMax([3, 1, 2])",
    ),
    _declare(
        "arrayCumSum",
        _cumulated_type,
        _cumulate,
        "The running sums of the elements, or of a lambda's results.",
        "arrayCumSum([1, 2, 3])",
    ),
    _declare(
        "arrayDifference",
        _difference_type,
        _difference,
        "Each element minus the one before it; the first becomes 0.",
        "arrayDifference([1, 5, 3])",
    ),
)
