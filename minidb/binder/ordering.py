"""Binding ORDER BY, LIMIT, LIMIT BY and DISTINCT ON."""

from __future__ import annotations

from collections.abc import Sequence

from minidb.binder.environment import Environment
from minidb.binder.expressions import ExprBinder
from minidb.binder.positions import positional
from minidb.binder.scope import Scope
from minidb.errors import (
    INVALID_LIMIT_EXPRESSION,
    SYNTAX_ERROR,
    UNKNOWN_IDENTIFIER,
    WITH_TIES_WITHOUT_ORDER_BY,
    BindError,
    NotSupportedError,
)
from minidb.expr import BoundExpr
from minidb.expr.evaluate import evaluate_constant
from minidb.plan.clauses import LimitBy, LimitWhole
from minidb.plan.nodes import Limit, PlanNode, SortItem
from minidb.source import Span
from minidb.sql import ast

MAX_LIMIT = 1 << 63


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


def bind_by(
    select: ast.Select, outputs: Sequence[BoundExpr], binder: ExprBinder
) -> list[BoundExpr]:
    """Return the expressions of LIMIT BY or DISTINCT ON, which mean the same.

    Raises
    ------
    BindError
        SYNTAX_ERROR for both of them in one SELECT.
    """
    limit_by = select.limit_by
    if limit_by is not None and select.distinct_on:
        message = "DISTINCT ON and LIMIT BY cannot stand in one SELECT"
        raise BindError(SYNTAX_ERROR, message, span=limit_by.span)
    items = select.distinct_on if limit_by is None else limit_by.exprs
    bound: list[BoundExpr] = []
    for item in items:
        bound.extend(_exprs(ast.OrderItem(item, span=item.span), outputs, binder))
    return bound


def bind_limit_by(
    environment: Environment, plan: PlanNode, select: ast.Select, ids: Sequence[int]
) -> PlanNode:
    """Return the plan cut to LIMIT BY or DISTINCT ON over columns; as it is without them."""
    if select.limit_by is None:
        return LimitBy(plan, 1, 0, tuple(ids)) if select.distinct_on else plan
    limit = select.limit_by
    count = _whole(constant_limit(environment, limit.count), limit.span)
    offset = 0
    if limit.offset is not None:
        offset = _whole(constant_limit(environment, limit.offset), limit.span)
    return LimitBy(plan, count, offset, tuple(ids)) if ids else plan


def _whole(number: int | float, span: Span) -> int:
    """Refuse a share of the rows."""
    if isinstance(number, float):
        raise NotSupportedError("LIMIT BY a share of the rows is not supported", span=span)
    return number


def bind_limit(
    environment: Environment, plan: PlanNode, limit: ast.Limit, order: Sequence[SortItem]
) -> PlanNode:
    """Return the plan cut to LIMIT and OFFSET.

    Raises
    ------
    BindError
        WITH_TIES_WITHOUT_ORDER_BY.
    """
    count = None if limit.count is None else constant_limit(environment, limit.count)
    offset = 0 if limit.offset is None else constant_limit(environment, limit.offset)
    if limit.with_ties and not order:
        message = "WITH TIES needs an ORDER BY"
        raise BindError(WITH_TIES_WITHOUT_ORDER_BY, message, span=limit.span)
    ties = tuple(order) if limit.with_ties else ()
    if ties or not _counts_from_start(count) or not _counts_from_start(offset):
        return LimitWhole(plan, count, offset, ties)
    whole = None if count is None else int(count)
    return Limit(plan, whole, int(offset))


def _counts_from_start(number: int | float | None) -> bool:
    """Whether a LIMIT or OFFSET is a plain number of rows."""
    return number is None or (isinstance(number, int) and number >= 0)


def constant_limit(environment: Environment, expr: ast.Expr) -> int | float:
    """Return what LIMIT or OFFSET says: rows, rows from the end if negative, a share if a float.

    Raises
    ------
    BindError
        INVALID_LIMIT_EXPRESSION when it is no constant whole number, and no share from 0 to 1.
    """
    message = "LIMIT and OFFSET take a constant whole number, or a share between 0 and 1"
    try:
        bound = ExprBinder(environment, Scope(), place="LIMIT").bind(expr)
    except BindError as error:
        if error.code != UNKNOWN_IDENTIFIER:
            raise
        raise BindError(INVALID_LIMIT_EXPRESSION, message, span=error.span) from error
    column = evaluate_constant(bound, environment.settings)
    value = None if column is None else column.to_pylist()[0]
    if isinstance(value, float):
        if value.is_integer():
            value = int(value)
        elif 0 < value < 1:
            return value
    if not isinstance(value, int) or not -MAX_LIMIT <= value < 2 * MAX_LIMIT:
        raise BindError(INVALID_LIMIT_EXPRESSION, message, span=expr.span)
    return int(value)
