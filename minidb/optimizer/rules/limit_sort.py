"""Rule: a sort below a limit keeps only the first rows."""

from __future__ import annotations

from dataclasses import replace

from minidb.binder.environment import Environment
from minidb.optimizer.rule import Rule, bottom_up
from minidb.plan.nodes import Limit, PlanNode, Project, Sort


def limit_sort(plan: PlanNode, environment: Environment) -> PlanNode:
    """Tell sorts how many rows the limit above can use."""
    return bottom_up(plan, _limit)


def _limit(node: PlanNode) -> PlanNode:
    if not isinstance(node, Limit) or node.count is None:
        return node
    most = node.count + node.offset
    child = node.child
    match child:
        case Sort(limit=None):
            return replace(node, child=replace(child, limit=most))
        case Project(child=Sort(limit=None) as sort):
            return replace(node, child=replace(child, child=replace(sort, limit=most)))
        case _:
            return node


LIMIT_SORT = Rule("limit_sort", "keep only the first rows of a sort below a limit", limit_sort)
