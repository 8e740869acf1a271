"""Builds the nodes of expressions and types; every method is a rule or alias of grammar.lark.

A method gets the list of its rule's children: tokens, and what other methods returned.
"""

# ruff: noqa: D401 - a method says what its rule reads, which is a noun

from __future__ import annotations

import math
from typing import Any

from minidb.errors import SYNTAX_ERROR, NotSupportedError, SqlSyntaxError
from minidb.source import Span
from minidb.sql.ast_base import TypeElement, TypeName
from minidb.sql.ast_expr import (
    Alias,
    ArrayLiteral,
    Case,
    CaseBranch,
    Cast,
    Exists,
    Expr,
    FunctionCall,
    Identifier,
    In,
    Literal,
    Parameter,
    Star,
    Subquery,
    Subscript,
    TupleElement,
    TupleLiteral,
    TypedParameter,
)
from minidb.sql.folding import Item, Mark, fold, refuse_star
from minidb.sql.literals import NAN, join_bytes, read_name, read_number, read_text

Children = list[Any]

INFIX_SYMBOLS = {"==": "=", "<>": "!=", "MOD": "%"}
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
EXTRACT_FUNCTIONS = {
    "second": "toSecond", "minute": "toMinute", "hour": "toHour", "day": "toDayOfMonth",
    "week": "toISOWeek", "month": "toMonth", "quarter": "toQuarter", "year": "toYear",
    "epoch": "toUnixTimestamp", "dow": "toDayOfWeek", "doy": "toDayOfYear",
}  # fmt: skip


def span_of(children: Children) -> Span:
    """Return the place from the first to the last child."""
    first, last = children[0], children[-1]
    start = first.span.start if hasattr(first, "span") else first.start_pos
    return Span(start, last.span.end if hasattr(last, "span") else last.end_pos)


def token_span(token: Any) -> Span:
    """Return the place of one token."""
    return Span(token.start_pos, token.end_pos)


