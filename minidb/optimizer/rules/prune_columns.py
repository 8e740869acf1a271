"""Rule: columns that nothing above reads are neither computed nor read."""

from __future__ import annotations

from dataclasses import replace
from typing import assert_never

from minidb.binder.environment import Environment
from minidb.expr import columns_of
from minidb.optimizer.rule import Rule
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
    Partners,
    PlanNode,
    Project,
    Scan,
    Sort,
    UnionAll,
    Window,
    expressions_of,
    inputs_of,
    with_inputs,
)


def prune_columns(plan: PlanNode, environment: Environment) -> PlanNode:
    """Keep the columns of the result and those that they need."""
    return _prune(plan, {field.id for field in plan.schema})


def _prune(node: PlanNode, wanted: set[int]) -> PlanNode:
    """Return `node` with at least the columns `wanted`, over pruned inputs."""
    match node:
        case OneRow() | Kept():
            return node
        case Scan(columns=columns):
            kept = tuple(pair for pair in columns if pair[1].id in wanted)
            return node if len(kept) == len(columns) else replace(node, columns=kept)
        case Project(items=items):
            kept_items = tuple(item for item in items if item.field.id in wanted)
            if len(kept_items) < len(items):
                node = replace(node, items=kept_items)
            return _over(node, _read_by(node))
        case Aggregate(aggregates=aggregates):
            kept_aggregates = tuple(item for item in aggregates if item.field.id in wanted)
            if node.totals is not None:
                # The row of totals shows every aggregate.
                kept_aggregates = aggregates
            if len(kept_aggregates) < len(aggregates):
                node = replace(node, aggregates=kept_aggregates)
            return _over(node, _read_by(node))
        case Window():
            return _prune_window(node, wanted)
        case Distinct(on=on) | LimitBy(on=on):
            return _over(node, wanted | set(on))
        case Join():
            return _prune_join(node, wanted)
        case ArrayJoin():
            return _prune_array_join(node, wanted)
        case Filter() | Sort() | Expand() | LimitWhole():
            return _over(node, wanted | _read_by(node))
        case Limit():
            return _over(node, wanted)
        case Combine() | Recursive() | WithTotals() | ExtensionNode():
            # Rows are compared, or read again, whole.
            return with_inputs(node, tuple(_prune(i, _all_ids(i)) for i in inputs_of(node)))
        case UnionAll():
            return _prune_union(node, wanted)
        case _:
            assert_never(node)


def _prune_window(node: Window, wanted: set[int]) -> PlanNode:
    """Return a window with the functions that are read, or what is below it without any."""
    kept = tuple(item for item in node.items if item.field.id in wanted)
    if not kept:
        return _prune(node.child, wanted)
    if len(kept) < len(node.items):
        node = replace(node, items=kept)
    return _over(node, wanted | _read_by(node))


def _read_by(node: PlanNode) -> set[int]:
    """Return the columns that a node's own expressions read."""
    return {column for expr in expressions_of(node) for column in columns_of(expr)}


def _all_ids(node: PlanNode) -> set[int]:
    return {field.id for field in node.schema}


def _over(node: PlanNode, wanted: set[int]) -> PlanNode:
    """Return `node` over inputs pruned to `wanted`."""
    return with_inputs(node, tuple(_prune(child, wanted) for child in inputs_of(node)))


def _prune_join(node: Join, wanted: set[int]) -> PlanNode:
    """Return a join over pruned inputs that yields none of the columns only it reads.

    One that shows every left row once is no join where only left columns are wanted.
    """
    if node.mark is not None and node.mark.id not in wanted:
        return _prune(node.left, wanted)
    if node.partners is Partners.FIRST and not wanted & _all_ids(node.right):
        if node.kind is JoinKind.LEFT:
            return _prune(node.left, wanted)
        node = replace(node, kind=JoinKind.SEMI, partners=Partners.ALL)
    below = wanted | _read_by(node)
    left, right = _prune(node.left, below), _prune(node.right, below)
    dropped = frozenset((_all_ids(left) | _all_ids(right)) - wanted)
    if left is node.left and right is node.right and dropped == node.dropped:
        return node
    return replace(node, left=left, right=right, dropped=dropped)


def _prune_array_join(node: ArrayJoin, wanted: set[int]) -> PlanNode:
    """Return the clause without the columns that only its arrays are made of."""
    child = _prune(node.child, wanted | _read_by(node))
    dropped = frozenset(_all_ids(child) - wanted)
    if child is node.child and dropped == node.dropped:
        return node
    return replace(node, child=child, dropped=dropped)


def _prune_union(node: UnionAll, wanted: set[int]) -> PlanNode:
    """Prune a union by place: its inputs have to keep the same number of columns."""
    places = [place for place, field in enumerate(node.fields) if field.id in wanted]
    pruned = []
    for child in node.inputs:
        ids = {child.schema[place].id for place in places}
        below = _prune(child, ids)
        if [field.id for field in below.schema] != [child.schema[place].id for place in places]:
            # The input cannot drop its other columns itself, so all inputs keep theirs.
            return _over(node, {i for c in node.inputs for i in _all_ids(c)})
        pruned.append(below)
    fields = tuple(node.fields[place] for place in places)
    if len(fields) == len(node.fields):
        return with_inputs(node, tuple(pruned))
    return UnionAll(tuple(pruned), fields)


PRUNE_COLUMNS = Rule("prune_columns", "read and compute only what is used", prune_columns)
