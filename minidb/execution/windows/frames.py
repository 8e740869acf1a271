"""Where partitions, peers and frames begin and end, as row numbers in window order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minidb.columns import BoolArray, Column, IndexArray, NumericColumn, split_nulls, with_nulls
from minidb.columns.order import SortKey, order_words
from minidb.columns.sort_words import argsort_words
from minidb.columns.words import IntegerArray
from minidb.errors import InternalError
from minidb.functions.window import WindowRows
from minidb.plan.window_parts import FrameEnd, WindowFrame
from minidb.record import record

BEFORE_EQUAL, A_ROW, BEHIND_EQUAL = 0, 1, 2


@record(eq=False)
class Partitions:
    """The sorted rows of a window, cut into partitions and sets of peers.

    Parameters
    ----------
    starts, ends : ndarray of intp, shape (n,)
        The partition of each row.
    numbers : ndarray of intp, shape (n,)
        The number of the row's partition.
    peer_heads : ndarray of intp, shape (n_sets + 1,)
        Where each set of rows with equal ORDER BY begins; the last entry is n.
    peer_numbers : ndarray of intp, shape (n,)
        The set of each row.
    """

    starts: IndexArray
    ends: IndexArray
    numbers: IndexArray
    peer_heads: IndexArray
    peer_numbers: IndexArray

    @property
    def n_rows(self) -> int:
        """Return the number of rows."""
        return len(self.starts)


def cut(
    n_rows: int, partition: Sequence[IntegerArray], order: Sequence[IntegerArray]
) -> Partitions:
    """Cut sorted rows where the words of PARTITION BY, or those of ORDER BY, change."""
    is_head = _changes(n_rows, partition)
    heads = np.append(np.flatnonzero(is_head), n_rows)
    numbers = np.cumsum(is_head) - 1
    is_peer_head = is_head | _changes(n_rows, order)
    peer_heads = np.append(np.flatnonzero(is_peer_head), n_rows)
    peer_numbers = np.cumsum(is_peer_head) - 1
    return Partitions(heads[numbers], heads[numbers + 1], numbers, peer_heads, peer_numbers)


def _changes(n_rows: int, words: Sequence[IntegerArray]) -> BoolArray:
    """Mark the first row, and the rows that differ from the one before."""
    marks = np.zeros(n_rows, np.bool_)
    marks[:1] = True
    for word in words:
        marks[1:] |= word[1:] != word[:-1]
    return marks


def frame_rows(partitions: Partitions, frame: WindowFrame, key: SortKey | None) -> WindowRows:
    """Return the frame of each row.

    Parameters
    ----------
    key : SortKey, n rows in window order
        The one column of ORDER BY where the frame is RANGE with an offset.
    """
    here = np.arange(partitions.n_rows)
    peers = partitions.peer_heads[partitions.peer_numbers]
    peer_ends = partitions.peer_heads[partitions.peer_numbers + 1]
    numbers = partitions.peer_numbers
    if frame.unit == "ROWS":
        peers, peer_ends, numbers = here, here + 1, here
    starts = _bound(partitions, frame, frame.start, key, peers, is_end=False)
    ends = _bound(partitions, frame, frame.end, key, peer_ends, is_end=True)
    starts = np.clip(starts, partitions.starts, partitions.ends)
    ends = np.clip(ends, starts, partitions.ends)
    return WindowRows(
        partitions.n_rows,
        partitions.starts,
        partitions.ends,
        peers,
        peer_ends,
        numbers,
        starts,
        ends,
    )


def _bound(
    partitions: Partitions,
    frame: WindowFrame,
    end: FrameEnd,
    key: SortKey | None,
    current: IndexArray,
    *,
    is_end: bool,
) -> IndexArray:
    """Return one end of all frames; those beyond the partition are cut later."""
    if end.kind == "CURRENT ROW":
        return current
    if end.offset is None:
        return partitions.starts if end.kind == "PRECEDING" else partitions.ends
    forward = end.kind == "FOLLOWING"
    # No table has as many rows, and the sums below stay in 64 bits.
    steps = min(end.offset, 1 << 40)
    steps = steps if forward else -steps
    match frame.unit:
        case "ROWS":
            return np.arange(partitions.n_rows) + (steps + is_end)
        case "GROUPS":
            return _bound_in_groups(partitions, steps, is_end=is_end)
        case _:
            if key is None:
                raise InternalError("a RANGE frame with an offset has no key")
            return _bound_in_range(partitions, end.offset, key, current, forward, is_end)


def _bound_in_groups(partitions: Partitions, steps: int, *, is_end: bool) -> IndexArray:
    """Return where the set of peers so many sets away begins, or ends."""
    n_sets = len(partitions.peer_heads) - 1
    wanted = np.clip(partitions.peer_numbers + (steps + is_end), 0, n_sets)
    return partitions.peer_heads[wanted]


def _bound_in_range(
    partitions: Partitions,
    offset: int,
    key: SortKey,
    current: IndexArray,
    forward: bool,
    is_end: bool,
) -> IndexArray:
    """Find the first row whose key is at (or beyond) the row's key and the offset.

    Rows and wanted keys are sorted together, by partition and key; the number of rows before a
    wanted key is the bound. NULL and NaN have no distance: their frame is their peers.
    """
    values, is_null = split_nulls(key.column)
    if not isinstance(values, NumericColumn):
        raise InternalError(f"RANGE with an offset over {values.type.name}")
    rises = forward != key.is_descending
    wanted, too_low, too_high = _moved(values.values, offset, rises)
    beyond_front, beyond_back = (too_high, too_low) if key.is_descending else (too_low, too_high)
    target = with_nulls(NumericColumn(values.type, wanted), is_null)
    side = np.full(len(wanted), BEHIND_EQUAL if is_end else BEFORE_EQUAL, np.uint8)
    side[beyond_front] = BEFORE_EQUAL
    side[beyond_back] = BEHIND_EQUAL
    rows = SortKey(key.column, key.is_descending, key.nulls_first)
    targets = SortKey(target, key.is_descending, key.nulls_first)
    found = _rows_before(partitions, rows, targets, side)
    has_none = np.isnan(values.values) if values.values.dtype.kind == "f" else None
    if is_null is not None:
        has_none = is_null if has_none is None else has_none | is_null
    return found if has_none is None else np.where(has_none, current, found)


def _rows_before(
    partitions: Partitions, rows: SortKey, targets: SortKey, side: NDArray[np.uint8]
) -> IndexArray:
    """Return how many rows stand before each target, in all partitions together."""
    n_rows = partitions.n_rows
    words = [
        np.concatenate(pair)
        for pair in zip(order_words([rows]), order_words([targets]), strict=True)
    ]
    numbers = np.concatenate([partitions.numbers, partitions.numbers])
    kinds = np.concatenate([np.full(n_rows, A_ROW, np.uint8), side])
    order = argsort_words([numbers, *words, kinds])
    before = np.cumsum(order < n_rows)
    found = np.empty(2 * n_rows, np.intp)
    found[order] = before
    return found[n_rows:]


def _moved(
    values: NDArray[Any], offset: int, rises: bool
) -> tuple[NDArray[Any], BoolArray, BoolArray]:
    """Return values plus or minus an offset, and where that left their type."""
    nowhere = np.zeros(len(values), np.bool_)
    if values.dtype.kind == "f":
        step = values.dtype.type(offset if rises else -offset)
        with np.errstate(over="ignore", invalid="ignore"):
            return values + step, nowhere, nowhere
    if values.dtype.kind == "b":
        values = values.astype(np.uint8)
    limits = np.iinfo(values.dtype)
    step = values.dtype.type(offset)
    if rises:
        too_high = values > limits.max - offset
        moved = np.where(too_high, values.dtype.type(limits.max), values + step)
        return moved, nowhere, too_high
    too_low = values < limits.min + offset
    moved = np.where(too_low, values.dtype.type(limits.min), values - step)
    return moved, too_low, nowhere


def column_words(keys: Sequence[SortKey]) -> list[IntegerArray]:
    """Return the words of sort keys, none without keys."""
    return order_words(keys) if keys else []


def taken(words: Sequence[IntegerArray], order: IndexArray) -> list[IntegerArray]:
    """Return words in another order of the rows."""
    return [word[order] for word in words]


def sort_keys(columns: Sequence[Column]) -> list[SortKey]:
    """Return plain ascending keys."""
    return [SortKey(column) for column in columns]
