"""Counting the ``?`` of a statement."""

from __future__ import annotations

from dataclasses import fields, is_dataclass

from minidb.sql.ast_expr import Parameter


def count_marks(statement: object) -> int:
    """Return how many values a statement takes in order.

    Parameters
    ----------
    statement : Statement
        Any node of a syntax tree.
    """
    n_marks = 0
    waiting = [statement]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Parameter):
            n_marks += isinstance(node.key, int)
        elif isinstance(node, tuple):
            waiting.extend(node)
        elif is_dataclass(node):
            waiting.extend(getattr(node, field.name) for field in fields(node))
    return n_marks
