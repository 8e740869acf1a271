"""Checking a function's arguments against its declaration, and finding the result type."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from minidb.binder.types import check_depth
from minidb.errors import (
    ILLEGAL_COLUMN,
    ILLEGAL_TYPE_OF_ARGUMENT,
    BindError,
    MiniDBError,
)
from minidb.expr import BoundExpr, ScalarCall, make_call
from minidb.expr.evaluate import evaluate_constant
from minidb.functions.arguments import Arg, check_count, declared_arg, signature
from minidb.functions.declaration import Argument, NullPolicy, ResultRule, ScalarFunction
from minidb.settings import Settings
from minidb.source import Span
from minidb.types import (
    DataType,
    LambdaType,
    NothingType,
    NullableType,
    nullable,
    without_null,
)

__all__ = [
    "bind_call",
    "check_count",
    "check_kinds",
    "lambda_parameter_types",
    "result_type",
    "signature",
    "takes_lambda",
]

ALL_NULL = NullableType(NothingType())
ANY_LAMBDA = LambdaType((), NothingType())


def check_kinds(
    name: str, args: Sequence[Arg], given: Sequence[BoundExpr], bare_types: Sequence[DataType]
) -> None:
    """Check the kind of every argument, and that those declared constant are.

    Raises
    ------
    BindError
        ILLEGAL_TYPE_OF_ARGUMENT or ILLEGAL_COLUMN, at the argument.
    """
    for place, (expr, data_type) in enumerate(zip(given, bare_types, strict=True)):
        arg = declared_arg(args, place)
        if not isinstance(data_type, NothingType) and not arg.kind.accepts(data_type):
            message = f"argument {place + 1} ({arg.name}) of {name} must be {arg.kind.name}, "
            message += f"not {expr.type.name}"
            raise BindError(
                ILLEGAL_TYPE_OF_ARGUMENT, message, span=expr.span, hint=signature(name, args)
            )
        if arg.is_constant and not expr.is_constant:
            message = f"argument {place + 1} ({arg.name}) of {name} must be constant"
            raise BindError(ILLEGAL_COLUMN, message, span=expr.span)


def bind_call(
    function: ScalarFunction,
    args: Sequence[BoundExpr],
    settings: Settings,
    span: Span | None,
    next_serial: Callable[[], int],
) -> ScalarCall:
    """Return a checked call of a scalar function.

    Raises
    ------
    BindError
        For a wrong number, kind or type of arguments, at the place of the fault.
    """
    check_count(function.name, function.args, len(args), span)
    types = [arg.type for arg in args]
    bare = list(map(without_null, types))
    propagates = function.nulls is NullPolicy.PROPAGATE
    check_kinds(function.name, function.args, args, bare)
    serial = 0 if function.is_deterministic else next_serial()
    if propagates and any(data_type == ALL_NULL for data_type in types):
        return make_call(function, args, ALL_NULL, span, serial)
    if propagates and any(isinstance(data_type, NothingType) for data_type in types):
        # An element of an empty array literal: there is no such value, and no result either.
        return make_call(function, args, NothingType(), span, serial)
    arguments = [
        Argument(bare[i] if propagates else types[i], partial(evaluate_constant, arg, settings))
        for i, arg in enumerate(args)
    ]
    result = result_type(function.result, arguments, span)
    if propagates and any(isinstance(data_type, NullableType) for data_type in types):
        result = nullable(result)
    return make_call(function, args, result, span, serial)


def result_type(rule: ResultRule, arguments: Sequence[Argument], span: Span | None) -> DataType:
    """Ask a result rule; an error without a place gets the call's."""
    if isinstance(rule, DataType):
        return rule
    try:
        return check_depth(rule(arguments), span)
    except MiniDBError as error:
        error.span = error.span or span
        raise


def lambda_parameter_types(
    function: ScalarFunction, others: Sequence[DataType], span: Span | None
) -> tuple[DataType, ...]:
    """Return the types of a lambda's parameters from those of the other arguments."""
    if function.lambda_parameters is not None:
        try:
            return function.lambda_parameters(others)
        except MiniDBError as error:
            error.span = error.span or span
            raise
    return tuple(_element(function, data_type, span) for data_type in others)


def _element(function: ScalarFunction, data_type: DataType, span: Span | None) -> DataType:
    """Return the element type of an array argument."""
    element: DataType | None = getattr(data_type, "element", None)
    if element is None:
        message = f"{function.name} takes arrays behind its lambda, not {data_type.name}"
        raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message, span=span)
    return element


def takes_lambda(function: ScalarFunction, place: int) -> bool:
    """Whether the argument at `place` may be a lambda."""
    return bool(function.args) and declared_arg(function.args, place).kind.accepts(ANY_LAMBDA)
