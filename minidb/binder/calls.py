"""Calls of built-in functions that the binder itself makes, over bound expressions."""

from __future__ import annotations

from collections.abc import Sequence

from minidb.binder.environment import Environment
from minidb.binder.functions import bind_call
from minidb.columns import Field
from minidb.errors import UNKNOWN_FUNCTION, BindError, InternalError, did_you_mean
from minidb.expr import BoundExpr, ColumnRef, ScalarCall
from minidb.source import Span


def call(environment: Environment, name: str, args: Sequence[BoundExpr]) -> BoundExpr:
    """Return a call of a built-in scalar function, at the place of its first argument."""
    function = environment.registry.scalar(name)
    if function is None:
        raise InternalError(f"there is no function {name!r}")
    span = args[0].span
    return bind_call(function, args, environment.settings, span, environment.next_id)


def reference(field: Field) -> ColumnRef:
    """Return the expression that reads a column."""
    return ColumnRef(field.id, field.type, field.name)


def conjunction(environment: Environment, parts: Sequence[BoundExpr]) -> BoundExpr | None:
    """Return the conjunction of conditions, or None without any."""
    if len(parts) < 2:
        return parts[0] if parts else None
    return call(environment, "and", parts)


def conjuncts(condition: BoundExpr) -> list[BoundExpr]:
    """Return the parts of a condition that AND joins."""
    if isinstance(condition, ScalarCall) and condition.name == "and":
        return [part for arg in condition.args for part in conjuncts(arg)]
    return [condition]


def unknown_function(environment: Environment, name: str, span: Span) -> BindError:
    """Return the error for a function that nobody has defined, with the nearest name."""
    names = [*environment.registry.names(), *environment.catalog.sql_function_names()]
    hint = did_you_mean(name, names)
    return BindError(UNKNOWN_FUNCTION, f"no function {name!r}", span=span, hint=hint)
