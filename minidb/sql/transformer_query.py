"""Builds the nodes of queries; every method is a rule or alias of grammar.lark."""

# ruff: noqa: D401 - a method says what its rule reads, which is a noun

from __future__ import annotations

from dataclasses import replace
from typing import Any

from minidb.errors import SYNTAX_ERROR, TOO_DEEP_RECURSION, NotSupportedError, SqlSyntaxError
from minidb.record import record
from minidb.source import Span
from minidb.sql.ast_base import ObjectName, ObjectParameter, Setting
from minidb.sql.ast_expr import (
    Expr,
    FrameBound,
    FunctionCall,
    Identifier,
    Literal,
    TupleLiteral,
    WindowFrame,
    WindowSpec,
)
from minidb.sql.ast_query import (
    ArrayJoin,
    CommonTable,
    GroupBy,
    Join,
    OrderItem,
    Query,
    Select,
    SetOperation,
    TableExpr,
    WindowDefinition,
    WithExpr,
)
from minidb.sql.clauses import Clause, arrange, join_limit_by
from minidb.sql.depth import MAX_SOURCES
from minidb.sql.folding import refuse_star
from minidb.sql.literals import read_name
from minidb.sql.transformer_expr import Children, appended, span_of, token_span


class QueryTransformer:
    """The methods for SELECT, set operations, FROM and windows."""

    # -------------------------------------------------------------------------------- shared parts

    def object(self, c: Children) -> ObjectName:
        """``name`` or ``database.name``."""
        marks = [part if isinstance(part, ObjectParameter) else None for part in c[::2]]
        names = [m.name if m else read_name(p.value) for m, p in zip(marks, c[::2], strict=True)]
        database = names[0] if len(names) == 2 else None
        found = tuple(mark for mark in marks if mark is not None)
        return ObjectName(names[-1], database, found, span=span_of(c))

    def object_parameter(self, c: Children) -> ObjectParameter:
        """``{name:Identifier}``."""
        if c[3].value != "Identifier":
            message = "a parameter for a name has the type Identifier"
            raise SqlSyntaxError(SYNTAX_ERROR, message, span=token_span(c[3]))
        return ObjectParameter(read_name(c[1].value), span=span_of(c))

    def names(self, c: Children) -> list[str]:
        """Collect names that commas separate."""
        if len(c) == 1:
            return [read_name(c[0].value)]
        return appended(c[0], read_name(c[2].value))

    def _separated(self, c: Children) -> Children:
        if len(c) == 1:
            return c
        return appended(c[0], c[2])

    settings = with_items = window_definitions = order_items = table_arguments = _separated

    def setting(self, c: Children) -> Setting:
        """``name = value``."""
        return Setting(read_name(c[0].value), c[2].value, span=span_of(c))

    def setting_word(self, c: Children) -> Literal:
        """A bare word as a setting's value is a text."""
        return Literal(read_name(c[0].value), span=token_span(c[0]))

    def settings_clause(self, c: Children) -> Clause:
        """``SETTINGS a = 1``."""
        return Clause("SETTINGS", tuple(c[1]), token_span(c[0]))

    # ------------------------------------------------------------------------------ set operations

    def subquery(self, c: Children) -> tuple[Query, Span]:
        """A query in parentheses, with the place of both parentheses."""
        return c[1], Span(c[0].start_pos, c[2].end_pos)

    def parenthesised_query(self, c: Children) -> Query:
        """A query in parentheses as an operand of UNION or as a statement."""
        query: Query = c[0][0]
        return query

    def set_operator(self, c: Children) -> tuple[str, str | None]:
        """The operator between two queries."""
        return c[0].value.upper(), c[1].value.upper() if len(c) == 2 else None

    def fold_sets(self, c: Children) -> Query:
        """Fold a chain of set operations; INTERSECT binds tighter than UNION and EXCEPT."""
        items = c[0]
        _refuse_deep_sets(items)
        queries: list[Query] = [items[0]]
        operators: list[tuple[str, str | None]] = []
        for operator, query in zip(items[1::2], items[2::2], strict=True):
            if operator[0] == "INTERSECT":
                queries[-1] = _combine(operator, [queries[-1], query])
            else:
                operators.append(operator)
                queries.append(query)
        return _fold_unions(queries, operators)

    # -------------------------------------------------------------------------------------- SELECT

    def select(self, c: Children) -> Select:
        """One SELECT with its clauses."""
        with_clause = c[0] if isinstance(c[0], _With) else _With((), False, 0)
        first = [part for part in c[:-4] if isinstance(part, Clause)]
        mode, items, clauses = c[-3], c[-2], c[-1]
        fields = arrange([*first, *clauses])
        end = _end_of(c[-4], items, clauses)
        return Select(
            projection=tuple(items),
            with_items=with_clause.items,
            is_recursive=with_clause.is_recursive,
            is_distinct=mode[0],
            distinct_on=mode[1],
            span=Span(_start_of(c[0]), end),
            **fields,
        )

    def select_mode(self, c: Children) -> tuple[bool, tuple[Expr, ...]]:
        """Whether DISTINCT, and the keys of DISTINCT ON."""
        if len(c) > 1:
            return False, tuple(c[3])
        return bool(c) and c[0].type == "DISTINCT", ()

    def with_clause(self, c: Children) -> _With:
        """WITH and its items."""
        return _With(tuple(c[-1]), len(c) == 3, c[0].start_pos)

    def with_item(self, c: Children) -> CommonTable | WithExpr:
        """``name AS (query)`` or ``expr AS name``."""
        expr, _, target = c
        if not isinstance(target, tuple):
            return WithExpr(refuse_star(expr), read_name(target.value), span=span_of(c))
        query, query_span = target
        span = expr.span.cover(query_span)
        if isinstance(expr, Identifier) and len(expr.parts) == 1:
            return CommonTable(expr.name, query, span=span)
        columns = _column_names(expr)
        if isinstance(expr, FunctionCall) and columns:
            return CommonTable(expr.name, query, columns, span=span)
        raise SqlSyntaxError(
            SYNTAX_ERROR,
            "left of AS there must be a name when a query follows",
            span=expr.span,
            hint="write WITH name AS (SELECT ...), or WITH (SELECT ...) AS name for one value",
        )

    def select_items(self, c: Children) -> Children:
        """What is selected; a trailing comma is ignored, as ClickHouse does."""
        return [item for item in c if not hasattr(item, "type") or hasattr(item, "span")]

    def clauses(self, c: Children) -> list[Clause]:
        """Collect the clauses."""
        if not c:
            return []
        return appended(c[0], *(c[1] if isinstance(c[1], list) else [c[1]]))

    def limits(self, c: Children) -> list[Clause]:
        """LIMIT with OFFSET and BY behind it."""
        return join_limit_by(c)

    def from_clause(self, c: Children) -> Clause:
        """FROM."""
        _refuse_long_join(c[1])
        return Clause("FROM", c[1], Span(c[0].start_pos, c[1].span.end))

    def filter_clause(self, c: Children) -> Clause:
        """PREWHERE, WHERE, HAVING or QUALIFY."""
        return Clause(c[0].value.upper(), refuse_star(c[1]), span_of(c))

    def group_clause(self, c: Children) -> Clause:
        """GROUP BY keys."""
        return _group(c, GroupBy(tuple(map(refuse_star, c[2])), span=_list_span(c)))

    def group_all(self, c: Children) -> Clause:
        """GROUP BY ALL."""
        return _group(c, GroupBy((), "ALL", span=span_of(c)))

    def group_rollup(self, c: Children) -> Clause:
        """GROUP BY ROLLUP(...) or CUBE(...)."""
        return _group(c, GroupBy(tuple(c[4]), c[2].value.upper(), span=span_of(c)))

    def group_sets(self, c: Children) -> Clause:
        """GROUP BY GROUPING SETS (...)."""
        sets = tuple(e.elements if isinstance(e, TupleLiteral) else (e,) for e in c[5])
        return _group(c, GroupBy((), "GROUPING SETS", sets, span=span_of(c)))

    def with_modifier(self, c: Children) -> Clause:
        """WITH TOTALS, ROLLUP, CUBE or TIES."""
        return Clause("WITH " + c[1].value.upper(), True, span_of(c))

    def order_clause(self, c: Children) -> Clause:
        """ORDER BY."""
        return Clause("ORDER BY", tuple(c[2]), Span(c[0].start_pos, c[2][-1].span.end))

    def order_item(self, c: Children) -> OrderItem:
        """One key of ORDER BY."""
        return OrderItem(refuse_star(c[0]), c[1], c[2], span=c[0].span)

    def collated_item(self, c: Children) -> OrderItem:
        """A key of ORDER BY with COLLATE, which the engine lacks."""
        message = "COLLATE is not supported: texts are ordered by their bytes"
        raise NotSupportedError(message, span=span_of(c[3:]))

    def filled_item(self, c: Children) -> OrderItem:
        """A key of ORDER BY with FILL, which the engine lacks."""
        message = "ORDER BY ... WITH FILL is not supported"
        hint = "join with numbers(n) to have every value"
        raise NotSupportedError(message, span=span_of(c[3:]), hint=hint)

    def order_direction(self, c: Children) -> bool:
        """Whether descending."""
        return bool(c) and c[0].type.startswith("DESC")

    def nulls_order(self, c: Children) -> bool | None:
        """NULLS FIRST, NULLS LAST or nothing."""
        return c[1].type == "FIRST" if c else None

    def limit_clause(self, c: Children) -> Clause:
        """``LIMIT count`` or ``LIMIT offset, count``."""
        value = (c[1], None) if len(c) == 2 else (c[3], c[1])
        return Clause("LIMIT", value, span_of(c))

    def offset_clause(self, c: Children) -> Clause:
        """``OFFSET n [ROWS]``."""
        return Clause("OFFSET", c[1], span_of(c))

    def fetch_clause(self, c: Children) -> list[Clause]:
        """``FETCH FIRST n ROWS ONLY`` or ``WITH TIES``."""
        span = span_of(c)
        limit = Clause("FETCH", (refuse_star(c[2]), None), span)
        return [limit, Clause("WITH TIES", True, span)] if len(c) == 6 else [limit]

    def fetch_word(self, c: Children) -> Any:
        """FIRST, NEXT, ROW or ROWS: they say the same."""
        return c[0]

    fetch_rows = fetch_word

    def by_clause(self, c: Children) -> Clause:
        """The BY of LIMIT BY."""
        return Clause("BY", tuple(map(refuse_star, c[1])), _list_span(c))

    # ------------------------------------------------------------------------------------- windows

    def window_clause(self, c: Children) -> Clause:
        """WINDOW."""
        return Clause("WINDOW", tuple(c[1]), token_span(c[0]))

    def window_definition(self, c: Children) -> WindowDefinition:
        """``name AS (spec)``."""
        spec = replace(c[3], span=span_of(c[2:]))
        return WindowDefinition(read_name(c[0].value), spec, span=span_of(c))

    def window_spec(self, c: Children) -> WindowSpec:
        """What stands in the parentheses of OVER."""
        base, partition, order, frame = c
        return WindowSpec(base, partition, order, frame)

    def window_base(self, c: Children) -> str | None:
        """The name of another window."""
        return read_name(c[0].value) if c else None

    def window_partition(self, c: Children) -> tuple[Expr, ...]:
        """PARTITION BY."""
        return tuple(map(refuse_star, c[2])) if c else ()

    def window_order(self, c: Children) -> tuple[OrderItem, ...]:
        """ORDER BY of a window."""
        return c[0].value if c else ()

    def window_frame(self, c: Children) -> WindowFrame | None:
        """ROWS, RANGE or GROUPS."""
        if not c:
            return None
        unit = c[0].value.upper()
        if len(c) == 2:
            return WindowFrame(unit, c[1], FrameBound("CURRENT ROW"), span=span_of(c))
        return WindowFrame(unit, c[2], c[4], span=span_of(c))

    def frame_unit(self, c: Children) -> Any:
        """The frame's first word."""
        return c[0]

    def frame_bound(self, c: Children) -> FrameBound:
        """One end of a frame."""
        if c[1].type == "ROW":
            return FrameBound("CURRENT ROW", span=span_of(c))
        offset = None if getattr(c[0], "type", None) == "UNBOUNDED" else c[0]
        return FrameBound(c[1].value.upper(), offset, span=span_of(c))


