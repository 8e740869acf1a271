"""Columns that a plan reads and does not make: those of the queries around it."""

from __future__ import annotations

from minidb.expr import columns_of
from minidb.plan.nodes import PlanNode, expressions_of, inputs_of


def free_columns(node: PlanNode) -> set[int]:
    """Return the ids of the columns that expressions of a plan read and no input of them has."""
    found: set[int] = set()
    for child in inputs_of(node):
        found |= free_columns(child)
    available = {field.id for child in inputs_of(node) for field in child.schema}
    for expr in expressions_of(node):
        found |= columns_of(expr) - available
    return found
