"""Queries inside expressions: scalar values, IN and EXISTS.

A query that reads nothing of the queries around it is run once: its value is a constant, its
rows behind IN are a set that is filled when the first row asks. A query that does read columns
around it becomes a column, and `place_subqueries` puts the join that makes this column into the
plan; after that no expression holds a query.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from minidb.binder.environment import Environment, Queries
from minidb.binder.functions import bind_call
from minidb.binder.literals import bind_value
from minidb.binder.pending import Pending, Wanted
from minidb.binder.row_sets import UINT8, RowSet, membership
from minidb.columns import Field, TupleColumn, concat_batches, with_nulls
from minidb.errors import (
    INCORRECT_RESULT_OF_SCALAR_SUBQUERY,
    NUMBER_OF_COLUMNS_DOESNT_MATCH,
    BindError,
    ExecutionError,
    InternalError,
    NotSupportedError,
)
from minidb.expr import BoundExpr, ColumnRef, constant_from_column, constant_from_value
from minidb.plan.free import free_columns
from minidb.plan.nodes import Filter, Limit, PlanNode
from minidb.source import Span
from minidb.sql import ast
from minidb.types import (
    DataType,
    NothingType,
    NullableType,
    TupleType,
    nullable,
    without_null,
)
from minidb.types.family import can_be_nullable

if TYPE_CHECKING:
    from minidb.binder.expressions import ExprBinder

ALL_NULL = NullableType(NothingType())


def bind_scalar(binder: ExprBinder, expr: ast.Subquery) -> BoundExpr:
    """Return the value of a query in parentheses: its only row, NULL without a row.

    Raises
    ------
    ExecutionError
        INCORRECT_RESULT_OF_SCALAR_SUBQUERY for more than one row.
    NotSupportedError
        Where a lambda stands around the query and the query reads its parameters.
    """
    environment = binder.environment
    known = environment.constants.get(("value", id(expr.query)))
    if known is not None:
        return known[1]
    _numbered(binder, expr.query)
    shared = _shared(binder, expr)
    if shared is not None:
        return shared
    plan = _plan(binder, expr.query, expr.span)
    if not _is_free(binder, plan, expr.span):
        value = _only_value(environment, plan, expr.span)
        environment.constants["value", id(expr.query)] = (expr.query, value)
        return value
    if len(plan.schema) != 1:
        message = "a query that stands for a value and reads columns around it has one column, "
        message += f"not {len(plan.schema)}"
        raise BindError(NUMBER_OF_COLUMNS_DOESNT_MATCH, message, span=expr.span)
    found = _pending(binder, plan, Wanted.VALUE, nullable(plan.schema[0].type), expr.span)
    return _share(binder, expr, found)


def bind_exists(binder: ExprBinder, expr: ast.Exists) -> BoundExpr:
    """Return whether a query has a row, as UInt8."""
    environment = binder.environment
    known = environment.constants.get(("exists", id(expr.query)))
    if known is not None:
        return known[1]
    name = _numbered(binder, expr.query)
    # ClickHouse makes a second query of it.
    environment.n_queries += 1
    environment.query_names[id(expr.query)] = f"exists({name})"
    shared = _shared(binder, expr)
    if shared is not None:
        return shared
    plan = _plan(binder, expr.query, expr.span)
    if not _is_free(binder, plan, expr.span):
        n_rows = sum(
            batch.n_rows for batch in _queries(environment).run(environment, Limit(plan, 1))
        )
        value = bind_value(int(n_rows > 0), expr.span)
        environment.query_names[id(expr.query)] = str(int(n_rows > 0))
        environment.constants["exists", id(expr.query)] = (expr.query, value)
        return value
    return _share(binder, expr, _pending(binder, plan, Wanted.EXISTS, UINT8, expr.span))


def query_behind_in(binder: ExprBinder, target: ast.Expr) -> ast.Query | None:
    """Return the query that stands behind IN: in parentheses, or all columns of a named table."""
    match target:
        case ast.Subquery(query=query):
            return query
        case ast.Identifier(parts=parts) if not binder.knows(target):
            database = parts[-2] if len(parts) > 1 else None
            name = ast.ObjectName(parts[-1], database, span=target.span)
            source = ast.TableReference(name, span=target.span)
            return ast.Select((ast.Star(span=target.span),), source, span=target.span)
        case _:
            return None


def bind_in(binder: ExprBinder, expr: ast.In, query: ast.Query) -> BoundExpr:
    """Return whether the operand is a row of a query.

    As in ClickHouse a NULL in the query is no member, and for an operand that is NULL the result
    is NULL. The operand takes the types of the query: what has no such value is no member.

    Raises
    ------
    BindError
        NUMBER_OF_COLUMNS_DOESNT_MATCH.
    """
    environment = binder.environment
    n_queries = environment.n_queries
    shared = _shared(binder, expr)
    if isinstance(expr.target, ast.Subquery):
        _numbered(binder, query)
    if shared is not None:
        return shared
    plan = _plan(binder, query, expr.target.span)
    if isinstance(expr.target, ast.Identifier):
        environment.n_queries = n_queries
    operand = binder.bind(expr.operand)
    if operand.type == ALL_NULL:
        return bind_value(None, expr.span)
    keys = _keys(binder, operand, [field.type for field in plan.schema], expr.span)
    if _is_free(binder, plan, expr.target.span):
        found = _is_partner(binder, plan, operand, keys, expr.span)
    else:
        rows = RowSet(plan, lambda inner: _queries(environment).run(environment, inner))
        function = membership(rows, environment.next_id())
        args = [operand, *keys]
        settings = environment.settings
        found = bind_call(function, args, settings, expr.span, environment.next_id)
    found = binder.scalar("not", [found]) if expr.is_negated else found
    return _share(binder, expr, found)


def _numbered(binder: ExprBinder, query: ast.Query) -> str:
    """Give a query the next number, and return the name that result columns call it by."""
    environment = binder.environment
    environment.n_queries += 1
    name = f"_subquery_{environment.n_queries}"
    environment.query_names[id(query)] = name
    return name


def _shared(binder: ExprBinder, expr: ast.Expr) -> BoundExpr | None:
    """Return what an equal query of the same SELECT has become already."""
    if binder.locals:
        return None
    return binder.environment.shared.get((binder.scope.level, expr))


def _share(binder: ExprBinder, expr: ast.Expr, found: BoundExpr) -> BoundExpr:
    """Remember what a query has become."""
    if not binder.locals and binder.scope.level:
        binder.environment.shared[binder.scope.level, expr] = found
    return found


def _plan(binder: ExprBinder, query: ast.Query, span: Span) -> PlanNode:
    """Bind a query that sees the names around it."""
    environment = binder.environment
    if environment.queries is None:
        raise NotSupportedError(f"no query may stand in {binder.place}", span=span)
    visible = replace(binder.scope, tables=(), outer=binder)
    return environment.queries.bind(environment, query, visible)


def _queries(environment: Environment) -> Queries:
    if environment.queries is None:
        raise InternalError("nothing runs the queries inside expressions")
    return environment.queries


def _is_free(binder: ExprBinder, plan: PlanNode, span: Span) -> bool:
    """Whether a query reads columns of the queries around it."""
    free = free_columns(plan)
    if free & binder.lambda_ids:
        message = "a query that reads a lambda's parameter is not supported"
        raise NotSupportedError(message, span=span)
    return bool(free)


def _pending(
    binder: ExprBinder, plan: PlanNode, wanted: Wanted, data_type: DataType, span: Span
) -> ColumnRef:
    """Return the column that a query becomes; equal queries of one SELECT become one."""
    environment, level = binder.environment, binder.scope.level
    if not level:
        message = f"a query that reads columns around it is not supported in {binder.place}"
        raise NotSupportedError(message, span=span)
    column = Field(environment.next_id(), "_subquery", data_type)
    environment.pending[column.id] = Pending(column, plan, wanted, level, span)
    return ColumnRef(column.id, column.type, column.name, span)


def _only_value(environment: Environment, plan: PlanNode, span: Span) -> BoundExpr:
    """Run a query and return its only row as a constant; several columns are a tuple."""
    found = _queries(environment).run(environment, Limit(plan, 2))
    whole = concat_batches(plan.schema, found)
    if whole.n_rows > 1:
        message = "a query that stands for a value returned more than one row"
        raise ExecutionError(INCORRECT_RESULT_OF_SCALAR_SUBQUERY, message, span=span)
    if len(plan.schema) > 1:
        types = tuple(field.type for field in plan.schema)
        if not whole.n_rows:
            message = "a query of several columns that stands for a value has to have a row"
            raise NotSupportedError(message, span=span)
        return constant_from_column(
            TupleColumn(TupleType(types, _distinct_names(plan)), whole.columns, 1), span
        )
    column = whole.columns[0]
    if whole.n_rows:
        if not isinstance(column.type, NullableType):
            column = with_nulls(column, np.zeros(1, np.bool_))
        return constant_from_column(column, span)
    if not isinstance(column.type, NullableType) and not can_be_nullable(column.type):
        message = f"a query that stands for a value of type {column.type.name}, "
        message += "which cannot be NULL, returned no row"
        raise ExecutionError(INCORRECT_RESULT_OF_SCALAR_SUBQUERY, message, span=span)
    return constant_from_value(nullable(column.type), None, span)


def _distinct_names(plan: PlanNode) -> tuple[str, ...]:
    """Return the column names, or none where two are equal, as a tuple's names must differ."""
    names = tuple(field.name for field in plan.schema)
    return names if len(set(names)) == len(names) else ()


