"""LIMIT from the end, by a share of the rows, or with ties: it has to see all rows."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil

import numpy as np

from minidb.columns import Batch, concat_batches
from minidb.columns.order import SortKey, rows_like
from minidb.execution.context import ExecutionContext
from minidb.execution.operator import Operator, evaluate_all, frame_of
from minidb.plan.clauses import LimitWhole
from minidb.plan.show import describe


class LimitWholeOperator(Operator):
    """Collects its input and yields a range of it."""

    def __init__(self, node: LimitWhole, child: Operator) -> None:
        super().__init__(node.schema, (child,))
        self.node = node

    def details(self) -> str:
        """Return the window."""
        return describe(self.node).removeprefix("LimitWhole").strip()

    def batches(self, context: ExecutionContext) -> Iterator[Batch]:
        """Yield the rows of the window, at most `max_block_size` at a time."""
        kept: list[Batch] = []
        held = 0
        for batch in self.inputs[0].run(context):
            context.memory.hold(batch.nbytes)
            held += batch.nbytes
            kept.append(batch)
        if kept:
            whole = concat_batches(self.schema, kept)
            start, stop = window(whole.n_rows, self.node.count, self.node.offset)
            if self.node.ties and start < stop:
                start, stop = self._with_ties(whole, start, stop, context)
            for at in range(start, stop, context.batch_rows):
                yield whole.slice(at, min(stop, at + context.batch_rows))
        context.memory.release(held)

    def _with_ties(
        self, whole: Batch, start: int, stop: int, context: ExecutionContext
    ) -> tuple[int, int]:
        """Widen the window by the rows that are equal to its last one, seen from the limit."""
        exprs = tuple(key.expr for key in self.node.ties)
        columns = evaluate_all(exprs, frame_of(self.schema, whole, context))
        keys = [SortKey(column) for column in columns]
        if self.node.count is not None and self.node.count < 0:
            is_tied = rows_like(keys, start)[:start]
            return start - _n_leading(is_tied[::-1]), stop
        is_tied = rows_like(keys, stop - 1)[stop:]
        return start, stop + _n_leading(is_tied)


def _n_leading(marks: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> int:
    """Return how many marks are true before the first false one."""
    return len(marks) if marks.all() else int(np.argmin(marks))


def window(n_rows: int, count: int | float | None, offset: int | float) -> tuple[int, int]:
    """Return the range of rows that LIMIT and OFFSET keep.

    Negative numbers count from the end; a float is a share of all rows, rounded up.
    """
    start, stop = 0, n_rows
    skipped = _rows(offset, n_rows)
    if skipped >= 0:
        start = min(skipped, n_rows)
    else:
        stop = max(n_rows + skipped, 0)
    if count is not None:
        wanted = _rows(count, n_rows)
        if wanted >= 0:
            stop = min(stop, start + wanted)
        else:
            start = max(start, stop + wanted)
    return start, max(start, stop)


def _rows(number: int | float, n_rows: int) -> int:
    """Return a number of rows; a share is rounded up."""
    return number if isinstance(number, int) else ceil(number * n_rows)
