"""What a view's name stands for: its query, bound now, with the columns it had when it was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from minidb.binder.environment import BinderCatalog, Environment
from minidb.binder.expressions import cast_to
from minidb.binder.query import bind_query
from minidb.catalog.view import ViewDef
from minidb.columns import Field
from minidb.errors import THERE_IS_NO_COLUMN, BindError, InternalError, MiniDBError, did_you_mean
from minidb.expr import ColumnRef
from minidb.plan.nodes import Computed, PlanNode, Project
from minidb.sql import ast
from minidb.sql.parser import parse_statement


def bind_view(environment: Environment, catalog: BinderCatalog, view: ViewDef) -> PlanNode:
    """Return the plan of a view.

    Parameters
    ----------
    environment : Environment
        Of the statement that names the view; its ids are used on.
    catalog : BinderCatalog
        Finds names as they were meant where the view was made.
    view : ViewDef
        What the store keeps.

    Raises
    ------
    MiniDBError
        What the binder raises for the query, with the view's name and without a place: places in
        the view's text are none in the statement. THERE_IS_NO_COLUMN when a column of the view
        is gone.
    """
    home = view.home
    names = ("currentDatabase", "database", "DATABASE")
    inner = replace(
        environment,
        catalog=catalog,
        parameters={},
        session_values={**environment.session_values, **dict.fromkeys(names, lambda: home)},
    )
    try:
        return _with_columns(inner, bind_query(inner, view_query(view)), view)
    except MiniDBError as error:
        error.message = f"in view {view.database}.{view.name}: {error.message}"
        error.span = None
        raise


def view_query(view: ViewDef) -> ast.Query:
    """Return the query of a view."""
    statement = parse_statement(view.query_sql)
    if not isinstance(statement, ast.QueryStatement):
        raise InternalError(f"view {view.name!r} is no query")
    return statement.query


def _with_columns(environment: Environment, plan: PlanNode, view: ViewDef) -> PlanNode:
    """Return the plan with the view's columns: found by name, or by place where it renames them."""
    by_name: Mapping[str, Field] = {field.name: field for field in reversed(plan.schema)}
    items = []
    for place, (name, data_type) in enumerate(view.columns):
        if view.renamed:
            field = plan.schema[place] if place < len(plan.schema) else None
        else:
            field = by_name.get(name)
        if field is None:
            message = f"its query has no column {name!r} any more"
            raise BindError(THERE_IS_NO_COLUMN, message, hint=did_you_mean(name, by_name))
        expr = cast_to(environment, ColumnRef(field.id, field.type, field.name), data_type)
        items.append(Computed(Field(environment.next_id(), name, data_type), expr))
    return Project(plan, tuple(items))
