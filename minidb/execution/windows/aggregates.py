"""Aggregates over frames: the quick way where the function has one, else states of frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from minidb.columns import (
    BoolArray,
    Column,
    IndexArray,
    NumericColumn,
    concat_columns,
    empty_column,
    split_nulls,
    with_nulls,
)
from minidb.columns.words import offsets_of
from minidb.execution.aggregate_state import AggregateState
from minidb.execution.context import ExecutionContext
from minidb.execution.operators.filter import truth
from minidb.execution.windows.growing import Lanes, growing
from minidb.functions.builtin.frames import distinct_in_frames
from minidb.functions.declaration import Accumulator
from minidb.functions.window import WindowRows
from minidb.plan.nodes import AggregateExpr

# How many rows of frames are laid out at a time.
ROWS_AT_A_TIME = 1 << 18
# About what it costs to lay out a row and feed it, in nanoseconds; see `growing`.
LAID_OUT_ROW_NS = 200.0


def aggregate_over_frames(
    aggregate: AggregateExpr,
    args: Sequence[Column],
    condition: Column | None,
    rows: WindowRows,
    context: ExecutionContext,
) -> Column:
    """Return the aggregate of each row's frame.

    Parameters
    ----------
    args, condition : Column, n rows in window order
        As the aggregate takes them; rows that do not count are left out here.

    Notes
    -----
    Neighbours often have one frame in common (peers, whole partitions): each distinct frame is
    computed once.
    """
    values, keep = _values_and_rows(aggregate, args, condition)
    starts, ends = rows.frame_starts, rows.frame_ends
    if keep is not None:
        kept_before = offsets_of(keep.astype(np.int64))
        starts, ends = kept_before[starts], kept_before[ends]
        chosen = np.flatnonzero(keep)
        values = [value.take(chosen) for value in values]
    is_new = np.ones(len(starts), np.bool_)
    is_new[1:] = (starts[1:] != starts[:-1]) | (ends[1:] != ends[:-1])
    first = np.flatnonzero(is_new)
    found = _over_distinct_frames(aggregate, values, starts[first], ends[first], context)
    return found if len(first) == len(starts) else found.take(np.cumsum(is_new) - 1)


def _values_and_rows(
    aggregate: AggregateExpr, args: Sequence[Column], condition: Column | None
) -> tuple[list[Column], BoolArray | None]:
    """Return the arguments as the accumulator sees them, and which rows count (None: all)."""
    keep = None if condition is None else truth(condition)
    values = list(args)
    if aggregate.function.skips_nulls:
        for place, column in enumerate(values):
            values[place], is_null = split_nulls(column)
            if is_null is not None and is_null.any():
                keep = ~is_null if keep is None else keep & ~is_null
    return values, None if keep is None or keep.all() else keep


def _over_distinct_frames(
    aggregate: AggregateExpr,
    values: list[Column],
    starts: IndexArray,
    ends: IndexArray,
    context: ExecutionContext,
) -> Column:
    """Choose the way: of the function itself, a growing state, or frames laid out."""
    if not len(starts):
        return empty_column(aggregate.type)
    state = AggregateState(aggregate, context.settings)
    if aggregate.is_distinct and aggregate.function.name == "count" and values:
        counts = distinct_in_frames(values, starts, ends).astype(np.uint64)
        return NumericColumn(aggregate.type, counts)
    if not aggregate.is_distinct:
        accumulator = state.accumulator
        quick = _knows_frames(accumulator)
        found = accumulator.over_frames(values, starts, ends) if quick else None
        if found is not None:
            return with_nulls(found, starts == ends) if state.can_be_empty else found
        lanes = Lanes.of(starts, ends)
        if lanes.cost_ns < float((ends - starts).sum()) * LAID_OUT_ROW_NS:
            return growing(aggregate, values, ends, lanes, context)
    return _laid_out(aggregate, values, starts, ends, context)


def _knows_frames(accumulator: Accumulator) -> bool:
    """Whether the way over frames belongs to this class, and not to one that it changes."""
    for owner in type(accumulator).__mro__:
        if "over_frames" in vars(owner):
            return True
        if "update" in vars(owner) or "finish" in vars(owner):
            return False
    return False


def _laid_out(
    aggregate: AggregateExpr,
    values: Sequence[Column],
    starts: IndexArray,
    ends: IndexArray,
    context: ExecutionContext,
) -> Column:
    """Write the rows of many frames one after another, each frame a group of its own."""
    pieces: list[Column] = []
    for first, last in _portions(ends - starts):
        context.check()
        sizes = (ends - starts)[first:last]
        groups = np.repeat(np.arange(last - first), sizes)
        offsets = offsets_of(sizes)
        rows = np.arange(len(groups)) + np.repeat(starts[first:last] - offsets[:-1], sizes)
        laid = [value.take(rows) for value in values]
        context.memory.check(sum(column.nbytes for column in laid) + 2 * rows.nbytes)
        state = AggregateState(aggregate, context.settings)
        state.update(laid, None, groups, last - first)
        context.memory.check(state.nbytes)
        pieces.append(state.finish(last - first))
    return concat_columns(pieces[0].type, pieces)


def _portions(sizes: IndexArray) -> Iterator[tuple[int, int]]:
    """Yield ranges of frames of at most `ROWS_AT_A_TIME` rows, at least one frame each."""
    behind = np.cumsum(sizes + 1)
    first = 0
    while first < len(sizes):
        before = int(behind[first - 1]) if first else 0
        last = int(np.searchsorted(behind, before + ROWS_AT_A_TIME, side="right"))
        last = max(last, first + 1)
        yield first, last
        first = last
