"""Arithmetic on 128- and 256-bit integers over lanes of uint64, whole columns at a time.

Lanes are uint64 arrays of shape (n, n_lanes), lane 0 the least significant, two's complement
when signed. Nothing here writes to its inputs, which may be broadcast views of one value.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from minidb.columns.base import BoolArray

Lanes: TypeAlias = NDArray[np.uint64]

LANE_BITS = np.uint64(64)
LOW_HALF = np.uint64(0xFFFF_FFFF)
HALF = np.uint64(32)
SIGN_BIT = np.uint64(1 << 63)


def lanes_from_narrow(values: NDArray[Any], n_lanes: int) -> Lanes:
    """Extend integers of up to 64 bits to `n_lanes` lanes, with their sign."""
    lanes = np.zeros((len(values), n_lanes), np.uint64)
    lanes[:, 0] = values.astype(np.uint64)
    if values.dtype.kind == "i":
        lanes[:, 1:] = np.where(values < 0, ~np.uint64(0), np.uint64(0))[:, None]
    return lanes


def resize_lanes(lanes: Lanes, n_lanes: int, is_signed: bool) -> Lanes:
    """Extend (with the sign if there is one) or cut to `n_lanes` lanes."""
    have = lanes.shape[1]
    if n_lanes <= have:
        return lanes[:, :n_lanes]
    wider = np.zeros((len(lanes), n_lanes), np.uint64)
    wider[:, :have] = lanes
    if is_signed:
        wider[:, have:] = np.where(is_negative(lanes), ~np.uint64(0), np.uint64(0))[:, None]
    return wider


def is_negative(lanes: Lanes) -> BoolArray:
    """Tell which values have the sign bit set."""
    result: BoolArray = (lanes[:, -1] & SIGN_BIT) != 0
    return result


def add_lanes(left: Lanes, right: Lanes) -> Lanes:
    """Return left + right modulo 2**bits."""
    result = np.empty(left.shape, np.uint64)
    carry: BoolArray | None = None
    last = left.shape[1] - 1
    for i in range(last + 1):
        total = left[:, i] + right[:, i]
        overflow = total < left[:, i] if i < last else None
        if carry is not None:
            total += carry
            if overflow is not None:
                # Only a sum of all ones becomes 0 by a carry.
                overflow |= carry & (total == 0)
        carry = overflow
        result[:, i] = total
    return result


def negate_lanes(lanes: Lanes) -> Lanes:
    """Return -lanes modulo 2**bits."""
    one = np.zeros((1, lanes.shape[1]), np.uint64)
    one[0, 0] = 1
    return add_lanes(~lanes, np.broadcast_to(one, lanes.shape))


def subtract_lanes(left: Lanes, right: Lanes) -> Lanes:
    """Return left - right modulo 2**bits."""
    result = np.empty(left.shape, np.uint64)
    borrow = np.zeros(len(left), np.uint64)
    for i in range(left.shape[1]):
        partial = left[:, i] - right[:, i]
        underflow = left[:, i] < right[:, i]
        total = partial - borrow
        borrow = (underflow | (partial < borrow)).astype(np.uint64)
        result[:, i] = total
    return result


def _full_product(left: NDArray[np.uint64], right: NDArray[np.uint64]) -> tuple[Any, Any]:
    """Return the low and the high 64 bits of the products of single lanes."""
    a_low, a_high = left & LOW_HALF, left >> HALF
    b_low, b_high = right & LOW_HALF, right >> HALF
    low = a_low * b_low
    middle = a_high * b_low + (low >> HALF)
    other = a_low * b_high + (middle & LOW_HALF)
    high = a_high * b_high + (middle >> HALF) + (other >> HALF)
    return (other << HALF) | (low & LOW_HALF), high


def multiply_lanes(left: Lanes, right: Lanes) -> Lanes:
    """Return left * right modulo 2**bits; the same for signed and unsigned."""
    n_rows, n_lanes = left.shape
    result = np.zeros((n_rows, n_lanes), np.uint64)
    for i in range(n_lanes):
        carry = np.zeros(n_rows, np.uint64)
        for j in range(n_lanes - i):
            low, high = _full_product(left[:, i], right[:, j])
            total = result[:, i + j] + low
            high += total < low
            with_carry = total + carry
            high += with_carry < carry
            result[:, i + j] = with_carry
            carry = high
    return result


def shift_left_lanes(lanes: Lanes, amounts: NDArray[np.uint64]) -> Lanes:
    """Return lanes << amounts; amounts (uint64, shape (n,)) of all bits or more give 0."""
    n_lanes = lanes.shape[1]
    whole = np.minimum(amounts >> np.uint64(6), np.uint64(n_lanes)).astype(np.intp)
    bits = amounts & np.uint64(63)
    moved = _moved(lanes, -whole, np.zeros(len(lanes), np.uint64))
    below = _moved(lanes, -whole - 1, np.zeros(len(lanes), np.uint64))
    return (moved << bits[:, None]) | _shift_right_full(below, (LANE_BITS - bits)[:, None])


def shift_right_lanes(lanes: Lanes, amounts: NDArray[np.uint64], is_signed: bool) -> Lanes:
    """Return lanes >> amounts, filled with the sign when `is_signed`, else with 0."""
    n_lanes = lanes.shape[1]
    whole = np.minimum(amounts >> np.uint64(6), np.uint64(n_lanes)).astype(np.intp)
    bits = amounts & np.uint64(63)
    negative = is_negative(lanes) if is_signed else np.zeros(len(lanes), np.bool_)
    fill = np.where(negative, ~np.uint64(0), np.uint64(0))
    moved = _moved(lanes, whole, fill)
    above = _moved(lanes, whole + 1, fill)
    back = (LANE_BITS - bits)[:, None]
    return (moved >> bits[:, None]) | _shift_left_full(above, back)


def _moved(lanes: Lanes, steps: NDArray[np.intp], fill: NDArray[np.uint64]) -> Lanes:
    """Return lane i + steps at place i of each row, `fill` outside."""
    n_rows, n_lanes = lanes.shape
    source = np.arange(n_lanes) + steps[:, None]
    is_inside = (source >= 0) & (source < n_lanes)
    taken = lanes[np.arange(n_rows)[:, None], np.clip(source, 0, n_lanes - 1)]
    result: Lanes = np.where(is_inside, taken, fill[:, None])
    return result


def _shift_right_full(lanes: Lanes, bits: NDArray[np.uint64]) -> Lanes:
    """Shift by 1 to 64 bits; NumPy leaves 64 undefined."""
    half = bits >> np.uint64(1)
    shifted: Lanes = np.right_shift(np.right_shift(lanes, half), bits - half)
    return shifted


def _shift_left_full(lanes: Lanes, bits: NDArray[np.uint64]) -> Lanes:
    """Shift by 1 to 64 bits; NumPy leaves 64 undefined."""
    half = bits >> np.uint64(1)
    shifted: Lanes = np.left_shift(np.left_shift(lanes, half), bits - half)
    return shifted


def equal_lanes(left: Lanes, right: Lanes) -> BoolArray:
    """Tell which rows hold the same lanes."""
    result: BoolArray = (left == right).all(axis=1)
    return result


def less_lanes(left: Lanes, right: Lanes, is_signed: bool) -> BoolArray:
    """Tell where left < right, both of one type."""
    flip = SIGN_BIT if is_signed else np.uint64(0)
    result = np.zeros(len(left), np.bool_)
    for i in range(left.shape[1]):
        top = flip if i == left.shape[1] - 1 else np.uint64(0)
        a, b = left[:, i] ^ top, right[:, i] ^ top
        result = (a < b) | ((a == b) & result)
    return result


def bit_length_lanes(lanes: Lanes) -> NDArray[np.int64]:
    """Return the number of bits up to the highest one that is set; 0 for 0."""
    result = np.zeros(len(lanes), np.int64)
    for i in range(lanes.shape[1]):
        result = np.where(lanes[:, i] != 0, bit_length(lanes[:, i]) + 64 * i, result)
    return result


def bit_length(values: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the number of bits of each uint64 up to the highest one that is set."""
    spread = values
    for step in (1, 2, 4, 8, 16, 32):
        spread = spread | (spread >> np.uint64(step))
    return np.bitwise_count(spread).astype(np.int64)


