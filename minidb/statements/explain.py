"""EXPLAIN: what each stage makes of a query, from the syntax tree to measured operators."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import fields

from minidb.columns import column_from_values
from minidb.errors import NotSupportedError
from minidb.execution.operator import Operator
from minidb.execution.outcome import Outcome, outcome_of_columns
from minidb.plan.show import show_plan
from minidb.sql import ast
from minidb.sql.format import format_statement
from minidb.statements.context import StatementContext
from minidb.statements.query import apply_settings, operators_of, plan_query
from minidb.types import StringType

HIDDEN_FIELDS = ("span", "name_span", "row_spans")


def explain(statement: ast.Explain, context: StatementContext) -> Outcome:
    """Return the text of one stage, a line per row."""
    kind = statement.kind
    if kind == "AST":
        return lines_outcome(show_tree(statement.statement))
    if kind == "SYNTAX":
        return text_outcome(format_statement(statement.statement))
    inner = statement.statement
    if not isinstance(inner, ast.QueryStatement):
        message = f"EXPLAIN {kind} takes a query"
        raise NotSupportedError(
            message, span=statement.span, hint="EXPLAIN AST takes any statement"
        )
    apply_settings(context, inner.settings)
    planned = plan_query(context, inner.query)
    match kind:
        case "QUERY TREE":
            return text_outcome(show_plan(planned.bound))
        case "PLAN":
            lines = [show_plan(planned.optimized.plan)]
            if planned.optimized.steps:
                lines += ["", "rules that fired:"]
                lines += [f"  {step.rule}" for step in planned.optimized.steps]
            return text_outcome("\n".join(lines))
        case "PIPELINE":
            operator = operators_of(context, planned.optimized.plan)
            return text_outcome("\n".join(_operator_lines(operator, 0)))
        case "ANALYZE":
            return text_outcome(_analyze(context, operators_of(context, planned.optimized.plan)))
        case _:
            raise NotSupportedError(f"EXPLAIN {kind} is not supported", span=statement.span)


def text_outcome(text: str) -> Outcome:
    """Return the lines of a text as rows."""
    return lines_outcome(text.split("\n"))


def lines_outcome(lines: Iterable[str]) -> Outcome:
    """Return lines as rows."""
    return outcome_of_columns(["explain"], [column_from_values(StringType(), list(lines))])


def show_tree(root: ast.Node) -> Iterator[str]:
    """Yield a syntax tree line by line, indented: each node with its plain values."""
    stack: list[tuple[ast.Node, int, str]] = [(root, 0, "")]
    while stack:
        node, depth, label = stack.pop()
        plain: list[str] = []
        below: list[tuple[ast.Node, int, str]] = []
        for declared in fields(node):
            value = getattr(node, declared.name)
            if declared.name in HIDDEN_FIELDS or value is None or value is False or value == ():
                continue
            parts = value if isinstance(value, tuple) else (value,)
            nodes = [part for part in parts if isinstance(part, ast.Node)]
            below += [(part, depth + 1, declared.name) for part in nodes]
            if not nodes:
                plain.append(f"{declared.name}={value!r}")
        title = " ".join([type(node).__name__, *plain])
        prefix = f"{label}: " if label else ""
        yield "  " * depth + prefix + title
        stack.extend(reversed(below))


def _operator_lines(operator: Operator, depth: int) -> Iterator[str]:
    yield f"{'  ' * depth}{operator.name} {operator.details()}".rstrip()
    for child in operator.inputs:
        yield from _operator_lines(child, depth + 1)


def _analyze(context: StatementContext, operator: Operator) -> str:
    """Run the operators to the end and return what each one did."""
    start = time.perf_counter()
    for _ in operator.run(context.execution):
        pass
    elapsed_s = time.perf_counter() - start
    lines = list(_measured_lines(operator, 0))
    memory = context.execution.memory.peak
    lines += [
        "",
        f"total {elapsed_s * 1e3:.2f} ms, peak memory {memory:,} bytes, "
        f"read {context.execution.rows_read:,} rows, {context.execution.bytes_read:,} bytes",
    ]
    return "\n".join(lines)


def own_seconds(operator: Operator) -> float:
    """Return the time an operator took itself, without its inputs."""
    return operator.metrics.elapsed_s - sum(c.metrics.elapsed_s for c in operator.inputs)


def _measured_lines(operator: Operator, depth: int) -> Iterator[str]:
    metrics = operator.metrics
    measured = f"rows {metrics.rows:,}, batches {metrics.batches:,}, bytes {metrics.n_bytes:,}, "
    measured += f"own time {own_seconds(operator) * 1e3:.2f} ms"
    title = f"{'  ' * depth}{operator.name} {operator.details()}".rstrip()
    yield f"{title}  ({measured})"
    for child in operator.inputs:
        yield from _measured_lines(child, depth + 1)
