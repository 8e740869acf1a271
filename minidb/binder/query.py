"""Binding queries: a SELECT, or a set operation over queries."""

from __future__ import annotations

from minidb.binder.environment import Environment
from minidb.binder.scope import Scope
from minidb.binder.select import SelectBinder
from minidb.binder.set_operations import bind_set_operation
from minidb.plan.clauses import WithTotals
from minidb.plan.nodes import PlanNode
from minidb.sql import ast


def bind_query(environment: Environment, query: ast.Query, outer: Scope | None = None) -> PlanNode:
    """Return the plan of a query.

    Parameters
    ----------
    environment : Environment
        Catalog, functions, settings and parameters.
    query : Query
        A SELECT or a set operation.
    outer : Scope, optional
        The common tables that are visible.

    Raises
    ------
    BindError, NotSupportedError
        At the place of the fault.
    """
    scope = outer or Scope()
    match query:
        case ast.Select():
            binder = SelectBinder(
                environment, scope, lambda inner, visible: _inside(environment, inner, visible)
            )
            plan = binder.bind(query)
            # Totals belong to the result of a statement; those of queries inside are not asked for.
            if outer is not None and isinstance(plan, WithTotals):
                return plan.main
            return plan
        case ast.SetOperation():
            return bind_set_operation(
                environment, query, lambda operand: bind_query(environment, operand, scope)
            )


def _inside(environment: Environment, query: ast.Query, visible: Scope) -> PlanNode:
    """Bind a query in FROM: it counts among those that ClickHouse numbers."""
    environment.n_queries += 1
    return bind_query(environment, query, visible)
