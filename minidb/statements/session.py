"""SET and USE: what changes the session."""

from __future__ import annotations

from minidb.execution.outcome import Outcome
from minidb.sql import ast
from minidb.statements.context import StatementContext
from minidb.statements.query import changed_settings


def set_settings(statement: ast.SetStatement, context: StatementContext) -> Outcome:
    """Set session settings: all of them, or none when one is refused."""
    context.session.settings = changed_settings(
        context, context.session.settings, statement.settings
    )
    return Outcome()


def use(statement: ast.Use, context: StatementContext) -> Outcome:
    """Make a database the one that names without a database belong to."""
    database, _ = context.key(ast.ObjectName("", statement.database, span=statement.span))
    context.session.database = database
    return Outcome()
