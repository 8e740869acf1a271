"""Binding ORDER BY and LIMIT."""

from __future__ import annotations

from collections.abc import Sequence

from minidb.binder.environment import Environment
from minidb.binder.expressions import ExprBinder
from minidb.binder.grouping import positional
from minidb.binder.scope import Scope
from minidb.errors import (
    INVALID_LIMIT_EXPRESSION,
    UNKNOWN_IDENTIFIER,
    BindError,
    NotSupportedError,
)
from minidb.expr import BoundExpr
from minidb.expr.evaluate import evaluate_constant
from minidb.plan.nodes import Limit, PlanNode, SortItem
from minidb.sql import ast


def bind_order_items(
    items: Sequence[ast.OrderItem], outputs: Sequence[BoundExpr], binder: ExprBinder
) -> list[SortItem]:
    """Return the keys of ORDER BY; a whole number counts selected expressions from 1.

    ``ORDER BY ALL`` takes every selected expression. NULLs come last unless the query says
    otherwise, in both directions, as in ClickHouse.
    """
    bound: list[SortItem] = []
    for item in items:
        exprs = _exprs(item, outputs, binder)
        nulls_first = bool(item.nulls_first)
        bound.extend(SortItem(expr, item.is_descending, nulls_first) for expr in exprs)
    return bound


def _exprs(
    item: ast.OrderItem, outputs: Sequence[BoundExpr], binder: ExprBinder
) -> Sequence[BoundExpr]:
    """Return what one key of ORDER BY stands for."""
    expr = item.expr
    if isinstance(expr, ast.Identifier) and expr.name.upper() == "ALL" and not binder.knows(expr):
        return outputs
    at_place = positional(item.expr, outputs)
    return [binder.bind(item.expr) if at_place is None else at_place]


def bind_limit(environment: Environment, plan: PlanNode, limit: ast.Limit) -> PlanNode:
    """Return the plan cut to LIMIT and OFFSET."""
    if limit.with_ties:
        raise NotSupportedError("LIMIT WITH TIES is not supported", span=limit.span)
    count = None if limit.count is None else constant_limit(environment, limit.count)
    offset = 0 if limit.offset is None else constant_limit(environment, limit.offset)
    return Limit(plan, count, offset)


def constant_limit(environment: Environment, expr: ast.Expr) -> int:
    """Return the number of rows that LIMIT or OFFSET says.

    Raises
    ------
    BindError
        INVALID_LIMIT_EXPRESSION when it is no constant whole number of at least 0.
    """
    message = "LIMIT and OFFSET take a constant whole number of at least 0"
    try:
        bound = ExprBinder(environment, Scope(), place="LIMIT").bind(expr)
    except BindError as error:
        if error.code != UNKNOWN_IDENTIFIER:
            raise
        raise BindError(INVALID_LIMIT_EXPRESSION, message, span=error.span) from error
    column = evaluate_constant(bound, environment.settings)
    value = None if column is None else column.to_pylist()[0]
    if not isinstance(value, int) or value < 0:
        raise BindError(INVALID_LIMIT_EXPRESSION, message, span=expr.span)
    return value
