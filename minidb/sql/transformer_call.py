"""Builds function calls, and the forms that are calls in disguise; methods as in grammar.lark."""

# ruff: noqa: D401 - a method says what its rule reads, which is a noun

from __future__ import annotations

from dataclasses import replace
from typing import Any

from minidb.errors import SYNTAX_ERROR, NotSupportedError, SqlSyntaxError
from minidb.source import Span
from minidb.sql.ast_expr import (
    Cast,
    Expr,
    FunctionCall,
    Identifier,
    In,
    Literal,
    Operator,
    Star,
    TupleLiteral,
)
from minidb.sql.folding import refuse_star
from minidb.sql.literals import read_name, read_text
from minidb.sql.transformer_expr import Children, span_of, token_span

DATE_FUNCTIONS = {"DATE": "toDate", "TIMESTAMP": "toDateTime"}
TRIM_FUNCTIONS = {"both": "trimBoth", "leading": "trimLeft", "trailing": "trimRight"}
INTERVAL_UNITS = {
    unit: f"toInterval{unit.capitalize()}"
    for unit in [
        "nanosecond",
        "microsecond",
        "millisecond",
        "second",
        "minute",
        "hour",
        "day",
        "week",
        "month",
        "quarter",
        "year",
    ]
}
# ``date_add(DAY, 3, d)`` and ``date_add(d, INTERVAL 3 DAY)``, as in MySQL; in any case.
MOVING_FUNCTIONS = {
    "dateadd": "+", "date_add": "+", "timestampadd": "+", "timestamp_add": "+",
    "datesub": "-", "date_sub": "-", "timestampsub": "-", "timestamp_sub": "-",
}  # fmt: skip
COUNTING_FUNCTIONS = ("datediff", "date_diff", "timestampdiff", "timestamp_diff")
EXTRACT_FUNCTIONS = {
    "second": "toSecond", "minute": "toMinute", "hour": "toHour", "day": "toDayOfMonth",
    "week": "toISOWeek", "month": "toMonth", "quarter": "toQuarter", "year": "toYear",
    "epoch": "toUnixTimestamp", "dow": "toDayOfWeek", "doy": "toDayOfYear",
}  # fmt: skip


class CallTransformer:
    """The methods for calls, CAST, EXTRACT, INTERVAL and date literals."""

    def whole_call(self, c: Children) -> FunctionCall | Operator:
        """A call with all that stands behind it; some are other forms in disguise."""
        call: FunctionCall = c[0]
        name, arguments = call.name.lower(), call.arguments
        if name not in MOVING_FUNCTIONS and name not in COUNTING_FUNCTIONS:
            return call
        plain = FunctionCall(call.name, arguments, span=call.span, name_span=call.name_span)
        if call != plain or any(isinstance(argument, Star) for argument in arguments):
            return call
        if name in MOVING_FUNCTIONS and len(arguments) in (2, 3):
            moved = _moved(arguments)
            if moved is not None:
                return Operator(MOVING_FUNCTIONS[name], moved, span=call.span)
        if name in COUNTING_FUNCTIONS and arguments:
            unit = _unit_word(arguments[0])
            if unit is not None:
                literal = Literal(unit, span=arguments[0].span)
                return replace(call, arguments=(literal, *arguments[1:]))
        return call

    def call(self, c: Children) -> FunctionCall:
        """``name(arguments)``."""
        name = read_name(c[0].value)
        arguments = tuple(c[2]) if len(c) == 4 else ()
        if name.lower() == "position" and len(arguments) == 1:
            arguments = _position_arguments(arguments[0])
        return FunctionCall(
            name,
            arguments,
            span=Span(c[0].start_pos, c[-1].end_pos),
            name_span=Span(c[0].start_pos, c[0].end_pos),
        )

    def call_all(self, c: Children) -> FunctionCall:
        """``name(ALL arguments)``, which is what every call means."""
        return FunctionCall(
            read_name(c[0].value),
            tuple(c[3]),
            span=span_of(c),
            name_span=token_span(c[0]),
        )

    def call_name_all(self, c: Children) -> FunctionCall:
        """``name(all)``, where it is the name of a column."""
        return FunctionCall(
            read_name(c[0].value),
            (Identifier((c[2].value,), span=token_span(c[2])),),
            span=span_of(c),
            name_span=token_span(c[0]),
        )

    def call_distinct(self, c: Children) -> FunctionCall:
        """``name(DISTINCT arguments)``."""
        return FunctionCall(
            read_name(c[0].value),
            tuple(c[3]),
            is_distinct=True,
            span=span_of(c),
            name_span=token_span(c[0]),
        )

    def call_from(self, c: Children) -> FunctionCall:
        """``substring(text FROM start FOR length)``."""
        name = read_name(c[0].value)
        if name.lower() not in ("substring", "substr", "mid"):
            raise SqlSyntaxError(
                SYNTAX_ERROR,
                f"{name}() takes no FROM between its parentheses",
                span=token_span(c[3]),
                hint="separate the arguments by commas",
            )
        return _call(c[0], name, tuple(c[2:-1:2]), span_of(c))

    def call_trim(self, c: Children) -> FunctionCall:
        """``trim(BOTH ' ' FROM text)``."""
        if c[0].value.lower() != "trim":
            raise SqlSyntaxError(
                SYNTAX_ERROR, "only trim() takes BOTH, LEADING or TRAILING", span=token_span(c[2])
            )
        name = TRIM_FUNCTIONS[c[2].value.lower()]
        return _call(c[0], name, (c[5], c[3]), span_of(c))

    def call_again(self, c: Children) -> FunctionCall:
        """``name(parameters)(arguments)``."""
        return _call_again(c, tuple(c[2]) if len(c) == 4 else (), is_distinct=False)

    def call_again_distinct(self, c: Children) -> FunctionCall:
        """``name(parameters)(DISTINCT arguments)``."""
        return _call_again(c, tuple(c[3]), is_distinct=True)

    def call_filter(self, c: Children) -> FunctionCall:
        """``call FILTER (WHERE condition)``."""
        call: FunctionCall = c[0]
        _refuse_twice(call.filter is not None or call.over is not None, "FILTER", c[1])
        return replace(call, filter=refuse_star(c[4]), span=span_of(c))

    def call_nulls(self, c: Children) -> FunctionCall:
        """``call RESPECT NULLS`` or ``call IGNORE NULLS``."""
        call: FunctionCall = c[0]
        _refuse_twice(call.nulls is not None or call.over is not None, "NULLS", c[1])
        return replace(call, nulls=c[1].value.upper(), span=span_of(c))

    def call_over(self, c: Children) -> FunctionCall:
        """``call OVER name`` or ``call OVER (...)``."""
        call: FunctionCall = c[0]
        _refuse_twice(call.over is not None, "OVER", c[1])
        over = read_name(c[2].value) if len(c) == 3 else replace(c[3], span=span_of(c[2:]))
        return replace(call, over=over, span=span_of(c))

    # ------------------------------------------------------------- forms that are calls in disguise

    def element_cast(self, c: Children) -> Children:
        """The inside of CAST."""
        return c

    def cast_call(self, c: Children) -> Expr:
        """``CAST(x AS T)``, or the plain call ``CAST(x, 'T')``."""
        operand, separator, target = c[2]
        if separator.type == "AS":
            return Cast(operand, target, span=span_of(c))
        return _call(c[0], c[0].value, (operand, target), span_of(c))

    def extract(self, c: Children) -> FunctionCall:
        """``EXTRACT(unit FROM date)``."""
        unit = c[2].value.lower()
        if unit not in EXTRACT_FUNCTIONS:
            raise NotSupportedError(
                f"EXTRACT does not know the unit {c[2].value!r}", span=token_span(c[2])
            )
        return _call(c[0], EXTRACT_FUNCTIONS[unit], (c[4],), span_of(c))

    def date_literal(self, c: Children) -> FunctionCall:
        """``DATE '2024-01-31'``."""
        text = Literal(read_text(c[1].value), span=token_span(c[1]))
        return _call(c[0], DATE_FUNCTIONS[c[0].type], (text,), span_of(c))

    def interval(self, c: Children) -> FunctionCall:
        """``INTERVAL n unit``."""
        return _interval(c, c[1], c[2].value, token_span(c[2]))

    def interval_text(self, c: Children) -> FunctionCall:
        """``INTERVAL '3 day'``."""
        words = read_text(c[1].value).split()
        span = token_span(c[1])
        if len(words) != 2 or not words[0].lstrip("-").isdecimal() or len(words[0]) > 19:
            raise SqlSyntaxError(
                SYNTAX_ERROR,
                "an interval in one text is a number and a unit",
                span=span,
                hint="write INTERVAL 3 DAY",
            )
        return _interval(c, Literal(int(words[0]), span=span), words[1], span)


