"""Binding calls by name: session values, SQL functions, scalar functions and aggregates."""

from __future__ import annotations

from typing import TYPE_CHECKING

from minidb.binder.aggregates import bind_aggregate, find_aggregate
from minidb.binder.calls import unknown_function
from minidb.binder.forms import null_without_rows
from minidb.binder.intervals import unit_of, with_interval
from minidb.binder.lambdas import bind_higher_order
from minidb.binder.literals import bind_value
from minidb.binder.macros import expand
from minidb.binder.names import column_name
from minidb.binder.over import bind_over, with_nulls_kept
from minidb.binder.row_calls import bind_row_call, is_row_call
from minidb.errors import (
    BAD_ARGUMENTS,
    ILLEGAL_AGGREGATION,
    UNKNOWN_FUNCTION,
    BindError,
    NotSupportedError,
)
from minidb.expr import BoundExpr, columns_of
from minidb.source import Span
from minidb.sql import ast
from minidb.types import nullable

if TYPE_CHECKING:
    from minidb.binder.expressions import ExprBinder


def bind_function(binder: ExprBinder, expr: ast.FunctionCall) -> BoundExpr:
    """Bind a call by name: session value, SQL function, scalar function or aggregate.

    Raises
    ------
    BindError
        For an unknown function, wrong arguments, an aggregate that may not stand here.
    """
    name_span = expr.name_span if expr.name_span.end else expr.span
    if expr.over is not None:
        return bind_over(binder, expr, name_span)
    session_value = binder.environment.session_values.get(expr.name)
    if session_value is not None and not expr.arguments:
        return bind_value(session_value(), expr.span)
    macro = binder.environment.catalog.sql_function(expr.name)
    if macro is not None:
        return expand(binder, expr, macro)
    if is_row_call(expr):
        return bind_row_call(binder, expr)
    registry = binder.environment.registry
    if expr.name == "toStartOfInterval":
        expr = with_interval(expr)
    function = registry.scalar(expr.name)
    if function is not None and expr.parameters is None and not expr.is_distinct:
        lambdas = [isinstance(a, ast.Lambda) for a in expr.arguments]
        if any(lambdas):
            return bind_higher_order(binder, expr, function)
        return binder.scalar(expr.name, binder.arguments(expr), expr.span)
    if find_aggregate(registry, expr.name, name_span) is not None:
        return _aggregate(binder, expr, name_span)
    if registry.window(expr.name) is not None:
        message = f"{expr.name} is a window function"
        hint = f"write {expr.name}(...) OVER (...)"
        raise BindError(BAD_ARGUMENTS, message, span=name_span, hint=hint)
    if function is not None:
        message = f"{expr.name} is no aggregate function"
        raise BindError(UNKNOWN_FUNCTION, message, span=name_span)
    if unit_of(expr) is not None:
        message = "an INTERVAL stands beside a date alone, after + or -"
        raise NotSupportedError(message, span=expr.span)
    raise unknown_function(binder.environment, expr.name, name_span)


def _aggregate(binder: ExprBinder, expr: ast.FunctionCall, name_span: Span) -> BoundExpr:
    """Bind an aggregate and return the column that it becomes."""
    if binder.aggregates is None:
        raise binder.aggregate_refused(f"aggregate function {expr.name}", name_span)
    if binder.is_inside_aggregate:
        message = f"aggregate {expr.name} stands inside another one"
        raise BindError(ILLEGAL_AGGREGATION, message, span=name_span)
    found = find_aggregate(binder.environment.registry, expr.name, name_span)
    if found is None:
        raise unknown_function(binder.environment, expr.name, name_span)
    found = with_nulls_kept(found, expr)
    if expr.is_distinct:
        found = found.distinct()
    binder.is_inside_aggregate = True
    try:
        args = binder.arguments(expr)
        parameters = [binder.bind(p) for p in expr.parameters or ()]
        condition = None if expr.filter is None else binder.bind(expr.filter)
    finally:
        binder.is_inside_aggregate = False
    found = found.over(len(args), binder.environment.registry).or_null(binder.environment)
    aggregate = bind_aggregate(found, args, parameters, condition, binder.environment, expr.span)
    read = {i for arg in (*args, *([condition] if condition else [])) for i in columns_of(arg)}
    if read & binder.lambda_ids:
        message = f"aggregate {expr.name} over a lambda's parameter is not supported"
        raise NotSupportedError(message, span=name_span)
    name = column_name(expr, binder.scope)
    column = binder.aggregates.add(aggregate, name, binder.environment)
    if not binder.null_without_rows or nullable(column.type) == column.type:
        return column
    return null_without_rows(binder, found, column, binder.aggregates)
