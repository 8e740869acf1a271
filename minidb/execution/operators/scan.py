"""Reading the wanted columns of a relation."""

from __future__ import annotations

from collections.abc import Iterator

from minidb.columns import Batch
from minidb.execution.context import ExecutionContext
from minidb.execution.operator import Operator
from minidb.plan.nodes import Scan


class ScanOperator(Operator):
    """Yields the rows of a relation in storage order."""

    def __init__(self, node: Scan) -> None:
        super().__init__(node.schema)
        self.node = node

    def details(self) -> str:
        """Return the relation's name."""
        return self.node.relation.label

    def batches(self, context: ExecutionContext) -> Iterator[Batch]:
        """Yield batches as the relation hands them out, counting what was read."""
        names = [name for name, _ in self.node.columns]
        scan = self.node.relation.scan(names, self.node.bounds, context.batch_rows)
        for batch in scan:
            context.count_read(batch.n_rows, batch.nbytes)
            yield batch
            context.check()


class OneRowOperator(Operator):
    """Yields one row without columns."""

    def __init__(self) -> None:
        super().__init__(())

    def batches(self, context: ExecutionContext) -> Iterator[Batch]:
        """Yield the row."""
        yield Batch((), 1)
