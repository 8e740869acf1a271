"""The syntax tree of queries: SELECT, set operations, and what stands in FROM."""

from __future__ import annotations

from dataclasses import field
from typing import TypeAlias

from minidb.record import record
from minidb.sql.ast_base import Node, ObjectName, Setting
from minidb.sql.ast_expr import Expr, WindowSpec


@record
class TableReference(Node):
    """A table, view or common table expression by name."""

    name: ObjectName
    alias: str | None = None
    is_final: bool = False


@record
class TableFunction(Node):
    """``numbers(10)``, ``file('x.csv')``; arguments may also be queries, as `Subquery`."""

    name: str
    arguments: tuple[Expr, ...]
    alias: str | None = None


@record
class DerivedTable(Node):
    """A query in parentheses in FROM, with or without alias."""

    query: Query
    alias: str | None = None
    is_final: bool = False


@record
class Join(Node):
    """Two sources joined.

    Parameters
    ----------
    kind : str
        ``COMMA``, ``CROSS``, ``INNER``, ``LEFT``, ``RIGHT``, ``FULL`` or ``PASTE``.
    strictness : str or None
        ``ANY``, ``ALL``, ``SEMI``, ``ANTI`` or ``ASOF``.
    on : Expr or None
        The condition of ON.
    using : tuple of Expr
        The columns of USING; empty without it.
    """

    left: TableExpr
    right: TableExpr
    kind: str
    strictness: str | None = None
    on: Expr | None = None
    using: tuple[Expr, ...] = ()
    is_global: bool = False


@record
class ArrayJoin(Node):
    """``source [LEFT] ARRAY JOIN exprs``."""

    source: TableExpr
    exprs: tuple[Expr, ...]
    is_left: bool = False


TableExpr: TypeAlias = TableReference | TableFunction | DerivedTable | Join | ArrayJoin


@record
class CommonTable(Node):
    """``name [(columns)] AS (query)`` of WITH.

    `is_recursive` is for the binder: whether RECURSIVE stands behind WITH.
    """

    name: str
    query: Query
    columns: tuple[str, ...] = ()
    is_recursive: bool = field(default=False, compare=False, repr=False)


@record
class WithExpr(Node):
    """``expr AS name`` of WITH: a name for a value."""

    expr: Expr
    name: str


@record
class GroupBy(Node):
    """GROUP BY.

    Parameters
    ----------
    mode : str
        ``PLAIN``, ``ALL`` (every selected expression without aggregates), ``ROLLUP``, ``CUBE`` or
        ``GROUPING SETS``.
    exprs : tuple of Expr
        The keys; empty for ALL and GROUPING SETS.
    sets : tuple of tuples of Expr
        The sets of GROUPING SETS.
    """

    exprs: tuple[Expr, ...]
    mode: str = "PLAIN"
    sets: tuple[tuple[Expr, ...], ...] = ()
    with_totals: bool = False


@record
class WindowDefinition(Node):
    """``name AS (spec)`` of the WINDOW clause."""

    name: str
    spec: WindowSpec


@record
class OrderItem(Node):
    """One key of ORDER BY; `nulls_first` is None when not written (NULLs then come last)."""

    expr: Expr
    is_descending: bool = False
    nulls_first: bool | None = None


@record
class Limit(Node):
    """``LIMIT count OFFSET offset [WITH TIES]``; `count` is None for OFFSET alone."""

    count: Expr | None
    offset: Expr | None = None
    with_ties: bool = False


@record
class LimitBy(Node):
    """``LIMIT count OFFSET offset BY exprs``."""

    count: Expr
    offset: Expr | None
    exprs: tuple[Expr, ...]


@record
class Select(Node):
    """One SELECT with its clauses; a clause that is absent is None or empty.

    Parameters
    ----------
    projection : tuple of Expr
        What is selected; `Alias` nodes carry the names.
    source : TableExpr or None
        FROM; None selects from one row without columns.
    distinct_on : tuple of Expr
        The keys of ``DISTINCT ON (...)``.
    """

    projection: tuple[Expr, ...]
    source: TableExpr | None = None
    with_items: tuple[CommonTable | WithExpr, ...] = ()
    is_recursive: bool = False
    is_distinct: bool = False
    distinct_on: tuple[Expr, ...] = ()
    prewhere: Expr | None = None
    where: Expr | None = None
    group_by: GroupBy | None = None
    having: Expr | None = None
    windows: tuple[WindowDefinition, ...] = ()
    qualify: Expr | None = None
    order_by: tuple[OrderItem, ...] = ()
    limit_by: LimitBy | None = None
    limit: Limit | None = None
    settings: tuple[Setting, ...] = ()


@record
class SetOperation(Node):
    """Queries combined.

    Parameters
    ----------
    operator : str
        ``UNION``, ``INTERSECT`` or ``EXCEPT``.
    quantifier : str or None
        ``ALL``, ``DISTINCT`` or, when not written, None.
    operands : tuple of Query
        Two or more for a chain of UNION of one quantifier; two for the others.
    """

    operator: str
    quantifier: str | None
    operands: tuple[Query, ...]


Query: TypeAlias = Select | SetOperation
