"""Forms that stand for calls of functions: CASE, and aggregates that are NULL without rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from minidb.binder.aggregates import (
    AggregateList,
    AggregateName,
    bind_aggregate,
    find_aggregate,
)
from minidb.binder.literals import bind_value
from minidb.expr import BoundExpr
from minidb.source import Span
from minidb.sql import ast
from minidb.types import NullableType

if TYPE_CHECKING:
    from minidb.binder.expressions import ExprBinder


def bind_case(binder: ExprBinder, expr: ast.Case) -> BoundExpr:
    """Return both forms of CASE as multiIf."""
    operand = None if expr.operand is None else binder.bind(expr.operand)
    args: list[BoundExpr] = []
    for branch in expr.branches:
        condition = binder.bind(branch.condition)
        if operand is not None:
            # NULL is equal to NULL here, as nowhere else.
            has_null = any(isinstance(e.type, NullableType) for e in (operand, condition))
            name = "isNotDistinctFrom" if has_null else "equals"
            condition = binder.scalar(name, [operand, condition], branch.condition.span)
        args += [condition, binder.bind(branch.result)]
    otherwise = expr.otherwise
    args.append(bind_value(None, expr.span) if otherwise is None else binder.bind(otherwise))
    return binder.scalar("multiIf", args, expr.span)


def null_without_rows(
    binder: ExprBinder, found: AggregateName, column: BoundExpr, aggregates: AggregateList
) -> BoundExpr:
    """Return an aggregate that is NULL where there are no rows."""
    rows = find_aggregate(binder.environment.registry, "count")
    if rows is None or not found.name.function.is_null_if_empty:
        return column
    span = column.span or Span(0, 0)
    counted = bind_aggregate(rows, [], [], None, binder.environment, span)
    count = aggregates.add(counted, "count()", binder.environment)
    is_empty = binder.scalar("equals", [count, bind_value(0, span)], span)
    return binder.scalar("if", [is_empty, bind_value(None, span), column], span)
