"""Aggregates over frames that only grow: one state for each start, fed step by step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from minidb.columns import Column, IndexArray, concat_columns
from minidb.columns.sort_words import argsort_words
from minidb.columns.words import offsets_of
from minidb.execution.aggregate_state import AggregateState
from minidb.execution.context import ExecutionContext
from minidb.plan.nodes import AggregateExpr
from minidb.record import record

# About what a step costs, a state in it, and a row, in nanoseconds.
ROW_NS = 200.0
STEP_NS = 40_000.0
STATE_NS = 100.0
STEPS_PER_CHECK = 1024


@record(eq=False)
class Lanes:
    """Frames in lanes: in each, frames begin at one row and end no earlier than the one before.

    Parameters
    ----------
    heads : ndarray of intp, shape (n_lanes,)
        The first frame of each lane.
    sizes : ndarray of intp, shape (n_lanes,)
        How many frames it has.
    starts, ends : ndarray of intp, shape (n_lanes,)
        The row at which its frames begin, and the end of its last frame.
    """

    heads: IndexArray
    sizes: IndexArray
    starts: IndexArray
    ends: IndexArray

    @classmethod
    def of(cls, starts: IndexArray, ends: IndexArray) -> Lanes:
        """Cut frames into lanes."""
        is_head = np.ones(len(starts), np.bool_)
        is_head[1:] = (starts[1:] != starts[:-1]) | (ends[1:] < ends[:-1])
        heads = np.flatnonzero(is_head)
        sizes = np.diff(heads, append=len(starts))
        return cls(heads, sizes, starts[heads], ends[heads + sizes - 1])

    def classes(self) -> Iterator[Lanes]:
        """Yield lanes of about equal size together, the longest of each class first."""
        levels = np.frexp(self.sizes.astype(np.float64))[1]
        order = argsort_words([~self.sizes])
        for level in np.unique(levels):
            chosen = order[levels[order] == level]
            yield Lanes(
                *(part[chosen] for part in (self.heads, self.sizes, self.starts, self.ends))
            )

    @property
    def cost_ns(self) -> float:
        """Return about how long it takes to feed a state for each lane."""
        rows_ns = float((self.ends - self.starts).sum()) * ROW_NS
        return rows_ns + sum(
            float(lanes.sizes[0]) * (STEP_NS + len(lanes.sizes) * STATE_NS)
            for lanes in self.classes()
        )


def growing(
    aggregate: AggregateExpr,
    values: Sequence[Column],
    ends: IndexArray,
    lanes: Lanes,
    context: ExecutionContext,
) -> Column:
    """Return the aggregate of every frame.

    Step k adds to the state of each lane what its k-th frame has more than the one before; lanes
    of about equal size take their steps together, so that few states wait for a long one.
    """
    pieces: list[Column] = []
    frames: list[IndexArray] = []
    for group in lanes.classes():
        n_lanes = len(group.heads)
        state = AggregateState(aggregate, context.settings)
        reached = group.starts.copy()
        n_active = n_lanes
        for step in range(int(group.sizes[0])):
            n_active = int(np.searchsorted(-group.sizes[:n_active], -step))
            here = group.heads[:n_active] + step
            added = ends[here] - reached[:n_active]
            offsets = offsets_of(added)
            rows = np.arange(int(offsets[-1]))
            rows += np.repeat(reached[:n_active] - offsets[:-1], added)
            codes = np.repeat(np.arange(n_active), added)
            state.update([value.take(rows) for value in values], None, codes, n_lanes)
            reached[:n_active] = ends[here]
            pieces.append(state.finish(n_lanes).slice(0, n_active))
            frames.append(here)
            if len(pieces) % STEPS_PER_CHECK == 0:
                context.check()
                context.memory.check(state.nbytes + sum(piece.nbytes for piece in pieces))
                pieces = [concat_columns(pieces[0].type, pieces)]
    places = np.empty(len(ends), np.intp)
    places[np.concatenate(frames)] = np.arange(len(ends))
    return concat_columns(pieces[0].type, pieces).take(places)
