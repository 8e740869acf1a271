"""Taking a join's condition apart: equalities between the sides become keys."""

from __future__ import annotations

from collections.abc import Sequence

from minidb.binder.environment import Environment
from minidb.binder.expressions import ExprBinder, cast_to
from minidb.binder.scope import Scope
from minidb.columns import default_column
from minidb.errors import MiniDBError
from minidb.expr import BoundExpr, ScalarCall, columns_of, constant_from_column
from minidb.plan.nodes import Join, JoinKind, Partners, PlanNode
from minidb.types import NullableType, nullable, without_null
from minidb.types.promotion import common_type

Pair = tuple[BoundExpr, BoundExpr]


def conjuncts(condition: BoundExpr) -> list[BoundExpr]:
    """Return the parts of a condition that AND joins."""
    if isinstance(condition, ScalarCall) and condition.name == "and":
        return [part for arg in condition.args for part in conjuncts(arg)]
    return [condition]


def join_on(
    environment: Environment,
    left: PlanNode,
    right: PlanNode,
    parts: Sequence[BoundExpr],
    kind: JoinKind = JoinKind.INNER,
    partners: Partners = Partners.ALL,
) -> Join:
    """Return the join of two plans: equalities between the sides become keys."""
    left_ids = {field.id for field in left.schema}
    right_ids = {field.id for field in right.schema}
    pairs: list[Pair] = []
    rest: list[BoundExpr] = []
    for part in parts:
        found = key_pairs(environment, part, left_ids, right_ids)
        pairs += found
        if not found:
            rest.append(part)
    residual = None
    if rest:
        residual = rest[0] if len(rest) == 1 else _all_of(environment, rest)
    left_keys, right_keys = tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)
    return Join(left, right, left_keys, right_keys, residual, kind, partners)


def key_pairs(
    environment: Environment, part: BoundExpr, left_ids: set[int], right_ids: set[int]
) -> list[Pair]:
    """Return the keys that a condition stands for: none when it is no equality of the sides.

    ``left = right`` is one pair, in the common type. ``left <=> right`` asks in a second pair that
    NULL meets NULL.
    """
    pair = equal_pair(part, left_ids, right_ids)
    if pair is None:
        return []
    try:
        shared = common_type([pair[0].type, pair[1].type], part.span)
    except MiniDBError:
        # Int64 and UInt64 can be compared, but no type holds both.
        return []
    is_null_safe = isinstance(part, ScalarCall) and part.name == "isNotDistinctFrom"
    if is_null_safe and isinstance(shared, NullableType):
        default = constant_from_column(default_column(without_null(shared), 1), part.span)
        binder = ExprBinder(environment, Scope())
        sides = [cast_to(environment, side, nullable(shared)) for side in pair]
        tests = [binder.scalar("isNull", [side]) for side in sides]
        values = [binder.scalar("ifNull", [side, default]) for side in sides]
        return [(tests[0], tests[1]), (values[0], values[1])]
    return [(cast_to(environment, pair[0], shared), cast_to(environment, pair[1], shared))]


def equal_pair(part: BoundExpr, left_ids: set[int], right_ids: set[int]) -> Pair | None:
    """Return the two sides of ``left = right``, left first, if `part` is such an equality.

    ``left <=> right`` counts as one too.
    """
    if not (isinstance(part, ScalarCall) and part.name in ("equals", "isNotDistinctFrom")):
        return None
    first, second = part.args
    first_ids, second_ids = columns_of(first), columns_of(second)
    if not first_ids or not second_ids:
        return None
    if first_ids <= left_ids and second_ids <= right_ids:
        return first, second
    if first_ids <= right_ids and second_ids <= left_ids:
        return second, first
    return None


def _all_of(environment: Environment, parts: Sequence[BoundExpr]) -> BoundExpr:
    """Return the conjunction of conditions."""
    binder = ExprBinder(environment, Scope())
    return binder.scalar("and", parts)
