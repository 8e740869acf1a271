"""The values that are passed beside a statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

from minidb.binder.aliases import child_nodes
from minidb.errors import WRONG_PARAMETERS, BindError, InterfaceError
from minidb.sql.ast import Node, Parameter, Statement
from minidb.sql.marks import count_marks

Parameters: TypeAlias = Sequence[object] | Mapping[str, object] | None


def parameters_by_key(parameters: object) -> Mapping[int | str, object]:
    """Return parameters under the keys that the syntax tree has for them.

    Raises
    ------
    InterfaceError
        WRONG_PARAMETERS when they are neither a sequence nor a mapping.
    """
    match parameters:
        case None:
            return {}
        case Mapping():
            return {str(key): value for key, value in parameters.items()}
        case str() | bytes():
            message = "parameters are a sequence or a mapping, not a text"
            raise InterfaceError(WRONG_PARAMETERS, message, hint="write (value,) for one value")
        case Sequence():
            return dict(enumerate(parameters))
        case _:
            kind = type(parameters).__name__
            message = f"parameters are a sequence or a mapping, not {kind}"
            raise InterfaceError(WRONG_PARAMETERS, message)


def check_number(parameters: Parameters, statement: Statement) -> None:
    """Refuse more values than a statement has marks for; fewer are refused where one is missed.

    Raises
    ------
    InterfaceError
        WRONG_PARAMETERS.
    """
    if not isinstance(parameters, Sequence) or isinstance(parameters, str | bytes):
        return
    n_marks = count_marks(statement)
    if len(parameters) > n_marks:
        message = f"{len(parameters)} values were passed for {n_marks} parameters"
        hint = "write ? where each of them belongs"
        raise InterfaceError(WRONG_PARAMETERS, message, hint=hint)


def refuse_marks(expr: Node, place: str) -> None:
    """Refuse parameters in a text that is kept: later statements pass other values, or none.

    Raises
    ------
    BindError
        WRONG_PARAMETERS, at the first one met.
    """
    waiting = [expr]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Parameter):
            message = f"{place} is kept, and so cannot take a parameter"
            raise BindError(WRONG_PARAMETERS, message, span=node.span, hint="write the value")
        waiting.extend(child_nodes(node))
