"""CREATE, DROP and RENAME DATABASE, and the names of what is in them."""

from __future__ import annotations

from minidb.catalog.view import view_keys
from minidb.errors import (
    DATABASE_ALREADY_EXISTS,
    READONLY,
    UNKNOWN_DATABASE,
    UNKNOWN_DATABASE_ENGINE,
    BindError,
    did_you_mean,
)
from minidb.execution.outcome import Outcome
from minidb.sql import ast
from minidb.statements.context import (
    DATABASE_KIND,
    DEFAULT_DATABASE,
    SYSTEM_DATABASE,
    StatementContext,
)
from minidb.statements.names import refuse_reserved
from minidb.storage.definition import TableKey
from minidb.storage.store import Transaction

# ClickHouse's engines for databases whose tables are the server's own; to minidb all are one.
DATABASE_ENGINES = ("Atomic", "Memory", "Ordinary")


def create_database(statement: ast.CreateDatabase, context: StatementContext) -> Outcome:
    """Create a database."""
    engine = statement.engine
    if engine is not None and engine.name not in DATABASE_ENGINES:
        message = f"no database engine {engine.name!r}"
        hint = did_you_mean(engine.name, DATABASE_ENGINES)
        raise BindError(UNKNOWN_DATABASE_ENGINE, message, span=engine.span, hint=hint)
    with context.begin() as transaction:
        refuse_reserved(context, statement.name, statement.span)
        if statement.name in context.database_names():
            if statement.if_not_exists:
                return Outcome()
            message = f"database {statement.name!r} is already there"
            raise BindError(DATABASE_ALREADY_EXISTS, message, span=statement.span)
        transaction.put_object(DATABASE_KIND, statement.name, "")
        transaction.commit()
    return Outcome()


def drop_database(
    name: ast.ObjectName, if_exists: bool, context: StatementContext, transaction: Transaction
) -> None:
    """Drop a database with its tables and views.

    Raises
    ------
    BindError
        READONLY for ``default`` and ``system``, UNKNOWN_DATABASE.
    """
    if not _require_own(name, if_exists, context):
        return
    for key in list(transaction.tables):
        if key[0] == name.name:
            transaction.drop_table(*key)
    for key in list(view_keys(transaction.objects)):
        view = context.view(key)
        if key[0] == name.name and view is not None:
            transaction.drop_object(*view.object_key)
    transaction.drop_object(DATABASE_KIND, name.name)


def rename_database(statement: ast.Rename, context: StatementContext) -> Outcome:
    """Rename databases, in the order written, in one commit."""
    with context.begin() as transaction:
        for renaming in statement.renamings:
            old, new = renaming.old.name, renaming.new.name
            _require_own(renaming.old, if_exists=False, context=context)
            refuse_reserved(context, new, renaming.new.span)
            if new in context.database_names():
                message = f"database {new!r} is already there"
                raise BindError(DATABASE_ALREADY_EXISTS, message, span=renaming.new.span)
            keys = [*transaction.tables, *view_keys(transaction.objects)]
            for database, name in keys:
                if database == old:
                    rename_object((old, name), (new, name), context, transaction)
            transaction.drop_object(DATABASE_KIND, old)
            transaction.put_object(DATABASE_KIND, new, "")
        transaction.commit()
    return Outcome()


def rename_object(
    old: TableKey, new: TableKey, context: StatementContext, transaction: Transaction
) -> None:
    """Move a table or a view to another name."""
    view = context.view(old)
    if view is None:
        transaction.rename_table(*old, *new)
    else:
        moved = view.named(new)
        transaction.drop_object(*view.object_key)
        transaction.put_object(*moved.object_key, moved.to_text())


def _require_own(name: ast.ObjectName, if_exists: bool, context: StatementContext) -> bool:
    """Return whether there is such a database that a statement may take away."""
    if name.name in (DEFAULT_DATABASE, SYSTEM_DATABASE):
        message = f"the database {name.name} cannot be dropped or renamed"
        raise BindError(READONLY, message, span=name.span)
    refuse_reserved(context, name.name, name.span)
    if (DATABASE_KIND, name.name) in context.objects:
        return True
    if if_exists:
        return False
    hint = did_you_mean(name.name, context.database_names())
    raise BindError(UNKNOWN_DATABASE, f"no database {name.name!r}", span=name.span, hint=hint)
