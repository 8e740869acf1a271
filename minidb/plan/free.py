"""Columns that a plan reads and does not make: those of the queries around it."""

from __future__ import annotations

from minidb.expr import ScalarCall, columns_of, walk
from minidb.plan.nodes import PlanNode, expressions_of, inputs_of


def free_columns(node: PlanNode) -> set[int]:
    """Return the ids of the columns that expressions of a plan read and no input of them has."""
    found: set[int] = set()
    for child in inputs_of(node):
        found |= free_columns(child)
    return found | own_free_columns(node)


def own_free_columns(node: PlanNode) -> set[int]:
    """Return the free columns that the expressions of this one node read."""
    available = {field.id for child in inputs_of(node) for field in child.schema}
    found: set[int] = set()
    for expr in expressions_of(node):
        found |= columns_of(expr) - available
    return found


def made_columns(node: PlanNode) -> set[int]:
    """Return the ids of all columns that a node or one below it hands on."""
    found = {field.id for field in node.schema}
    for child in inputs_of(node):
        found |= made_columns(child)
    return found


def is_repeatable(node: PlanNode) -> bool:
    """Whether a plan gives the same rows each time it runs."""
    for expr in expressions_of(node):
        for part in walk(expr):
            if isinstance(part, ScalarCall) and not part.function.is_deterministic:
                return False
    return all(is_repeatable(child) for child in inputs_of(node))
