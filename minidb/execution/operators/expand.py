"""Each row once per grouping set, with defaults in the keys outside the set."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from minidb.columns import Batch, Column, NumericColumn, constant_column, default_column
from minidb.execution.context import ExecutionContext
from minidb.execution.operator import Operator, evaluate_all, frame_of
from minidb.plan.clauses import Expand
from minidb.plan.show import describe


class ExpandOperator(Operator):
    """Yields every input batch once for each grouping set; the columns are shared, not copied."""

    def __init__(self, node: Expand, child: Operator) -> None:
        super().__init__(node.schema, (child,))
        self.node = node

    def details(self) -> str:
        """Return the keys and sets."""
        return describe(self.node).removeprefix("Expand").strip()

    def batches(self, context: ExecutionContext) -> Iterator[Batch]:
        """Yield the batches of all sets."""
        child, n_keys = self.inputs[0], len(self.node.keys)
        exprs = tuple(key.expr for key in self.node.keys)
        for batch in child.run(context):
            keys = evaluate_all(exprs, frame_of(child.schema, batch, context))
            for number, places in enumerate(self.node.sets):
                chosen = tuple(
                    key if place in places else default_column(key.type, batch.n_rows)
                    for place, key in zip(range(n_keys), keys, strict=True)
                )
                number_column = self._number(number, batch.n_rows)
                yield Batch((*batch.columns, *chosen, number_column), batch.n_rows)

    def _number(self, number: int, n_rows: int) -> Column:
        """Return the number of a set for each row."""
        values = np.full(1, number, np.uint64)
        return constant_column(NumericColumn(self.node.set_field.type, values), n_rows)