class ExpressionTransformer:
    """The methods for expressions, literals, calls and types."""

    # ------------------------------------------------------------------ lists, shared by all rules

    def take_first(self, c: Children) -> Any:
        """Pass the only child on."""
        return c[0]

    def list_items(self, c: Children) -> Children:
        """Begin a list with the children as they are."""
        return c

    def list_more(self, c: Children) -> Children:
        """Append to the list that the rule began."""
        c[0] += c[1:]
        return c[0]  # type: ignore[no-any-return]

    def list_prepend(self, c: Children) -> Children:
        """Put a prefix before a list."""
        c[1].insert(0, c[0])
        return c[1]  # type: ignore[no-any-return]

    def list_with_list(self, c: Children) -> Children:
        """Begin a list whose right side is a list already."""
        return [c[0], c[1], *c[2]]

    def list_join(self, c: Children) -> Children:
        """Append an operator and a list."""
        c[0].append(c[1])
        c[0] += c[2]
        return c[0]  # type: ignore[no-any-return]

    def elements(self, c: Children) -> list[Expr]:
        """Collect what commas separate."""
        if len(c) == 1:
            return c
        c[0].append(c[2])
        return c[0]  # type: ignore[no-any-return]

    # ------------------------------------------------------------------------------------ elements

    def alias(self, c: Children) -> Alias:
        """``expr AS name``."""
        name = c[2]
        return Alias(c[0], read_name(name.value), span=Span(c[0].span.start, name.end_pos))

    def bare_alias(self, c: Children) -> Alias:
        """``expr name`` in a SELECT list."""
        return Alias(c[0], read_name(c[1].value), span=Span(c[0].span.start, c[1].end_pos))

    def star(self, c: Children) -> Star:
        """``*``."""
        return Star(span=token_span(c[0]))

    def qualified_star(self, c: Children) -> Star:
        """``table.*``."""
        if not isinstance(c[0], Identifier):
            raise SqlSyntaxError(
                SYNTAX_ERROR, "left of '.*' there must be a table's name", span=c[0].span
            )
        return Star(c[0].parts, span=span_of(c))

    # ----------------------------------------------------------------------------------- operators

    def fold(self, c: Children) -> Expr:
        """Fold a chain into a tree."""
        items: list[Item] = c[0]
        return fold(items)

    def prefix(self, c: Children) -> Mark:
        """NOT or a sign."""
        return Mark(c[0].value.upper(), c[0].start_pos, c[0].end_pos)

    def infix(self, c: Children) -> Mark:
        """An operator between operands; words are joined by one space."""
        first = c[0]
        if len(c) == 1:
            symbol = first.value.upper()
            return Mark(INFIX_SYMBOLS.get(symbol, symbol), first.start_pos, first.end_pos)
        return Mark(" ".join(t.value.upper() for t in c), first.start_pos, c[-1].end_pos)

    def postfix(self, c: Children) -> Mark:
        """``IS NULL`` and its kin."""
        symbol = " ".join(t.value.upper() for t in c).replace("UNKNOWN", "NULL")
        return Mark(symbol, c[0].start_pos, c[-1].end_pos)

    def ternary(self, c: Children) -> Mark:
        """``? middle :``."""
        return Mark("?:", c[0].start_pos, c[2].end_pos, c[1])

    # ---------------------------------------------------------------------------------- primaries

    def identifier(self, c: Children) -> Identifier:
        """A name alone."""
        token = c[0]
        return Identifier((read_name(token.value),), span=Span(token.start_pos, token.end_pos))

    def dotted(self, c: Children) -> Expr:
        """``a.b``: a longer name, or an element of a tuple that is no name."""
        name = read_name(c[2].value)
        if isinstance(c[0], Identifier):
            return Identifier((*c[0].parts, name), span=span_of(c))
        return TupleElement(c[0], name, span=span_of(c))

    def named_element(self, c: Children) -> TupleElement:
        """``(operand).name``."""
        return TupleElement(c[0], read_name(c[2].value), span=span_of(c))

    def tuple_element(self, c: Children) -> TupleElement:
        """``operand.1``."""
        if len(c[2].value) > 9:
            raise SqlSyntaxError(
                SYNTAX_ERROR, "no tuple has so many elements", span=token_span(c[2])
            )
        return TupleElement(c[0], int(c[2].value), span=span_of(c))

    def subscript(self, c: Children) -> Subscript:
        """``operand[index]``."""
        return Subscript(c[0], refuse_star(c[2]), span=Span(c[0].span.start, c[3].end_pos))

    def cast_operator(self, c: Children) -> Cast:
        """``operand::type``."""
        return Cast(c[0], c[2], span=span_of(c))

    def parameter(self, c: Children) -> Parameter:
        """``?``; the lexer numbers them."""
        return Parameter(int(c[0].value), span=token_span(c[0]))

    def named_parameter(self, c: Children) -> Parameter:
        """``%(name)s``."""
        return Parameter(c[0].value[2:-2], span=token_span(c[0]))

    def typed_parameter(self, c: Children) -> TypedParameter:
        """``{name:Type}``."""
        return TypedParameter(read_name(c[1].value), c[3], span=span_of(c))

    def array(self, c: Children) -> ArrayLiteral:
        """``[a, b]``."""
        elements = tuple(c[1]) if len(c) == 3 else ()
        return ArrayLiteral(elements, span=span_of(c))

    def tuple(self, c: Children) -> TupleLiteral:
        """``()``, ``(a,)`` and ``(a, b,)``."""
        elements = tuple(c[1]) if len(c) > 2 else ()
        return TupleLiteral(elements, span=span_of(c))

    def parenthesised(self, c: Children) -> Expr:
        """``(a)`` is a; ``(a, b)`` is a tuple."""
        if len(c[1]) == 1:
            return refuse_star(c[1][0])
        return TupleLiteral(tuple(c[1]), span=span_of(c))

    def scalar_subquery(self, c: Children) -> Subquery:
        """A query where a value stands."""
        query, span = c[0]
        return Subquery(query, span=span)

    def exists_query(self, c: Children) -> Exists:
        """``EXISTS (query)``."""
        query, span = c[1]
        return Exists(query, span=Span(c[0].start_pos, span.end))

    def case(self, c: Children) -> Case:
        """``CASE WHEN ...``."""
        return Case(None, tuple(c[1]), c[2], span=span_of(c))

    def case_operand(self, c: Children) -> Case:
        """``CASE operand WHEN ...``."""
        return Case(c[1], tuple(c[2]), c[3], span=span_of(c))

    def case_branches(self, c: Children) -> list[CaseBranch]:
        """Collect the branches of a CASE."""
        if len(c) == 1:
            return c
        c[0].append(c[1])
        return c[0]  # type: ignore[no-any-return]

    def case_branch(self, c: Children) -> CaseBranch:
        """``WHEN condition THEN result``."""
        return CaseBranch(refuse_star(c[1]), refuse_star(c[3]), span=span_of(c))

    def case_else(self, c: Children) -> Expr | None:
        """``ELSE result``, or nothing."""
        return refuse_star(c[1]) if c else None

    # --------------------------------------------------------------------------------------- calls

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
        return _rebuild(call, span_of(c), filter_=refuse_star(c[4]))

    def call_over(self, c: Children) -> FunctionCall:
        """``call OVER name`` or ``call OVER (...)``."""
        call: FunctionCall = c[0]
        _refuse_twice(call.over is not None, "OVER", c[1])
        over = read_name(c[2].value) if len(c) == 3 else c[3]
        return _rebuild(call, span_of(c), over=over)

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

    # ------------------------------------------------------------------------------------ literals

    def literal(self, c: Children) -> Literal:
        """A constant."""
        token = c[0]
        span = Span(token.start_pos, token.end_pos)
        kind = token.type
        if kind == "NUMBER":
            return Literal(read_number(token.value, span), span=span)
        if kind == "STRING":
            return Literal(read_text(token.value), span=span)
        return Literal(_rare_literal(kind, token.value), span=span)

    # --------------------------------------------------------------------------------------- types

    def type(self, c: Children) -> TypeName:
        """A type's name and arguments."""
        if len(c) == 1:
            return TypeName(read_name(c[0].value), span=token_span(c[0]))
        name = read_name(c[0].value)
        rest = c[1:]
        if c[0].type == "TYPE_WORD":
            name = f"{c[0].value} {c[1].value}".upper()
            rest = c[2:]
        return TypeName(name, tuple(rest[1]) if len(rest) == 3 else (), span=span_of(c))

    type_arguments = elements

    def type_element(self, c: Children) -> TypeElement:
        """``name Type`` in a tuple."""
        return TypeElement(read_name(c[0].value), c[1], span=span_of(c))

    def type_enum(self, c: Children) -> TypeElement:
        """``'name' = 1`` in an enum."""
        value = _whole_number(c[2])
        return TypeElement(read_text(c[0].value), value, span=span_of(c))

    def type_number(self, c: Children) -> int:
        """A number as a type's argument."""
        return _whole_number(c[0])

    def type_text(self, c: Children) -> str:
        """A text as a type's argument."""
        return read_text(c[0].value)


