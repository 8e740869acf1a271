"""INTERVAL beside a date: ``date + INTERVAL 1 DAY`` is addDays(date, 1)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from minidb.source import Span
from minidb.sql import ast

PREFIX = "toInterval"
UNITS = ("Second", "Minute", "Hour", "Day", "Week", "Month", "Quarter", "Year")
SIGNS = {"plus": "add", "minus": "subtract"}


@dataclass(frozen=True, slots=True)
class Moved:
    """A date moved by an interval: the function, the date and the number of units."""

    function: str
    date: ast.Expr
    amount: ast.Expr
    span: Span


def unit_of(expr: ast.Expr) -> str | None:
    """Return the unit of an INTERVAL literal, None for other expressions."""
    if not isinstance(expr, ast.FunctionCall) or not expr.name.startswith(PREFIX):
        return None
    unit = expr.name.removeprefix(PREFIX)
    return unit if unit in UNITS and len(expr.arguments) == 1 else None


def moved_date(function: str, operands: Sequence[ast.Expr], span: Span) -> Moved | None:
    """Return what ``date + INTERVAL``, ``INTERVAL + date`` or ``date - INTERVAL`` moves.

    None for other operands, and for two intervals.
    """
    if function not in SIGNS or len(operands) != 2:
        return None
    date, interval = operands
    if function == "plus" and unit_of(date) is not None:
        date, interval = interval, date
    unit = unit_of(interval)
    if unit is None or unit_of(date) is not None or not isinstance(interval, ast.FunctionCall):
        return None
    return Moved(f"{SIGNS[function]}{unit}s", date, _number(interval.arguments[0]), span)


def _number(amount: ast.Expr) -> ast.Expr:
    """Return the number that a text holds, as in ``INTERVAL '90' DAY``."""
    match amount:
        case ast.Literal(value=str(text)) if text.strip().removeprefix("-").isdecimal():
            return ast.Literal(int(text), span=amount.span)
        case _:
            return amount
