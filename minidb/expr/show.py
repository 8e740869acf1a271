"""Printing bound expressions for people: infix where SQL is, names instead of ids."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from minidb.expr.nodes import BoundExpr, ColumnRef, Constant, LambdaExpr

INFIX = {
    "plus": "+",
    "minus": "-",
    "multiply": "*",
    "divide": "/",
    "modulo": "%",
    "equals": "=",
    "notEquals": "!=",
    "less": "<",
    "lessOrEquals": "<=",
    "greater": ">",
    "greaterOrEquals": ">=",
    "and": "AND",
    "or": "OR",
    "like": "LIKE",
}
MAX_SHOWN_CONSTANT = 40
MAX_SHOWN_EXPR = 400


def show(expr: BoundExpr) -> str:
    """Return the expression as text; very long ones are cut with ``...``."""
    text = ""
    stack: list[str | tuple[BoundExpr, bool]] = [(expr, False)]
    # A part that is used many times is written each time: only what is shown may be walked.
    while stack and len(text) <= MAX_SHOWN_EXPR:
        piece = stack.pop()
        if isinstance(piece, str):
            text += piece
        else:
            stack.extend(reversed(list(_pieces(*piece))))
    return text if len(text) <= MAX_SHOWN_EXPR else text[: MAX_SHOWN_EXPR - 3] + "..."


def _pieces(expr: BoundExpr, is_inside: bool) -> Iterator[str | tuple[BoundExpr, bool]]:
    """Yield the text of one node, its parts as (expression, whether inside an operator)."""
    match expr:
        case ColumnRef(name=name):
            yield name
        case Constant(text=text):
            yield text if len(text) <= MAX_SHOWN_CONSTANT else text[:36] + "..."
        case LambdaExpr(parameters=parameters, body=body):
            names = ", ".join(p.name for p in parameters)
            yield f"({names}) -> "
            yield body, False
        case _:
            symbol = INFIX.get(expr.name)
            if symbol is None or len(expr.args) < 2:
                yield f"{expr.name}("
                yield from _joined(expr.args, ", ", symbol is not None)
                yield ")"
            else:
                yield "(" * is_inside
                yield from _joined(expr.args, f" {symbol} ", True)
                yield ")" * is_inside


def _joined(
    args: Sequence[BoundExpr], separator: str, is_inside: bool
) -> Iterator[str | tuple[BoundExpr, bool]]:
    """Yield arguments with a separator between them."""
    for place, arg in enumerate(args):
        if place:
            yield separator
        yield arg, is_inside
