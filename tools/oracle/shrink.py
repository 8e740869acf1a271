"""Making a failing case small: fewer rows, columns, clauses and smaller expressions."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any

from minidb.binder.aliases import child_nodes
from minidb.sql import ast
from tools.oracle.cases import Case
from tools.oracle.tables import TableData

Fails = Callable[[Case], bool]

# Fields of SELECT that may simply go.
OPTIONAL: dict[str, Any] = {
    "where": None,
    "having": None,
    "order_by": (),
    "limit": None,
    "limit_by": None,
    "group_by": None,
    "qualify": None,
    "is_distinct": False,
    "with_items": (),
    "settings": (),
}


def shrink(case: Case, fails: Fails, most_s: float = 20.0) -> Case:
    """Return a smaller case that still fails.

    Parameters
    ----------
    case : Case
        Fails.
    fails : callable
        Whether a case fails; asked for each candidate.
    most_s : float
        Seconds after which the smallest case so far is returned.
    """
    end = time.monotonic() + most_s
    is_smaller = True
    while is_smaller and time.monotonic() < end:
        is_smaller = False
        for candidate in candidates(case):
            if time.monotonic() > end:
                break
            if _still_fails(candidate, fails):
                case, is_smaller = candidate, True
                break
    return case


def _still_fails(case: Case, fails: Fails) -> bool:
    """Whether a candidate fails; one whose parts no longer fit together does not count."""
    try:
        return fails(case)
    except ValueError:
        return False


def candidates(case: Case) -> Iterator[Case]:
    """Yield cases a little smaller, the boldest first."""
    for place, table in enumerate(case.tables):
        if len(case.tables) > 1:
            yield replace(case, tables=_without(case.tables, place))
        for smaller in smaller_tables(table):
            tables = list(case.tables)
            tables[place] = smaller
            yield replace(case, tables=tuple(tables))
    if case.predicate is not None:
        for expr in smaller_exprs(case.predicate):
            yield replace(case, predicate=expr)
    for query in smaller_queries(case.query):
        yield replace(case, query=query)


def smaller_tables(table: TableData) -> Iterator[TableData]:
    """Yield tables with fewer rows, by halves and then one by one, and with fewer columns."""
    n_rows = len(table.rows)
    size = n_rows
    while size:
        for start in range(0, n_rows, size):
            yield replace(table, rows=table.rows[:start] + table.rows[start + size :])
        size //= 2
    for place in range(len(table.columns) - 1, 0, -1):
        columns = _without(table.columns, place)
        yield replace(table, columns=columns, rows=tuple(_without(r, place) for r in table.rows))


def smaller_queries(query: ast.Query) -> Iterator[ast.Query]:
    """Yield queries with a part left out, then those with a smaller expression."""
    if isinstance(query, ast.SetOperation):
        yield from query.operands
        for place, operand in enumerate(query.operands):
            for smaller in smaller_queries(operand):
                operands = list(query.operands)
                operands[place] = smaller
                yield replace(query, operands=tuple(operands))
        return
    for name, empty in OPTIONAL.items():
        if getattr(query, name) != empty:
            yield replace(query, **{name: empty})
    if len(query.projection) > 1:
        for place in range(len(query.projection)):
            yield replace(query, projection=_without(query.projection, place))
    if query.source is not None:
        for source in smaller_sources(query.source):
            yield replace(query, source=source)
    for declared in fields(query):
        for value in _smaller_values(getattr(query, declared.name)):
            yield replace(query, **{declared.name: value})


def smaller_sources(source: ast.TableExpr) -> Iterator[ast.TableExpr]:
    """Yield one side of a join, and smaller derived tables."""
    match source:
        case ast.Join(left=left, right=right):
            yield left
            yield right
            for smaller in smaller_sources(left):
                yield replace(source, left=smaller)
            for smaller in smaller_sources(right):
                yield replace(source, right=smaller)
            if source.on is not None:
                for on in smaller_exprs(source.on):
                    yield replace(source, on=on)
        case ast.DerivedTable(query=query):
            if isinstance(query, ast.Select) and query.source is not None:
                yield query.source
            for inner in smaller_queries(query):
                yield replace(source, query=inner)
        case _:
            return


def smaller_exprs(expr: ast.Expr) -> Iterator[ast.Expr]:
    """Yield the parts of an expression, then the expression with a smaller part."""
    if not isinstance(expr, ast.Literal | ast.Identifier):
        for child in child_nodes(expr):
            # An alias has to stay: other clauses may read it.
            if _is_expr(child) and not isinstance(expr, ast.Alias):
                yield child  # type: ignore[misc]  # _is_expr says so
        if not isinstance(expr, ast.Alias):
            yield ast.Literal(1, span=expr.span)
            yield ast.Literal(None, span=expr.span)
    for declared in fields(expr):
        for value in _smaller_values(getattr(expr, declared.name)):
            yield replace(expr, **{declared.name: value})


def _smaller_values(value: object) -> Iterator[Any]:
    """Yield smaller forms of one field: an expression, a query or a tuple with such."""
    if isinstance(value, ast.Select | ast.SetOperation):
        yield from smaller_queries(value)
    elif _is_expr(value):
        yield from smaller_exprs(value)  # type: ignore[arg-type]  # _is_expr says so
    elif isinstance(value, tuple):
        for place, item in enumerate(value):
            for smaller in _smaller_values(item):
                yield (*value[:place], smaller, *value[place + 1 :])
    elif isinstance(value, ast.GroupBy | ast.OrderItem | ast.CaseBranch):
        for declared in fields(value):
            for smaller in _smaller_values(getattr(value, declared.name)):
                yield replace(value, **{declared.name: smaller})


def _is_expr(value: object) -> bool:
    """Whether a node stands where an expression may."""
    return isinstance(
        value,
        ast.Alias
        | ast.ArrayLiteral
        | ast.Between
        | ast.Case
        | ast.Cast
        | ast.Exists
        | ast.FunctionCall
        | ast.Identifier
        | ast.In
        | ast.Literal
        | ast.Operator
        | ast.Subquery
        | ast.TupleLiteral,
    )


def _without(items: tuple[Any, ...], place: int) -> tuple[Any, ...]:
    return (*items[:place], *items[place + 1 :])
