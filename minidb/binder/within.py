"""Functions that read the catalog: what a call of one means within its statement."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TypeVar

from minidb.binder.environment import Environment
from minidb.binder.scope import Scope
from minidb.catalog.surroundings import Selected, Surroundings
from minidb.errors import InternalError, MiniDBError, NotSupportedError
from minidb.functions.declaration import ScalarFunction, TableFunction
from minidb.sql import ast
from minidb.sql.parser import parse_statement

F = TypeVar("F", ScalarFunction, TableFunction)


def within(environment: Environment, function: F) -> F:
    """Return the function that a call means within its statement; most mean themselves."""
    return function if function.within is None else function.within(surroundings(environment))


def surroundings(environment: Environment) -> Surroundings:
    """Return what functions that read the catalog are given."""
    source = environment.catalog.system_source()
    return Surroundings(
        environment.settings, source.tables, source.objects, partial(_select, environment)
    )


def _select(environment: Environment, sql: str) -> Selected:
    """Bind a SELECT to what the statement sees; an error loses its place, which is in `sql`."""
    statement = parse_statement(sql)
    if not isinstance(statement, ast.QueryStatement):
        raise InternalError(f"a function runs what is no query: {sql}")
    queries = environment.queries
    if queries is None:
        raise NotSupportedError("a query inside an expression is not possible here")
    inner = replace(environment, constants={}, pending={}, shared={}, parameters={})
    try:
        plan = queries.bind(inner, statement.query, Scope())
    except MiniDBError as error:
        error.span = None
        raise
    return Selected(plan.schema, queries.stream(inner, plan))
