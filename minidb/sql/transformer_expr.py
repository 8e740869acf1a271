"""Builds the nodes of expressions and types; every method is a rule or alias of grammar.lark.

A method gets the list of its rule's children: tokens, and what other methods returned.
"""

# ruff: noqa: D401 - a method says what its rule reads, which is a noun

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any, TypeVar

from minidb.errors import SYNTAX_ERROR, SqlSyntaxError
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
    Lambda,
    Literal,
    Parameter,
    Star,
    StarApply,
    StarExcept,
    Subquery,
    Subscript,
    TupleElement,
    TupleLiteral,
    TypedParameter,
)
from minidb.sql.folding import Item, Mark, fold, refuse_star
from minidb.sql.literals import NAN, join_bytes, read_name, read_number, read_text

Children = list[Any]
T = TypeVar("T")

INFIX_SYMBOLS = {"==": "=", "<>": "!=", "MOD": "%"}


def span_of(children: Children) -> Span:
    """Return the place from the first to the last child."""
    first, last = children[0], children[-1]
    start = first.span.start if hasattr(first, "span") else first.start_pos
    return Span(start, last.span.end if hasattr(last, "span") else last.end_pos)


def token_span(token: Any) -> Span:
    """Return the place of one token."""
    return Span(token.start_pos, token.end_pos)


def appended(items: list[T], *more: T) -> list[T]:
    """Append to the list that an earlier reduction of the same rule began, and return it."""
    items.extend(more)
    return items


def _applied(what: Any) -> FunctionCall | Lambda:
    """Return what APPLY names: a function, one with parameters, or a lambda of one parameter."""
    if not isinstance(what, Identifier | FunctionCall | Lambda):
        if not hasattr(what, "start_pos"):
            message = "APPLY takes the name of a function, or a lambda"
            hint = "write APPLY(sum), APPLY(quantile(0.5)) or APPLY(x -> x + 1)"
            raise SqlSyntaxError(SYNTAX_ERROR, message, span=what.span, hint=hint)
        place = token_span(what)
        return FunctionCall(read_name(what.value), (), span=place, name_span=place)
    if isinstance(what, Lambda):
        if len(what.parameters) != 1:
            message = "APPLY takes a lambda of one parameter"
            raise SqlSyntaxError(SYNTAX_ERROR, message, span=what.span)
        return what
    if isinstance(what, Identifier):
        return FunctionCall(what.name, (), span=what.span, name_span=what.span)
    return replace(what, arguments=(), parameters=what.arguments)


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
        return appended(c[0], *c[1:])

    def list_prepend(self, c: Children) -> Children:
        """Put a prefix before a list."""
        return [c[0], *c[1]]

    def list_with_list(self, c: Children) -> Children:
        """Begin a list whose right side is a list already."""
        return [c[0], c[1], *c[2]]

    def list_join(self, c: Children) -> Children:
        """Append an operator and a list."""
        return appended(c[0], c[1], *c[2])

    def elements(self, c: Children) -> list[Expr]:
        """Collect what commas separate."""
        if len(c) == 1:
            return c
        return appended(c[0], c[2])

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

    def columns_star(self, c: Children) -> Star:
        """``COLUMNS('pattern')``."""
        return Star(pattern=read_text(c[2].value), span=span_of(c))

    def star_except(self, c: Children) -> Star:
        """``* EXCEPT (a, b)``, or a pattern instead of names."""
        star: Star = c[0]
        what = c[3] if len(c) == 5 else c[2]
        span = span_of(c[1:])
        if isinstance(what, list):
            left_out = StarExcept(tuple(what), span=span)
        elif what.type == "STRING":
            left_out = StarExcept(pattern=read_text(what.value), span=span)
        else:
            left_out = StarExcept((read_name(what.value),), span=span)
        if star.applied:
            return replace(star, span=span_of(c))  # The columns have lost their names.
        return replace(star, left_out=(*star.left_out, left_out), span=span_of(c))

    def star_replace(self, c: Children) -> Star:
        """``* REPLACE (expr AS name)``."""
        star: Star = c[0]
        for item in c[3]:
            if not isinstance(item, Alias):
                message = "REPLACE takes expressions with the names of columns"
                hint = "write * REPLACE (expression AS column)"
                raise SqlSyntaxError(SYNTAX_ERROR, message, span=item.span, hint=hint)
            refuse_star(item.expr)
        if star.applied:
            return replace(star, span=span_of(c))
        return replace(star, replaced=(*star.replaced, *c[3]), span=span_of(c))

    def star_apply(self, c: Children) -> Star:
        """``* APPLY(sum)``, ``APPLY sum``, ``APPLY(quantile(0.5))`` or ``APPLY(x -> x + 1)``."""
        star: Star = c[0]
        applied = StarApply(_applied(c[3] if len(c) == 5 else c[2]), span=span_of(c[1:]))
        return replace(star, applied=(*star.applied, applied), span=span_of(c))

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
        if len(c) == 2 and c[1].type == "QUANTIFIER":
            symbol = INFIX_SYMBOLS.get(first.value, first.value)
            word = "ALL" if c[1].value.upper() == "ALL" else "ANY"
            return Mark(f"{symbol} {word}", first.start_pos, c[1].end_pos)
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
        return appended(c[0], c[1])

    def case_branch(self, c: Children) -> CaseBranch:
        """``WHEN condition THEN result``."""
        return CaseBranch(refuse_star(c[1]), refuse_star(c[3]), span=span_of(c))

    def case_else(self, c: Children) -> Expr | None:
        """``ELSE result``, or nothing."""
        return refuse_star(c[1]) if c else None

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

    def type_number(self, c: Children) -> int | float:
        """A number as a type's argument."""
        return read_number(c[0].value, token_span(c[0]))

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
