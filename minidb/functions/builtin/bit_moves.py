"""Shifts, rotations and single bits."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from minidb.columns import BoolArray, Column, NumericColumn, WideColumn
from minidb.columns.wide_math import shift_left_lanes, shift_right_lanes
from minidb.errors import (
    ARGUMENT_OUT_OF_BOUND,
    NOT_IMPLEMENTED,
    PARAMETER_OUT_OF_BOUND,
    BindError,
    InternalError,
    ValueExecutionError,
)
from minidb.functions.arguments import INTEGER, UNSIGNED, Arg
from minidb.functions.builtin.number_types import as_number, bitwise_type
from minidb.functions.cast_numbers import lanes_of, narrow_of, numbers_of
from minidb.functions.declaration import Argument, Call, ScalarFunction
from minidb.types import DataType, IntType, numpy_dtype

FAMILY = "bit"
UINT8 = IntType(8, False)
PAIR = (Arg("x", INTEGER), Arg("n", INTEGER))


def _integer(data_type: DataType) -> IntType:
    found = as_number(data_type)
    if not isinstance(found, IntType):
        raise InternalError(f"expected an integer, got {data_type.name}")
    return found


def _amounts(column: Column) -> tuple[NDArray[np.uint64], BoolArray]:
    """Return whole numbers as uint64 (large ones as the largest), and which are below 0."""
    if isinstance(column, WideColumn):
        lanes = lanes_of(column, 4)
        is_below = (lanes[:, 3] >> np.uint64(63)).astype(np.bool_) & column.type.is_signed
        is_large = np.any(lanes[:, 1:] != 0, axis=1)
        return np.where(is_large, ~np.uint64(0), lanes[:, 0]), is_below
    values = numbers_of(column)
    return values.astype(np.uint64), np.less(values, 0)


def _shift_type(name: str) -> Callable[[Sequence[Argument]], DataType]:
    def rule(args: Sequence[Argument]) -> DataType:
        if _integer(args[1].type).is_wide:
            message = f"{name} does not take a number of positions of {args[1].type.name}"
            raise BindError(NOT_IMPLEMENTED, message)
        return bitwise_type(name, args[0].type, args[1].type)

    return rule


def _shift(call: Call, *, is_left: bool) -> Column:
    """Shift in the result type; by all bits of the left type or more gives 0."""
    column, by = call.columns
    source, target = _integer(column.type), _integer(call.result_type)
    amounts, is_below = _amounts(by)
    if is_below.any():
        message = "the number of positions of a shift cannot be below 0"
        raise ValueExecutionError(ARGUMENT_OUT_OF_BOUND, message)
    is_out = amounts >= np.uint64(source.bits)
    if target.is_wide:
        lanes = lanes_of(column, target.n_lanes)
        if is_left:
            moved = shift_left_lanes(lanes, amounts)
        else:
            moved = shift_right_lanes(lanes, amounts, target.is_signed)
        return WideColumn(target, np.where(is_out[:, None], np.uint64(0), moved))
    dtype = numpy_dtype(target)
    values = narrow_of(column, dtype)
    steps = np.where(is_out, 0, amounts).astype(dtype)
    shifted = np.left_shift(values, steps) if is_left else np.right_shift(values, steps)
    return NumericColumn(target, np.where(is_out, dtype.type(0), shifted))


def _rotate_type(name: str) -> Callable[[Sequence[Argument]], DataType]:
    def rule(args: Sequence[Argument]) -> DataType:
        if any(_integer(arg.type).is_wide for arg in args):
            message = f"{name} is not there for 128 and 256 bits"
            raise BindError(NOT_IMPLEMENTED, message)
        return bitwise_type(name, args[0].type, args[1].type)

    return rule


def _rotate(call: Call, *, is_left: bool) -> Column:
    """Rotate in the width of the result type."""
    column, by = call.columns
    target = _integer(call.result_type)
    unsigned = numpy_dtype(IntType(target.bits, False))
    values = narrow_of(column, numpy_dtype(target)).astype(unsigned)
    steps = numbers_of(by).astype(np.int64) % target.bits
    back = (target.bits - steps) % target.bits
    left, right = (steps, back) if is_left else (back, steps)
    turned = (values << left.astype(unsigned)) | (values >> right.astype(unsigned))
    kept = np.where(steps == 0, values, turned)
    return NumericColumn(target, kept.astype(numpy_dtype(target)))


def _test_type(args: Sequence[Argument]) -> DataType:
    if any(_integer(arg.type).is_wide for arg in args):
        message = "bitTest is not there for 128 and 256 bits"
        raise BindError(NOT_IMPLEMENTED, message, hint="bitAnd(bitShiftRight(x, n), 1) is")
    return UINT8


def _bit_at(column: Column, by: Column) -> BoolArray:
    """Tell where the bit at a position is 1; positions count from the least significant."""
    width = _integer(column.type).bits
    amounts, is_below = _amounts(by)
    if is_below.any() or (amounts >= np.uint64(width)).any():
        message = f"a bit position of {column.type.name} is from 0 to {width - 1}"
        raise ValueExecutionError(PARAMETER_OUT_OF_BOUND, message)
    lanes = lanes_of(column, max(1, width // 64))
    word = lanes[np.arange(len(lanes)), (amounts >> np.uint64(6)).astype(np.intp)]
    found: BoolArray = (word >> (amounts & np.uint64(63))) & np.uint64(1) != 0
    return found


def _test(call: Call) -> Column:
    found = _bit_at(call.columns[0], call.columns[1])
    return NumericColumn(UINT8, found.view(np.uint8))


def _test_many(call: Call, *, is_all: bool) -> Column:
    result = np.full(call.n_rows, is_all)
    for by in call.columns[1:]:
        found = _bit_at(call.columns[0], by)
        result = result & found if is_all else result | found
    return NumericColumn(UINT8, result.view(np.uint8))


def _move(
    name: str,
    kernel: Callable[[Call], Column],
    rule: Callable[[Sequence[Argument]], DataType],
    text: str,
) -> ScalarFunction:
    return ScalarFunction(
        name, FAMILY, PAIR, rule, kernel, text, f"SELECT {name}(5, 1)", can_fail=True
    )


FUNCTIONS: tuple[ScalarFunction, ...] = (
    _move(
        "bitShiftLeft",
        lambda call: _shift(call, is_left=True),
        _shift_type("bitShiftLeft"),
        "x with its bits moved n places up",
    ),
    _move(
        "bitShiftRight",
        lambda call: _shift(call, is_left=False),
        _shift_type("bitShiftRight"),
        "x with its bits moved n places down",
    ),
    _move(
        "bitRotateLeft",
        lambda call: _rotate(call, is_left=True),
        _rotate_type("bitRotateLeft"),
        "x with its bits turned n places up",
    ),
    _move(
        "bitRotateRight",
        lambda call: _rotate(call, is_left=False),
        _rotate_type("bitRotateRight"),
        "x with its bits turned n places down",
    ),
    _move("bitTest", _test, _test_type, "the bit of x at place n, counted from 0"),
    ScalarFunction(
        "bitTestAll",
        FAMILY,
        (Arg("x", INTEGER), Arg("n", UNSIGNED, is_repeated=True)),
        _test_type,
        lambda call: _test_many(call, is_all=True),
        "1 where all of these bits are 1",
        "SELECT bitTestAll(5, 0, 2)",
        can_fail=True,
    ),
    ScalarFunction(
        "bitTestAny",
        FAMILY,
        (Arg("x", INTEGER), Arg("n", UNSIGNED, is_repeated=True)),
        _test_type,
        lambda call: _test_many(call, is_all=False),
        "1 where one of these bits is 1",
        "SELECT bitTestAny(5, 1, 2)",
        can_fail=True,
    ),
)
