"""Folds flat chains of operands and operators into trees, by the precedences of operators.py.

The method is the shunting yard: one stack of operands, one of operators that wait for their right
side. It is a loop, so a chain of any length takes no room on Python's stack.
"""

from __future__ import annotations

from typing import TypeAlias

from minidb.errors import SYNTAX_ERROR, InternalError, SqlSyntaxError
from minidb.record import state
from minidb.source import Span
from minidb.sql.ast_expr import (
    ArrayLiteral,
    Between,
    Expr,
    FunctionCall,
    Identifier,
    In,
    Lambda,
    Literal,
    Operator,
    Parameter,
    Star,
    Subquery,
    Subscript,
    TupleElement,
    TupleLiteral,
    TypedParameter,
)
from minidb.sql.operators import (
    OPERATORS,
    PRECEDENCE_BETWEEN,
    PRECEDENCE_COMPARE,
    PRECEDENCE_IS,
    PRECEDENCE_LAMBDA,
    PRECEDENCE_NEGATE,
    PRECEDENCE_NOT,
    PRECEDENCE_TERNARY,
    Shape,
)
from minidb.sql.quantified import QUANTIFIED, quantified


class Mark:
    """An operator of a chain, as the grammar read it.

    Parameters
    ----------
    symbol : str
        Its canonical spelling: a key of `OPERATORS`, or ``->``, ``?:``, ``IN``, ``NOT BETWEEN`` ...
    start, end : int
        Its place.
    middle : Expr, optional
        What stands between ``?`` and ``:``.
    """

    __slots__ = ("end", "middle", "start", "symbol")

    def __init__(self, symbol: str, start: int, end: int, middle: Expr | None = None) -> None:
        self.symbol = symbol
        self.start = start
        self.end = end
        self.middle = middle

    @property
    def span(self) -> Span:
        """Return the operator's own place."""
        return Span(self.start, self.end)


Item: TypeAlias = "Expr | Mark"

PREFIXES = {"NOT": ("NOT", PRECEDENCE_NOT), "-": ("negate", PRECEDENCE_NEGATE)}
IN_SYMBOLS = frozenset({"IN", "NOT IN", "GLOBAL IN", "GLOBAL NOT IN"})
PRECEDENCES: dict[str, int] = {
    **{symbol: spec.precedence for symbol, spec in OPERATORS.items()},
    **dict.fromkeys(IN_SYMBOLS, PRECEDENCE_COMPARE),
    **dict.fromkeys(QUANTIFIED, PRECEDENCE_COMPARE),
    "NOT REGEXP": PRECEDENCE_COMPARE,
    "BETWEEN": PRECEDENCE_BETWEEN,
    "NOT BETWEEN": PRECEDENCE_BETWEEN,
}
TRUTH_TESTS = {
    "IS TRUE": ("<=>", True),
    "IS FALSE": ("<=>", False),
    "IS NOT TRUE": ("IS DISTINCT FROM", True),
    "IS NOT FALSE": ("IS DISTINCT FROM", False),
}
# What may stand behind IN without being a list of one.
SETS = (
    Subquery, TupleLiteral, ArrayLiteral, Identifier, FunctionCall, Subscript, TupleElement,
    Parameter, TypedParameter,
)  # fmt: skip


@state
class Waiting:
    """An operator that waits for its right side.

    `n_operands` grows for a chain of AND, OR or ``||``; `is_open` says that a BETWEEN has not met
    its AND; `parameters` are those of a lambda.
    """

    symbol: str
    precedence: int
    start: int
    n_operands: int = 2
    is_open: bool = False
    middle: Expr | None = None
    parameters: tuple[str, ...] = ()


def fold(items: list[Item]) -> Expr:
    """Fold a chain into one expression.

    Parameters
    ----------
    items : list
        Operands and `Mark`s in the order of the text, as the grammar's rule ``chain`` allows.

    Raises
    ------
    SqlSyntaxError
        SYNTAX_ERROR for a BETWEEN without AND and for a lambda whose left side is no name.
    """
    return _Folder().run(items)


