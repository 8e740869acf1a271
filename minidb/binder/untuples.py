"""``SELECT untuple(t)``: one column for each element of a tuple."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from minidb.binder.expressions import ExprBinder
from minidb.binder.names import column_name
from minidb.binder.scope import Scope
from minidb.errors import ILLEGAL_TYPE_OF_ARGUMENT, NUMBER_OF_ARGUMENTS_DOESNT_MATCH, BindError
from minidb.sql import ast
from minidb.types import TupleType


def selected(
    projection: Sequence[ast.Expr], scope: Scope, binder: ExprBinder
) -> Iterator[tuple[ast.Expr, str]]:
    """Yield what is selected and its name; ``untuple(t) AS q`` gives ``q.a``, ``q.b``, ...

    All else is handed on with an empty name: a query inside gets its name when it is bound.

    Raises
    ------
    BindError
        ILLEGAL_TYPE_OF_ARGUMENT or NUMBER_OF_ARGUMENTS_DOESNT_MATCH for a wrong ``untuple``.
    """
    for expr in projection:
        call = expr.expr if isinstance(expr, ast.Alias) else expr
        if isinstance(call, ast.FunctionCall) and call.name == "untuple":
            prefix = expr.name if isinstance(expr, ast.Alias) else None
            for element, name in _elements(call, binder):
                shown = column_name(element, scope) if prefix is None else f"{prefix}.{name}"
                yield element, shown
        else:
            yield expr, ""


def _elements(call: ast.FunctionCall, binder: ExprBinder) -> Iterator[tuple[ast.Expr, str]]:
    """Yield the elements of the argument, each with the name that it has in its tuple."""
    if len(call.arguments) != 1:
        message = f"untuple takes 1 argument, not {len(call.arguments)}"
        raise BindError(NUMBER_OF_ARGUMENTS_DOESNT_MATCH, message, span=call.span)
    data_type = binder.bind(call.arguments[0]).type
    if not isinstance(data_type, TupleType):
        message = f"untuple takes a Tuple, not {data_type.name}"
        raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message, span=call.arguments[0].span)
    for place in range(len(data_type.elements)):
        name = data_type.names[place] if data_type.names else str(place + 1)
        key = ast.Literal(name, span=call.span)
        yield (
            ast.FunctionCall("tupleElement", (call.arguments[0], key), span=call.span),
            name,
        )