def lanes_to_float(lanes: Lanes, is_signed: bool) -> NDArray[np.float64]:
    """Return the nearest float64 of each value, ties to even."""
    negative = is_negative(lanes) if is_signed else np.zeros(len(lanes), np.bool_)
    size = np.where(negative[:, None], negate_lanes(lanes), lanes) if negative.any() else lanes
    drop = np.maximum(bit_length_lanes(size) - 64, 0).astype(np.uint64)
    top = shift_right_lanes(size, drop, False)
    # What was cut off decides ties: it stays as a lowest bit, which 53 of 64 bits leave room for.
    is_cut = ~equal_lanes(shift_left_lanes(top, drop), size)
    rounded = (top[:, 0] | is_cut.astype(np.uint64)).astype(np.float64)
    magnitude = np.ldexp(rounded, drop.astype(np.int32))
    result: NDArray[np.float64] = np.where(negative, -magnitude, magnitude)
    return result


def lanes_from_float(values: NDArray[np.float64], n_lanes: int) -> Lanes:
    """Return finite floats cut to whole numbers, modulo 2**bits."""
    fraction, exponent = np.frexp(np.abs(values))
    mantissa = np.ldexp(fraction, 53).astype(np.uint64)
    shift = exponent.astype(np.int64) - 53
    lanes = np.zeros((len(values), n_lanes), np.uint64)
    lanes[:, 0] = mantissa >> np.clip(-shift, 0, 63).astype(np.uint64)
    grown = shift_left_lanes(lanes, np.maximum(shift, 0).astype(np.uint64))
    is_below_zero = values < 0
    if not is_below_zero.any():
        return grown
    result: Lanes = np.where(is_below_zero[:, None], negate_lanes(grown), grown)
    return result
