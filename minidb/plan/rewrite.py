"""Rebuilding a plan's nodes with other expressions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeAlias, TypeVar

from minidb.expr import BoundExpr, ColumnRef, rewrite
from minidb.plan.clauses import ArrayJoin, Expand, LimitWhole
from minidb.plan.nodes import (
    Aggregate,
    Aggregated,
    AggregateExpr,
    Computed,
    Filter,
    Join,
    PlanNode,
    Project,
    Sort,
    SortItem,
    Window,
    Windowed,
)
from minidb.plan.window_parts import RowFunction

N = TypeVar("N", Computed, Aggregated, SortItem, AggregateExpr, RowFunction, Windowed, PlanNode)

ExprChange: TypeAlias = Callable[[BoundExpr], BoundExpr]


def map_expressions(node: PlanNode, change: ExprChange) -> PlanNode:
    """Return `node` with each of its expressions changed; itself when nothing changed."""
    match node:
        case Filter(condition=condition):
            new = change(condition)
            return node if new is condition else replace(node, condition=new)
        case Project(items=items):
            made = tuple(_with(item, "expr", change(item.expr)) for item in items)
            return _with_tuple(node, "items", items, made)
        case ArrayJoin(items=items):
            arrays = tuple(_with(item, "expr", change(item.expr)) for item in items)
            return _with_tuple(node, "items", items, arrays)
        case Expand(keys=keys):
            expanded = tuple(_with(key, "expr", change(key.expr)) for key in keys)
            return _with_tuple(node, "keys", keys, expanded)
        case LimitWhole(ties=ties):
            tied = tuple(_with(key, "expr", change(key.expr)) for key in ties)
            return _with_tuple(node, "ties", ties, tied)
        case Sort(keys=keys):
            sorted_by = tuple(_with(key, "expr", change(key.expr)) for key in keys)
            return _with_tuple(node, "keys", keys, sorted_by)
        case Aggregate(keys=keys, aggregates=aggregates):
            new_keys = tuple(_with(key, "expr", change(key.expr)) for key in keys)
            new_items = tuple(
                _with(item, "aggregate", map_aggregate(item.aggregate, change))
                for item in aggregates
            )
            return _with_tuple(
                _with_tuple(node, "keys", keys, new_keys), "aggregates", aggregates, new_items
            )
        case Window():
            return _map_window(node, change)
        case Join():
            left = tuple(change(key) for key in node.left_keys)
            right = tuple(change(key) for key in node.right_keys)
            residual = None if node.residual is None else change(node.residual)
            joined: PlanNode = _with_tuple(node, "left_keys", node.left_keys, left)
            joined = _with_tuple(joined, "right_keys", node.right_keys, right)
            return _with(joined, "residual", residual)
        case _:
            return node


def _map_window(node: Window, change: ExprChange) -> PlanNode:
    """Return a window with its expressions changed."""
    partition = tuple(change(expr) for expr in node.partition)
    order = tuple(_with(key, "expr", change(key.expr)) for key in node.order)
    items = tuple(_with(item, "call", map_call(item.call, change)) for item in node.items)
    changed: PlanNode = _with_tuple(node, "partition", node.partition, partition)
    changed = _with_tuple(changed, "order", node.order, order)
    return _with_tuple(changed, "items", node.items, items)


def map_call(call: AggregateExpr | RowFunction, change: ExprChange) -> AggregateExpr | RowFunction:
    """Return a function over frames with its arguments changed."""
    if isinstance(call, AggregateExpr):
        return map_aggregate(call, change)
    return _with_tuple(call, "args", call.args, tuple(change(arg) for arg in call.args))


def map_aggregate(aggregate: AggregateExpr, change: ExprChange) -> AggregateExpr:
    """Return an aggregate with its arguments and condition changed."""
    args = tuple(change(arg) for arg in aggregate.args)
    condition = None if aggregate.condition is None else change(aggregate.condition)
    changed = _with_tuple(aggregate, "args", aggregate.args, args)
    return _with(changed, "condition", condition)


def substitute(expr: BoundExpr, by_id: Mapping[int, BoundExpr]) -> BoundExpr:
    """Return `expr` with columns replaced by expressions, by their ids."""

    def change(part: BoundExpr) -> BoundExpr | None:
        return by_id.get(part.id) if isinstance(part, ColumnRef) else None

    return rewrite(expr, change)


def _with(node: N, name: str, value: object) -> N:
    """Return `node` with one field replaced; itself when the value is the same object."""
    return node if getattr(node, name) is value else replace(node, **_changes(name, value))


def _with_tuple(node: N, name: str, old: tuple[object, ...], new: tuple[object, ...]) -> N:
    """Return `node` with a tuple field replaced; itself when every item is the same object."""
    same = all(a is b for a, b in zip(old, new, strict=True))
    return node if same else replace(node, **_changes(name, new))


def _changes(name: str, value: object) -> dict[str, Any]:
    return {name: value}