def _keys(
    binder: ExprBinder, operand: BoundExpr, types: Sequence[DataType], span: Span
) -> list[BoundExpr]:
    """Return the operand of IN in the types of the query's columns.

    Raises
    ------
    BindError
        NUMBER_OF_COLUMNS_DOESNT_MATCH.
    """
    parts = [operand]
    is_tuple = isinstance(operand.type, TupleType)
    if is_tuple and not (len(types) == 1 and isinstance(without_null(types[0]), TupleType)):
        elements = getattr(operand.type, "elements", ())
        parts = [
            binder.scalar("tupleElement", [operand, bind_value(place + 1, span)])
            for place in range(len(elements))
        ]
    if len(parts) != len(types):
        message = f"{len(parts)} values before IN, and {len(types)} columns behind it"
        raise BindError(NUMBER_OF_COLUMNS_DOESNT_MATCH, message, span=span)
    keys = []
    for part, data_type in zip(parts, types, strict=True):
        wanted = without_null(data_type)
        if without_null(part.type) == wanted or isinstance(wanted, NothingType):
            keys.append(part)
        else:
            name = bind_value(wanted.name, span)
            keys.append(binder.scalar("accurateCastOrNull", [part, name]))
    return keys


def _is_partner(
    binder: ExprBinder, plan: PlanNode, operand: BoundExpr, keys: Sequence[BoundExpr], span: Span
) -> BoundExpr:
    """Return whether a query that reads columns around it has a row equal to the operand."""
    equal = [
        binder.scalar("equals", [ColumnRef(field.id, field.type, field.name, span), key])
        for field, key in zip(plan.schema, keys, strict=True)
    ]
    condition = equal[0] if len(equal) == 1 else binder.scalar("and", equal)
    found = _pending(binder, Filter(plan, condition), Wanted.EXISTS, UINT8, span)
    if not isinstance(operand.type, NullableType):
        return found
    null = bind_value(None, span)
    return binder.scalar("if", [binder.scalar("isNull", [operand]), null, found])