@record
class _With:
    """WITH's items, whether they are recursive, and where WITH stands."""

    items: tuple[CommonTable | WithExpr, ...]
    is_recursive: bool
    start: int


def _start_of(first: Any) -> int:
    match first:
        case _With(start=start) | Clause(span=Span(start=start)):
            return start
        case _:
            return token_span(first).start


def _end_of(word: Any, items: list[Expr], clauses: list[Clause]) -> int:
    ends: list[int] = [word.end_pos, *(item.span.end for item in items[-1:])]
    return max([*ends, *(clause.span.end for clause in clauses)])


def _group(c: Children, group: GroupBy) -> Clause:
    return Clause("GROUP BY", group, group.span)


def _list_span(c: Children) -> Span:
    return Span(c[0].start_pos, c[-1][-1].span.end)


def _column_names(expr: Expr) -> tuple[str, ...]:
    """Return the names in ``name(a, b)``; none when one of them is no plain name."""
    if not isinstance(expr, FunctionCall):
        return ()
    names = [a.name for a in expr.arguments if isinstance(a, Identifier) and len(a.parts) == 1]
    return tuple(names) if len(names) == len(expr.arguments) else ()


def _combine(operator: tuple[str, str | None], queries: list[Query]) -> SetOperation:
    span = queries[0].span.cover(queries[-1].span)
    return SetOperation(operator[0], operator[1], tuple(queries), span=span)


