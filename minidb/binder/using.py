"""USING: equal columns of both sides, shown once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from minidb.binder.environment import Environment
from minidb.binder.expressions import ExprBinder, cast_to
from minidb.binder.scope import Scope, ScopeTable
from minidb.columns import Field, default_column
from minidb.errors import (
    AMBIGUOUS_IDENTIFIER,
    UNKNOWN_IDENTIFIER,
    BindError,
    NotSupportedError,
    did_you_mean,
)
from minidb.expr import BoundExpr, ColumnRef, constant_from_column
from minidb.plan.nodes import Computed, PlanNode, Project
from minidb.record import record
from minidb.sql import ast
from minidb.types import NullableType
from minidb.types.promotion import common_type


@record
class UsingPair:
    """One name of USING: the column of each side, both in their common type, and the equality."""

    columns: tuple[Field, Field]
    casts: tuple[BoundExpr, BoundExpr]
    condition: BoundExpr


def using_pairs(
    environment: Environment,
    names: Sequence[ast.Expr],
    left: Sequence[ScopeTable],
    right: Sequence[ScopeTable],
) -> list[UsingPair]:
    """Find the columns that USING names.

    Raises
    ------
    BindError
        UNKNOWN_IDENTIFIER when a side lacks a name, AMBIGUOUS_IDENTIFIER when several tables of
        one side have it, NO_COMMON_TYPE when the columns cannot be compared.
    """
    pairs: list[UsingPair] = []
    binder = ExprBinder(environment, Scope())
    for name in names:
        if not isinstance(name, ast.Identifier) or len(name.parts) > 1:
            message = "USING takes names of columns"
            raise NotSupportedError(message, span=name.span, hint="write the condition with ON")
        columns = _column(name, left, "left"), _column(name, right, "right")
        shared = common_type([column.type for column in columns], name.span)
        references = [ColumnRef(c.id, c.type, c.name, name.span) for c in columns]
        casts = [cast_to(environment, one, shared) for one in references]
        condition = binder.scalar("equals", casts)
        pairs.append(UsingPair(columns, (casts[0], casts[1]), condition))
    return pairs


def _column(name: ast.Identifier, tables: Sequence[ScopeTable], side: str) -> Field:
    """Return the one column of a side that has a name."""
    merged = [t.fields[name.name] for t in tables if t.is_merged and name.name in t.fields]
    found = merged or [t.fields[name.name] for t in tables if name.name in t.fields]
    if not found:
        known = [column for table in tables for column in table.fields]
        message = f"USING: no column {name.name!r} on the {side} side"
        hint = did_you_mean(name.name, known)
        raise BindError(UNKNOWN_IDENTIFIER, message, span=name.span, hint=hint)
    if len(found) > 1:
        message = f"USING: column {name.name!r} is in several tables of the {side} side"
        hint = "write ON with the table's name before the column"
        raise BindError(AMBIGUOUS_IDENTIFIER, message, span=name.span, hint=hint)
    return found[0]


def merged_columns(
    environment: Environment,
    kind: str,
    plan: PlanNode,
    tables: Sequence[ScopeTable],
    pairs: Sequence[tuple[Field, ...]],
) -> tuple[PlanNode, tuple[ScopeTable, ...]]:
    """Show each pair of equal columns once, in front of all others.

    The merged column is the left one; of RIGHT joins the right one; of FULL joins the one of the
    side that has the row. The left column's name means it too, but for RIGHT joins.
    """
    merged: dict[str, Field] = {}
    meant: dict[int, Field] = {}
    computed: list[Computed] = []
    for left, right in pairs:
        one = right if kind == "RIGHT" else left
        if kind == "FULL":
            value = _present(environment, left, right)
            one = Field(environment.next_id(), left.name, value.type)
            computed.append(Computed(one, value))
            meant[left.id] = one
        merged[left.name] = one
    if computed:
        passed = [Computed(f, ColumnRef(f.id, f.type, f.name)) for f in plan.schema]
        plan = Project(plan, (*passed, *computed))
    ids = {column.id for pair in pairs for column in pair}
    shown = [ScopeTable(None, None, merged, is_merged=True)]
    for table in tables:
        hidden = {name for name, column in table.fields.items() if column.id in ids}
        if table.is_merged:
            fields = {n: f for n, f in table.fields.items() if n not in hidden}
        else:
            fields = {n: meant.get(f.id, f) for n, f in table.fields.items()}
        own = table.all_fields or tuple(table.fields.values())
        columns = () if table.is_merged else own
        now_hidden = table.hidden | hidden
        shown.append(replace(table, fields=fields, all_fields=columns, hidden=now_hidden))
    return plan, tuple(shown)


def _present(environment: Environment, left: Field, right: Field) -> BoundExpr:
    """Return the value of the side that has the row.

    A side without the row is filled with the type's default, and of equal types: where the left
    value is the default, either the right one is it too, or the left side has no row.
    """
    binder = ExprBinder(environment, Scope())
    first = ColumnRef(left.id, left.type, left.name)
    second = ColumnRef(right.id, right.type, right.name)
    if isinstance(left.type, NullableType):
        return binder.scalar("ifNull", [first, second])
    default = constant_from_column(default_column(left.type, 1))
    is_default = binder.scalar("equals", [first, default])
    return binder.scalar("if", [is_default, second, first])
