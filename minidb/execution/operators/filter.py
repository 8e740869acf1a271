"""Keeping the rows where a condition is true."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from minidb.columns import Batch, BoolArray, Column, NumericColumn, WideColumn, split_nulls
from minidb.errors import InternalError
from minidb.execution.context import ExecutionContext
from minidb.execution.operator import Operator, frame_of
from minidb.expr.evaluate import evaluate
from minidb.expr.show import show
from minidb.plan.nodes import Filter


class FilterOperator(Operator):
    """Drops the rows whose condition is 0 or NULL."""

    def __init__(self, node: Filter, child: Operator) -> None:
        super().__init__(node.schema, (child,))
        self.node = node

    def details(self) -> str:
        """Return the condition."""
        return show(self.node.condition)

    def batches(self, context: ExecutionContext) -> Iterator[Batch]:
        """Yield what is left of each input batch."""
        for batch in self.inputs[0].run(context):
            mask = truth(evaluate(self.node.condition, frame_of(self.schema, batch, context)))
            yield batch if mask.all() else batch.filter(mask)


def truth(condition: Column) -> BoolArray:
    """Return where a condition is true: neither 0 nor NULL (NaN is true, as in ClickHouse)."""
    values, is_null = split_nulls(condition)
    match values:
        case NumericColumn(values=numbers):
            mask: BoolArray = np.asarray(numbers != 0)
        case WideColumn(lanes=lanes):
            mask = np.asarray((lanes != 0).any(axis=1))
        case _:
            raise InternalError(f"{condition.type} is no condition")
    return mask if is_null is None else mask & ~is_null
