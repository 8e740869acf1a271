"""What ``*``, ``COLUMNS('pattern')`` and EXCEPT, REPLACE and APPLY behind them stand for."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, TypeVar

from minidb.binder.scope import Scope
from minidb.columns import Field
from minidb.errors import MiniDBError
from minidb.functions.regex import compile_regex
from minidb.record import record
from minidb.source import Span
from minidb.sql import ast
from minidb.sql.ast_base import Node

N = TypeVar("N", bound=Node)


@record
class StarColumn:
    """One column of a star: its name, and what REPLACE and APPLY put in its place.

    Parameters
    ----------
    name : str
        What results call the column itself.
    field : Field
        The column.
    replacement : Alias or None
        What REPLACE put there.
    computed : Expr or None
        What APPLY made of it; the column is the identifier of one part, `name`.
    """

    name: str
    field: Field
    replacement: ast.Alias | None = None
    computed: ast.Expr | None = None


def expand_star(scope: Scope, star: ast.Star) -> list[StarColumn]:
    """Return the columns that a star stands for, in order; EXCEPT, REPLACE and APPLY are done.

    As in ClickHouse, EXCEPT and REPLACE say nothing about a column that is not there.

    Raises
    ------
    BindError
        UNKNOWN_IDENTIFIER when there is no such table, CANNOT_COMPILE_REGEXP for a wrong pattern.
    """
    columns = scope.expand_star(star.qualifier, star.span)
    if star.pattern is not None:
        columns = [c for c in columns if _matches(star.pattern, c[1].name, star.span)]
    for left_out in star.left_out:
        columns = [c for c in columns if not _is_left_out(left_out, c[1].name)]
    replaced = {item.name: item for item in star.replaced}
    found = [StarColumn(name, field, replaced.get(field.name)) for name, field in columns]
    return [_applied(column, star) for column in found]


def _applied(column: StarColumn, star: ast.Star) -> StarColumn:
    """Return a column that has gone through what APPLY names."""
    if not star.applied:
        return column
    computed: ast.Expr = ast.Identifier((column.name,), span=star.span)
    if column.replacement is not None:
        computed = column.replacement.expr
    for applied in star.applied:
        function = applied.function
        if isinstance(function, ast.Lambda):
            computed = _with_argument(function.body, function.parameters[0], computed)
        else:
            computed = replace(function, arguments=(computed,))
    return replace(column, computed=computed)


def _with_argument(node: N, parameter: str, argument: ast.Expr) -> Any:
    """Return a lambda's body with the argument in place of the parameter."""
    if isinstance(node, ast.Identifier):
        return argument if node.parts == (parameter,) else node
    if isinstance(node, ast.Lambda) and parameter in node.parameters:
        return node
    changes: dict[str, Any] = {}
    for declared in fields(node):
        value = getattr(node, declared.name)
        if isinstance(value, Node):
            changes[declared.name] = _with_argument(value, parameter, argument)
        elif isinstance(value, tuple):
            changed = [
                _with_argument(item, parameter, argument) if isinstance(item, Node) else item
                for item in value
            ]
            changes[declared.name] = tuple(changed)
    return replace(node, **changes)


def _is_left_out(left_out: ast.StarExcept, name: str) -> bool:
    """Whether EXCEPT names the column."""
    if left_out.pattern is not None:
        return _matches(left_out.pattern, name, left_out.span)
    return name in left_out.names


def _matches(pattern: str, name: str, span: Span) -> bool:
    """Whether a pattern is found in a name."""
    try:
        return compile_regex(pattern.encode()).search(name) is not None
    except MiniDBError as error:
        error.span = error.span or span
        raise
