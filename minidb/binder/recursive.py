"""Binding WITH RECURSIVE: a base, and steps that read the rows of the turn before."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from minidb.binder.aliases import child_nodes
from minidb.binder.environment import Environment
from minidb.binder.scope import KeptTable, Scope
from minidb.binder.set_operations import inheriting, with_types
from minidb.columns import Field
from minidb.errors import (
    BAD_ARGUMENTS,
    UNION_ALL_RESULT_STRUCTURES_MISMATCH,
    UNSUPPORTED_METHOD,
    BindError,
    NotSupportedError,
)
from minidb.plan.clauses import Recursive
from minidb.plan.nodes import PlanNode, UnionAll
from minidb.sql import ast
from minidb.types import DataType
from minidb.types.promotion import common_type

MAX_WIDENINGS = 10


def is_recursive(common: ast.CommonTable) -> bool:
    """Whether the query of a common table reads the table itself."""
    return reads_table(common.query, common.name)


def reads_table(query: ast.Node, name: str) -> bool:
    """Whether a table of that name, without database, is read anywhere in a query."""
    waiting = [query]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.TableReference) and node.name == ast.ObjectName(name):
            return True
        waiting.extend(child_nodes(node))
    return False


def bind_recursive(
    environment: Environment,
    common: ast.CommonTable,
    scope: Scope,
    bind_query: Callable[[ast.Query, Scope], PlanNode],
) -> PlanNode:
    """Return the plan of a common table that reads itself.

    The types are those of the base, widened until the steps do not change them any more.

    Raises
    ------
    BindError
        UNSUPPORTED_METHOD for another operator than UNION ALL; what the queries raise.
    """
    query = common.query
    if not isinstance(query, ast.SetOperation) or query.operator != "UNION":
        message = f"{common.name!r} reads itself, so it has to be a UNION ALL"
        raise BindError(UNSUPPORTED_METHOD, message, span=common.span)
    mode = query.quantifier or environment.settings.text("union_default_mode")
    if mode != "ALL":
        message = f"{common.name!r} reads itself by UNION {mode}; only UNION ALL is possible"
        raise BindError(UNSUPPORTED_METHOD, message, span=common.span, hint="write UNION ALL")
    first, *others = inheriting(query.operands)
    if reads_table(first, common.name):
        message = f"the first query of {common.name!r} reads it before it has rows"
        raise BindError(UNSUPPORTED_METHOD, message, span=first.span)
    base = bind_query(first, scope)
    names = common.columns or tuple(field.name for field in base.schema)
    if len(names) != len(base.schema):
        message = f"{len(names)} names for {len(base.schema)} columns"
        raise BindError(BAD_ARGUMENTS, message, span=common.span)
    key = environment.next_id()
    types = [field.type for field in base.schema]
    for _ in range(MAX_WIDENINGS):
        kept = KeptTable(common.name, key, names, tuple(types))
        visible = replace(scope, common={**scope.common, common.name: kept})
        steps = [bind_query(other, visible) for other in others]
        widened = _widened(types, steps, query)
        if widened == types:
            break
        types = widened
    else:
        message = f"the types of {common.name!r} change with every turn"
        raise NotSupportedError(message, span=common.span, hint="CAST them in the first query")
    fields = tuple(
        Field(environment.next_id(), name, data_type)
        for name, data_type in zip(names, types, strict=True)
    )
    typed = [with_types(environment, step, types) for step in steps]
    step = typed[0]
    if len(typed) > 1:
        made = tuple(Field(environment.next_id(), f.name, f.type) for f in fields)
        step = UnionAll(tuple(typed), made)
    return Recursive(with_types(environment, base, types), step, key, fields, common.name)


def _widened(
    types: list[DataType], steps: list[PlanNode], query: ast.SetOperation
) -> list[DataType]:
    """Return the common types of the rows so far and of the steps."""
    for operand, step in zip(query.operands[1:], steps, strict=True):
        if len(step.schema) != len(types):
            message = f"UNION of {len(types)} and {len(step.schema)} columns"
            raise BindError(UNION_ALL_RESULT_STRUCTURES_MISMATCH, message, span=operand.span)
        pairs = zip(types, step.schema, strict=True)
        types = [common_type([before, field.type], operand.span) for before, field in pairs]
    return types
