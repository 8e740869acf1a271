"""What rules ask of conditions: whether they may move, and what they say together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from minidb.binder.environment import Environment
from minidb.binder.functions import bind_call
from minidb.errors import InternalError
from minidb.expr import BoundExpr, ScalarCall, walk
from minidb.types import DataType, FixedStringType, FloatType, without_null


def compares_bytes(left: DataType, right: DataType) -> bool:
    """Whether `equals` of two types says the same as the keys of a join, which compare bytes.

    To `equals`, NaN is not NaN and 0.0 is -0.0; and a String may have zero bytes more or less than
    the FixedString beside it.
    """
    left, right = without_null(left), without_null(right)
    has_float = isinstance(left, FloatType) or isinstance(right, FloatType)
    is_padded = isinstance(left, FixedStringType) != isinstance(right, FixedStringType)
    return not has_float and not is_padded


def can_move(condition: BoundExpr) -> bool:
    """Whether a condition gives the same answer on more rows: no failure, no chance."""
    return not condition.may_fail and is_deterministic(condition)


def is_deterministic(expr: BoundExpr) -> bool:
    """Whether an expression gives the same value each time it is evaluated on a row."""
    return all(
        part.function.is_deterministic for part in walk(expr) if isinstance(part, ScalarCall)
    )


def split(
    conditions: Sequence[BoundExpr], test: Callable[[BoundExpr], bool]
) -> tuple[list[BoundExpr], list[BoundExpr]]:
    """Return the conditions that pass a test, and the others."""
    passed = [condition for condition in conditions if test(condition)]
    return passed, [condition for condition in conditions if not test(condition)]


def all_of(environment: Environment, conditions: Sequence[BoundExpr]) -> BoundExpr | None:
    """Return the conjunction of conditions, or None without any."""
    if not conditions:
        return None
    if len(conditions) == 1:
        return conditions[0]
    function = environment.registry.scalar("and")
    if function is None:
        raise InternalError("there is no function 'and'")
    settings, span = environment.settings, conditions[0].span
    return bind_call(function, conditions, settings, span, environment.next_id)
