"""The aggregate ``sumbin``: pack bits, one per row, into a word of 256 bits.

``sumbin(bit, place)`` sets bit `place` of the word, in any row order. ``sumbin(bit)`` packs in
input order, the first row most significant. A group without rows gives 0.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minidb.extension import (
    ARGUMENT_OUT_OF_BOUND,
    INTEGER,
    Accumulator,
    AggregateCall,
    AggregateFunction,
    Arg,
    Column,
    GrowingArray,
    IndexArray,
    InternalError,
    IntType,
    NumericColumn,
    ValueExecutionError,
    WideColumn,
)

WORD_BITS = 256
LANE_BITS = 64
N_LANES = WORD_BITS // LANE_BITS
LANES_SHIFT = 2  # times 4
PLACE_SHIFT = 6  # over 64
PLACE_MASKS = np.uint64(1) << np.arange(LANE_BITS, dtype=np.uint64)
RESULT = IntType(WORD_BITS, False)
REVERSED_BYTES = np.packbits(
    np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little"), axis=1
).ravel()


class PlacedBitsAccumulator(Accumulator):
    """Set the bits whose places the second argument names."""

    def __init__(self) -> None:
        self._lanes = GrowingArray(np.dtype(np.uint64), width=N_LANES)

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows.

        Raises
        ------
        ValueExecutionError
            ARGUMENT_OUT_OF_BOUND for a bit other than 0 and 1, or a place outside 0..255.
        """
        lanes = self._lanes.grow(n_groups)
        rows = np.flatnonzero(_small_values(columns[0], "bit", 2))
        places = _small_values(columns[1], "place", WORD_BITS)
        set_bits(lanes, groups[rows], places[rows])

    def finish(self, n_groups: int) -> Column:
        """Return the words as UInt256."""
        return WideColumn(RESULT, self._lanes.grow(n_groups)[:n_groups].copy())

    @property
    def nbytes(self) -> int:
        """Return the bytes of the words."""
        return self._lanes.values.nbytes


