"""Writes expressions and types as SQL, with the fewest parentheses that keep their meaning."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable
from typing import assert_never

from minidb.sql.ast_base import TypeElement, TypeName
from minidb.sql.ast_expr import (
    Alias,
    ArrayLiteral,
    Between,
    Case,
    Cast,
    Exists,
    Expr,
    FrameBound,
    FunctionCall,
    Identifier,
    In,
    Lambda,
    Literal,
    LiteralValue,
    Operator,
    Parameter,
    Star,
    Subquery,
    Subscript,
    TupleElement,
    TupleLiteral,
    TypedParameter,
    WindowSpec,
)
from minidb.sql.ast_query import OrderItem, Query
from minidb.sql.folding import SETS
from minidb.sql.literals import write_number, write_quoted_name, write_text
from minidb.sql.operators import (
    OPERATORS,
    PRECEDENCE_BETWEEN,
    PRECEDENCE_COMPARE,
    PRECEDENCE_LAMBDA,
    PRECEDENCE_PRIMARY,
    Shape,
)
from minidb.sql.words import AMBIGUOUS_WORDS, RESERVED_WORDS

PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
QUOTED_WORDS = RESERVED_WORDS | AMBIGUOUS_WORDS
COMPOUND_TYPE = re.compile(
    r"(?:DOUBLE PRECISION|(?:NATIONAL )?(?:CHAR|CHARACTER)(?: VARYING)?|BINARY VARYING"
    r"|(?:TINY|SMALL|MEDIUM|BIG)?INT(?:EGER)? (?:UN)?SIGNED)\Z"
)

# Below every operator: where an alias may stand without parentheses.
PRECEDENCE_ELEMENT = -1


def write_name(name: str) -> str:
    """Write a name, between backquotes when it could be read as something else."""
    if PLAIN_NAME.match(name) and name.lower() not in QUOTED_WORDS:
        return name
    return write_quoted_name(name)


def write_value(value: LiteralValue) -> str:
    """Write a constant."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "true" if value else "false"
    return write_text(value) if isinstance(value, str) else write_number(value)


def write_type(node: TypeName) -> str:
    """Write a type."""
    name = node.name
    if not COMPOUND_TYPE.match(name):
        name = write_name(name)
    if not node.args:
        return name
    return f"{name}({', '.join(_type_argument(arg) for arg in node.args)})"


def _type_argument(arg: TypeName | TypeElement | int | float | str) -> str:
    match arg:
        case TypeName():
            return write_type(arg)
        case TypeElement(name=name, value=TypeName() as value):
            return f"{write_name(name)} {write_type(value)}"
        case TypeElement(name=name, value=value):
            return write_text(name) if value is None else f"{write_text(name)} = {value}"
        case int() | float():
            return str(arg)
        case _:
            return write_text(arg)


