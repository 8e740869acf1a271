"""Ordering rows; with a limit, only the first rows are kept while reading."""

from __future__ import annotations

from collections.abc import Iterator

from minidb.columns import Batch, concat_batches
from minidb.columns.order import SortKey, sort_permutation, top_n_permutation
from minidb.execution.context import ExecutionContext
from minidb.execution.operator import Operator, evaluate_all, frame_of
from minidb.expr.room import is_text
from minidb.plan.nodes import Sort
from minidb.plan.show import describe

ROWS_KEPT_PER_LIMIT = 4

BYTES_TO_SORT_A_ROW = 24
BYTES_TO_SORT_A_TEXT = 96


class SortOperator(Operator):
    """Collects its input and yields it in order; rows with equal keys keep their order."""

    def __init__(self, node: Sort, child: Operator) -> None:
        super().__init__(node.schema, (child,))
        self.node = node

    def details(self) -> str:
        """Return the keys."""
        return describe(self.node).removeprefix("Sort").strip()

    def batches(self, context: ExecutionContext) -> Iterator[Batch]:
        """Yield the ordered rows, at most `max_block_size` at a time."""
        kept: list[Batch] = []
        n_rows = held = 0
        limit = self.node.limit
        threshold = None
        if limit is not None:
            threshold = max(ROWS_KEPT_PER_LIMIT * limit, ROWS_KEPT_PER_LIMIT * context.batch_rows)
        for batch in self.inputs[0].run(context):
            context.memory.hold(batch.nbytes)
            held += batch.nbytes
            kept.append(batch)
            n_rows += batch.n_rows
            if threshold is not None and n_rows > threshold:
                first = self._ordered(kept, context)
                context.memory.release(held - first.nbytes)
                kept, n_rows, held = [first], first.n_rows, first.nbytes
        if not kept:
            return
        self.metrics.peak_bytes = held
        whole = self._ordered(kept, context)
        for start in range(0, whole.n_rows, context.batch_rows):
            yield whole.slice(start, start + context.batch_rows)
        context.memory.release(held)

    def _ordered(self, batches: list[Batch], context: ExecutionContext) -> Batch:
        """Return the rows of `batches` in order, cut to the limit."""
        # One copy is in one piece, one in order; beside them stand the keys as words and the order.
        n_rows = sum(batch.n_rows for batch in batches)
        n_bytes = sum(batch.nbytes for batch in batches)
        has_text = any(is_text(key.expr.type) for key in self.node.keys)
        per_row = BYTES_TO_SORT_A_TEXT if has_text else BYTES_TO_SORT_A_ROW
        context.memory.check(2 * n_bytes + per_row * n_rows)
        whole = concat_batches(self.schema, batches)
        exprs = tuple(key.expr for key in self.node.keys)
        columns = evaluate_all(exprs, frame_of(self.schema, whole, context))
        keys = [
            SortKey(column, key.is_descending, key.nulls_first)
            for column, key in zip(columns, self.node.keys, strict=True)
        ]
        if self.node.limit is not None and self.node.limit < whole.n_rows:
            return whole.take(top_n_permutation(keys, self.node.limit))
        return whole.take(sort_permutation(keys))
