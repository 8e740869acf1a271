"""How many rows a plan yields, guessed before it runs."""

from __future__ import annotations

from typing import assert_never

from minidb.expr import BoundExpr, ScalarCall
from minidb.optimizer.clause_rows import estimate_clause_rows
from minidb.plan.clauses import (
    ArrayJoin,
    Combine,
    Expand,
    Kept,
    LimitBy,
    LimitWhole,
    Recursive,
    WithTotals,
)
from minidb.plan.nodes import (
    Aggregate,
    Distinct,
    ExtensionNode,
    Filter,
    Join,
    JoinKind,
    Limit,
    OneRow,
    PlanNode,
    Project,
    Scan,
    Sort,
    UnionAll,
    Window,
    inputs_of,
)

UNKNOWN_ROWS = 1000.0
SELECTIVITY = {"equals": 0.1, "notEquals": 0.9, "and": 0.1, "or": 0.5}
OTHER_SELECTIVITY = 0.33


def estimate_rows(node: PlanNode) -> float:
    """Return a guess of the rows that a plan yields; never negative."""
    match node:
        case OneRow():
            return 1.0
        case Scan(relation=relation):
            known = relation.estimate_rows()
            return UNKNOWN_ROWS if known is None else float(known)
        case Filter(child=child, condition=condition):
            return estimate_rows(child) * selectivity(condition)
        case Project(child=child):
            return estimate_rows(child)
        case Distinct(child=child) | Window(child=child):
            return estimate_rows(child)
        case Sort(child=child, limit=limit):
            rows = estimate_rows(child)
            return rows if limit is None else min(rows, float(limit))
        case Aggregate(child=child, keys=keys):
            return estimate_rows(child) ** 0.75 if keys else 1.0
        case Limit(child=child, count=count, offset=offset):
            rows = max(0.0, estimate_rows(child) - offset)
            return rows if count is None else min(rows, float(count))
        case Join():
            return _join_rows(node)
        case UnionAll() | ExtensionNode():
            return sum(estimate_rows(child) for child in inputs_of(node))
        case Combine() | Expand() | Kept() | WithTotals():
            return estimate_clause_rows(node, [estimate_rows(i) for i in inputs_of(node)])
        case LimitBy() | LimitWhole() | ArrayJoin() | Recursive():
            return estimate_clause_rows(node, [estimate_rows(i) for i in inputs_of(node)])
        case _:
            assert_never(node)


def selectivity(condition: BoundExpr) -> float:
    """Return the part of the rows, from 0 to 1, that a condition is guessed to keep."""
    if isinstance(condition, ScalarCall):
        if condition.name == "and":
            result = 1.0
            for part in condition.args:
                result *= selectivity(part)
            return result
        return SELECTIVITY.get(condition.name, OTHER_SELECTIVITY)
    return OTHER_SELECTIVITY


def _join_rows(node: Join) -> float:
    left, right = estimate_rows(node.left), estimate_rows(node.right)
    pairs = left * right
    if node.left_keys:
        pairs /= max(left, right, 1.0)
    if node.residual is not None:
        pairs *= selectivity(node.residual)
    match node.kind:
        case JoinKind.SEMI | JoinKind.ANTI:
            return left / 2
        case JoinKind.SINGLE | JoinKind.MARK:
            return left
        case JoinKind.LEFT:
            return max(left, pairs)
        case JoinKind.RIGHT:
            return max(right, pairs)
        case JoinKind.FULL:
            return max(left, right, pairs)
        case JoinKind.INNER:
            return pairs
        case _:
            assert_never(node.kind)
