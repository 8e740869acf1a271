"""GROUP BY: one row per group of equal keys, in order of first appearance."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from minidb.columns import Batch, Column, Field, concat_batches, concat_columns, empty_batch
from minidb.columns.keys import GroupTable
from minidb.execution.aggregate_state import AggregateState
from minidb.execution.context import ExecutionContext
from minidb.execution.operator import Operator, evaluate_all, frame_of
from minidb.execution.operators.totals import TotalsRow
from minidb.expr import BoundExpr
from minidb.plan.nodes import Aggregate
from minidb.plan.show import describe

SHARE_OF_MEMORY = 32


class AggregateOperator(Operator):
    """Collects keys and arguments, and folds them into groups whenever a buffer is full.

    Whole columns at a time are what makes grouping fast; folding when the buffer is full is what
    keeps memory bounded. Where the folds fall does not change the answer.
    """

    def __init__(self, node: Aggregate, child: Operator) -> None:
        super().__init__(node.schema, (child,))
        self.node = node
        self.slots: dict[BoundExpr, int] = {}
        self.key_slots = [self._slot(key.expr) for key in node.keys]
        self.state_slots = [
            (
                [self._slot(arg) for arg in item.aggregate.args],
                None if item.aggregate.condition is None else self._slot(item.aggregate.condition),
            )
            for item in node.aggregates
        ]
        counted = None if node.totals is None else node.totals.counted
        self.counted_slot = None if counted is None else self._slot(counted)
        self.buffer_schema = tuple(
            Field(slot, f"slot {slot}", expr.type) for expr, slot in self.slots.items()
        )

    def _slot(self, expr: BoundExpr) -> int:
        """Return the buffer column of an expression; equal expressions share one."""
        return self.slots.setdefault(expr, len(self.slots))

    def details(self) -> str:
        """Return the aggregates and keys."""
        return describe(self.node).removeprefix("Aggregate").strip()

    def batches(self, context: ExecutionContext) -> Iterator[Batch]:
        """Yield the groups, at most `max_block_size` at a time."""
        states = [AggregateState(item.aggregate, context.settings) for item in self.node.aggregates]
        groups = self._given_groups()
        totals = None
        if self.node.totals is not None:
            totals = TotalsRow(self.node, self.node.totals, context)
        held = 0
        for folded in self._buffered(context):
            if self.key_slots:
                keys = [folded.columns[slot] for slot in self.key_slots]
                context.memory.check(groups.bytes_to_add(keys))
            for state in states:
                context.memory.check(state.bytes_to_fold)
            self._fold(folded, groups, states, totals)
            n_bytes = groups.nbytes + sum(state.nbytes for state in states)
            context.memory.release(held)
            held = n_bytes
            context.memory.hold(held)
        self.metrics.peak_bytes = held
        # The result of one state stays while the next is made.
        for number, state in enumerate(states):
            made = sum(other.nbytes for other in states[:number])
            context.memory.check(made + max(2 * state.nbytes, state.bytes_to_fold))
        whole = self._finished(groups, states)
        n_groups = whole.n_rows
        if totals is not None:
            totals.finish(whole if n_groups else None)
        if n_groups:
            for start in range(0, n_groups, context.batch_rows):
                yield whole.slice(start, start + context.batch_rows)
        context.memory.release(held)

    def _given_groups(self) -> GroupTable:
        """Return the groups that are there without rows."""
        groups = GroupTable()
        if self.node.given:
            rows = zip(*self.node.given, strict=True)
            columns = [
                concat_columns(key.field.type, [constant.column for constant in constants])
                for key, constants in zip(self.node.keys, rows, strict=True)
            ]
            groups.add(columns)
        return groups

    def _finished(self, groups: GroupTable, states: Sequence[AggregateState]) -> Batch:
        """Return all groups; without keys there is always one."""
        n_groups = groups.n_groups if self.node.keys else 1
        if not n_groups:
            return empty_batch(self.schema)
        keys = groups.keys() if self.node.keys else ()
        return Batch((*keys, *(state.finish(n_groups) for state in states)), n_groups)

    def _buffered(self, context: ExecutionContext) -> Iterator[Batch]:
        """Yield keys and arguments in pieces of about `aggregation_buffer_bytes`."""
        child, exprs = self.inputs[0], tuple(self.slots)
        limit = context.settings.integer("aggregation_buffer_bytes") if self.node.keys else 1
        if context.memory.limit:
            # Folding needs several times the bytes of a piece.
            limit = min(limit, context.memory.limit // SHARE_OF_MEMORY)
        kept: list[Batch] = []
        held = 0
        for batch in child.run(context):
            frame = frame_of(child.schema, batch, context)
            piece = Batch(evaluate_all(exprs, frame), batch.n_rows)
            context.memory.hold(piece.nbytes)
            kept.append(piece)
            held += piece.nbytes
            if held >= limit:
                yield concat_batches(self.buffer_schema, kept)
                context.memory.release(held)
                kept, held = [], 0
        if kept:
            yield concat_batches(self.buffer_schema, kept)
            context.memory.release(held)

    def _fold(
        self,
        piece: Batch,
        groups: GroupTable,
        states: Sequence[AggregateState],
        totals: TotalsRow | None,
    ) -> None:
        """Add the rows of one piece to the groups."""
        if self.node.keys:
            codes = groups.add([piece.columns[slot] for slot in self.key_slots])
            n_groups = groups.n_groups
        else:
            codes, n_groups = np.zeros(piece.n_rows, np.intp), 1
        arguments: list[tuple[list[Column], Column | None]] = [
            (
                [piece.columns[slot] for slot in arg_slots],
                None if condition_slot is None else piece.columns[condition_slot],
            )
            for arg_slots, condition_slot in self.state_slots
        ]
        for state, (args, condition) in zip(states, arguments, strict=True):
            state.update(args, condition, codes, n_groups)
        if totals is not None:
            counted = None if self.counted_slot is None else piece.columns[self.counted_slot]
            totals.add(arguments, codes, counted)
