"""What EXPLAIN knows of each stage: syntax trees, plans, operators, and operators that have run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from minidb.catalog.stored import StoredRelation, granule_runs
from minidb.execution.explain_tree import ExplainNode, Fact
from minidb.execution.operator import Operator
from minidb.optimizer.cardinality import estimate_rows
from minidb.plan.nodes import PlanNode, Scan, inputs_of
from minidb.plan.show import describe
from minidb.record import state
from minidb.sql import ast

HIDDEN_FIELDS = ("span", "name_span", "row_spans")
ALL_GRANULES = 1 << 40


def syntax_tree(root: ast.Node) -> ExplainNode:
    """Return a syntax tree: each node with its plain values."""
    # A node is finished when its parts are, which lie behind it.
    order = list(_parts(root))
    made: dict[int, list[ExplainNode]] = {}
    for number, parent, label, node in reversed(order):
        plain = [
            f"{declared.name}={value!r}"
            for declared in fields(node)
            if (value := getattr(node, declared.name)) is not None
            and value is not False
            and value != ()
            and declared.name not in HIDDEN_FIELDS
            and not _nodes(value)
        ]
        name = f"{label}: {type(node).__name__}" if label else type(node).__name__
        below = tuple(reversed(made.pop(number, [])))
        made.setdefault(parent, []).append(ExplainNode(name, " ".join(plain), children=below))
    return made[-1][0]


def _parts(root: ast.Node) -> Iterator[tuple[int, int, str, ast.Node]]:
    """Yield every node with its number, its parent's number and the field that holds it."""
    stack: list[tuple[int, str, ast.Node]] = [(-1, "", root)]
    number = 0
    while stack:
        parent, label, node = stack.pop()
        yield number, parent, label, node
        below = [
            (number, declared.name, part)
            for declared in fields(node)
            if declared.name not in HIDDEN_FIELDS
            for part in _nodes(getattr(node, declared.name))
        ]
        stack.extend(reversed(below))
        number += 1


def _nodes(value: object) -> list[ast.Node]:
    parts = value if isinstance(value, tuple) else (value,)
    return [part for part in parts if isinstance(part, ast.Node)]


def plan_tree(node: PlanNode, *, has_columns: bool = False, has_rows: bool = False) -> ExplainNode:
    """Return a plan with the rows that each node is guessed to yield.

    Parameters
    ----------
    has_columns, has_rows : bool
        Whether the columns and the guess stand in the note too.
    """
    children = tuple(
        plan_tree(child, has_columns=has_columns, has_rows=has_rows) for child in inputs_of(node)
    )
    name, _, details = describe(node).partition(" ")
    rows = round(estimate_rows(node))
    facts: dict[str, Fact] = {"Estimated Rows": rows}
    columns = [f"{column.name} {column.type.name}" for column in node.schema]
    if has_columns:
        facts["Columns"] = columns
    notes = [f"about {rows:,} {'row' if rows == 1 else 'rows'}"] if has_rows else []
    notes += [f"columns {', '.join(columns)}"] if has_columns else []
    return ExplainNode(name, details, facts, "; ".join(notes), children)


def operator_tree(operator: Operator) -> ExplainNode:
    """Return operators before they run."""
    children = tuple(map(operator_tree, operator.inputs))
    facts: dict[str, Fact] = {}
    if operator.estimated_rows is not None:
        facts["Estimated Rows"] = operator.estimated_rows
    return ExplainNode(operator.name, operator.details(), facts, "", children)


def own_seconds(operator: Operator) -> float:
    """Return the time an operator took itself, without its inputs."""
    return operator.metrics.elapsed_s - sum(c.metrics.elapsed_s for c in operator.inputs)


def measured_tree(operator: Operator, total_s: float) -> ExplainNode:
    """Return operators that have run, with what each one did.

    The times of all operators add up to that of the first one, which is the total.
    """
    children = tuple(measured_tree(child, total_s) for child in operator.inputs)
    metrics = operator.metrics
    own_ms = own_seconds(operator) * 1e3
    share = 100 * own_seconds(operator) / total_s if total_s > 0 else 0.0
    estimated = operator.estimated_rows
    facts: dict[str, Fact] = {
        "Actual Rows": metrics.rows,
        "Batches": metrics.batches,
        "Bytes": metrics.n_bytes,
        "Own Time ms": own_ms,
    }
    note = f"rows {metrics.rows:,}"
    if estimated is not None:
        facts = {"Estimated Rows": estimated, **facts}
        note += f", estimated {estimated:,}"
    note += f", batches {metrics.batches:,}, bytes {metrics.n_bytes:,}"
    note += f", own time {own_ms:.2f} ms, {share:.0f} %"
    return ExplainNode(operator.name, operator.details(), facts, note, children)


@state
class ReadEstimate:
    """How much of one table a query will read."""

    database: str
    table: str
    parts: int = 0
    rows: int = 0
    marks: int = 0


def read_estimates(plan: PlanNode) -> list[ReadEstimate]:
    """Return what the scans of stored tables cannot skip, table by table."""
    found: dict[tuple[str, str], ReadEstimate] = {}
    stack = [plan]
    while stack:
        node = stack.pop()
        stack.extend(inputs_of(node))
        if not isinstance(node, Scan) or not isinstance(node.relation, StoredRelation):
            continue
        definition = node.relation.table.definition
        key = (definition.database, definition.name)
        estimate = found.setdefault(key, ReadEstimate(*key))
        for part in node.relation.table.parts:
            runs = list(granule_runs(part, node.bounds, ALL_GRANULES))
            granules = sum(map(len, runs))
            estimate.parts += bool(granules)
            estimate.marks += granules
            estimate.rows += sum(
                min(run.stop * part.granule_rows, part.n_rows) - run.start * part.granule_rows
                for run in runs
            )
    return [found[key] for key in sorted(found)]
