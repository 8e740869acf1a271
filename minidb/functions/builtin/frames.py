"""Aggregates over frames: many ranges of the same rows at once, without a state for each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minidb.columns import Column, IndexArray
from minidb.columns.keys import factorize
from minidb.columns.sort_words import argsort_words, sort_words
from minidb.columns.wide_math import add_lanes, subtract_lanes
from minidb.functions.builtin.grouped import NO_ROW

# About what a step of each way costs, in nanoseconds; only their relation matters.
LOOP_NS = 4_000.0
RUNNING_NS = 3.0
STEPPING_NS = 12.0
MOST_EXACT_NS = 3e9


def sum_frames(values: NDArray[Any], starts: IndexArray, ends: IndexArray) -> NDArray[Any]:
    """Return the sum of each frame, in the dtype of `values`; integers wrap around.

    Floats are added row by row from the frame's first one, as a sum over a group would add them;
    where that takes seconds, frames are put together from sums of 2**k rows.
    """
    if values.dtype.kind != "f":
        sums = np.zeros(len(values) + 1, values.dtype)
        np.cumsum(values, out=sums[1:], dtype=values.dtype)
        differences: NDArray[Any] = sums[ends] - sums[starts]
        return differences
    sizes = ends - starts
    anchors, anchor_of = np.unique(starts, return_inverse=True)
    furthest = np.zeros(len(anchors), np.intp)
    np.maximum.at(furthest, anchor_of, sizes)
    running_ns = len(anchors) * LOOP_NS + float(furthest.sum()) * RUNNING_NS
    stepping_ns = int(sizes.max(initial=0)) * LOOP_NS + float(sizes.sum()) * STEPPING_NS
    with np.errstate(invalid="ignore", over="ignore"):
        if min(running_ns, stepping_ns) > MOST_EXACT_NS:
            return _sums_by_halves(values, starts, ends)
        if running_ns < stepping_ns:
            return _running_sums(values, anchors, anchor_of, furthest, sizes)
        return _stepped_sums(values, starts, sizes)


def _running_sums(
    values: NDArray[Any],
    anchors: IndexArray,
    anchor_of: IndexArray,
    furthest: IndexArray,
    sizes: IndexArray,
) -> NDArray[Any]:
    """Run once from each distinct first row, for frames that share few of them."""
    found = np.zeros(len(sizes), values.dtype)
    order = argsort_words([anchor_of])
    bounds = np.searchsorted(anchor_of[order], np.arange(len(anchors) + 1))
    for place, anchor in enumerate(anchors):
        sums = np.zeros(furthest[place] + 1, values.dtype)
        np.cumsum(values[anchor : anchor + furthest[place]], out=sums[1:])
        frames = order[bounds[place] : bounds[place + 1]]
        found[frames] = sums[sizes[frames]]
    return found


def _stepped_sums(values: NDArray[Any], starts: IndexArray, sizes: IndexArray) -> NDArray[Any]:
    """Add the k-th row of all frames at once, for frames that are short."""
    found = np.zeros(len(sizes), values.dtype)
    # Longest first, so that the frames still open are always a prefix.
    order = argsort_words([~sizes])
    rows, left = starts[order], sizes[order]
    sums = np.zeros(len(sizes), values.dtype)
    n_open = len(sizes)
    for step in range(int(sizes.max(initial=0))):
        n_open = int(np.searchsorted(-left[:n_open], -step, side="left"))
        sums[:n_open] += values[rows[:n_open] + step]
    found[order] = sums
    return found


def _sums_by_halves(values: NDArray[Any], starts: IndexArray, ends: IndexArray) -> NDArray[Any]:
    """Put each frame together from sums of 2**k rows, as a tree of halves does."""
    low = np.zeros(len(starts), values.dtype)
    high = np.zeros(len(starts), values.dtype)
    level, left, right = values, starts.copy(), ends.copy()
    while len(level):
        takes_left = (left < right) & (left & 1 == 1)
        low[takes_left] += level[left[takes_left]]
        left += takes_left
        takes_right = (left < right) & (right & 1 == 1)
        right -= takes_right
        high[takes_right] = level[right[takes_right]] + high[takes_right]
        if not (left < right).any():
            break
        even = np.append(level, 0.0) if len(level) & 1 else level
        level = even[0::2] + even[1::2]
        left, right = left >> 1, right >> 1
    total: NDArray[Any] = low + high
    return total


def sum_wide_frames(
    lanes: NDArray[np.uint64], starts: IndexArray, ends: IndexArray
) -> NDArray[np.uint64]:
    """Return the sums of integers in lanes of 64 bits, modulo 2**bits.

    Parameters
    ----------
    lanes : ndarray of uint64, shape (n, lanes)
        Least significant lane first.
    """
    sums = np.zeros((len(lanes) + 1, lanes.shape[1]), np.uint64)
    sums[1:] = lanes
    # Doubling: after step k each row holds the sum of the 2**k rows that end there.
    step = 1
    while step < len(sums):
        added = add_lanes(sums[step:], sums[:-step])
        sums[step:] = added
        step *= 2
    return subtract_lanes(sums[ends], sums[starts])


def extreme_frames(
    words: NDArray[Any], starts: IndexArray, ends: IndexArray, *, is_greatest: bool
) -> NDArray[Any]:
    """Return the least or greatest word of each frame, 0 for an empty one.

    Two ranges of 2**k rows that overlap cover a frame; only one level of them is kept at a time.
    """
    pick: np.ufunc = np.maximum if is_greatest else np.minimum
    found = np.zeros(len(starts), words.dtype)
    sizes = ends - starts
    rows = np.flatnonzero(sizes > 0)
    levels = np.frexp(sizes[rows].astype(np.float64))[1] - 1
    level = words
    for k in range(int(levels.max(initial=-1)) + 1):
        here = rows[levels == k]
        found[here] = pick(level[starts[here]], level[ends[here] - (1 << k)])
        level = pick(level[: -(1 << k)], level[1 << k :])
    return found


def extreme_rows(
    column: Column, starts: IndexArray, ends: IndexArray, *, is_greatest: bool
) -> IndexArray:
    """Return the first row with the least or greatest value of each frame, else NO_ROW.

    NaN wins only where a frame has nothing else.
    """
    if not len(column):
        return np.full(len(starts), NO_ROW, np.intp)
    words = sort_words(column, nulls_greatest=not is_greatest)
    order = argsort_words([~word for word in words] if is_greatest else words)
    ranks = np.empty(len(order), np.intp)
    ranks[order] = np.arange(len(order))
    least = extreme_frames(ranks, starts, ends, is_greatest=False)
    return np.where(ends > starts, order[least], NO_ROW)


def distinct_in_frames(
    columns: Sequence[Column], starts: IndexArray, ends: IndexArray
) -> IndexArray:
    """Return how many distinct rows each frame holds.

    Notes
    -----
    A row is new in a frame when the last row equal to it stands before the frame. Rows before the
    frame are all of that kind, so it is enough to count them among the rows before the frame's end.
    """
    n_rows = len(columns[0])
    if not n_rows:
        return np.zeros(len(starts), np.intp)
    codes = factorize(columns).codes
    order = argsort_words([codes])
    # The place behind the last equal row, 0 where there is none.
    behind = np.zeros(n_rows, np.intp)
    repeats = np.flatnonzero(codes[order[1:]] == codes[order[:-1]]) + 1
    behind[order[repeats]] = order[repeats - 1] + 1
    return _count_at_most(behind, starts, ends) - starts


def _count_at_most(values: IndexArray, most: IndexArray, ends: IndexArray) -> IndexArray:
    """Return for each query how many of the first `ends` values are at most `most`.

    The values are split by their bits from the highest on, as a wavelet matrix does: the range of
    a query shrinks to the values that agree with its limit so far, and those below are counted.
    """
    limit = most + 1
    found = np.zeros(len(ends), np.intp)
    left, right = np.zeros(len(ends), np.intp), ends
    top = int(max(values.max(initial=0), limit.max(initial=0))).bit_length()
    for bit in range(top - 1, -1, -1):
        is_zero = (values >> bit) & 1 == 0
        zeros_before = np.zeros(len(values) + 1, np.intp)
        np.cumsum(is_zero, out=zeros_before[1:])
        low, high = zeros_before[left], zeros_before[right]
        takes_ones = (limit >> bit) & 1 == 1
        found += np.where(takes_ones, high - low, 0)
        left = np.where(takes_ones, zeros_before[-1] + left - low, low)
        right = np.where(takes_ones, zeros_before[-1] + right - high, high)
        values = np.concatenate([values[is_zero], values[~is_zero]])
    return found
