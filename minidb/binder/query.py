"""Binding queries: set operations, and the output names and types of a SELECT."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

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

WithItem: TypeAlias = ast.CommonTable | ast.WithExpr


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
    first, *others = query.operands
    operands = [first, *(_with_names(operand, _names_of(first)) for operand in others)]
    plans = [bind_query(environment, operand, scope) for operand in operands]
    counts = [len(plan.schema) for plan in plans]
    for operand, n_columns in zip(operands, counts, strict=True):
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


def _names_of(query: ast.Query) -> tuple[WithItem, ...]:
    """Return the items of WITH that stand before the first SELECT of a query."""
    while isinstance(query, ast.SetOperation):
        query = query.operands[0]
    return query.with_items


def _with_names(query: ast.Query, items: tuple[WithItem, ...]) -> ast.Query:
    """Return a query that sees the WITH of the first SELECT, where it has no such name itself."""
    if not items:
        return query
    if isinstance(query, ast.SetOperation):
        return replace(query, operands=tuple(_with_names(q, items) for q in query.operands))
    own = {item.name for item in query.with_items}
    inherited = tuple(item for item in items if item.name not in own)
    return replace(query, with_items=(*inherited, *query.with_items))


def _with_types(environment: Environment, plan: PlanNode, types: list[DataType]) -> PlanNode:
    """Return the plan with its columns converted to the union's types."""
    items = []
    for field, data_type in zip(plan.schema, types, strict=True):
        expr = cast_to(environment, ColumnRef(field.id, field.type, field.name), data_type)
        column = Field(environment.next_id(), field.name, data_type)
        items.append(Computed(column, expr))
    return Project(plan, tuple(items))
