"""Computing new columns from each row."""

from __future__ import annotations

from collections.abc import Iterator

from minidb.columns import Batch
from minidb.execution.context import ExecutionContext
from minidb.execution.operator import Operator, evaluate_in_pieces
from minidb.plan.nodes import Project


class ProjectOperator(Operator):
    """Evaluates one expression per output column."""

    def __init__(self, node: Project, child: Operator) -> None:
        super().__init__(node.schema, (child,))
        self.exprs = tuple(item.expr for item in node.items)

    def details(self) -> str:
        """Return the names of the columns."""
        return ", ".join(field.name for field in self.schema)

    def batches(self, context: ExecutionContext) -> Iterator[Batch]:
        """Yield one batch per input batch."""
        child = self.inputs[0]
        for batch in child.run(context):
            for rows, columns in evaluate_in_pieces(self.exprs, child.schema, batch, context):
                yield Batch(columns, rows.n_rows)
                del columns  # before those of the next rows are made
