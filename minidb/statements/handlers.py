"""What runs each kind of statement; its module is imported when such a statement comes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, TypeAlias

from minidb.execution.outcome import Outcome
from minidb.sql import ast
from minidb.statements.context import StatementContext

Handler: TypeAlias = Callable[[Any, StatementContext], Outcome]

# The module in this package and its function.
HANDLERS: Mapping[type, tuple[str, str]] = {
    ast.QueryStatement: ("query", "run_query"),
    ast.Explain: ("explain", "explain"),
    ast.CreateTable: ("tables", "create_table"),
    ast.CreateView: ("views", "create_view"),
    ast.CreateIndex: ("indexes", "create_index"),
    ast.CreateDatabase: ("databases", "create_database"),
    ast.CreateFunction: ("functions", "create_function"),
    ast.Drop: ("tables", "drop"),
    ast.Truncate: ("tables", "truncate"),
    ast.Rename: ("tables", "rename"),
    ast.Insert: ("insert", "insert"),
    ast.Delete: ("change", "delete"),
    ast.Update: ("change", "update"),
    ast.Alter: ("alter", "alter"),
    ast.Optimize: ("change", "optimize_table"),
    ast.Show: ("show", "show"),
    ast.ShowCreate: ("show", "show_create"),
    ast.Describe: ("show", "describe"),
    ast.ExistsStatement: ("show", "exists"),
    ast.SetStatement: ("session", "set_settings"),
    ast.Use: ("session", "use"),
}
DROP_FUNCTION = ("functions", "drop_function")
INSERT_ROWS = ("insert", "insert_rows")


def find_handler(statement: ast.Statement) -> Handler | None:
    """Return what runs a statement; None for one that the engine gives no meaning."""
    place = HANDLERS.get(type(statement))
    if isinstance(statement, ast.Drop) and statement.kind == "FUNCTION":
        place = DROP_FUNCTION
    return load_handler(place) if place is not None else None


def load_handler(place: tuple[str, str]) -> Callable[..., Outcome]:
    """Return the function at a place of this package."""
    module, name = place
    handler: Callable[..., Outcome] = getattr(import_module(f"minidb.statements.{module}"), name)
    return handler
