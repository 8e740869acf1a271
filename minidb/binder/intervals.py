"""INTERVAL beside a date: ``date + INTERVAL 1 DAY`` is addDays(date, 1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from minidb.errors import ILLEGAL_TYPE_OF_ARGUMENT, BindError
from minidb.record import record
from minidb.source import Span
from minidb.sql import ast

PREFIX = "toInterval"
UNITS = ("Second", "Minute", "Hour", "Day", "Week", "Month", "Quarter", "Year")
OTHER_SIGN = {"add": "subtract", "subtract": "add"}


@record
class Step:
    """One interval: whether a date goes forward or back, by how many of which unit."""

    direction: str
    unit: str
    amount: ast.Expr


def unit_of(expr: ast.Expr) -> str | None:
    """Return the unit of an INTERVAL literal, None for other expressions."""
    if not isinstance(expr, ast.FunctionCall) or not expr.name.startswith(PREFIX):
        return None
    unit = expr.name.removeprefix(PREFIX)
    return unit if unit in UNITS and len(expr.arguments) == 1 else None


def with_interval(call: ast.FunctionCall) -> ast.FunctionCall:
    """Return ``f(date, INTERVAL 15 MINUTE)`` as ``f(date, 15, 'minute')``.

    Raises
    ------
    BindError
        ILLEGAL_TYPE_OF_ARGUMENT when the second of two arguments is no interval.
    """
    interval = call.arguments[-1] if len(call.arguments) == 2 else None
    unit = None if interval is None else unit_of(interval)
    if unit is None or not isinstance(interval, ast.FunctionCall):
        message = f"{call.name} takes a date and an interval"
        hint = f"write {call.name}(date, INTERVAL 15 MINUTE)"
        raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message, span=call.span, hint=hint)
    literal = ast.Literal(unit.lower(), span=interval.span)
    return replace(call, arguments=(call.arguments[0], _number(interval.arguments[0]), literal))


def moved_date(
    function: str, operands: Sequence[ast.Expr], names: Mapping[str, ast.Expr], span: Span
) -> ast.Expr | None:
    """Return what ``date + INTERVAL``, ``INTERVAL + date`` or ``date - INTERVAL`` stands for.

    An interval is also the sum of two, a tuple of them, one with a minus before it, and a name
    that AS gave to one of these (`names`). None for other operands, and for two intervals.
    """
    if function not in ("plus", "minus") or len(operands) != 2:
        return None
    first, second = (_steps(operand, names) for operand in operands)
    date = operands[0]
    if function == "plus" and first is not None and second is None:
        date, first, second = operands[1], second, first
    if first is not None or second is None:
        return None
    for step in second if function == "plus" else map(_turned, second):
        name = f"{step.direction}{step.unit}s"
        date = ast.FunctionCall(name, (date, step.amount), span=span, name_span=span)
    return date


def _steps(expr: ast.Expr, names: Mapping[str, ast.Expr], depth: int = 0) -> list[Step] | None:
    """Return the intervals that an expression adds up, None for anything else."""
    if depth > len(names) + 8:
        return None
    match expr:
        case ast.FunctionCall(arguments=(amount,)):
            unit = unit_of(expr)
            return None if unit is None else [Step("add", unit, _number(amount))]
        case ast.Alias(expr=inner):
            return _steps(inner, names, depth + 1)
        case ast.Identifier(parts=(name,)) if name in names:
            return _steps(names[name], names, depth + 1)
        case ast.Operator(symbol="negate", operands=(inner,)):
            found = _steps(inner, names, depth + 1)
            return None if found is None else [_turned(step) for step in found]
        case ast.Operator(symbol="+" | "-" as sign, operands=(left, right)):
            # The right side is looked at only beside an interval: names may double at every level.
            one = _steps(left, names, depth + 1)
            other = None if one is None else _steps(right, names, depth + 1)
            if one is None or other is None:
                return None
            return one + (other if sign == "+" else [_turned(step) for step in other])
        case ast.TupleLiteral(elements=elements) if elements:
            parts = [_steps(element, names, depth + 1) for element in elements]
            known = [part for part in parts if part is not None]
            return [s for part in known for s in part] if len(known) == len(parts) else None
        case _:
            return None


def _turned(step: Step) -> Step:
    """Return the interval with the other sign."""
    return Step(OTHER_SIGN[step.direction], step.unit, step.amount)


def _number(amount: ast.Expr) -> ast.Expr:
    """Return the number that a text holds, as in ``INTERVAL '90' DAY``."""
    match amount:
        case ast.Literal(value=str(text)) if text.strip().removeprefix("-").isdecimal():
            return ast.Literal(int(text), span=amount.span)
        case _:
            return amount
