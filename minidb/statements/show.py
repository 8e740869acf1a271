"""SHOW, DESCRIBE and EXISTS: the catalog as rows."""

from __future__ import annotations

import re

from minidb.binder.query import bind_query
from minidb.binder.scope import Scope
from minidb.binder.sources import SourceBinder
from minidb.catalog.system import SYSTEM_TABLES, SystemSource
from minidb.columns import column_from_values
from minidb.errors import NotSupportedError
from minidb.execution.outcome import Outcome, outcome_of_columns
from minidb.sql import ast
from minidb.sql.format import format_name
from minidb.statements.context import (
    FUNCTION_KIND,
    SYSTEM_DATABASE,
    StatementContext,
)
from minidb.storage.definition import MERGE_TREE_ENGINE, TableDef
from minidb.types import IntType, StringType

STRING = StringType()


def show(statement: ast.Show, context: StatementContext) -> Outcome:
    """Run SHOW TABLES, DATABASES, FUNCTIONS or SETTINGS, filtered by a pattern."""
    match statement.what:
        case "TABLES":
            database = statement.database or context.session.database
            context.key(ast.ObjectName("", database, span=statement.span))
            names = [name for owner, name in context.tables if owner == database]
            if database == SYSTEM_DATABASE:
                names += [table.name for table in SYSTEM_TABLES]
                names += list(context.registry.system_tables)
            return _list(statement, sorted(names))
        case "DATABASES":
            return _list(statement, context.database_names())
        case "FUNCTIONS" | "SETTINGS" as what:
            return _system(statement, what.lower(), context)
        case "COLUMNS" if statement.table is not None:
            definition = context.table(statement.table).definition
            return describe_definition(definition)
        case what:
            raise NotSupportedError(f"SHOW {what} is not supported", span=statement.span)


def _list(statement: ast.Show, names: list[str]) -> Outcome:
    kept = [name for name in names if matches(statement, name)]
    return outcome_of_columns(["name"], [column_from_values(STRING, kept)])


def _system(statement: ast.Show, table_name: str, context: StatementContext) -> Outcome:
    """Return a system table's rows whose name matches."""
    table = next(table for table in SYSTEM_TABLES if table.name == table_name)
    source = SystemSource(
        context.registry.functions, context.settings, context.tables, context.objects
    )
    rows = [row for row in table.rows(source) if matches(statement, str(row[0]))]
    columns = [
        column_from_values(data_type, [row[place] for row in rows])
        for place, (_, data_type) in enumerate(table.columns)
    ]
    return outcome_of_columns([name for name, _ in table.columns], columns)


def matches(statement: ast.Show, name: str) -> bool:
    """Whether a name fits the pattern of LIKE or ILIKE; without one every name does."""
    if statement.pattern is None:
        return True
    parts = (
        ".*" if sign == "%" else "." if sign == "_" else re.escape(sign)
        for sign in statement.pattern
    )
    flags = re.DOTALL | (re.IGNORECASE if statement.is_case_insensitive else 0)
    found = re.fullmatch("".join(parts), name, flags) is not None
    return found != statement.is_negated


def show_create(statement: ast.ShowCreate, context: StatementContext) -> Outcome:
    """Return the statement that makes a table."""
    if statement.kind != "TABLE":
        message = f"SHOW CREATE {statement.kind} is not supported"
        raise NotSupportedError(message, span=statement.span)
    text = create_statement(context.table(statement.name).definition)
    return outcome_of_columns(["statement"], [column_from_values(STRING, [text])])


def create_statement(definition: TableDef) -> str:
    """Return CREATE TABLE for a definition, which makes an equal one."""
    columns = ",\n".join(
        f"    {format_name(column.name)} {column.type.name}"
        + ("" if column.default_sql is None else f" DEFAULT {column.default_sql}")
        for column in definition.columns
    )
    name = f"{format_name(definition.database)}.{format_name(definition.name)}"
    text = f"CREATE TABLE {name}\n(\n{columns}\n)\nENGINE = {definition.engine}"
    if definition.engine == MERGE_TREE_ENGINE:
        if definition.primary_key and definition.primary_key != definition.order_by:
            text += f"\nPRIMARY KEY ({', '.join(map(format_name, definition.primary_key))})"
        keys = ", ".join(map(format_name, definition.order_by))
        text += f"\nORDER BY ({keys})" if keys else "\nORDER BY tuple()"
    elif definition.order_by:
        text += f"\nORDER BY ({', '.join(map(format_name, definition.order_by))})"
    return text


def describe(statement: ast.Describe, context: StatementContext) -> Outcome:
    """Return the columns of a table, a table function or a query."""
    source = statement.source
    if isinstance(source, ast.TableReference):
        stored = context.tables.get(context.key(source.name))
        if stored is not None:
            return describe_definition(stored.definition)
    environment = context.environment()
    binder = SourceBinder(environment, Scope(), lambda q, s: bind_query(environment, q, s))
    schema = binder.bind(source).plan.schema
    return _description([(field.name, field.type.name, "", "") for field in schema])


def describe_definition(definition: TableDef) -> Outcome:
    """Return the columns of a stored table."""
    return _description(
        [
            (
                column.name,
                column.type.name,
                "" if column.default_sql is None else "DEFAULT",
                column.default_sql or "",
            )
            for column in definition.columns
        ]
    )


def _description(rows: list[tuple[str, str, str, str]]) -> Outcome:
    """Return DESCRIBE's seven columns; minidb has no comments, codecs and lifetimes."""
    names = ["name", "type", "default_type", "default_expression"]
    unused = ["comment", "codec_expression", "ttl_expression"]
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
            found = (database, name.name) in context.tables or (
                database == SYSTEM_DATABASE and name.name in {table.name for table in SYSTEM_TABLES}
            )
        case "DATABASE":
            found = name.name in context.database_names()
        case "FUNCTION":
            found = (FUNCTION_KIND, name.name) in context.objects
        case kind:
            raise NotSupportedError(f"EXISTS {kind} is not supported", span=statement.span)
    return outcome_of_columns(["result"], [column_from_values(IntType(8, False), [int(found)])])
