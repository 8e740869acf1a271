"""The bodies of SQL functions, as if they were written where they are called."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any, TypeVar

from minidb.source import Span
from minidb.sql.ast_base import Node

N = TypeVar("N", bound=Node)

SPANS = ("span", "name_span")


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
