"""SHOW, DESCRIBE and EXISTS: the catalog as rows."""

from __future__ import annotations

from minidb.binder.query import bind_query
from minidb.binder.scope import Scope
from minidb.binder.sources import SourceBinder
from minidb.catalog.system import SYSTEM_TABLES
from minidb.columns import column_from_values
from minidb.errors import BAD_ARGUMENTS, BindError, NotSupportedError
from minidb.execution.outcome import Outcome, outcome_of_columns
from minidb.sql import ast
from minidb.sql.format import format_name
from minidb.sql.show_pattern import matches_pattern
from minidb.statements.context import (
    FUNCTION_KIND,
    SYSTEM_DATABASE,
    TEMPORARY_DATABASE,
    StatementContext,
)
from minidb.statements.texts import create_statement, create_view_statement, default_of
from minidb.types import IntType, StringType

STRING = StringType()


def show(statement: ast.Show, context: StatementContext) -> Outcome:
    """Run SHOW TABLES, DATABASES, FUNCTIONS or SETTINGS, filtered by a pattern."""
    match statement.what:
        case "TABLES":
            database = statement.database or context.session.database
            context.key(ast.ObjectName("", database, span=statement.span))
            names = context.names_in(database) + context.names_in(TEMPORARY_DATABASE)
            if database == SYSTEM_DATABASE:
                names += [table.name for table in SYSTEM_TABLES]
                names += list(context.registry.system_tables)
            return _list(statement, sorted(names))
        case "DATABASES":
            return _list(statement, context.database_names())
        case "FUNCTIONS" | "SETTINGS" as what:
            return _system(statement, what.lower(), context)
        case "COLUMNS" | "FIELDS" if statement.table is not None:
            return describe_name(statement.table, context)
        case what:
            raise NotSupportedError(f"SHOW {what} is not supported", span=statement.span)


def _list(statement: ast.Show, names: list[str]) -> Outcome:
    kept = [name for name in names if matches_pattern(statement, name)]
    return outcome_of_columns(["name"], [column_from_values(STRING, kept)])


def _system(statement: ast.Show, table_name: str, context: StatementContext) -> Outcome:
    """Return a system table's rows whose name matches."""
    table = next(table for table in SYSTEM_TABLES if table.name == table_name)
    source = context.system_source()
    rows = [row for row in table.rows(source) if matches_pattern(statement, str(row[0]))]
    columns = [
        column_from_values(data_type, [row[place] for row in rows])
        for place, (_, data_type) in enumerate(table.columns)
    ]
    return outcome_of_columns([name for name, _ in table.columns], columns)


def show_create(statement: ast.ShowCreate, context: StatementContext) -> Outcome:
    """Return the statement that makes a table, a view or a database."""
    name = statement.name
    match statement.kind:
        case "DATABASE":
            context.key(ast.ObjectName("", name.name, span=name.span))
            text = f"CREATE DATABASE {format_name(name.name)}\nENGINE = Atomic"
        case "TABLE" | "VIEW" as kind:
            key = context.key(name)
            view = None if key in context.tables else context.view(key)
            if view is not None:
                text = create_view_statement(view)
            elif kind == "VIEW" and key in context.tables:
                message = f"{key[1]!r} is a table, not a view"
                raise BindError(BAD_ARGUMENTS, message, span=name.span)
            else:
                text = create_statement(context.table(name).definition)
        case kind:
            message = f"SHOW CREATE {kind} is not supported"
            raise NotSupportedError(message, span=statement.span)
    return outcome_of_columns(["statement"], [column_from_values(STRING, [text])])


def describe(statement: ast.Describe, context: StatementContext) -> Outcome:
    """Return the columns of a table, a table function or a query."""
    source = statement.source
    if isinstance(source, ast.TableReference):
        key = context.key(source.name)
        if key in context.tables or context.view(key) is not None:
            return describe_name(source.name, context)
    environment = context.environment()
    binder = SourceBinder(environment, Scope(), lambda q, s: bind_query(environment, q, s))
    schema = binder.bind(source).plan.schema
    return _description([(field.name, field.type.name, "", "", "") for field in schema])


def describe_name(name: ast.ObjectName, context: StatementContext) -> Outcome:
    """Return the columns of a stored table or a view."""
    key = context.key(name)
    view = None if key in context.tables else context.view(key)
    if view is not None:
        return _description([(column, kind.name, "", "", "") for column, kind in view.columns])
    return _description(
        [
            (column.name, column.type.name, *default_of(column), column.comment)
            for column in context.table(name).definition.columns
        ]
    )


def _description(rows: list[tuple[str, str, str, str, str]]) -> Outcome:
    """Return DESCRIBE's seven columns; minidb has no codecs and lifetimes."""
    names = ["name", "type", "default_type", "default_expression", "comment"]
    unused = ["codec_expression", "ttl_expression"]
    columns = [
        column_from_values(STRING, [row[place] for row in rows]) for place in range(len(names))
    ]
    columns += [column_from_values(STRING, [""] * len(rows)) for _ in unused]
    return outcome_of_columns([*names, *unused], columns)


def exists(statement: ast.ExistsStatement, context: StatementContext) -> Outcome:
    """Return 1 when the object is there, else 0."""
    name = statement.name
    match statement.kind:
        case "TABLE":
            database = name.database or context.session.database
            found = (
                context.is_temporary(name)
                or context.is_taken((database, name.name))
                or (
                    database == SYSTEM_DATABASE
                    and name.name in {table.name for table in SYSTEM_TABLES}
                )
            )
        case "VIEW":
            database = name.database or context.session.database
            found = context.view((database, name.name)) is not None
        case "DATABASE":
            found = name.name in context.database_names()
        case "FUNCTION":
            found = (FUNCTION_KIND, name.name) in context.objects
        case kind:
            raise NotSupportedError(f"EXISTS {kind} is not supported", span=statement.span)
    return outcome_of_columns(["result"], [column_from_values(IntType(8, False), [int(found)])])