class ExpressionFormatter(ABC):
    """Writes expressions; queries inside them are left to the class that knows queries."""

    @abstractmethod
    def query(self, node: Query) -> str:
        """Write a query without parentheses."""

    @abstractmethod
    def order_items(self, items: Iterable[OrderItem]) -> str:
        """Write the keys of ORDER BY."""

    def expr(self, node: Expr, precedence: int = PRECEDENCE_LAMBDA) -> str:
        """Write an expression where an operator of `precedence` or above may stand bare."""
        written, own = self._written(node)
        return f"({written})" if own < precedence else written

    def element(self, node: Expr) -> str:
        """Write an expression where an alias needs no parentheses."""
        return self.expr(node, PRECEDENCE_ELEMENT)

    def elements(self, nodes: Iterable[Expr]) -> str:
        """Write expressions with commas between them."""
        return ", ".join(self.expr(node, PRECEDENCE_ELEMENT) for node in nodes)

    def _written(self, node: Expr) -> tuple[str, int]:
        """Return the text of a node and the precedence of its outermost operator."""
        match node:
            case Alias(expr=expr, name=name):
                return f"{self.expr(expr)} AS {write_name(name)}", PRECEDENCE_ELEMENT
            case Lambda(parameters=parameters, body=body):
                names = ", ".join(map(write_name, parameters))
                head = names if len(parameters) == 1 else f"({names})"
                return f"{head} -> {self.expr(body)}", PRECEDENCE_LAMBDA
            case Operator():
                return self._operator(node), OPERATORS[node.symbol].precedence
            case Between():
                return self._between(node), PRECEDENCE_BETWEEN
            case In():
                return self._in(node), PRECEDENCE_COMPARE
            case _:
                return self._primary(node), PRECEDENCE_PRIMARY

    # ----------------------------------------------------------------------------------- operators

    def _operator(self, node: Operator) -> str:
        spec = OPERATORS[node.symbol]
        level = spec.precedence
        match spec.shape:
            case Shape.CHAIN:
                separator = f" {node.symbol} "
                return separator.join(self.expr(o, level + 1) for o in node.operands)
            case Shape.LEFT:
                left, right = node.operands
                return f"{self.expr(left, level)} {node.symbol} {self.expr(right, level + 1)}"
            case Shape.POSTFIX:
                return f"{self.expr(node.operands[0], level)} {node.symbol}"
            case Shape.PREFIX:
                operand = self.expr(node.operands[0], level)
                return f"NOT {operand}" if node.symbol == "NOT" else _negated(operand)
            case _:
                assert_never(spec.shape)

    def _between(self, node: Between) -> str:
        word = "NOT BETWEEN" if node.is_negated else "BETWEEN"
        level = PRECEDENCE_BETWEEN
        low, high = self.expr(node.low, level + 1), self.expr(node.high, level + 1)
        return f"{self.expr(node.operand, level)} {word} {low} AND {high}"

    def _in(self, node: In) -> str:
        words = f"{'GLOBAL ' if node.is_global else ''}{'NOT ' if node.is_negated else ''}IN"
        target = node.target
        if (
            isinstance(target, TupleLiteral)
            and len(target.elements) == 1
            and not isinstance(target.elements[0], (*SETS, Star))
        ):
            written = f"({self.elements(target.elements)})"
        else:
            written = self.expr(target, PRECEDENCE_COMPARE + 1)
        return f"{self.expr(node.operand, PRECEDENCE_COMPARE)} {words} {written}"

    # ---------------------------------------------------------------------------------- primaries

    def _star(self, node: Star) -> str:
        """Write a star, EXCEPT, REPLACE and APPLY behind it."""
        parts = [".".join([*map(write_name, node.qualifier), "*"])]
        if node.pattern is not None:
            parts = [f"COLUMNS({write_value(node.pattern)})"]
        for left_out in node.left_out:
            names = ", ".join(map(write_name, left_out.names))
            pattern = left_out.pattern
            parts.append(f"EXCEPT ({names if pattern is None else write_value(pattern)})")
        if node.replaced:
            parts.append(f"REPLACE ({self.elements(node.replaced)})")
        for applied in node.applied:
            function = applied.function
            if isinstance(function, Lambda):
                parts.append(f"APPLY ({self.expr(function)})")
            else:
                given = "" if function.parameters is None else self.elements(function.parameters)
                shown = write_name(function.name)
                parts.append(f"APPLY ({shown}({given}))" if given else f"APPLY ({shown})")
        return " ".join(parts)

    def _primary(self, node: Expr) -> str:
        match node:
            case Identifier(parts=parts):
                return ".".join(map(write_name, parts))
            case Literal(value=value):
                return write_value(value)
            case FunctionCall():
                return self._call(node)
            case Star():
                return self._star(node)
            case ArrayLiteral(elements=elements):
                return f"[{self.elements(elements)}]"
            case TupleLiteral(elements=elements):
                return f"({self.elements(elements)}{',' if len(elements) == 1 else ''})"
            case Subscript(operand=operand, index=index):
                return f"{self.expr(operand, PRECEDENCE_PRIMARY)}[{self.element(index)}]"
            case TupleElement():
                return self._tuple_element(node)
            case Cast(operand=operand, type=type_):
                return f"{self.expr(operand, PRECEDENCE_PRIMARY)}::{write_type(type_)}"
            case Case():
                return self._case(node)
            case Subquery(query=query):
                return f"({self.query(query)})"
            case Exists(query=query):
                return f"EXISTS ({self.query(query)})"
            case Parameter(key=key):
                return "?" if isinstance(key, int) else f"%({key})s"
            case TypedParameter(name=name, type=type_):
                return f"{{{write_name(name)}:{write_type(type_)}}}"
            case Alias() | Lambda() | Operator() | Between() | In():
                return f"({self.element(node)})"
            case _:
                assert_never(node)

    def _tuple_element(self, node: TupleElement) -> str:
        operand = self.expr(node.operand, PRECEDENCE_PRIMARY)
        is_number = isinstance(node.operand, Literal) and isinstance(
            node.operand.value, (int, float)
        )
        if isinstance(node.key, int):
            # 5.1 would be a number.
            return f"({operand}).{node.key}" if is_number else f"{operand}.{node.key}"
        if is_number or isinstance(node.operand, Identifier):
            # a.b would be one name.
            operand = f"({operand})"
        return f"{operand}.{write_name(node.key)}"

    def _case(self, node: Case) -> str:
        parts = ["CASE"]
        if node.operand is not None:
            parts.append(self.element(node.operand))
        for branch in node.branches:
            condition, result = self.element(branch.condition), self.element(branch.result)
            parts.append(f"WHEN {condition} THEN {result}")
        if node.otherwise is not None:
            parts.append(f"ELSE {self.element(node.otherwise)}")
        return " ".join([*parts, "END"])

    def _call(self, node: FunctionCall) -> str:
        if node.name.lower() == "cast" and len(node.arguments) == 2:
            # CAST before a parenthesis is a form of its own, without aliases in it.
            operand, target = map(self.expr, node.arguments)
            return f"{node.name}({operand}, {target})"
        distinct = "DISTINCT " if node.is_distinct else ""
        written = write_name(node.name)
        if node.parameters is not None:
            written += f"({self.elements(node.parameters)})"
        written += f"({distinct}{self.elements(node.arguments)})"
        if node.filter is not None:
            written += f" FILTER (WHERE {self.element(node.filter)})"
        if node.nulls is not None:
            written += f" {node.nulls} NULLS"
        if isinstance(node.over, str):
            written += f" OVER {write_name(node.over)}"
        elif node.over is not None:
            written += f" OVER ({self.window(node.over)})"
        return written

    # ------------------------------------------------------------------------------------- windows

    def window(self, node: WindowSpec) -> str:
        """Write what stands in the parentheses of OVER."""
        parts: list[str] = []
        if node.base is not None:
            parts.append(write_name(node.base))
        if node.partition_by:
            parts.append(f"PARTITION BY {self.elements(node.partition_by)}")
        if node.order_by:
            parts.append(f"ORDER BY {self.order_items(node.order_by)}")
        if node.frame is not None:
            start, end = self._bound(node.frame.start), self._bound(node.frame.end)
            parts.append(f"{node.frame.unit} BETWEEN {start} AND {end}")
        return " ".join(parts)

    def _bound(self, node: FrameBound) -> str:
        if node.kind == "CURRENT ROW":
            return node.kind
        return f"{'UNBOUNDED' if node.offset is None else self.expr(node.offset)} {node.kind}"


def _negated(operand: str) -> str:
    """Write a minus before an operand; before a digit it would become part of the number."""
    if operand[0].isdigit() or operand[0] == ".":
        return f"-({operand})"
    # Two of them in a row begin a comment.
    return f"- {operand}" if operand[0] == "-" else f"-{operand}"
