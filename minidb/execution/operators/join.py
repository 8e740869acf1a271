"""Inner joins: a hash join on equal keys, and the cross join, both with a residual condition."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from minidb.columns import Batch, IndexArray, concat_batches
from minidb.columns.join import JoinTable
from minidb.execution.context import ExecutionContext
from minidb.execution.operator import Operator, evaluate_all, frame_of
from minidb.execution.operators.filter import truth
from minidb.expr.evaluate import evaluate
from minidb.plan.nodes import Join
from minidb.plan.show import describe


class JoinOperator(Operator):
    """Collects the right input, then pairs each left batch with it.

    Pairs come in left order, then right order, and never more than a batch at once.
    """

    def __init__(self, node: Join, left: Operator, right: Operator) -> None:
        super().__init__(node.schema, (left, right))
        self.node = node

    def details(self) -> str:
        """Return the condition."""
        return describe(self.node).removeprefix("Join").strip()

    def batches(self, context: ExecutionContext) -> Iterator[Batch]:
        """Yield the pairs that meet the residual condition."""
        right = self.inputs[1]
        build: list[Batch] = []
        held = 0
        for batch in right.run(context):
            context.memory.hold(batch.nbytes)
            held += batch.nbytes
            build.append(batch)
        if build:
            whole = concat_batches(right.schema, build)
            self.metrics.peak_bytes = held
            pairs = self._equal_pairs if self.node.left_keys else self._cross_pairs
            for left_batch, left_rows, right_rows in pairs(whole, context):
                columns = (
                    *left_batch.take(left_rows).columns,
                    *whole.take(right_rows).columns,
                )
                joined = Batch(columns, len(left_rows))
                yield self._residual(joined, context)
        context.memory.release(held)

    def _residual(self, joined: Batch, context: ExecutionContext) -> Batch:
        """Keep the pairs that meet the residual condition."""
        if self.node.residual is None or not joined.n_rows:
            return joined
        context.memory.check(joined.nbytes)
        frame = frame_of(self.schema, joined, context)
        return joined.filter(truth(evaluate(self.node.residual, frame)))

    def _cross_pairs(
        self, right: Batch, context: ExecutionContext
    ) -> Iterator[tuple[Batch, IndexArray, IndexArray]]:
        """Yield all pairs, a batch at a time."""
        step_right = min(right.n_rows, context.batch_rows)
        step_left = max(1, context.batch_rows // step_right)
        for batch in self.inputs[0].run(context):
            for start in range(0, batch.n_rows, step_left):
                left_rows = np.arange(start, min(start + step_left, batch.n_rows), dtype=np.intp)
                for first in range(0, right.n_rows, step_right):
                    last = min(first + step_right, right.n_rows)
                    right_rows = np.arange(first, last, dtype=np.intp)
                    context.check()
                    yield (
                        batch,
                        np.repeat(left_rows, len(right_rows)),
                        np.tile(right_rows, len(left_rows)),
                    )

    def _equal_pairs(
        self, right: Batch, context: ExecutionContext
    ) -> Iterator[tuple[Batch, IndexArray, IndexArray]]:
        """Yield the pairs with equal keys, a batch at a time."""
        left_schema, right_schema = self.inputs[0].schema, self.inputs[1].schema
        table = JoinTable(
            evaluate_all(self.node.right_keys, frame_of(right_schema, right, context))
        )
        for batch in self.inputs[0].run(context):
            keys = evaluate_all(self.node.left_keys, frame_of(left_schema, batch, context))
            for left_rows, right_rows in table.probe_windows(keys, context.batch_rows):
                # A window holds whole left rows, and one row may have many partners.
                for start in range(0, len(left_rows), context.batch_rows):
                    context.check()
                    window = slice(start, start + context.batch_rows)
                    yield batch, left_rows[window], right_rows[window]
