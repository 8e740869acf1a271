"""Running a query: bind, verify, optimize, build operators, pull batches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from minidb.binder.environment import Environment
from minidb.binder.query import bind_query
from minidb.columns import Batch
from minidb.execution.operator import Operator
from minidb.execution.outcome import Outcome
from minidb.execution.planner import build_operators
from minidb.optimizer.driver import Optimized, disabled_rules, optimize
from minidb.plan.nodes import PlanNode, Scan, inputs_of
from minidb.plan.verify import verify
from minidb.record import record
from minidb.settings import Settings
from minidb.sql import ast
from minidb.statements.context import StatementContext


@record
class Planned:
    """A query after every stage before it runs."""

    environment: Environment
    bound: PlanNode
    optimized: Optimized


def plan_query(context: StatementContext, query: ast.Query) -> Planned:
    """Bind and optimize a query.

    Raises
    ------
    MiniDBError
        What the binder and the rules raise.
    """
    settings = settings_of(query)
    apply_settings(context, settings)
    environment = context.environment()
    environment.statement_settings = settings
    bound = bind_query(environment, query)
    verify(bound)
    return Planned(environment, bound, optimize(bound, context.registry.rules, environment))


def settings_of(query: ast.Query) -> tuple[ast.Setting, ...]:
    """Return the SETTINGS of a query; those of a union stand in its last SELECT."""
    while isinstance(query, ast.SetOperation):
        query = query.operands[-1]
    return query.settings


def apply_settings(context: StatementContext, settings: Sequence[ast.Setting]) -> None:
    """Put a statement's own settings over the session's.

    Raises
    ------
    BindError
        UNKNOWN_SETTING or BAD_ARGUMENTS, at the setting.
    """
    if not settings:
        return
    context.settings = changed_settings(context, context.settings, settings)
    context.execution.use_settings(context.settings)


def changed_settings(
    context: StatementContext, before: Settings, settings: Sequence[ast.Setting]
) -> Settings:
    """Return settings with others on top.

    Raises
    ------
    BindError
        UNKNOWN_SETTING or BAD_ARGUMENTS, at the setting.
    """
    changed = before.with_changes({})
    for setting in settings:
        changed.set(setting.name, setting.value, setting.span)
        if setting.name == "disabled_rules":
            disabled_rules(context.registry.rules, changed, setting.span)
    return changed


def operators_of(context: StatementContext, plan: PlanNode) -> Operator:
    """Build the operators of a plan, and tell the execution how many rows to expect."""
    context.execution.rows_expected = expected_rows(plan)
    return build_operators(plan, context.registry.operators)


def expected_rows(plan: PlanNode) -> int | None:
    """Return the rows that all scans of a plan will read, if every one of them knows."""
    if isinstance(plan, Scan):
        return plan.relation.estimate_rows()
    counts = [expected_rows(child) for child in inputs_of(plan)]
    known = [count for count in counts if count is not None]
    return sum(known) if len(known) == len(counts) else None


def run_plan(context: StatementContext, plan: PlanNode) -> Iterator[Batch]:
    """Yield the rows of a plan."""
    yield from operators_of(context, plan).run(context.execution)


def run_query(statement: ast.QueryStatement, context: StatementContext) -> Outcome:
    """Run a SELECT or a union."""
    apply_settings(context, statement.settings)
    plan = plan_query(context, statement.query).optimized.plan
    return Outcome(
        plan.schema,
        run_plan(context, plan),
        format=statement.format,
        totals=lambda: context.execution.totals,
        hold=context.execution.memory.hold,
    )
