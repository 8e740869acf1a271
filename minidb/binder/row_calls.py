"""Calls that look like functions and say something about rows or groups: arrayJoin, grouping."""

from __future__ import annotations

from typing import TYPE_CHECKING

from minidb.binder.aggregates import GroupingCall
from minidb.binder.names import column_name
from minidb.errors import BAD_ARGUMENTS, BindError, NotSupportedError
from minidb.expr import BoundExpr, columns_of
from minidb.sql import ast
from minidb.types import ArrayType, MapType, TupleType

if TYPE_CHECKING:
    from minidb.binder.expressions import ExprBinder


def is_row_call(expr: ast.FunctionCall) -> bool:
    """Whether a call is one of arrayJoin or grouping."""
    return expr.name == "arrayJoin" or expr.name.lower() == "grouping"


def as_array(binder: ExprBinder, expr: BoundExpr) -> BoundExpr:
    """Return a map as the array of its pairs, which are called keys and values."""
    if not isinstance(expr.type, MapType):
        return expr
    pair = TupleType((expr.type.key, expr.type.value), ("keys", "values"))
    return binder.cast_to(expr, ArrayType(pair))


def bind_row_call(binder: ExprBinder, expr: ast.FunctionCall) -> BoundExpr:
    """Return the column that stands for the call.

    Raises
    ------
    BindError
        For wrong arguments, and grouping() where there are no groups.
    NotSupportedError
        For arrayJoin in a clause that makes no rows, or over a lambda's parameter.
    """
    name_span = expr.name_span if expr.name_span.end else expr.span
    args = [binder.bind(argument) for argument in expr.arguments]
    if expr.name == "arrayJoin":
        if binder.array_joins is None:
            message = f"arrayJoin may not stand in {binder.place}"
            raise NotSupportedError(message, span=name_span)
        if any(columns_of(arg) & binder.lambda_ids for arg in args):
            message = "arrayJoin of a lambda's parameter is not supported"
            raise NotSupportedError(message, span=name_span)
        args = [as_array(binder, arg) for arg in args]
        return binder.array_joins.add(args, column_name(expr, binder.scope), expr.span)
    if binder.aggregates is None:
        raise binder.aggregate_refused("grouping()", name_span)
    if not args:
        raise BindError(BAD_ARGUMENTS, "grouping() takes keys of GROUP BY", span=expr.span)
    environment = binder.environment
    is_standard = environment.settings.flag("force_grouping_standard_compatibility")
    call = GroupingCall(tuple(args), is_standard, expr.span)
    return binder.aggregates.add_grouping(call, environment)
