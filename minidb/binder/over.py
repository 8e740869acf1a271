"""Binding calls with OVER: the function, its arguments, and the window it looks at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from typing import Protocol

from minidb.binder.aggregates import AggregateList, AggregateName, bind_aggregate, find_aggregate
from minidb.binder.environment import Environment
from minidb.binder.frames import bind_frame
from minidb.binder.functions import check_count, result_type
from minidb.binder.names import column_name
from minidb.binder.scope import Scope
from minidb.binder.windows import WindowExpr, WindowList
from minidb.errors import (
    BAD_ARGUMENTS,
    ILLEGAL_AGGREGATION,
    TOO_FEW_ARGUMENTS_FOR_FUNCTION,
    TOO_MANY_ARGUMENTS_FOR_FUNCTION,
    UNKNOWN_AGGREGATE_FUNCTION,
    BindError,
    MiniDBError,
    NotSupportedError,
    did_you_mean,
)
from minidb.expr import BoundExpr, columns_of
from minidb.expr.evaluate import evaluate_constant
from minidb.functions.declaration import Argument
from minidb.functions.window import (
    FRAME_ANY,
    FRAME_NONE,
    FRAME_WHOLE_ORDERED,
    WindowFunction,
)
from minidb.plan.nodes import AggregateExpr, SortItem
from minidb.plan.window_parts import FIRST_ROW, LAST_ROW, RowFunction, WindowFrame
from minidb.record import record
from minidb.source import Span
from minidb.sql import ast
from minidb.types import DataType

WHOLE_PARTITION = WindowFrame("RANGE", FIRST_ROW, LAST_ROW)
KEEP_NULLS = frozenset({"any", "any_value", "anyLast", "first_value", "last_value"})


class CallBinder(Protocol):
    """What the binder of expressions offers the binder of OVER."""

    environment: Environment
    scope: Scope
    aggregates: AggregateList | None
    windows: WindowList | None
    place: str
    lambda_ids: set[int]
    is_inside_aggregate: bool
    is_inside_window: bool

    def bind(self, expr: ast.Expr) -> BoundExpr:
        """Return the bound form of an expression."""

    def arguments(self, expr: ast.FunctionCall) -> list[BoundExpr]:
        """Bind a call's arguments."""

    def cast_to(self, expr: BoundExpr, target: DataType) -> BoundExpr:
        """Return an expression in another type."""


@record
class _Parts:
    """What stands in a call with OVER, bound."""

    args: list[BoundExpr]
    parameters: list[BoundExpr]
    condition: BoundExpr | None
    partition: tuple[BoundExpr, ...]
    order: tuple[SortItem, ...]
    offsets: tuple[BoundExpr | None, BoundExpr | None]

    def columns(self) -> set[int]:
        """Return the columns that are read."""
        condition = [] if self.condition is None else [self.condition]
        order = [item.expr for item in self.order]
        exprs = [*self.args, *condition, *self.partition, *order]
        return {column for expr in exprs for column in columns_of(expr)}


def bind_over(binder: CallBinder, expr: ast.FunctionCall, name_span: Span) -> BoundExpr:
    """Bind a call with OVER and return the column that it becomes.

    Raises
    ------
    BindError
        ILLEGAL_AGGREGATION where no window function may stand, UNKNOWN_AGGREGATE_FUNCTION for a
        name that is neither a window function nor an aggregate, and what the parts raise.
    """
    windows = _allowed(binder, expr, name_span)
    registry = binder.environment.registry
    function = registry.window(expr.name)
    found = None if function is not None else find_aggregate(registry, expr.name)
    if function is None and found is None:
        scalars = {function.name for function in registry.scalars()}
        names = [name for name in registry.names() if name not in scalars]
        hint = did_you_mean(expr.name, names)
        message = f"no window or aggregate function {expr.name!r}"
        raise BindError(UNKNOWN_AGGREGATE_FUNCTION, message, span=name_span, hint=hint)
    spec = windows.resolve(expr.over or ast.WindowSpec(), _name_span(expr))
    parts = _bind_parts(binder, expr, spec)
    if parts.columns() & binder.lambda_ids:
        message = f"window function {expr.name} over a lambda's parameter is not supported"
        raise NotSupportedError(message, span=name_span)
    settings = binder.environment.settings
    frame = bind_frame(spec.frame, parts.offsets, parts.order, settings)
    call: AggregateExpr | RowFunction
    if function is not None:
        frame = _frame_of(function, frame, spec, expr)
        call = _row_function(binder, function, expr, parts.args)
    elif found is not None:
        call = _aggregate(binder, found, expr, parts)
    window = WindowExpr(call, parts.partition, parts.order, frame)
    return windows.add(window, column_name(expr, binder.scope), binder.environment)


def check_definitions(binder: CallBinder, windows: WindowList) -> None:
    """Bind what the WINDOW clause says, so that a window nobody uses is checked too."""
    binder.is_inside_window = True
    try:
        for spec in windows.definitions.values():
            for key in spec.partition_by:
                binder.bind(key)
            for item in spec.order_by:
                binder.bind(item.expr)
    finally:
        binder.is_inside_window = False


def _name_span(expr: ast.FunctionCall) -> Span:
    """Return the place of the window's name, which ends the call."""
    length = len(expr.over) if isinstance(expr.over, str) else expr.span.end - expr.span.start
    return Span(max(expr.span.start, expr.span.end - length), expr.span.end)


