"""Keeping the rows where a condition is true."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from minidb.binder.join_keys import conjuncts
from minidb.columns import (
    Batch,
    BoolArray,
    Column,
    IndexArray,
    NumericColumn,
    WideColumn,
    split_nulls,
)
from minidb.errors import InternalError
from minidb.execution.context import ExecutionContext
from minidb.execution.operator import Operator, frame_of
from minidb.expr import BoundExpr, ScalarCall, columns_of, walk
from minidb.expr.evaluate import Frame, evaluate
from minidb.expr.show import show
from minidb.plan.nodes import Filter
from minidb.types import is_string_like, without_null

FEW = 4
"""A condition is evaluated on the open rows alone once they are less than one in `FEW`."""


class FilterOperator(Operator):
    """Drops the rows whose condition is 0 or NULL.

    The parts of a conjunction that cannot fail are evaluated one after another, cheap ones first,
    each on the rows that are still open once those are few.
    """

    def __init__(self, node: Filter, child: Operator) -> None:
        super().__init__(node.schema, (child,))
        self.node = node
        self.parts = _ordered(node.condition)

    def details(self) -> str:
        """Return the condition."""
        return show(self.node.condition)

    def batches(self, context: ExecutionContext) -> Iterator[Batch]:
        """Yield what is left of each input batch."""
        for batch in self.inputs[0].run(context):
            rows = rows_where(self.parts, frame_of(self.schema, batch, context))
            yield batch if rows is None else batch.take(rows)


def _ordered(condition: BoundExpr) -> list[BoundExpr]:
    """Return the parts to be evaluated one after another; one that may fail keeps its guards."""
    return [condition] if condition.may_fail else sorted(conjuncts(condition), key=_cost)


def _cost(condition: BoundExpr) -> int:
    """Return roughly how much a condition costs: its calls, those that read text ten times."""
    calls = [part for part in walk(condition) if isinstance(part, ScalarCall)]
    texts = sum(any(is_string_like(without_null(arg.type)) for arg in call.args) for call in calls)
    return len(calls) + 9 * texts


def rows_where(parts: Sequence[BoundExpr], frame: Frame) -> IndexArray | None:
    """Return the rows in which all conditions are true, or None when that is every row."""
    is_open: BoolArray | None = None
    rows: IndexArray | None = None
    for place, part in enumerate(parts):
        mask = truth(evaluate(part, frame))
        is_open = mask if is_open is None else is_open & mask
        if place + 1 == len(parts):
            break
        if np.count_nonzero(is_open) * FEW < frame.n_rows:
            chosen = np.flatnonzero(is_open)
            wanted = {i for later in parts[place + 1 :] for i in columns_of(later)}
            frame = frame.select(chosen, wanted)
            rows, is_open = chosen if rows is None else rows[chosen], None
    if is_open is None or is_open.all():
        return rows
    found = np.flatnonzero(is_open)
    return found if rows is None else rows[found]


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
