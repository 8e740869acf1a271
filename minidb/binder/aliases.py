"""Collecting the aliases of one SELECT: names that AS gives anywhere outside subqueries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from minidb.errors import MULTIPLE_EXPRESSIONS_FOR_ALIAS, BindError
from minidb.source import Span
from minidb.sql import ast
from minidb.sql.ast_base import Node


def collect_aliases(select: ast.Select) -> dict[str, ast.Expr]:
    """Return what each alias of a SELECT stands for.

    Raises
    ------
    BindError
        MULTIPLE_EXPRESSIONS_FOR_ALIAS when a name is given to two different expressions.
    """
    found: dict[str, ast.Expr] = {}
    for item in select.with_items:
        if isinstance(item, ast.WithExpr):
            _add(found, item.name, item.expr, item.span)
            _add_all(found, item.expr)
    group_by = select.group_by.exprs if select.group_by is not None else ()
    clauses: list[Node | None] = [
        *select.projection,
        select.prewhere,
        select.where,
        *group_by,
        select.having,
        *(w.spec for w in select.windows),
        select.qualify,
        *(item.expr for item in select.order_by),
        *_conditions_of(select.source),
    ]
    for expr in clauses:
        if expr is not None:
            _add_all(found, expr)
    return found


def _conditions_of(source: ast.TableExpr | None) -> Iterator[ast.Expr]:
    """Yield the conditions of ON in FROM."""
    waiting = [source]
    while waiting:
        one = waiting.pop()
        if isinstance(one, ast.Join):
            waiting += [one.left, one.right]
            if one.on is not None:
                yield one.on


def _add_all(found: dict[str, ast.Expr], expr: Node) -> None:
    """Add the aliases inside one expression."""
    for alias in aliases_in(expr):
        _add(found, alias.name, alias.expr, alias.span)


def _add(found: dict[str, ast.Expr], name: str, expr: ast.Expr, span: Span) -> None:
    """Add one alias, unless its name stands for something else already."""
    if not is_same_tree(found.setdefault(name, expr), expr):
        message = f"alias {name!r} names two different expressions"
        raise BindError(MULTIPLE_EXPRESSIONS_FOR_ALIAS, message, span=span)


def aliases_in(expr: Node) -> Iterator[ast.Alias]:
    """Yield the Alias nodes of an expression, without looking into subqueries."""
    stack: list[Node] = [expr]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Subquery | ast.Exists | ast.Lambda):
            continue
        if isinstance(node, ast.Alias):
            yield node
        stack.extend(child_nodes(node))


def child_nodes(node: Node) -> Iterator[Node]:
    """Yield the nodes directly below a node of the syntax tree."""
    names: tuple[str, ...] = node.__match_args__  # all but the places, which are keywords alone
    for name in names:
        value = getattr(node, name)
        if isinstance(value, Node):
            yield value
        elif isinstance(value, tuple):
            for item in value:
                if isinstance(item, Node):
                    yield item


def is_same_tree(left: object, right: object) -> bool:
    """Whether two nodes are equal but for their places; trees of any depth, without recursion."""
    waiting = [(left, right)]
    while waiting:
        one, other = waiting.pop()
        if one is other:
            continue
        if type(one) is not type(other):
            return False
        if isinstance(one, Node):
            names = [declared.name for declared in fields(one) if declared.compare]
            waiting += [(getattr(one, name), getattr(other, name)) for name in names]
        elif isinstance(one, tuple) and isinstance(other, tuple):
            if len(one) != len(other):
                return False
            waiting += zip(one, other, strict=True)
        elif one != other:
            return False
    return True