class _Folder:
    __slots__ = ("n_open", "operands", "waiting")

    def __init__(self) -> None:
        self.operands: list[Expr] = []
        self.waiting: list[Waiting] = []
        self.n_open = 0

    def run(self, items: list[Item]) -> Expr:
        wants_operand = True
        for item in items:
            if not isinstance(item, Mark):
                self.operands.append(item)
                wants_operand = False
            elif wants_operand:
                if item.symbol != "+":
                    symbol, precedence = PREFIXES[item.symbol]
                    self.waiting.append(Waiting(symbol, precedence, item.start, 1))
            else:
                wants_operand = self._take(item)
        while self.waiting:
            self._reduce()
        return self.operands[0]

    def _take(self, mark: Mark) -> bool:
        """Take an operator behind an operand; say whether an operand must follow."""
        symbol = mark.symbol
        spec = OPERATORS.get(symbol)
        if symbol in TRUTH_TESTS or (spec is not None and spec.shape is Shape.POSTFIX):
            self._post(mark)
            return False
        if symbol == "AND" and self.n_open:
            self._close_between()
        elif symbol == "->":
            self._begin_lambda(mark)
        elif symbol == "?:":
            # Right associative: a ? b : c ? d : e.
            self._reduce_above(PRECEDENCE_TERNARY + 1)
            self.waiting.append(Waiting(symbol, PRECEDENCE_TERNARY, mark.start, middle=mark.middle))
        else:
            self._infix(mark, spec is not None and spec.shape is Shape.CHAIN)
        return True

    def _infix(self, mark: Mark, is_chain: bool) -> None:
        precedence = PRECEDENCES[mark.symbol]
        self._reduce_above(precedence + 1 if is_chain else precedence)
        if is_chain and self.waiting and self.waiting[-1].symbol == mark.symbol:
            self.waiting[-1].n_operands += 1
            return
        is_open = mark.symbol in ("BETWEEN", "NOT BETWEEN")
        self.n_open += is_open
        self.waiting.append(Waiting(mark.symbol, precedence, mark.start, is_open=is_open))

    def _post(self, mark: Mark) -> None:
        self._reduce_above(PRECEDENCE_IS)
        operand = self.operands.pop()
        span = Span(operand.span.start, mark.end)
        if mark.symbol in TRUTH_TESTS:
            symbol, value = TRUTH_TESTS[mark.symbol]
            self.operands.append(
                Operator(symbol, (operand, Literal(value, span=mark.span)), span=span)
            )
        else:
            self.operands.append(Operator(mark.symbol, (operand,), span=span))

    def _close_between(self) -> None:
        while not self.waiting[-1].is_open:
            self._reduce()
        self.waiting[-1].is_open = False
        self.waiting[-1].n_operands = 3
        self.n_open -= 1

    def _begin_lambda(self, mark: Mark) -> None:
        names = self.operands.pop()
        listed = names.elements if isinstance(names, TupleLiteral) else (names,)
        parameters = tuple(n.parts[0] for n in listed if isinstance(n, Identifier))
        if (self.waiting and self.waiting[-1].symbol not in ("->", "?:")) or not all(
            isinstance(n, Identifier) and len(n.parts) == 1 for n in listed
        ):
            raise SqlSyntaxError(
                SYNTAX_ERROR,
                "left of '->' there must be a name, or names in parentheses",
                span=mark.span,
                hint="write x -> ... or (x, y) -> ...; put parentheses around a lambda in a chain",
            )
        self.waiting.append(
            Waiting("->", PRECEDENCE_LAMBDA, names.span.start, 1, parameters=parameters)
        )

    def _reduce_above(self, precedence: int) -> None:
        while self.waiting and self.waiting[-1].precedence >= precedence:
            self._reduce()

    def _reduce(self) -> None:
        """Build the node of the last waiting operator from its operands."""
        operator = self.waiting.pop()
        if operator.is_open:
            raise SqlSyntaxError(
                SYNTAX_ERROR,
                "BETWEEN needs AND and an upper bound",
                span=Span(operator.start, operator.start + len("BETWEEN")),
                hint="write x BETWEEN low AND high; put parentheses around a bound with IS or OR",
            )
        taken = tuple(self.operands[-operator.n_operands :])
        del self.operands[-operator.n_operands :]
        start = operator.start if operator.n_operands == 1 else taken[0].span.start
        self.operands.append(_build(operator, taken, Span(start, taken[-1].span.end)))


def _build(operator: Waiting, operands: tuple[Expr, ...], span: Span) -> Expr:
    symbol = operator.symbol
    if symbol in OPERATORS:
        return Operator(symbol, operands, span=span)
    if symbol in IN_SYMBOLS:
        target = operands[1]
        if not isinstance(target, SETS):
            target = TupleLiteral((target,), span=target.span)
        return In(operands[0], target, "NOT" in symbol, "GLOBAL" in symbol, span=span)
    if symbol in QUANTIFIED:
        return quantified(symbol, operands[0], operands[1], span)
    if symbol == "->":
        return Lambda(operator.parameters, operands[0], span=span)
    if symbol == "?:" and operator.middle is not None:
        arguments = (operands[0], operator.middle, operands[1])
        return FunctionCall("if", arguments, span=span, name_span=span)
    if symbol == "NOT REGEXP":
        return Operator("NOT", (Operator("REGEXP", operands, span=span),), span=span)
    if symbol in ("BETWEEN", "NOT BETWEEN"):
        low, high = operands[1], operands[2]
        return Between(operands[0], low, high, symbol == "NOT BETWEEN", span=span)
    raise InternalError(f"no meaning for the operator {symbol!r}", span=span)


def refuse_star(node: Expr) -> Expr:
    """Return `node`; refuse a star where one value stands."""
    if isinstance(node, Star):
        raise SqlSyntaxError(
            SYNTAX_ERROR,
            "'*' cannot stand for one value here",
            span=node.span,
            hint="name the column",
        )
    return node
