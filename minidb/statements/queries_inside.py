"""Queries inside expressions: bound as queries are, and run while their statement is bound."""

from __future__ import annotations

from collections.abc import Iterator

from minidb.binder.environment import Environment
from minidb.binder.query import bind_query
from minidb.binder.scope import Scope
from minidb.columns import Batch
from minidb.errors import NotSupportedError
from minidb.execution.context import ExecutionContext
from minidb.execution.planner import build_operators
from minidb.extension import Registry
from minidb.optimizer.driver import optimize
from minidb.plan.clauses import Kept, Recursive
from minidb.plan.nodes import PlanNode, inputs_of
from minidb.plan.verify import verify
from minidb.record import record
from minidb.sql import ast


@record
class QueriesInside:
    """Binds and runs the queries inside the expressions of one statement.

    Parameters
    ----------
    registry : Registry
        Rules and operator builders.
    execution : ExecutionContext
        The statement's memory, cancel and progress, which such a query shares.
    """

    registry: Registry
    execution: ExecutionContext

    def bind(self, environment: Environment, query: ast.Query, outer: Scope) -> PlanNode:
        """Return the plan of a query that sees the names around it."""
        return bind_query(environment, query, outer)

    def run(self, environment: Environment, plan: PlanNode) -> list[Batch]:
        """Return the rows of a plan; they stay counted as memory of the statement.

        Raises
        ------
        MiniDBError
            What the rules and the operators raise.
        """
        batches = []
        for batch in self.stream(environment, plan):
            self.execution.memory.hold(batch.nbytes)
            batches.append(batch)
        return batches

    def stream(self, environment: Environment, plan: PlanNode) -> Iterator[Batch]:
        """Yield the rows of a plan.

        Raises
        ------
        MiniDBError
            What the rules and the operators raise.
        """
        verify(plan)
        if reads_kept_rows(plan):
            message = "a query inside an expression may not read a table of WITH RECURSIVE"
            raise NotSupportedError(message + " while that is made", hint="write a join")
        optimized = optimize(plan, self.registry.rules, environment)
        operator = build_operators(optimized.plan, self.registry.operators)
        yield from operator.run(self.execution)


def reads_kept_rows(plan: PlanNode, made: frozenset[int] = frozenset()) -> bool:
    """Whether a plan reads rows that only a recursion around it makes."""
    if isinstance(plan, Kept):
        return plan.key not in made
    if isinstance(plan, Recursive):
        made |= {plan.key}
    return any(reads_kept_rows(child, made) for child in inputs_of(plan))
