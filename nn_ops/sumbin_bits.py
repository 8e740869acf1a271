"""Bits of rows set in the words of their groups: what the aggregates of the family sumbin share."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from minidb.extension import (
    Column,
    IndexArray,
    InternalError,
    IntType,
    NumericColumn,
    ValueExecutionError,
    WideColumn,
)
from nn_ops.errors import NN_NOT_BINARY, NN_PLACE_OUTSIDE_WORD

LANE_BITS = 64
PLACE_SHIFT = 6  # over 64
PLACE_MASKS = np.uint64(1) << np.arange(LANE_BITS, dtype=np.uint64)
REVERSED_BYTES = np.packbits(
    np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little"), axis=1
).ravel()

Lanes: TypeAlias = NDArray[np.uint64]


def n_lanes_of(n_bits: int) -> int:
    """Return how many lanes of 64 bits hold a word."""
    return -(-n_bits // LANE_BITS)


def set_bits(lanes: Lanes, groups: IndexArray, places: NDArray[Any]) -> None:
    """Set one bit per row, in place.

    Parameters
    ----------
    lanes : ndarray of uint64, shape (n_groups, n_lanes), C-contiguous
        Bit i of a word is bit i % 64 of lane i // 64; at most 4 lanes.
    groups : ndarray of intp, shape (n,)
        The word of each row.
    places : integer ndarray, shape (n,)
        The bit, 0 to 255.
    """
    # uint8 holds every place, and shifts of small integers are the cheapest way to split it.
    small = places.astype(np.uint8)
    masks = PLACE_MASKS[small & np.uint8(LANE_BITS - 1)]
    at = groups * lanes.shape[1] + (small >> np.uint8(PLACE_SHIFT))
    np.bitwise_or.at(lanes.reshape(-1), at, masks)


def shifted(lanes: Lanes, amounts: NDArray[np.intp]) -> Lanes:
    """Shift words to the left; what leaves them at the top is lost.

    Parameters
    ----------
    lanes : ndarray of uint64, shape (n, n_lanes)
    amounts : ndarray of intp, shape (n,)
        From 0 on.

    Returns
    -------
    ndarray of uint64, shape (n, n_lanes)
    """
    n_rows, n_lanes = lanes.shape
    amounts = np.minimum(amounts, n_lanes * LANE_BITS)
    # Zeros below the word: one lane more than it has, to take the bits from below from.
    padded = np.zeros((n_rows, 2 * n_lanes + 1), np.uint64)
    padded[:, n_lanes + 1 :] = lanes
    lane = n_lanes - (amounts // LANE_BITS)[:, None] + np.arange(n_lanes + 1)
    picked = np.take_along_axis(padded, lane, axis=1)
    bits = (amounts % LANE_BITS).astype(np.uint64)[:, None]
    # NumPy gives 0 for a shift by 64, but one step by 1 first needs no such promise.
    below = (picked[:, :-1] >> np.uint64(1)) >> (np.uint64(LANE_BITS - 1) - bits)
    return np.asarray((picked[:, 1:] << bits) | below)


def place_in_group(groups: IndexArray, counts: NDArray[np.intp]) -> IndexArray:
    """Return how many rows of the same group stand before each row, `counts` of them earlier."""
    return sums_before(groups, None) + counts[groups]


def sums_before(groups: IndexArray, widths: NDArray[np.intp] | None) -> IndexArray:
    """Return for each row the sum of the widths of the rows of its group before it.

    Parameters
    ----------
    groups : ndarray of intp, shape (n,)
    widths : ndarray of intp, shape (n,), or None
        None where each is 1.
    """
    n_rows = len(groups)
    if not n_rows:
        return np.zeros(0, np.intp)
    order: IndexArray | None = None
    if (groups[1:] < groups[:-1]).any():
        order = _stable_order(groups)
    in_order = groups if order is None else groups[order]
    starts = np.flatnonzero(np.append(True, in_order[1:] != in_order[:-1]))
    before = np.arange(n_rows)
    if widths is not None:
        ordered = widths if order is None else widths[order]
        before = np.cumsum(ordered) - ordered
    before = before - np.repeat(before[starts], np.diff(starts, append=n_rows))
    if order is not None:
        before[order] = before.copy()
    return before


def _stable_order(groups: IndexArray) -> IndexArray:
    """Return the rows group by group, by sorting group and row number as one integer."""
    row_bits = len(groups).bit_length()
    joined = (groups << row_bits) | np.arange(len(groups))
    joined.sort()
    order: IndexArray = joined & ((1 << row_bits) - 1)
    return order


def turn_round(lanes: Lanes, counts: NDArray[np.intp]) -> Lanes:
    """Reverse the lowest ``counts[i]`` bits of each word; those above are zero.

    Parameters
    ----------
    lanes : ndarray of uint64, shape (n, n_lanes)
        The words.
    counts : ndarray of intp, shape (n,)
        From 0 to the bits of a word.

    Returns
    -------
    ndarray of uint64, shape (n, n_lanes)
        Bit i is bit ``counts - 1 - i`` of the word given.
    """
    n_lanes = lanes.shape[1]
    octets = np.ascontiguousarray(lanes, "<u8").view(np.uint8)
    mirrored = np.ascontiguousarray(REVERSED_BYTES[octets[:, ::-1]]).view("<u8")
    # The word stands at the top now; shift it down by the bits that are missing.
    padded = np.zeros((len(lanes), 2 * n_lanes + 1), np.uint64)
    padded[:, :n_lanes] = mirrored
    shift = n_lanes * LANE_BITS - counts
    lane = (shift // LANE_BITS)[:, None] + np.arange(n_lanes + 1)
    picked = np.take_along_axis(padded, lane, axis=1)
    bits = (shift % LANE_BITS).astype(np.uint64)[:, None]
    above = (picked[:, 1:] << np.uint64(1)) << (np.uint64(LANE_BITS - 1) - bits)
    result: Lanes = (picked[:, :-1] >> bits) | above
    return result


def lanes_of(column: Column, n_lanes: int) -> Lanes:
    """Return integers as lanes; narrow ones are one lane, signed ones extended."""
    match column:
        case NumericColumn(values=values):
            return np.asarray(values.astype(np.uint64))[:, None]
        case WideColumn(lanes=lanes):
            return lanes[:, :n_lanes]
        case other:
            raise InternalError(f"sumbin got a column of {other.type.name}")


def column_of(data_type: IntType, lanes: Lanes) -> Column:
    """Return the lowest bits of lanes as integers of a type."""
    if data_type.is_wide:
        return WideColumn(data_type, lanes.copy())
    dtype = np.dtype(f"{'i' if data_type.is_signed else 'u'}{data_type.bits // 8}")
    return NumericColumn(data_type, lanes[:, 0].astype(dtype))


def bits_of(column: Column) -> NDArray[Any]:
    """Return integers that have to be 0 or 1.

    Raises
    ------
    ValueExecutionError
        NN_NOT_BINARY.
    """
    numbers, wrong = _outside(column, 2)
    if wrong is not None:
        message = f"sumbin takes a bit from 0 to 1, got {wrong}"
        hint = "write x > 0 for the sign of a number as a bit"
        raise ValueExecutionError(NN_NOT_BINARY, message, hint=hint)
    return numbers


def places_of(column: Column, n_bits: int) -> NDArray[Any]:
    """Return the places of bits in words of `n_bits` bits.

    Raises
    ------
    ValueExecutionError
        NN_PLACE_OUTSIDE_WORD.
    """
    numbers, wrong = _outside(column, n_bits)
    if wrong is not None:
        message = f"sumbin takes a place from 0 to {n_bits - 1}, got {wrong}"
        hint = f"group by intDiv(place, {n_bits}) as well, and give place % {n_bits}"
        raise ValueExecutionError(NN_PLACE_OUTSIDE_WORD, message, hint=hint)
    return numbers


def _outside(column: Column, limit: int) -> tuple[NDArray[Any], object]:
    """Return a column's integers, and the first of them not from 0 up to, but without, `limit`."""
    numbers: NDArray[Any]
    is_high: NDArray[np.bool_]
    match column:
        case NumericColumn(values=values):
            numbers = np.asarray(values)
            is_high = np.zeros(0, np.bool_)
        case WideColumn(lanes=lanes):
            numbers = lanes[:, 0]
            is_high = np.asarray(lanes[:, 1:].any(axis=1))
        case other:
            raise InternalError(f"sumbin got a column of {other.type.name}")
    if not len(numbers):
        return numbers, None
    if is_high.any() or int(numbers.min()) < 0 or int(numbers.max()) >= limit:
        is_wrong = (numbers < 0) | (numbers >= limit)
        row = int(np.flatnonzero(is_wrong | is_high if len(is_high) else is_wrong)[0])
        return numbers, column.slice(row, row + 1).to_pylist()[0]
    return numbers, None
