"""From syntax trees back to SQL text: one line, canonical, and read back as the same tree."""

from __future__ import annotations

from minidb.sql.ast_base import TypeName
from minidb.sql.ast_expr import Expr
from minidb.sql.ast_query import Query
from minidb.sql.ast_statements import Statement
from minidb.sql.depth import deep_recursion
from minidb.sql.format_expr import write_name, write_type
from minidb.sql.format_statement import StatementFormatter

_FORMATTER = StatementFormatter()


def format_statement(statement: Statement) -> str:
    """Write a statement, without a semicolon."""
    with deep_recursion():
        return _FORMATTER.statement(statement)


def format_query(query: Query) -> str:
    """Write a query, without parentheses around it."""
    with deep_recursion():
        return _FORMATTER.query(query)


def format_expression(expr: Expr) -> str:
    """Write an expression; an alias stands behind it without parentheses."""
    with deep_recursion():
        return _FORMATTER.element(expr)


def format_type(type_: TypeName) -> str:
    """Write a type."""
    return write_type(type_)


def format_name(name: str) -> str:
    """Write a name, between backquotes when it needs them."""
    return write_name(name)
