"""Binding calls of higher-order functions: their lambdas get types from the other arguments."""

from __future__ import annotations

from typing import TYPE_CHECKING

from minidb.binder.functions import bind_call, lambda_parameter_types, takes_lambda
from minidb.columns import Field
from minidb.errors import BAD_ARGUMENTS, ILLEGAL_TYPE_OF_ARGUMENT, BindError
from minidb.expr import BoundExpr, ColumnRef, make_lambda
from minidb.functions.declaration import ScalarFunction
from minidb.sql import ast
from minidb.types import DataType, LambdaType

if TYPE_CHECKING:
    from minidb.binder.expressions import ExprBinder


def bind_higher_order(
    binder: ExprBinder, expr: ast.FunctionCall, function: ScalarFunction
) -> BoundExpr:
    """Bind a call with a lambda: first the other arguments, which give its types.

    Raises
    ------
    BindError
        For a lambda that the function does not take, or one with too many parameters.
    """
    others = [binder.bind(a) for a in expr.arguments if not isinstance(a, ast.Lambda)]
    types = [other.type for other in others]
    remaining = iter(others)
    args: list[BoundExpr] = []
    for place, arg in enumerate(expr.arguments):
        if not isinstance(arg, ast.Lambda):
            args.append(next(remaining))
            continue
        if not takes_lambda(function, place):
            message = f"argument {place + 1} of {function.name} is no lambda"
            raise BindError(BAD_ARGUMENTS, message, span=arg.span)
        parameter_types = lambda_parameter_types(function, types, arg.span)
        args.append(_lambda(binder, arg, parameter_types, function.name))
    settings = binder.environment.settings
    return bind_call(function, args, settings, expr.span, binder.environment.next_id)


def _lambda(
    binder: ExprBinder, expr: ast.Lambda, types: tuple[DataType, ...], function_name: str
) -> BoundExpr:
    """Bind a lambda whose parameters have these types."""
    if len(expr.parameters) != len(types):
        plural = "parameter" if len(types) == 1 else "parameters"
        message = f"the lambda of {function_name} needs {len(types)} {plural}, "
        message += f"not {len(expr.parameters)}"
        raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message, span=expr.span)
    parameters = tuple(
        Field(binder.environment.next_id(), name, data_type)
        for name, data_type in zip(expr.parameters, types, strict=True)
    )
    binder.lambda_ids.update(p.id for p in parameters)
    frame = {p.name: ColumnRef(p.id, p.type, p.name, expr.span) for p in parameters}
    binder.locals.append(frame)
    try:
        body = binder.bind(expr.body)
    finally:
        binder.locals.pop()
    return make_lambda(LambdaType(types, body.type), parameters, body, expr.span)
