"""The bodies of SQL functions, as if they were written where they are called."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any, TypeVar

from minidb.binder.scope import Scope
from minidb.errors import BAD_ARGUMENTS, TOO_BIG_AST, TOO_DEEP_RECURSION, BindError
from minidb.expr import BoundExpr
from minidb.source import Span
from minidb.sql import ast
from minidb.sql.ast_base import Node

if TYPE_CHECKING:
    from minidb.binder.expressions import ExprBinder

N = TypeVar("N", bound=Node)

MAX_MACRO_DEPTH = 100
MAX_EXPANSIONS = 10_000

SPANS = ("span", "name_span")


def expand(binder: ExprBinder, expr: ast.FunctionCall, definition: ast.Lambda) -> BoundExpr:
    """Bind a call of a SQL function: its body, with the arguments in place of the parameters.

    Raises
    ------
    BindError
        BAD_ARGUMENTS for a wrong number of them, TOO_DEEP_RECURSION and TOO_BIG_AST for
        functions that call one another without an end.
    """
    if len(expr.arguments) != len(definition.parameters):
        message = f"function {expr.name} takes {len(definition.parameters)} arguments, "
        message += f"not {len(expr.arguments)}"
        raise BindError(BAD_ARGUMENTS, message, span=expr.span)
    if binder.macro_depth >= MAX_MACRO_DEPTH:
        message = f"SQL functions call one another over {MAX_MACRO_DEPTH} levels deep"
        raise BindError(TOO_DEEP_RECURSION, message, span=expr.span)
    binder.environment.n_expanded += 1
    if binder.environment.n_expanded > MAX_EXPANSIONS:
        message = f"SQL functions stand for over {MAX_EXPANSIONS:,} calls of one another"
        raise BindError(TOO_BIG_AST, message, span=expr.span)
    bound = [binder.bind(argument) for argument in expr.arguments]
    body = replace(
        binder,
        scope=Scope(level=binder.scope.level),
        aliases={},
        known_aliases={},
        open_aliases=[],
        locals=[dict(zip(definition.parameters, bound, strict=True))],
        macro_depth=binder.macro_depth + 1,
        null_without_rows=False,
    )
    return body.bind(at_place(definition.body, expr.span))


def at_place(node: N, span: Span) -> N:
    """Return a syntax tree in which every node has the same place.

    Errors in the body of a SQL function then point at its call: the body's own places belong to
    the text of CREATE FUNCTION.
    """
    changes: dict[str, Any] = {}
    for declared in fields(node):
        value = getattr(node, declared.name)
        if declared.name in SPANS:
            changes[declared.name] = span
        elif isinstance(value, Node):
            changes[declared.name] = at_place(value, span)
        elif isinstance(value, tuple):
            # A list first: a generator would take room on the C stack at every level.
            placed = [at_place(item, span) if isinstance(item, Node) else item for item in value]
            changes[declared.name] = tuple(placed)
    return replace(node, **changes)