def _whole_number(token: Any) -> int:
    value = read_number(token.value, token_span(token))
    if not isinstance(value, int):
        raise SqlSyntaxError(SYNTAX_ERROR, "expected a whole number", span=token_span(token))
    return value


def _rare_literal(kind: str, written: str) -> bool | float | str | None:
    match kind:
        case "NULL":
            return None
        case "TRUE" | "FALSE":
            return kind == "TRUE"
        case "NAN":
            return NAN
        case "INF" | "INFINITY":
            return math.inf
        case "HEX_STRING":
            digits = written[2:-1]
            return _bytes_text(bytes.fromhex("0" * (len(digits) % 2) + digits))
        case "BIT_STRING":
            bits = written[2:-1]
            return _bytes_text(int(bits or "0", 2).to_bytes((len(bits) + 7) // 8, "big"))
        case _:
            tag = written.index("$", 1) + 1
            return join_bytes(written[tag:-tag])


def _bytes_text(value: bytes) -> str:
    return value.decode("utf-8", "surrogateescape")


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


def _refuse_twice(is_wrong: bool, what: str, token: Any) -> None:
    if is_wrong:
        raise SqlSyntaxError(SYNTAX_ERROR, f"{what} cannot stand here", span=token_span(token))


def _rebuild(
    call: FunctionCall, span: Span, filter_: Expr | None = None, over: Any = None
) -> FunctionCall:
    return FunctionCall(
        call.name,
        call.arguments,
        call.parameters,
        call.is_distinct,
        filter_ if filter_ is not None else call.filter,
        over,
        span=span,
        name_span=call.name_span,
    )


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
