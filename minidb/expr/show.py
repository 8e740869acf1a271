"""Printing bound expressions for people: infix where SQL is, names instead of ids."""

from __future__ import annotations

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
    text = _show(expr, is_inside=False)
    return text if len(text) <= MAX_SHOWN_EXPR else text[: MAX_SHOWN_EXPR - 3] + "..."


def _show(expr: BoundExpr, *, is_inside: bool) -> str:
    match expr:
        case ColumnRef(name=name):
            return name
        case Constant(text=text):
            return text if len(text) <= MAX_SHOWN_CONSTANT else text[:36] + "..."
        case LambdaExpr(parameters=parameters, body=body):
            names = ", ".join(p.name for p in parameters)
            return f"({names}) -> {_show(body, is_inside=False)}"
        case _:
            symbol = INFIX.get(expr.name)
            parts = [_show(arg, is_inside=symbol is not None) for arg in expr.args]
            if symbol is None or len(parts) < 2:
                return f"{expr.name}({', '.join(parts)})"
            joined = f" {symbol} ".join(parts)
            return f"({joined})" if is_inside else joined
