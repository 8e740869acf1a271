"""Binding UNION, INTERSECT and EXCEPT: names of the first query, common types of the columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeAlias

from minidb.binder.environment import Environment
from minidb.binder.expressions import cast_to
from minidb.columns import Field
from minidb.errors import (
    EXPECTED_ALL_OR_DISTINCT,
    UNION_ALL_RESULT_STRUCTURES_MISMATCH,
    BindError,
)
from minidb.expr import ColumnRef
from minidb.plan.clauses import Combine
from minidb.plan.nodes import Computed, Distinct, PlanNode, Project, UnionAll
from minidb.sql import ast
from minidb.types import DataType
from minidb.types.promotion import common_type

WithItem: TypeAlias = ast.CommonTable | ast.WithExpr
BindOperand: TypeAlias = Callable[[ast.Query], PlanNode]


def bind_set_operation(
    environment: Environment, query: ast.SetOperation, bind: BindOperand
) -> PlanNode:
    """Return the plan of a set operation.

    Parameters
    ----------
    environment : Environment
        Its settings say what an operator without ALL or DISTINCT means.
    query : SetOperation
        Its operands see the WITH of the first one.
    bind : callable
        Binds an operand.

    Raises
    ------
    BindError
        EXPECTED_ALL_OR_DISTINCT, UNION_ALL_RESULT_STRUCTURES_MISMATCH, NO_COMMON_TYPE.
    """
    is_all = _quantifier(environment, query) == "ALL"
    operands = inheriting(query.operands)
    plans = [bind(operand) for operand in operands]
    counts = [len(plan.schema) for plan in plans]
    for operand, n_columns in zip(operands, counts, strict=True):
        if n_columns != counts[0]:
            message = f"{query.operator} of {counts[0]} and {n_columns} columns"
            raise BindError(UNION_ALL_RESULT_STRUCTURES_MISMATCH, message, span=operand.span)
    types = [
        common_type([plan.schema[i].type for plan in plans], query.span) for i in range(counts[0])
    ]
    inputs = tuple(with_types(environment, plan, types) for plan in plans)
    if query.operator != "UNION":
        return Combine(inputs[0], inputs[1], query.operator, is_all)
    fields = tuple(
        Field(environment.next_id(), field.name, data_type)
        for field, data_type in zip(plans[0].schema, types, strict=True)
    )
    union = UnionAll(inputs, fields)
    return union if is_all else Distinct(union, tuple(field.id for field in fields))


def _quantifier(environment: Environment, query: ast.SetOperation) -> str:
    """Return ALL or DISTINCT: as written, or as the setting has it."""
    setting = f"{query.operator.lower()}_default_mode"
    quantifier = query.quantifier or environment.settings.text(setting)
    if not quantifier:
        message = f"{query.operator} needs ALL or DISTINCT behind it"
        hint = f"write {query.operator} ALL, or set {setting}"
        raise BindError(EXPECTED_ALL_OR_DISTINCT, message, span=query.span, hint=hint)
    return quantifier


def inheriting(operands: Sequence[ast.Query]) -> list[ast.Query]:
    """Return the operands of a set operation; all see the WITH of the first one."""
    first, *others = operands
    return [first, *(_with_names(operand, _names_of(first)) for operand in others)]


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


def with_types(environment: Environment, plan: PlanNode, types: Sequence[DataType]) -> PlanNode:
    """Return the plan with its columns converted to types, column by column."""
    items = []
    for field, data_type in zip(plan.schema, types, strict=True):
        expr = cast_to(environment, ColumnRef(field.id, field.type, field.name), data_type)
        column = Field(environment.next_id(), field.name, data_type)
        items.append(Computed(column, expr))
    return Project(plan, tuple(items))
