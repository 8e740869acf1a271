"""Cutting the rows to a window."""

from __future__ import annotations

from collections.abc import Iterator

from minidb.columns import Batch
from minidb.execution.context import ExecutionContext
from minidb.execution.operator import Operator
from minidb.plan.nodes import Limit


class LimitOperator(Operator):
    """Skips `offset` rows, yields `count`, and stops pulling then."""

    def __init__(self, node: Limit, child: Operator) -> None:
        super().__init__(node.schema, (child,))
        self.node = node

    def details(self) -> str:
        """Return the window."""
        return f"{self.node.count} offset {self.node.offset}"

    def batches(self, context: ExecutionContext) -> Iterator[Batch]:
        """Yield slices of the input batches."""
        skip, left = self.node.offset, self.node.count
        if left == 0:
            return
        for batch in self.inputs[0].run(context):
            start = min(skip, batch.n_rows)
            skip -= start
            stop = batch.n_rows if left is None else min(batch.n_rows, start + left)
            if stop > start:
                yield batch.slice(start, stop)
            if left is not None:
                left -= stop - start
                if left == 0:
                    return
