"""CREATE, DROP, TRUNCATE and RENAME TABLE; what DROP takes beside tables."""

from __future__ import annotations

from minidb.errors import (
    BAD_DATABASE_FOR_TEMPORARY_TABLE,
    TABLE_ALREADY_EXISTS,
    BindError,
    NotSupportedError,
)
from minidb.execution.outcome import Outcome
from minidb.sql import ast
from minidb.statements.context import TEMPORARY_DATABASE, StatementContext
from minidb.statements.databases import drop_database, rename_database, rename_object
from minidb.statements.definitions import table_definition
from minidb.statements.indexes import drop_index
from minidb.statements.names import writable_key
from minidb.statements.query import plan_query, run_plan
from minidb.statements.views import drop_view
from minidb.statements.writing import check_count, insert_batches
from minidb.storage.definition import MEMORY_ENGINE, TableKey
from minidb.storage.store import Transaction


def create_table(statement: ast.CreateTable, context: StatementContext) -> Outcome:
    """Create a table, and fill it when AS SELECT stands behind it, in one commit."""
    _refuse_unsupported(statement)
    with context.begin(is_temporary=statement.is_temporary) as transaction:
        key = _new_key(statement, context)
        if key in context.tables or context.view(key) is not None:
            if statement.if_not_exists:
                return Outcome()
            if not statement.or_replace or key not in context.tables:
                message = f"table {key[1]!r} is already there"
                hint = "write CREATE TABLE IF NOT EXISTS, or drop it first"
                span = statement.table.span
                raise BindError(TABLE_ALREADY_EXISTS, message, span=span, hint=hint)
        n_written = _create(statement, key, context, transaction)
        transaction.commit()
    return Outcome(n_written=n_written)


def _new_key(statement: ast.CreateTable, context: StatementContext) -> TableKey:
    """Return (database, name) of the table to be made."""
    if not statement.is_temporary:
        return writable_key(context, statement.table, may_be_temporary=False)
    if statement.table.database is not None:
        message = "a temporary table belongs to no database"
        raise BindError(BAD_DATABASE_FOR_TEMPORARY_TABLE, message, span=statement.table.span)
    return TEMPORARY_DATABASE, statement.table.name


def _create(
    statement: ast.CreateTable, key: TableKey, context: StatementContext, transaction: Transaction
) -> int:
    """Create the table in the open transaction, and return the rows written."""
    plan = None if statement.query is None else plan_query(context, statement.query)
    schema = None if plan is None else plan.optimized.plan
    definition = table_definition(statement, context, key, schema)
    # The rows of AS SELECT may come from the table that is replaced: they are read as they were.
    if key in transaction.tables:
        transaction.drop_table(*key)
    transaction.create_table(definition)
    if plan is None:
        return 0
    names = [column.name for column in definition.given_columns]
    check_count(definition, len(names), len(plan.optimized.plan.schema), statement.span)
    batches = run_plan(context, plan.optimized.plan)
    return insert_batches(context, transaction, definition, names, batches, plan.environment)


def _refuse_unsupported(statement: ast.CreateTable) -> None:
    """Refuse the clauses that the grammar reads and the engine would have to forget."""
    partition = statement.partition_by
    if partition is not None:
        raise NotSupportedError("PARTITION BY is not supported", span=partition.span)
    engine = statement.engine
    if statement.is_temporary and engine is not None and engine.name != MEMORY_ENGINE:
        message = "a temporary table has the engine Memory"
        raise NotSupportedError(message, span=engine.span)


def drop(statement: ast.Drop, context: StatementContext) -> Outcome:
    """Drop tables, views or databases; all of those named, in one commit."""
    if statement.kind == "INDEX":
        return drop_index(statement, context)
    first = statement.names[0] if statement.kind == "TABLE" else None
    with context.begin(first, is_temporary=statement.is_temporary) as transaction:
        for name in statement.names:
            match statement.kind:
                case "TABLE":
                    _drop_table(name, statement, context, transaction)
                case "VIEW":
                    drop_view(name, statement.if_exists, context, transaction)
                case "DATABASE":
                    drop_database(name, statement.if_exists, context, transaction)
                case kind:
                    raise NotSupportedError(f"DROP {kind} is not supported", span=statement.span)
        transaction.commit()
    return Outcome()


def _drop_table(
    name: ast.ObjectName, statement: ast.Drop, context: StatementContext, transaction: Transaction
) -> None:
    """Drop one table, or a view, which DROP TABLE takes too."""
    key = writable_key(context, name)
    is_wanted = key[0] == TEMPORARY_DATABASE or not statement.is_temporary
    view = context.view(key)
    if is_wanted and key in transaction.tables:
        transaction.drop_table(*key)
    elif is_wanted and view is not None:
        transaction.drop_object(*view.object_key)
    elif is_wanted and key in context.tables:
        message = "temporary and stored tables are dropped by statements of their own"
        raise NotSupportedError(message, span=name.span)
    elif not statement.if_exists:
        raise context.unknown_table(name)


def truncate(statement: ast.Truncate, context: StatementContext) -> Outcome:
    """Remove all rows of a table."""
    with context.begin(statement.table) as transaction:
        key = writable_key(context, statement.table)
        if not context.is_taken(key) and statement.if_exists:
            return Outcome()
        table = context.table(statement.table)
        if table.parts:
            transaction.replace_parts(*key, table.parts, [])
        transaction.commit()
    return Outcome(n_written=table.n_rows)


def rename(statement: ast.Rename, context: StatementContext) -> Outcome:
    """Rename tables and views, or exchange two, in the order written, in one commit."""
    if statement.kind == "DATABASE":
        return rename_database(statement, context)
    with context.begin() as transaction:
        for renaming in statement.renamings:
            old = writable_key(context, renaming.old, may_be_temporary=False)
            new = writable_key(context, renaming.new, may_be_temporary=False)
            if not context.is_taken(old):
                raise context.unknown_table(renaming.old, context.session.database)
            if statement.kind == "EXCHANGE":
                if not context.is_taken(new):
                    raise context.unknown_table(renaming.new, context.session.database)
                _exchange(old, new, context, transaction)
                continue
            if context.is_taken(new):
                message = f"table {new[1]!r} is already there"
                raise BindError(TABLE_ALREADY_EXISTS, message, span=renaming.new.span)
            rename_object(old, new, context, transaction)
        transaction.commit()
    return Outcome()


def _exchange(
    old: TableKey, new: TableKey, context: StatementContext, transaction: Transaction
) -> None:
    """Give each of two tables or views the other's name."""
    between = (old[0], f"{old[1]} exchanged with {new[1]}")
    rename_object(old, between, context, transaction)
    rename_object(new, old, context, transaction)
    rename_object(between, new, context, transaction)