def _position_arguments(argument: Expr) -> tuple[Expr, ...]:
    """Turn the inside of ``position(needle IN haystack)`` round."""
    if isinstance(argument, In) and not argument.is_negated and not argument.is_global:
        target = argument.target
        if isinstance(target, TupleLiteral) and len(target.elements) == 1:
            target = target.elements[0]
        return (target, argument.operand)
    return (argument,)


def _call(token: Any, name: str, arguments: tuple[Expr, ...], span: Span) -> FunctionCall:
    return FunctionCall(name, arguments, span=span, name_span=token_span(token))


def _call_again(c: Children, arguments: tuple[Expr, ...], *, is_distinct: bool) -> FunctionCall:
    call: FunctionCall = c[0]
    _refuse_twice(
        call.parameters is not None or call.is_distinct or call.filter is not None
        or call.over is not None,
        "a second pair of parentheses",
        c[1],
    )  # fmt: skip
    return FunctionCall(
        call.name, arguments, call.arguments, is_distinct, span=span_of(c), name_span=call.name_span
    )


def _unit_word(expr: Expr) -> str | None:
    """Return the unit that a bare word names, in lower case and without a plural's s."""
    if not isinstance(expr, Identifier) or len(expr.parts) != 1:
        return None
    unit = expr.name.lower().removesuffix("s")
    return unit if unit in INTERVAL_UNITS else None


def _moved(arguments: tuple[Expr, ...]) -> tuple[Expr, Expr] | None:
    """Return the date and the interval of ``date_add``, in either form."""
    if len(arguments) == 2:
        return arguments[0], arguments[1]
    unit = _unit_word(arguments[0])
    if unit is None:
        return None
    name_span, amount = arguments[0].span, arguments[1]
    span = Span(name_span.start, amount.span.end)
    name = INTERVAL_UNITS[unit]
    return arguments[2], FunctionCall(name, (amount,), span=span, name_span=name_span)


def _refuse_twice(is_wrong: bool, what: str, token: Any) -> None:
    if is_wrong:
        raise SqlSyntaxError(SYNTAX_ERROR, f"{what} cannot stand here", span=token_span(token))


def _interval(c: Children, amount: Expr, unit: str, span: Span) -> FunctionCall:
    singular = unit.lower().removesuffix("s")
    if singular not in INTERVAL_UNITS:
        raise SqlSyntaxError(
            SYNTAX_ERROR,
            f"{unit!r} is no unit of an interval",
            span=span,
            hint="units are " + ", ".join(INTERVAL_UNITS).upper(),
        )
    return _call(c[0], INTERVAL_UNITS[singular], (amount,), span_of(c))
