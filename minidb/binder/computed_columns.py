"""A stored table's columns as a query sees them: ALIAS ones computed, some hidden from ``*``."""

from __future__ import annotations

from minidb.binder.aliases import child_nodes
from minidb.binder.environment import Environment
from minidb.binder.expressions import ExprBinder, cast_to
from minidb.binder.scope import Scope, ScopeTable
from minidb.columns import Field
from minidb.errors import CYCLIC_ALIASES, BindError, MiniDBError
from minidb.expr import ColumnRef
from minidb.plan.nodes import Computed, PlanNode, Project
from minidb.sql import ast
from minidb.sql.parser import parse_expression
from minidb.storage.definition import ALIAS_KIND, ColumnDef, TableDef


def with_computed_columns(
    environment: Environment, definition: TableDef, plan: PlanNode, table: ScopeTable
) -> tuple[PlanNode, ScopeTable]:
    """Return a scan with the table's ALIAS columns, and what its columns are called.

    Parameters
    ----------
    environment : Environment
        For the expressions behind ALIAS.
    definition : TableDef
        The table.
    plan : PlanNode
        A scan of all stored columns.
    table : ScopeTable
        The names of these columns.
    """
    if all(column.is_given for column in definition.columns):
        return plan, table
    fields = dict(table.fields)
    for column in in_order_of_use(definition, ALIAS_KIND):
        plan, fields = _with_column(environment, definition, column, plan, fields)
    shown = tuple(fields[column.name] for column in definition.given_columns)
    scope_table = ScopeTable(table.name, table.database, fields, shown, table.table_name)
    return plan, scope_table


def _with_column(
    environment: Environment,
    definition: TableDef,
    column: ColumnDef,
    plan: PlanNode,
    fields: dict[str, Field],
) -> tuple[PlanNode, dict[str, Field]]:
    """Return a projection that adds one ALIAS column."""
    scope = Scope((ScopeTable(definition.name, definition.database, fields),))
    binder = ExprBinder(environment, scope, place="ALIAS")
    try:
        bound = binder.bind(parse_expression(column.default_sql or "NULL"))
        value = cast_to(environment, bound, column.type)
    except MiniDBError as error:
        error.message = f"in column {column.name!r}: {error.message}"
        error.span = None
        raise
    items = []
    renewed = {}
    for name, field in fields.items():
        renewed[name] = Field(environment.next_id(), name, field.type)
        items.append(Computed(renewed[name], ColumnRef(field.id, field.type, name)))
    renewed[column.name] = Field(environment.next_id(), column.name, column.type)
    items.append(Computed(renewed[column.name], value))
    return Project(plan, tuple(items)), renewed


def in_order_of_use(definition: TableDef, *kinds: str) -> list[ColumnDef]:
    """Return the columns of some kinds of default, each behind those that its default reads.

    Raises
    ------
    BindError
        CYCLIC_ALIASES when defaults read one another in a circle.
    """
    waiting = [column for column in definition.columns if column.default_kind in kinds]
    ordered: list[ColumnDef] = []
    while waiting:
        names = {column.name for column in waiting}
        ready = [c for c in waiting if not (names_read(c.default_sql) & names)]
        if not ready:
            message = f"the columns {', '.join(sorted(names))} depend on one another"
            raise BindError(CYCLIC_ALIASES, message)
        ordered += ready
        waiting = [column for column in waiting if column not in ready]
    return ordered


def names_read(sql: str | None) -> set[str]:
    """Return the names in an expression that may be columns."""
    if sql is None:
        return set()
    stack: list[ast.Node] = [parse_expression(sql)]
    found = set()
    while stack:
        node = stack.pop()
        if isinstance(node, ast.Identifier):
            found.add(node.parts[0])
        stack.extend(child_nodes(node))
    return found
