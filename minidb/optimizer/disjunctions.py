"""What a condition of the form ``a AND b OR c AND d`` says about one table."""

from __future__ import annotations

from minidb.binder.environment import Environment
from minidb.binder.functions import bind_call
from minidb.binder.join_keys import conjuncts
from minidb.errors import InternalError
from minidb.expr import BoundExpr, ScalarCall, columns_of
from minidb.optimizer.conditions import all_of, can_move


def disjuncts(condition: BoundExpr) -> list[BoundExpr]:
    """Return the parts of a condition that OR joins."""
    if isinstance(condition, ScalarCall) and condition.name == "or":
        return [part for arg in condition.args for part in disjuncts(arg)]
    return [condition]


def factored(environment: Environment, condition: BoundExpr) -> list[BoundExpr]:
    """Return conditions that hold together where `condition` holds, common parts taken out.

    ``a AND b OR a AND c`` is ``a`` and ``b OR c``.
    """
    branches = [conjuncts(part) for part in disjuncts(condition)]
    if len(branches) < 2 or not can_move(condition):
        return [condition]
    common = [part for part in branches[0] if all(part in branch for branch in branches[1:])]
    if not common:
        return [condition]
    rest = [
        all_of(environment, [part for part in branch if part not in common]) for branch in branches
    ]
    known = [part for part in rest if part is not None]
    # A branch that says nothing more makes the others say nothing either.
    return common if len(known) < len(rest) else [*common, any_of(environment, known)]


def implied(environment: Environment, condition: BoundExpr, ids: set[int]) -> BoundExpr | None:
    """Return what `condition` says about the columns `ids` alone; None if that is nothing.

    ``a AND b OR c AND d`` says ``a OR c`` about the columns of `a` and `c`.
    """
    branches = [conjuncts(part) for part in disjuncts(condition)]
    if len(branches) < 2 or not can_move(condition):
        return None
    about: list[BoundExpr] = []
    for branch in branches:
        mine = all_of(environment, [p for p in branch if columns_of(p) and columns_of(p) <= ids])
        if mine is None:
            return None
        about.append(mine)
    return any_of(environment, list(dict.fromkeys(about)))


def any_of(environment: Environment, conditions: list[BoundExpr]) -> BoundExpr:
    """Return the disjunction of conditions, of which there is at least one."""
    if len(conditions) == 1:
        return conditions[0]
    function = environment.registry.scalar("or")
    if function is None:
        raise InternalError("there is no function 'or'")
    settings, span = environment.settings, conditions[0].span
    return bind_call(function, conditions, settings, span, environment.next_id)
