"""What a name means where it stands: a lambda's parameter, an alias, a column, or one around."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from minidb.binder.aliases import is_same_tree
from minidb.binder.literals import bind_value
from minidb.errors import ILLEGAL_AGGREGATION, BindError
from minidb.expr import BoundExpr, ColumnRef
from minidb.source import Span
from minidb.sql import ast

if TYPE_CHECKING:
    from minidb.binder.expressions import ExprBinder


def find_name(binder: ExprBinder, expr: ast.Identifier, by_alias: bool) -> BoundExpr | None:
    """Return what a name means; the innermost query that has the name wins.

    With `by_alias` a table that has an alias is not known by its own name. In each query ``a.b``
    may also be the element b of a tuple a.
    """
    for n_parts in range(len(expr.parts), 0, -1):
        found = _named(binder, ast.Identifier(expr.parts[:n_parts], span=expr.span), by_alias)
        for part in expr.parts[n_parts:]:
            if found is None or part not in getattr(found.type, "names", ()):
                found = None
                break
            key = bind_value(part, expr.span)
            found = binder.scalar("tupleElement", [found, key], expr.span)
        if found is not None:
            return found
    return None if binder.scope.outer is None else binder.scope.outer.find_name(expr, by_alias)


def bind_alias(binder: ExprBinder, expr: ast.Alias) -> BoundExpr:
    """Bind ``expr AS name``; every use of the name shares the result."""
    is_shared = is_same_tree(binder.aliases.get(expr.name), expr.expr) and not binder.locals
    if not is_shared or expr.name in binder.open_aliases:
        return binder.bind(expr.expr)
    return _checked(binder, _by_alias(binder, expr.name), expr.span)


def _named(binder: ExprBinder, expr: ast.Identifier, by_alias: bool) -> BoundExpr | None:
    """Return the lambda parameter, alias or column of a name, in this order."""
    if len(expr.parts) == 1:
        name = expr.parts[0]
        for frame in reversed(binder.locals):
            if name in frame:
                return _at_place(binder, frame[name], expr.span)
        if name in binder.aliases and name not in binder.open_aliases and not _hides(binder, expr):
            return _checked(binder, _by_alias(binder, name), expr.span)
    column = binder.scope.find(expr, by_alias)
    if column is not None:
        return ColumnRef(column.id, column.type, expr.name, expr.span)
    return _from_around(binder, expr.name) if len(expr.parts) == 1 else None


def _hides(binder: ExprBinder, expr: ast.Identifier) -> bool:
    """Whether a column of that name goes before the alias, as a setting may have it."""
    is_set = binder.environment.settings.flag("prefer_column_name_to_alias")
    return is_set and binder.scope.find(expr) is not None


def _from_around(binder: ExprBinder, name: str) -> BoundExpr | None:
    """Return a value that WITH of a query around this one names, over this one's columns."""
    values = dict(binder.scope.values)
    value = values.pop(name, None)
    if value is None:
        return None
    scope = replace(binder.scope, values=values)
    return binder.over(scope, "WITH").bind(value)


def _at_place(binder: ExprBinder, local: BoundExpr, span: Span) -> BoundExpr:
    """Return a lambda's parameter with the place of its use, where that is in this text."""
    if isinstance(local, ColumnRef) and local.id in binder.lambda_ids and not binder.macro_depth:
        return ColumnRef(local.id, local.type, local.name, span)
    return local


def _by_alias(binder: ExprBinder, name: str) -> BoundExpr:
    """Bind what an alias stands for, once."""
    if name not in binder.known_aliases:
        was_inside, outer_locals = binder.is_inside_aggregate, binder.locals
        was_in_window = binder.is_inside_window
        binder.open_aliases.append(name)
        binder.is_inside_aggregate, binder.is_inside_window, binder.locals = False, False, []
        try:
            binder.known_aliases[name] = binder.bind(binder.aliases[name])
        finally:
            binder.open_aliases.pop()
            binder.is_inside_aggregate, binder.locals = was_inside, outer_locals
            binder.is_inside_window = was_in_window
    return binder.known_aliases[name]


def _checked(binder: ExprBinder, bound: BoundExpr, span: Span) -> BoundExpr:
    """Refuse an alias of an aggregate where no aggregate may stand."""
    aggregates = binder.aggregates
    if binder.is_inside_aggregate and aggregates is not None and aggregates.reads(bound):
        message = "an aggregate stands inside another one"
        raise BindError(ILLEGAL_AGGREGATION, message, span=span)
    is_inside = binder.is_inside_aggregate or binder.is_inside_window
    if is_inside and binder.windows is not None and binder.windows.reads(bound):
        message = "a window function stands inside an aggregate or another one"
        raise BindError(ILLEGAL_AGGREGATION, message, span=span)
    return bound