def _fold_unions(queries: list[Query], operators: list[tuple[str, str | None]]) -> Query:
    """Fold from the left; neighbours under the same kind of UNION become one node."""
    current = queries[0]
    index = 0
    while index < len(operators):
        operator = operators[index]
        last = index + 1
        while operator[0] == "UNION" and last < len(operators) and operators[last] == operator:
            last += 1
        current = _combine(operator, [current, *queries[index + 1 : last + 1]])
        index = last
    return current


def _refuse_deep_sets(items: Children) -> None:
    """Refuse a chain that becomes a deep tree; a chain of one kind of UNION is one node."""
    operators = items[1::2]
    if len(operators) > MAX_SOURCES and not (
        operators[0][0] == "UNION" and len(set(operators)) == 1
    ):
        raise SqlSyntaxError(
            TOO_DEEP_RECURSION,
            f"more than {MAX_SOURCES} queries under EXCEPT, INTERSECT or several kinds of UNION",
            span=items[2 * MAX_SOURCES].span,
        )


def _refuse_long_join(source: TableExpr) -> None:
    n_tables = 0
    while isinstance(source, (Join, ArrayJoin)):
        n_tables += 1
        if n_tables > MAX_SOURCES:
            raise SqlSyntaxError(
                TOO_DEEP_RECURSION, f"more than {MAX_SOURCES} tables in one FROM", span=source.span
            )
        source = source.left if isinstance(source, Join) else source.source
