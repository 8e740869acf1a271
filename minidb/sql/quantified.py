"""Comparisons with all or any rows of a query: ``= ANY (SELECT ...)`` and its kin."""

from __future__ import annotations

from minidb.errors import SYNTAX_ERROR, SqlSyntaxError
from minidb.source import Span
from minidb.sql.ast_expr import Expr, FunctionCall, In, Operator, Star, Subquery
from minidb.sql.ast_query import DerivedTable, Select

COMPARISONS = ("=", "!=", "<", ">", "<=", ">=")
QUANTIFIED = frozenset(f"{symbol} {word}" for symbol in COMPARISONS for word in ("ANY", "ALL"))


def quantified(symbol: str, operand: Expr, target: Expr, span: Span) -> Expr:
    """Return what the comparison stands for in ClickHouse.

    ``= ANY`` is IN and ``!= ALL`` is NOT IN; ``= ALL`` and ``!= ANY`` compare with the only value
    there is. The others compare with the least or the greatest value of the query.

    Raises
    ------
    SqlSyntaxError
        SYNTAX_ERROR when no query alone stands on the right.
    """
    if not isinstance(target, Subquery):
        message = "ANY and ALL take a query alone in parentheses"
        raise SqlSyntaxError(SYNTAX_ERROR, message, span=target.span)
    comparison, word = symbol.split()
    if comparison in ("=", "!="):
        is_plain = symbol in ("= ANY", "!= ALL")
        among = target if is_plain else _one_value("singleValueOrNull", target)
        return In(operand, among, comparison == "!=", span=span)
    wants_greatest = (comparison in (">", ">=")) == (word == "ALL")
    limit = _one_value("max" if wants_greatest else "min", target)
    return Operator(comparison, (operand, limit), span=span)


def _one_value(function: str, target: Subquery) -> Subquery:
    """Return ``(SELECT function(*) FROM (query))``."""
    span = target.span
    star = Star(span=span)
    call = FunctionCall(function, (star,), span=span, name_span=span)
    source = DerivedTable(target.query, span=span)
    return Subquery(Select((call,), source, span=span), span=span)