def _allowed(binder: CallBinder, expr: ast.FunctionCall, span: Span) -> WindowList:
    """Refuse a window function where none may stand."""
    message = None
    if binder.is_inside_window:
        message = f"window function {expr.name} stands inside another one"
    elif binder.is_inside_aggregate:
        message = f"window function {expr.name} stands inside an aggregate"
    elif binder.windows is None:
        message = f"window function {expr.name} may not stand in {binder.place}"
    if message is not None or binder.windows is None:
        hint = "use QUALIFY to filter by a window function" if binder.place == "WHERE" else None
        raise BindError(ILLEGAL_AGGREGATION, message or "", span=span, hint=hint)
    return binder.windows


def _bind_parts(binder: CallBinder, expr: ast.FunctionCall, spec: ast.WindowSpec) -> _Parts:
    """Bind everything in a call, aggregates allowed, other window functions not."""
    binder.is_inside_window = True
    try:
        order = tuple(
            SortItem(binder.bind(item.expr), item.is_descending, bool(item.nulls_first))
            for item in spec.order_by
        )
        frame = spec.frame
        ends = (None, None) if frame is None else (frame.start.offset, frame.end.offset)
        return _Parts(
            binder.arguments(expr),
            [binder.bind(p) for p in expr.parameters or ()],
            None if expr.filter is None else binder.bind(expr.filter),
            tuple(binder.bind(key) for key in spec.partition_by),
            order,
            (
                None if ends[0] is None else binder.bind(ends[0]),
                None if ends[1] is None else binder.bind(ends[1]),
            ),
        )
    finally:
        binder.is_inside_window = False


def _frame_of(
    function: WindowFunction, frame: WindowFrame, spec: ast.WindowSpec, expr: ast.FunctionCall
) -> WindowFrame:
    """Check the frame of a function that takes only some; it then sees its whole partition."""
    if function.frame == FRAME_ANY:
        return frame
    needs_order = function.frame == FRAME_WHOLE_ORDERED and not spec.order_by
    is_whole = (frame.start, frame.end) == (FIRST_ROW, LAST_ROW)
    takes_rows = function.frame == FRAME_WHOLE_ORDERED
    is_fitting = spec.frame is None or (is_whole and (takes_rows or frame.unit == "RANGE"))
    if function.frame == FRAME_NONE and spec.frame is not None:
        message = f"{function.name} takes no frame"
        span = spec.frame.span
        raise BindError(BAD_ARGUMENTS, message, span=span, hint=f"use {function.name}InFrame")
    if needs_order or not is_fitting:
        wanted = "ORDER BY and no frame" if needs_order else "no frame"
        span = expr.span if spec.frame is None else spec.frame.span
        raise BindError(BAD_ARGUMENTS, f"{function.name} takes a window with {wanted}", span=span)
    return WHOLE_PARTITION


def _row_function(
    binder: CallBinder,
    function: WindowFunction,
    expr: ast.FunctionCall,
    args: Sequence[BoundExpr],
) -> RowFunction:
    """Return a checked call of a window function."""
    if expr.is_distinct or expr.filter is not None or expr.parameters is not None:
        message = f"{function.name} is no aggregate, so it takes neither DISTINCT, FILTER nor "
        raise BindError(BAD_ARGUMENTS, message + "parameters", span=expr.span)
    _check_count(function, len(args), expr.span)
    settings = binder.environment.settings
    given = [Argument(arg.type, partial(evaluate_constant, arg, settings)) for arg in args]
    if function.check is not None:
        try:
            function.check(given)
        except MiniDBError as error:
            error.span = error.span or expr.span
            raise
    converted = [
        binder.cast_to(arg, args[0].type) if place in function.value_places else arg
        for place, arg in enumerate(args)
    ]
    result = result_type(function.result, given, expr.span)
    return RowFunction(result, function.name, tuple(converted), function=function, span=expr.span)


def _check_count(function: WindowFunction, n_given: int, span: Span) -> None:
    """Check the number of arguments; lag and its like have codes of their own in ClickHouse."""
    try:
        check_count(function.name, function.args, n_given, span)
    except BindError as error:
        if function.value_places:
            is_few = n_given == 0
            code = TOO_FEW_ARGUMENTS_FOR_FUNCTION if is_few else TOO_MANY_ARGUMENTS_FOR_FUNCTION
            raise BindError(code, error.message, span=span, hint=error.hint) from error
        raise


def _aggregate(
    binder: CallBinder, found: AggregateName, expr: ast.FunctionCall, parts: _Parts
) -> AggregateExpr:
    """Return a checked aggregate over a window."""
    registry = binder.environment.registry
    found = with_nulls_kept(found, expr)
    if expr.is_distinct:
        found = replace(found, is_distinct=True)
    found = found.over(len(parts.args), registry)
    return bind_aggregate(
        found, parts.args, parts.parameters, parts.condition, binder.environment, expr.span
    )


def with_nulls_kept(found: AggregateName, expr: ast.FunctionCall) -> AggregateName:
    """Return the aggregate that RESPECT NULLS asks for, which takes NULL for a value.

    Raises
    ------
    NotSupportedError
        For a function that does not take a row by its place.
    """
    if expr.nulls != "RESPECT":
        return found
    plain = found.name.function
    if plain.name not in KEEP_NULLS or found.name.suffixes:
        message = f"{found.name.text} does not take RESPECT NULLS"
        raise NotSupportedError(message, span=expr.span)
    function = replace(plain, name=f"{plain.name}_respect_nulls", skips_nulls=False)
    return replace(found, name=replace(found.name, function=function))
