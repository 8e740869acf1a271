"""EXPLAIN: what each stage makes of a query, from the syntax tree to measured operators."""

from __future__ import annotations

from functools import partial

from minidb.columns import column_from_values
from minidb.errors import NotSupportedError
from minidb.execution.explain_tree import Fact
from minidb.execution.explained import FORMS, Shown, explain_options, text_outcome
from minidb.execution.operator import Operator
from minidb.execution.outcome import Outcome, outcome_of_columns
from minidb.execution.planner import build_operators
from minidb.optimizer.cardinality import estimate_rows
from minidb.plan.nodes import PlanNode
from minidb.sql import ast
from minidb.sql.format import format_statement
from minidb.statements.context import StatementContext
from minidb.statements.explain_stages import (
    measured_tree,
    operator_tree,
    plan_tree,
    read_estimates,
    syntax_tree,
)
from minidb.statements.query import apply_settings, expected_rows, plan_query
from minidb.types import IntType, StringType

UINT64 = IntType(64, False)
TREE_KINDS = ("AST", "QUERY TREE", "PLAN", "PIPELINE", "ANALYZE")


def explain(statement: ast.Explain, context: StatementContext) -> Outcome:
    """Return one stage of a statement: text line by line, or the form that a setting names.

    Raises
    ------
    BindError
        UNKNOWN_SETTING and BAD_ARGUMENTS for the settings; what planning raises.
    NotSupportedError
        For a statement that has no such stage.
    """
    kind = statement.kind
    options = explain_options(statement.settings)
    form = next((name for name in FORMS if options.get(name)), None)
    if form is not None and kind not in TREE_KINDS:
        message = f"EXPLAIN {kind} has no form {form}"
        raise NotSupportedError(message, span=statement.settings[0].span)
    if kind == "AST":
        return Shown(syntax_tree(statement.statement)).outcome(form)
    if kind == "SYNTAX":
        return text_outcome(format_statement(statement.statement))
    inner = statement.statement
    if not isinstance(inner, ast.QueryStatement):
        message = f"EXPLAIN {kind} takes a query"
        raise NotSupportedError(
            message, span=statement.span, hint="EXPLAIN AST takes any statement"
        )
    apply_settings(context, inner.settings)
    if kind == "ESTIMATE":
        return _estimates(plan_query(context, inner.query).optimized.plan)
    return _stage(kind, inner.query, context, bool(options.get("header"))).outcome(form)


def _stage(kind: str, query: ast.Query, context: StatementContext, has_columns: bool) -> Shown:
    """Return one of the stages behind the binder."""
    clock = context.execution.clock
    started_s = clock()
    planned = plan_query(context, query)
    planning_s = clock() - started_s
    optimized = planned.optimized
    match kind:
        case "QUERY TREE":
            return Shown(plan_tree(planned.bound, has_columns=has_columns))
        case "PLAN":
            tree = plan_tree(optimized.plan, has_columns=has_columns, has_rows=True)
            rules = [step.rule for step in optimized.steps]
            lines = ["", "rules that fired:", *(f"  {rule}" for rule in rules)] if rules else []
            return Shown(tree, tuple(lines), (("Rules", rules),))
        case "PIPELINE":
            return Shown(operator_tree(_operators(context, optimized.plan)))
        case _:
            return _analyzed(context, optimized.plan, planning_s)


def _operators(context: StatementContext, plan: PlanNode) -> Operator:
    """Build the operators of a plan, each with the rows it is guessed to yield."""
    return build_operators(plan, context.registry.operators, estimate_rows)


def _analyzed(context: StatementContext, plan: PlanNode, planning_s: float) -> Shown:
    """Run the operators to the end and return what each one did."""
    execution = context.execution
    execution.rows_expected = expected_rows(plan)
    operator = _operators(context, plan)
    for _ in operator.run(execution):
        pass
    total_s = operator.metrics.elapsed_s
    memory = execution.memory.peak
    lines = (
        "",
        f"total {total_s * 1e3:.2f} ms, planning {planning_s * 1e3:.2f} ms, peak memory "
        f"{memory:,} bytes, read {execution.rows_read:,} rows, {execution.bytes_read:,} bytes",
    )
    facts: tuple[tuple[str, Fact], ...] = (
        ("Total Time ms", total_s * 1e3),
        ("Planning Time ms", planning_s * 1e3),
        ("Peak Memory", memory),
        ("Read Rows", execution.rows_read),
        ("Read Bytes", execution.bytes_read),
    )
    return Shown(measured_tree(operator, total_s), lines, facts)


def _estimates(plan: PlanNode) -> Outcome:
    """Return how many parts, rows and granules of each table a query will read."""
    found = read_estimates(plan)
    texts, counts = partial(column_from_values, StringType()), partial(column_from_values, UINT64)
    return outcome_of_columns(
        ["database", "table", "parts", "rows", "marks"],
        [
            texts([estimate.database for estimate in found]),
            texts([estimate.table for estimate in found]),
            counts([estimate.parts for estimate in found]),
            counts([estimate.rows for estimate in found]),
            counts([estimate.marks for estimate in found]),
        ],
    )
