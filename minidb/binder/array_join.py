"""Binding the clause ARRAY JOIN."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from minidb.binder.environment import Environment
from minidb.binder.expressions import ExprBinder
from minidb.binder.row_calls import as_array
from minidb.binder.scope import Scope, ScopeTable
from minidb.columns import Field
from minidb.errors import TYPE_MISMATCH, BindError
from minidb.expr import BoundExpr, ColumnRef
from minidb.plan.clauses import ArrayJoin
from minidb.plan.nodes import Computed, PlanNode
from minidb.sql import ast
from minidb.types import ArrayType


def bind_array_join(
    environment: Environment,
    source: ast.ArrayJoin,
    plan: PlanNode,
    scope: Scope,
) -> tuple[PlanNode, tuple[ScopeTable, ...]]:
    """Return the plan of ARRAY JOIN over `plan`, and what its tables are called then.

    An array without alias gives its name to its elements; with alias both can be read, and ``*``
    does not show the elements.

    Raises
    ------
    BindError
        TYPE_MISMATCH for what is no array.
    """
    tables = list(scope.tables)
    items: list[Computed] = []
    binder = ExprBinder(environment, scope, place="ARRAY JOIN")
    for expr in source.exprs:
        array = as_array(binder, binder.bind(expr))
        if not isinstance(array.type, ArrayType):
            message = f"ARRAY JOIN takes an Array, not {array.type.name}"
            raise BindError(TYPE_MISMATCH, message, span=expr.span)
        name = _name_of(expr)
        column = Field(environment.next_id(), name or "element", array.type.element)
        items.append(Computed(column, array))
        if name is not None:
            is_column = isinstance(expr, ast.Identifier) or _is_called(tables, array, name)
            place = _place_of(tables, array) if is_column else 0
            tables[place] = _with_element(tables[place], column, is_column)
    return ArrayJoin(plan, tuple(items), source.is_left), tuple(tables)


def _name_of(expr: ast.Expr) -> str | None:
    """Return what the elements of an array are called, if anything."""
    match expr:
        case ast.Alias(name=name):
            return name
        case ast.Identifier():
            return expr.name
        case _:
            return None


def _is_called(tables: Sequence[ScopeTable], array: BoundExpr, name: str) -> bool:
    """Whether an array is the column of that name, as in ``ARRAY JOIN a AS a``."""
    if not isinstance(array, ColumnRef):
        return False
    return any(t.fields[name].id == array.id for t in tables if name in t.fields)


def _place_of(tables: Sequence[ScopeTable], array: BoundExpr) -> int:
    """Return the table whose column an array is; the first one for others."""
    for place, table in enumerate(tables):
        ids = {field.id for field in table.fields.values()}
        if isinstance(array, ColumnRef) and array.id in ids:
            return place
    return 0


def _with_element(table: ScopeTable, column: Field, is_column: bool) -> ScopeTable:
    """Return a table whose name for a column means the elements."""
    shown = [Field(field.id, name, field.type) for name, field in table.columns]
    if is_column:
        shown = [column if field.name == column.name else field for field in shown]
    fields = {**table.fields, column.name: column}
    return replace(table, fields=fields, all_fields=tuple(shown))
