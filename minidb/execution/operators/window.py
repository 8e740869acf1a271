"""Window functions: rows are sorted by partition and order, then each sees its neighbours."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from minidb.columns import Batch, Column, IndexArray, concat_batches
from minidb.columns.order import SortKey
from minidb.columns.sort_words import argsort_words
from minidb.errors import MiniDBError
from minidb.execution.context import ExecutionContext
from minidb.execution.operator import Operator, evaluate_all, frame_of
from minidb.execution.windows.aggregates import aggregate_over_frames
from minidb.execution.windows.frames import (
    Partitions,
    column_words,
    cut,
    frame_rows,
    sort_keys,
    taken,
)
from minidb.expr import BoundExpr
from minidb.expr.evaluate import Frame, evaluate
from minidb.functions.window import WindowCall, WindowRows
from minidb.plan.nodes import AggregateExpr, Window, Windowed
from minidb.plan.show import describe
from minidb.plan.window_parts import WindowFrame

BYTES_TO_SORT_A_ROW = 48


class WindowOperator(Operator):
    """Collects its input, sorts it once, and adds a column for each function.

    Rows come out in window order; rows that tie keep the order in which they came.
    """

    def __init__(self, node: Window, child: Operator) -> None:
        super().__init__(node.schema, (child,))
        self.node = node

    def details(self) -> str:
        """Return the functions, partitions and order."""
        return describe(self.node).removeprefix("Window").strip()

    def batches(self, context: ExecutionContext) -> Iterator[Batch]:
        """Yield the rows with the new columns, at most `max_block_size` at a time."""
        kept: list[Batch] = []
        held = 0
        for batch in self.inputs[0].run(context):
            context.memory.hold(batch.nbytes)
            held += batch.nbytes
            kept.append(batch)
        if not kept:
            return
        n_rows = sum(batch.n_rows for batch in kept)
        # Beside one copy in one piece and one in order stand the words of the keys.
        context.memory.check(2 * held + BYTES_TO_SORT_A_ROW * n_rows)
        whole = concat_batches(self.inputs[0].schema, kept)
        kept.clear()
        result = self._computed(whole, context)
        added = max(result.nbytes - held, 0)
        context.memory.hold(added)
        held += added
        self.metrics.peak_bytes = held
        for start in range(0, result.n_rows, context.batch_rows):
            yield result.slice(start, start + context.batch_rows)
        context.memory.release(held)

    def _computed(self, whole: Batch, context: ExecutionContext) -> Batch:
        """Return the rows in window order with the new columns behind the others."""
        node, schema = self.node, self.inputs[0].schema
        source = frame_of(schema, whole, context)
        partition = column_words(sort_keys(evaluate_all(node.partition, source)))
        keys = [
            SortKey(evaluate(item.expr, source), item.is_descending, item.nulls_first)
            for item in node.order
        ]
        order = column_words(keys)
        words = [*partition, *order]
        permutation = argsort_words(words) if words else np.arange(whole.n_rows)
        taken_words = sum(word.nbytes for word in words)
        context.memory.check(whole.nbytes + 4 * permutation.nbytes + 2 * taken_words)
        partitions = cut(whole.n_rows, taken(partition, permutation), taken(order, permutation))
        only_key = keys[0].take(permutation) if len(keys) == 1 else None
        maker = _ColumnMaker(source, permutation, partitions, only_key, context)
        columns = [maker.column(item) for item in node.items]
        return Batch((*whole.take(permutation).columns, *columns), whole.n_rows)


class _ColumnMaker:
    """Computes the columns of one window; functions with equal frames share their bounds."""

    def __init__(
        self,
        source: Frame,
        permutation: IndexArray,
        partitions: Partitions,
        key: SortKey | None,
        context: ExecutionContext,
    ) -> None:
        self.source = source
        self.permutation = permutation
        self.partitions = partitions
        self.key = key
        self.context = context
        self.rows_by_frame: dict[WindowFrame, WindowRows] = {}

    def column(self, item: Windowed) -> Column:
        """Return the column of one function, in window order."""
        rows = self.rows_by_frame.get(item.frame)
        if rows is None:
            key = self.key if item.frame.has_range_offset else None
            rows = frame_rows(self.partitions, item.frame, key)
            self.rows_by_frame[item.frame] = rows
        call = item.call
        args = tuple(self._sorted(arg) for arg in call.args)
        try:
            if isinstance(call, AggregateExpr):
                condition = None if call.condition is None else self._sorted(call.condition)
                return aggregate_over_frames(call, args, condition, rows, self.context)
            return call.function.compute(WindowCall(args, rows, call.type))
        except MiniDBError as error:
            error.span = error.span or call.span
            raise

    def _sorted(self, expr: BoundExpr) -> Column:
        """Evaluate an argument, and bring it into window order."""
        return evaluate(expr, self.source).take(self.permutation)
