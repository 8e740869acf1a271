"""Binding queries: set operations, and the output names and types of a SELECT."""

from __future__ import annotations

from minidb.binder.environment import Environment
from minidb.binder.expressions import cast_to
from minidb.binder.scope import Scope
from minidb.binder.select import SelectBinder
from minidb.columns import Field
from minidb.errors import (
    EXPECTED_ALL_OR_DISTINCT,
    UNION_ALL_RESULT_STRUCTURES_MISMATCH,
    BindError,
    NotSupportedError,
)
from minidb.expr import ColumnRef
from minidb.plan.nodes import Computed, PlanNode, Project, UnionAll
from minidb.sql import ast
from minidb.types import DataType
from minidb.types.promotion import common_type


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
                environment, scope, lambda inner, visible: bind_query(environment, inner, visible)
            )
            return binder.bind(query)
        case ast.SetOperation():
            return _bind_union(environment, query, scope)


def _bind_union(environment: Environment, query: ast.SetOperation, scope: Scope) -> PlanNode:
    """Bind UNION ALL: the names of the first input, the common type of each column."""
    if query.operator != "UNION" or query.quantifier != "ALL":
        if query.operator == "UNION" and query.quantifier is None:
            message = "UNION needs ALL or DISTINCT behind it"
            raise BindError(
                EXPECTED_ALL_OR_DISTINCT, message, span=query.span, hint="write UNION ALL"
            )
        written = " ".join(filter(None, (query.operator, query.quantifier)))
        hint = "write UNION ALL" if query.operator == "UNION" else None
        raise NotSupportedError(f"{written} is not supported", span=query.span, hint=hint)
    plans = [bind_query(environment, operand, scope) for operand in query.operands]
    counts = [len(plan.schema) for plan in plans]
    for operand, n_columns in zip(query.operands, counts, strict=True):
        if n_columns != counts[0]:
            message = f"UNION ALL of {counts[0]} and {n_columns} columns"
            raise BindError(UNION_ALL_RESULT_STRUCTURES_MISMATCH, message, span=operand.span)
    types = [
        common_type([plan.schema[i].type for plan in plans], query.span) for i in range(counts[0])
    ]
    inputs = tuple(_with_types(environment, plan, types) for plan in plans)
    fields = tuple(
        Field(environment.next_id(), field.name, data_type)
        for field, data_type in zip(plans[0].schema, types, strict=True)
    )
    return UnionAll(inputs, fields)


def _with_types(environment: Environment, plan: PlanNode, types: list[DataType]) -> PlanNode:
    """Return the plan with its columns converted to the union's types."""
    items = []
    for field, data_type in zip(plan.schema, types, strict=True):
        expr = cast_to(environment, ColumnRef(field.id, field.type, field.name), data_type)
        column = Field(environment.next_id(), field.name, data_type)
        items.append(Computed(column, expr))
    return Project(plan, tuple(items))
