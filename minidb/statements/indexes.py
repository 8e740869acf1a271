"""CREATE INDEX and DROP INDEX: kept in the table's definition, without effect on reading.

Every part has its own bounds per granule, which do what a minmax index does.
"""

from __future__ import annotations

from dataclasses import replace

from minidb.binder.environment import Environment
from minidb.binder.expressions import ExprBinder
from minidb.binder.scope import Scope, ScopeTable
from minidb.errors import (
    BAD_ARGUMENTS,
    ILLEGAL_COLUMN,
    INCORRECT_QUERY,
    BindError,
    NotSupportedError,
    did_you_mean,
)
from minidb.execution.outcome import Outcome
from minidb.sql import ast
from minidb.sql.format import format_expression, format_name
from minidb.statements.context import StatementContext
from minidb.statements.names import writable_key
from minidb.storage.definition import IndexDef, TableDef
from minidb.storage.merging import table_fields

INDEX_TYPES = (
    "bloom_filter",
    "hypothesis",
    "minmax",
    "ngrambf_v1",
    "set",
    "sparse_grams",
    "text",
    "tokenbf_v1",
    "vector_similarity",
)


def create_index(statement: ast.CreateIndex, context: StatementContext) -> Outcome:
    """Declare an index; without TYPE nothing is kept, under the setting that allows it."""
    settings = context.settings
    if statement.is_unique and not settings.flag("create_index_ignore_unique"):
        message = "CREATE UNIQUE INDEX is not supported"
        hint = "SET create_index_ignore_unique = 1 to leave the word UNIQUE out"
        raise NotSupportedError(message, span=statement.span, hint=hint)
    if statement.type is None:
        if settings.flag("allow_create_index_without_type"):
            return Outcome()
        message = "CREATE INDEX needs a TYPE"
        hint = "SET allow_create_index_without_type = 1 to ignore such statements"
        raise BindError(INCORRECT_QUERY, message, span=statement.span, hint=hint)
    exprs = [format_expression(key.expr) for key in statement.exprs]
    expr_sql = exprs[0] if len(exprs) == 1 else f"({', '.join(exprs)})"
    with context.begin(statement.table) as transaction:
        writable_key(context, statement.table)
        definition = context.table(statement.table).definition
        known = {index.name for index in definition.indexes}
        if statement.name in known and statement.if_not_exists:
            return Outcome()
        type_sql = format_index_type(statement.type)
        index = IndexDef(statement.name, expr_sql, type_sql, statement.granularity or 1)
        environment = context.environment()
        transaction.redefine_table(with_index(definition, index, environment, statement))
        transaction.commit()
    return Outcome()


def format_index_type(written: ast.FunctionCall) -> str:
    """Return the type of an index as SQL text.

    Raises
    ------
    BindError
        INCORRECT_QUERY for a type that ClickHouse does not have.
    """
    if written.name not in INDEX_TYPES:
        message = f"no index type {written.name!r}"
        hint = did_you_mean(written.name, INDEX_TYPES) or f"there are {', '.join(INDEX_TYPES)}"
        raise BindError(INCORRECT_QUERY, message, span=written.span, hint=hint)
    return format_expression(written) if written.arguments else format_name(written.name)


def with_index(
    definition: TableDef,
    index: IndexDef,
    environment: Environment,
    written: ast.CreateIndex | ast.IndexDefinition,
) -> TableDef:
    """Return the definition with one index more.

    Raises
    ------
    BindError
        ILLEGAL_COLUMN when the name is taken, INCORRECT_QUERY without a type, or what the binder
        finds in the expression.
    """
    if not index.type_sql:
        message = f"index {index.name!r} needs a TYPE"
        raise BindError(INCORRECT_QUERY, message, span=written.span)
    if any(known.name == index.name for known in definition.indexes):
        message = f"index {index.name!r} is already there"
        raise BindError(ILLEGAL_COLUMN, message, span=written.span)
    fields = table_fields(definition.columns)
    scope = Scope((ScopeTable(definition.name, definition.database, fields),))
    binder = ExprBinder(environment, scope, place="INDEX")
    if isinstance(written, ast.CreateIndex):
        exprs = [key.expr for key in written.exprs]
    else:
        exprs = [written.expr]
    for expr in exprs:
        binder.bind(expr)
    return replace(definition, indexes=(*definition.indexes, index))


def drop_index(statement: ast.Drop, context: StatementContext) -> Outcome:
    """Take an index out of a table's definition."""
    table = statement.table
    if table is None:
        raise NotSupportedError("DROP INDEX needs ON and a table", span=statement.span)
    name = statement.names[0]
    with context.begin(table) as transaction:
        writable_key(context, table)
        definition = context.table(table).definition
        transaction.redefine_table(without_index(definition, name, statement.if_exists))
        transaction.commit()
    return Outcome()


def without_index(definition: TableDef, name: ast.ObjectName, if_exists: bool) -> TableDef:
    """Return the definition without one index.

    Raises
    ------
    BindError
        BAD_ARGUMENTS when there is no such index.
    """
    kept = tuple(index for index in definition.indexes if index.name != name.name)
    if len(kept) == len(definition.indexes) and not if_exists:
        message = f"no index {name.name!r} in table {definition.name!r}"
        hint = did_you_mean(name.name, [index.name for index in definition.indexes])
        raise BindError(BAD_ARGUMENTS, message, span=name.span, hint=hint)
    return replace(definition, indexes=kept)
