"""Rule: a projection of a projection becomes one."""

from __future__ import annotations

from dataclasses import replace

from minidb.binder.environment import Environment
from minidb.expr import BoundExpr, ScalarCall, walk
from minidb.optimizer.rule import Rule, bottom_up
from minidb.plan.nodes import Aggregate, Computed, PlanNode, Project
from minidb.plan.rewrite import map_expressions, substitute


def merge_projects(plan: PlanNode, environment: Environment) -> PlanNode:
    """Compute everything in one pass; an expression used twice is still evaluated once."""
    return bottom_up(plan, _merge)


def _merge(node: PlanNode) -> PlanNode:
    if not isinstance(node, Project | Aggregate) or not isinstance(node.child, Project):
        return node
    inner = node.child
    if not all(_is_repeatable(item.expr) for item in inner.items):
        return node
    by_id = {item.field.id: item.expr for item in inner.items}
    if isinstance(node, Project):
        items = tuple(Computed(item.field, substitute(item.expr, by_id)) for item in node.items)
        return Project(inner.child, items)
    mapped = map_expressions(node, lambda expr: substitute(expr, by_id))
    if not isinstance(mapped, Aggregate):
        return node
    return replace(mapped, child=inner.child)


def _is_repeatable(expr: BoundExpr) -> bool:
    """Whether an expression gives the same value each time it is evaluated."""
    return all(
        part.function.is_deterministic for part in walk(expr) if isinstance(part, ScalarCall)
    )


MERGE_PROJECTS = Rule("merge_projects", "compute chained projections in one pass", merge_projects)
