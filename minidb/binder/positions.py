"""Whole numbers that stand for selected expressions, as in ``ORDER BY 1``."""

from __future__ import annotations

from collections.abc import Sequence

from minidb.errors import BAD_ARGUMENTS, BindError
from minidb.expr import BoundExpr
from minidb.sql import ast


def positional(item: ast.Expr, outputs: Sequence[BoundExpr]) -> BoundExpr | None:
    """Return the selected expression that a whole number means, or None.

    Raises
    ------
    BindError
        BAD_ARGUMENTS for a number outside the list.
    """
    if not isinstance(item, ast.Literal) or isinstance(item.value, bool):
        return None
    if not isinstance(item.value, int):
        return None
    if not 1 <= item.value <= len(outputs):
        message = f"position {item.value} is not in the select list of {len(outputs)}"
        raise BindError(BAD_ARGUMENTS, message, span=item.span)
    return outputs[item.value - 1]
