"""Names of what a statement writes to."""

from __future__ import annotations

from minidb.errors import READONLY, BindError
from minidb.source import Span
from minidb.sql import ast
from minidb.statements.context import SYSTEM_DATABASE, StatementContext
from minidb.storage.definition import TableKey


def writable_key(
    context: StatementContext, name: ast.ObjectName, *, may_be_temporary: bool = True
) -> TableKey:
    """Return (database, table) of a name that may be written to.

    Raises
    ------
    BindError
        READONLY for the database system and those that extensions reserve, UNKNOWN_DATABASE.
    """
    key = context.key(name, None if may_be_temporary else context.session.database)
    if key[0] == SYSTEM_DATABASE:
        raise BindError(READONLY, "the database system is read-only", span=name.span)
    refuse_reserved(context, key[0], name.span)
    return key


def refuse_reserved(context: StatementContext, database: str, span: Span) -> None:
    """Refuse to change a database that belongs to an extension.

    Raises
    ------
    BindError
        READONLY.
    """
    hint = context.registry.reserved_databases.get(database)
    if hint is not None:
        message = f"the database {database} is read-only"
        raise BindError(READONLY, message, span=span, hint=hint)
