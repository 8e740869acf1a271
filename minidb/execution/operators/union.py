"""One input after another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from minidb.columns import Batch
from minidb.execution.context import ExecutionContext
from minidb.execution.operator import Operator
from minidb.plan.nodes import UnionAll


class UnionAllOperator(Operator):
    """Yields the batches of the first input, then those of the second, and so on."""

    def __init__(self, node: UnionAll, inputs: Sequence[Operator]) -> None:
        super().__init__(node.schema, inputs)

    def batches(self, context: ExecutionContext) -> Iterator[Batch]:
        """Yield every input's batches unchanged."""
        for child in self.inputs:
            yield from child.run(context)
