"""Builds the nodes of FROM: tables, derived tables and joins; methods as in grammar.lark."""

# ruff: noqa: D401 - a method says what its rule reads, which is a noun

from __future__ import annotations

from typing import Any

from minidb.errors import SYNTAX_ERROR, SqlSyntaxError
from minidb.source import Span
from minidb.sql.ast_expr import Expr, Identifier, Subquery
from minidb.sql.ast_query import (
    ArrayJoin,
    DerivedTable,
    Join,
    TableExpr,
    TableFunction,
    TableReference,
)
from minidb.sql.folding import refuse_star
from minidb.sql.literals import read_name
from minidb.sql.transformer_expr import Children, appended, span_of

JOIN_KINDS = ("CROSS", "INNER", "LEFT", "RIGHT", "FULL", "PASTE")
JOIN_STRICTNESSES = ("ANY", "ALL", "SEMI", "ANTI", "ASOF")


class SourceTransformer:
    """The methods for what stands in FROM."""

    def table_alias(self, c: Children) -> Any:
        """The alias's token, or nothing."""
        return c[-1] if c else None

    def table_final(self, c: Children) -> Any:
        """FINAL's token, or nothing."""
        return c[0] if c else None

    def table_reference(self, c: Children) -> TableReference:
        """A table by name."""
        return TableReference(c[0], _alias(c[1]), c[2] is not None, span=_table_span(c))

    def derived_table(self, c: Children) -> DerivedTable:
        """A query in FROM."""
        query, span = c[0]
        end = next((t.end_pos for t in reversed(c[1:]) if t is not None), span.end)
        return DerivedTable(query, _alias(c[1]), c[2] is not None, span=Span(span.start, end))

    def table_function(self, c: Children) -> TableFunction:
        """``name(arguments)`` in FROM."""
        arguments = tuple(c[2]) if len(c) == 5 else ()
        end = c[-1] if c[-1] is not None else c[-2]
        return TableFunction(
            read_name(c[0].value),
            arguments,
            _alias(c[-1]),
            span=Span(c[0].start_pos, end.end_pos),
        )

    def bare_subquery(self, c: Children) -> Subquery:
        """A query as a table function's argument."""
        return Subquery(c[0], span=c[0].span)

    def parenthesised_source(self, c: Children) -> TableExpr:
        """Joins in parentheses."""
        source: TableExpr = c[1]
        return source

    def join_word(self, c: Children) -> Any:
        """A word before JOIN."""
        return c[0]

    def join_words(self, c: Children) -> Children:
        """Collect the words before JOIN."""
        if len(c) == 1:
            return c
        return appended(c[0], c[1])

    def join_head(self, c: Children) -> tuple[Children, Span]:
        """The words before JOIN, and the place of all with it."""
        words = c[0] if len(c) == 2 else []
        return words, Span(words[0].start_pos if words else c[0].start_pos, c[-1].end_pos)

    def comma_join(self, c: Children) -> Join:
        """``a, b``."""
        return Join(c[0], c[2], "COMMA", span=span_of(c))

    def join(self, c: Children) -> Join:
        """A join without condition: CROSS or PASTE."""
        return _join(c)

    def join_on(self, c: Children) -> Join:
        """``a JOIN b ON condition``."""
        return _join(c, on=refuse_star(c[4]))

    def join_using(self, c: Children) -> Join:
        """``a JOIN b USING (columns)``, or the names alone."""
        if len(c) == 7:
            return _join(c, using=tuple(map(refuse_star, c[5])), end=c[6].end_pos)
        names = tuple(Identifier((name,), span=c[2].span) for name in c[4])
        return _join(c, using=names, end=c[2].span.end)

    def array_join(self, c: Children) -> ArrayJoin:
        """``source ARRAY JOIN exprs``."""
        return ArrayJoin(c[0], tuple(c[3]), span=Span(c[0].span.start, c[3][-1].span.end))

    def left_array_join(self, c: Children) -> ArrayJoin:
        """``source LEFT ARRAY JOIN exprs``."""
        return ArrayJoin(c[0], tuple(c[4]), True, span=Span(c[0].span.start, c[4][-1].span.end))


def _alias(token: Any) -> str | None:
    return None if token is None else read_name(token.value)


def _table_span(c: Children) -> Span:
    end = next((t.end_pos for t in reversed(c[1:]) if t is not None), c[0].span.end)
    return Span(c[0].span.start, end)


def _join(c: Children, on: Expr | None = None, using: tuple[Expr, ...] = (), end: int = 0) -> Join:
    tokens, place = c[1]
    words = [word.type for word in tokens]
    kinds = [word for word in words if word in JOIN_KINDS]
    strictness = [word for word in words if word in JOIN_STRICTNESSES]
    if (
        len(kinds) > 1
        or len(strictness) > 1
        or len(set(words)) < len(words)
        or ("OUTER" in words and (not kinds or kinds[0] not in ("LEFT", "RIGHT", "FULL")))
    ):
        raise SqlSyntaxError(SYNTAX_ERROR, f"there is no {' '.join(words)} JOIN", span=place)
    kind = kinds[0] if kinds else ("LEFT" if set(strictness) & {"SEMI", "ANTI"} else "INNER")
    has_condition = on is not None or bool(using)
    if not has_condition and kind not in ("CROSS", "PASTE"):
        raise SqlSyntaxError(
            SYNTAX_ERROR,
            f"{kind} JOIN needs ON or USING",
            span=place,
            hint="write CROSS JOIN or a comma for all pairs",
        )
    if has_condition and kind in ("CROSS", "PASTE"):
        raise SqlSyntaxError(SYNTAX_ERROR, f"{kind} JOIN takes no condition", span=place)
    return Join(
        c[0],
        c[2],
        kind,
        strictness[0] if strictness else None,
        on,
        using,
        "GLOBAL" in words,
        span=Span(c[0].span.start, end or c[-1].span.end),
    )
