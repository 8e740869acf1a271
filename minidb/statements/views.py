"""CREATE VIEW and DROP VIEW: queries kept as text, bound when they are used."""

from __future__ import annotations

from minidb.binder.aliases import child_nodes
from minidb.binder.query import bind_query
from minidb.catalog.view import ViewDef
from minidb.columns import Schema
from minidb.errors import (
    BAD_ARGUMENTS,
    ILLEGAL_COLUMN,
    INCORRECT_QUERY,
    TABLE_ALREADY_EXISTS,
    BindError,
    NotSupportedError,
)
from minidb.execution.outcome import Outcome
from minidb.sql import ast
from minidb.sql.format import format_name, format_statement
from minidb.statements.context import CatalogView, StatementContext
from minidb.statements.names import writable_key
from minidb.statements.parameters import refuse_marks
from minidb.storage.store import Transaction


def create_view(statement: ast.CreateView, context: StatementContext) -> Outcome:
    """Keep a query under a name; it is bound once now, so that a wrong one is found."""
    if statement.is_materialized:
        message = "CREATE MATERIALIZED VIEW is not supported"
        hint = "a plain view is computed when it is read: CREATE VIEW"
        raise NotSupportedError(message, span=statement.span, hint=hint)
    refuse_marks(statement.query, "a view")
    _refuse_typed_parameters(statement.query)
    with context.begin() as transaction:
        key = writable_key(context, statement.view, may_be_temporary=False)
        if key in context.tables or (context.view(key) is not None and not statement.or_replace):
            if statement.if_not_exists:
                return Outcome()
            message = f"table {key[1]!r} is already there"
            raise BindError(TABLE_ALREADY_EXISTS, message, span=statement.view.span)
        catalog = CatalogView(context, context.session.database, (key,))
        environment = context.environment()
        environment.catalog = catalog
        schema = bind_query(environment, statement.query).schema
        text = format_statement(ast.QueryStatement(statement.query, span=statement.span))
        columns = tuple(
            (name, field.type)
            for name, field in zip(_names(statement, schema), schema, strict=True)
        )
        view = ViewDef(*key, text, context.session.database, columns, statement.columns)
        transaction.put_object(*view.object_key, view.to_text())
        transaction.commit()
    return Outcome()


def _names(statement: ast.CreateView, schema: Schema) -> list[str]:
    """Return the view's column names: those in parentheses, or the query's."""
    names = list(statement.columns) or [field.name for field in schema]
    if len(names) != len(schema):
        message = f"{len(names)} names for the {len(schema)} columns of the query"
        raise BindError(BAD_ARGUMENTS, message, span=statement.view.span)
    for place, name in enumerate(names):
        if name in names[:place]:
            message = f"column {name!r} stands twice"
            hint = "give one of them another name with AS"
            raise BindError(ILLEGAL_COLUMN, message, span=statement.query.span, hint=hint)
    return names


def _refuse_typed_parameters(query: ast.Query) -> None:
    """Refuse ``{name:Type}``: views with parameters are another kind of object."""
    stack: list[ast.Node] = [query]
    while stack:
        node = stack.pop()
        if isinstance(node, ast.TypedParameter):
            raise NotSupportedError("views with parameters are not supported", span=node.span)
        stack.extend(child_nodes(node))


def drop_view(
    name: ast.ObjectName, if_exists: bool, context: StatementContext, transaction: Transaction
) -> None:
    """Remove one view.

    Raises
    ------
    BindError
        UNKNOWN_TABLE, or INCORRECT_QUERY when the name is a table's.
    """
    key = writable_key(context, name)
    view = context.view(key)
    if key in context.tables:
        message = f"{key[1]!r} is a table, not a view"
        hint = f"write DROP TABLE {format_name(key[1])}"
        raise BindError(INCORRECT_QUERY, message, span=name.span, hint=hint)
    if view is not None:
        transaction.drop_object(*view.object_key)
    elif not if_exists:
        raise context.unknown_table(name)