class BitsInOrderAccumulator(Accumulator):
    """Pack bits in input order.

    While rows arrive, the i-th row of a group is bit i; the words are turned round at the end,
    when the number of rows is known.
    """

    def __init__(self) -> None:
        self._lanes = GrowingArray(np.dtype(np.uint64), width=N_LANES)
        self._counts = GrowingArray(np.dtype(np.intp))

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows.

        Raises
        ------
        ValueExecutionError
            ARGUMENT_OUT_OF_BOUND for a bit other than 0 and 1, or a 257th row of a group.
        """
        lanes, counts = self._lanes.grow(n_groups), self._counts.grow(n_groups)
        bits = _small_values(columns[0], "bit", 2)
        places = place_in_group(groups, counts)
        counts[:n_groups] += np.bincount(groups, minlength=n_groups)
        if int(counts.max(initial=0)) > WORD_BITS:
            message = f"sumbin packs at most {WORD_BITS} rows of a group"
            hint = "group by the number of the word as well"
            raise ValueExecutionError(ARGUMENT_OUT_OF_BOUND, message, hint=hint)
        rows = np.flatnonzero(bits)
        set_bits(lanes, groups[rows], places[rows])

    def finish(self, n_groups: int) -> Column:
        """Return the words as UInt256."""
        lanes = self._lanes.grow(n_groups)[:n_groups]
        return WideColumn(RESULT, turn_round(lanes, self._counts.grow(n_groups)[:n_groups]))

    @property
    def nbytes(self) -> int:
        """Return the bytes of the words and counts."""
        return self._lanes.values.nbytes + self._counts.values.nbytes


def set_bits(lanes: NDArray[np.uint64], groups: IndexArray, places: NDArray[Any]) -> None:
    """Set one bit per row, in place.

    Parameters
    ----------
    lanes : ndarray of uint64, shape (n_groups, 4), C-contiguous
        Bit i of a word is bit i % 64 of lane i // 64.
    groups : ndarray of intp, shape (n,)
        The word of each row.
    places : integer ndarray, shape (n,)
        The bit, 0 to 255.
    """
    # uint8 holds every place, and shifts of small integers are the cheapest way to split it.
    small = places.astype(np.uint8)
    masks = PLACE_MASKS[small & np.uint8(LANE_BITS - 1)]
    at = (groups << LANES_SHIFT) + (small >> np.uint8(PLACE_SHIFT))
    np.bitwise_or.at(lanes.reshape(-1), at, masks)


def place_in_group(groups: IndexArray, counts: NDArray[np.intp]) -> IndexArray:
    """Return how many rows of the same group stand before each row, `counts` of them earlier."""
    n_rows = len(groups)
    order: IndexArray | None = None
    if (groups[1:] < groups[:-1]).any():
        order = _stable_order(groups)
    in_order = groups if order is None else groups[order]
    starts = np.flatnonzero(np.append(True, in_order[1:] != in_order[:-1])) if n_rows else order
    places = np.arange(n_rows)
    if starts is not None:
        places -= np.repeat(starts, np.diff(starts, append=n_rows))
    if order is not None:
        places[order] = places.copy()
    places += counts[groups]
    return places


def _stable_order(groups: IndexArray) -> IndexArray:
    """Return the rows group by group, by sorting group and row number as one integer."""
    row_bits = len(groups).bit_length()
    joined = (groups << row_bits) | np.arange(len(groups))
    joined.sort()
    order: IndexArray = joined & ((1 << row_bits) - 1)
    return order


def turn_round(lanes: NDArray[np.uint64], counts: NDArray[np.intp]) -> NDArray[np.uint64]:
    """Reverse the lowest ``counts[i]`` bits of each word; those above are zero.

    Parameters
    ----------
    lanes : ndarray of uint64, shape (n, 4)
        The words.
    counts : ndarray of intp, shape (n,)
        From 0 to 256.

    Returns
    -------
    ndarray of uint64, shape (n, 4)
        Bit i is bit ``counts - 1 - i`` of the word given.
    """
    octets = np.ascontiguousarray(lanes, "<u8").view(np.uint8)
    mirrored = np.ascontiguousarray(REVERSED_BYTES[octets[:, ::-1]]).view("<u8")
    # The word stands at the top now; shift it down by 256 - count.
    padded = np.zeros((len(lanes), 2 * N_LANES + 1), np.uint64)
    padded[:, :N_LANES] = mirrored
    shift = WORD_BITS - counts
    lane = (shift // LANE_BITS)[:, None] + np.arange(N_LANES + 1)
    picked = np.take_along_axis(padded, lane, axis=1)
    bits = (shift % LANE_BITS).astype(np.uint64)[:, None]
    # NumPy gives 0 for a shift by 64, but one step by 1 first needs no such promise.
    above = (picked[:, 1:] << np.uint64(1)) << (np.uint64(LANE_BITS - 1) - bits)
    result: NDArray[np.uint64] = (picked[:, :-1] >> bits) | above
    return result


def _small_values(column: Column, name: str, limit: int) -> NDArray[Any]:
    """Return integers that have to be from 0 up to, but without, `limit`."""
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
        return numbers
    if is_high.any() or int(numbers.min()) < 0 or int(numbers.max()) >= limit:
        wrong = np.flatnonzero((numbers < 0) | (numbers >= limit))
        row = int(wrong[0]) if len(wrong) else int(np.flatnonzero(is_high)[0])
        value = column.slice(row, row + 1).to_pylist()[0]
        message = f"sumbin takes a {name} from 0 to {limit - 1}, got {value}"
        raise ValueExecutionError(ARGUMENT_OUT_OF_BOUND, message)
    return numbers


def _make(call: AggregateCall) -> Accumulator:
    return PlacedBitsAccumulator() if len(call.types) == 2 else BitsInOrderAccumulator()


SUMBIN = AggregateFunction(
    name="sumbin",
    family="neural network",
    args=(Arg("bit", INTEGER), Arg("place", INTEGER, is_optional=True)),
    result=RESULT,
    make=_make,
    help="Packs bits of a group into a UInt256, by place or (first row highest) in input order.",
    example="SELECT sumbin(number % 2, number) FROM numbers(8)",
    is_case_insensitive=True,
)

FUNCTIONS = (SUMBIN,)
