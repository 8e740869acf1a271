"""Printing plans as indented trees for EXPLAIN and golden files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

from minidb.expr.show import show
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
    AggregateExpr,
    Computed,
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
    SortItem,
    UnionAll,
    Window,
    Windowed,
    inputs_of,
)
from minidb.plan.window_parts import DEFAULT_FRAME


def show_plan(node: PlanNode) -> str:
    """Return the plan as text, one node a line, inputs indented below."""
    return "\n".join(_lines(node, 0))


def _lines(node: PlanNode, depth: int) -> Iterator[str]:
    yield "  " * depth + describe(node)
    for child in inputs_of(node):
        yield from _lines(child, depth + 1)


def describe(node: PlanNode) -> str:
    """Return one line about a node, without its inputs."""
    match node:
        case OneRow():
            return "OneRow"
        case Scan(relation=relation, columns=columns, bounds=bounds):
            ranges = "".join(f" {name} in {bound}" for name, bound in bounds.items())
            return f"Scan {relation.label} [{', '.join(name for name, _ in columns)}]{ranges}"
        case Filter(condition=condition):
            return f"Filter {show(condition)}"
        case Project(items=items):
            return f"Project {', '.join(_computed(item) for item in items)}"
        case Aggregate(keys=keys, aggregates=aggregates):
            shown = ", ".join(
                f"{show_aggregate(a.aggregate)} AS {a.field.name}" for a in aggregates
            )
            by = ", ".join(_computed(key) for key in keys)
            with_totals = " with totals" if node.totals is not None else ""
            return f"Aggregate [{shown}]" + (f" by {by}" if keys else "") + with_totals
        case Sort(keys=keys, limit=limit):
            first = "" if limit is None else f" first {limit}"
            return f"Sort{first} {', '.join(_sort_item(key) for key in keys)}"
        case Window():
            return _window(node)
        case Limit(count=count, offset=offset):
            shown = "Limit" if count is None else f"Limit {count}"
            return shown + (f" offset {offset}" if offset else "")
        case Distinct(on=on):
            names = {field.id: field.name for field in node.schema}
            return f"Distinct {', '.join(names.get(i, str(i)) for i in on)}"
        case Join():
            return _join(node)
        case UnionAll():
            return "UnionAll"
        case Combine() | Expand() | LimitBy() | LimitWhole() | ArrayJoin():
            return _clause(node)
        case Kept(name=name):
            return f"Kept {name}".rstrip()
        case Recursive(name=name):
            return f"Recursive {name}"
        case WithTotals():
            return "WithTotals"
        case ExtensionNode(kind=kind, details=details):
            return f"{kind} {details}".rstrip()
        case _:
            assert_never(node)


def show_aggregate(aggregate: AggregateExpr) -> str:
    """Return an aggregate as SQL would write it."""
    parameters = f"({', '.join(p.text for p in aggregate.parameters)})"
    distinct = "DISTINCT " if aggregate.is_distinct else ""
    condition = "" if aggregate.condition is None else f" if {show(aggregate.condition)}"
    args = ", ".join(show(arg) for arg in aggregate.args)
    prefix = parameters if aggregate.parameters else ""
    return f"{aggregate.name}{prefix}({distinct}{args}){condition}"


def _computed(item: Computed) -> str:
    shown = show(item.expr)
    return shown if shown == item.field.name else f"{shown} AS {item.field.name}"


def _sort_item(item: SortItem) -> str:
    direction = " DESC" if item.is_descending else ""
    nulls = " NULLS FIRST" if item.nulls_first else ""
    return show(item.expr) + direction + nulls


def _join(node: Join) -> str:
    """Describe a join by its keys and residual."""
    pairs = zip(node.left_keys, node.right_keys, strict=True)
    conditions = [f"{show(left)} = {show(right)}" for left, right in pairs]
    if node.residual is not None:
        conditions.append(show(node.residual))
    words = ["Join"]
    if node.kind is not JoinKind.INNER:
        words.append(node.kind.value)
    if node.partners is not Partners.ALL:
        words.append(node.partners.value)
    return " ".join([*words, " AND ".join(conditions) or "cross"])


def _clause(node: Combine | Expand | LimitBy | LimitWhole | ArrayJoin) -> str:
    """Describe a node that stands for one clause."""
    match node:
        case Combine(operator=operator, is_all=is_all):
            return f"{operator.capitalize()} {'all' if is_all else 'distinct'}"
        case Expand(keys=keys, sets=sets):
            names = [key.field.name for key in keys]
            shown = ", ".join(f"({', '.join(names[i] for i in places)})" for places in sets)
            return f"Expand {', '.join(map(_computed, keys))} to {shown}"
        case LimitBy(count=count, offset=offset, on=on):
            by_id = {field.id: field.name for field in node.schema}
            shown = f" offset {offset}" if offset else ""
            return f"LimitBy {count}{shown} by {', '.join(by_id.get(i, str(i)) for i in on)}"
        case LimitWhole(count=count, offset=offset, ties=ties):
            shown = "LimitWhole" if count is None else f"LimitWhole {count}"
            with_ties = f" with ties {', '.join(map(_sort_item, ties))}" if ties else ""
            return shown + (f" offset {offset}" if offset else "") + with_ties
        case ArrayJoin(items=items, is_left=is_left):
            return f"{'Left' * is_left}ArrayJoin {', '.join(map(_computed, items))}"


def _window(node: Window) -> str:
    """Describe a window by its functions, partitions and order."""
    shown = ", ".join(f"{_windowed(item)} AS {item.field.name}" for item in node.items)
    parts = [f"Window [{shown}]"]
    if node.partition:
        parts.append(f"by {', '.join(map(show, node.partition))}")
    if node.order:
        parts.append(f"order {', '.join(_sort_item(key) for key in node.order)}")
    return " ".join(parts)


def _windowed(item: Windowed) -> str:
    call = item.call
    if isinstance(call, AggregateExpr):
        shown = show_aggregate(call)
    else:
        shown = f"{call.name}({', '.join(map(show, call.args))})"
    return shown if item.frame == DEFAULT_FRAME else f"{shown} {item.frame}"
