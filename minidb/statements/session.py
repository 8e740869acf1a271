"""SET and USE: what changes the session."""

from __future__ import annotations

from minidb.execution.outcome import Outcome
from minidb.sql import ast
from minidb.statements.context import StatementContext
from minidb.statements.filled import text_of_parameter
from minidb.statements.query import changed_settings

PARAMETER_PREFIX = "param_"


def set_settings(statement: ast.SetStatement, context: StatementContext) -> Outcome:
    """Set session settings and query parameters: all of them, or none when one is refused."""
    settings = [s for s in statement.settings if not s.name.startswith(PARAMETER_PREFIX)]
    context.session.settings = changed_settings(context, context.session.settings, settings)
    for setting in statement.settings:
        if setting.name.startswith(PARAMETER_PREFIX):
            name = setting.name.removeprefix(PARAMETER_PREFIX)
            context.session.parameters[name] = text_of_parameter(str(setting.value))
    return Outcome()


def use(statement: ast.Use, context: StatementContext) -> Outcome:
    """Make a database the one that names without a database belong to."""
    database, _ = context.key(ast.ObjectName("", statement.database, span=statement.span))
    context.session.database = database
    return Outcome()
