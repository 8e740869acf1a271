"""Where the conditions of a join, and those above it, can be tested: per kind of join."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, replace

from minidb.binder.environment import Environment
from minidb.binder.join_keys import Pair, conjuncts, equal_pair, key_pairs
from minidb.columns import Schema, default_column, split_nulls
from minidb.errors import MiniDBError
from minidb.expr import BoundExpr, columns_of
from minidb.expr.evaluate import Frame, evaluate
from minidb.optimizer.conditions import all_of, can_move, compares_bytes
from minidb.optimizer.disjunctions import implied
from minidb.plan.nodes import Join, JoinKind, Partners
from minidb.record import state

# The kinds whose condition may be tested on one side alone, before the rows meet: where that
# side's rows do not come out without a partner.
ON_LEFT = (JoinKind.INNER, JoinKind.RIGHT, JoinKind.SEMI)
ON_RIGHT = (
    JoinKind.INNER,
    JoinKind.LEFT,
    JoinKind.SEMI,
    JoinKind.ANTI,
    JoinKind.SINGLE,
    JoinKind.MARK,
)
# The kinds where a filter above may be tested on one side: that side is never filled, and which
# partners its rows have does not depend on its other rows.
ABOVE_LEFT = (
    JoinKind.INNER,
    JoinKind.LEFT,
    JoinKind.SEMI,
    JoinKind.ANTI,
    JoinKind.SINGLE,
    JoinKind.MARK,
)
ABOVE_RIGHT = (JoinKind.INNER, JoinKind.RIGHT)

# What a kind becomes when the rows filled on one side are dropped above.
WITHOUT_LEFT_FILLED = {JoinKind.RIGHT: JoinKind.INNER, JoinKind.FULL: JoinKind.LEFT}
WITHOUT_RIGHT_FILLED = {JoinKind.LEFT: JoinKind.INNER, JoinKind.FULL: JoinKind.RIGHT}


@state
class Division:
    """A join with what it tests itself, and the conditions for its sides and for above."""

    join: Join
    left: list[BoundExpr] = field(default_factory=list)
    right: list[BoundExpr] = field(default_factory=list)
    above: list[BoundExpr] = field(default_factory=list)

    def add_implied(
        self,
        environment: Environment,
        condition: BoundExpr,
        left_ids: set[int],
        right_ids: set[int],
    ) -> None:
        """Let each side test what a condition over both says about it."""
        for ids, conditions in ((left_ids, self.left), (right_ids, self.right)):
            about = implied(environment, condition, ids)
            if about is not None:
                conditions.append(about)


def divide(environment: Environment, node: Join, conditions: Sequence[BoundExpr]) -> Division:
    """Decide where each condition of a join and of the filter above it is tested.

    Parameters
    ----------
    conditions : sequence of BoundExpr
        What a filter above asks of the join's rows.
    """
    node = narrowed(environment, node, conditions)
    left_ids = {column.id for column in node.left.schema}
    right_ids = {column.id for column in node.right.schema}
    result = Division(node)
    own = [] if node.residual is None else conjuncts(node.residual)
    if node.is_plain:
        own, above = [*own, *conditions], []
    else:
        above = list(conditions)
    pairs: list[Pair] = []
    rest: list[BoundExpr] = []
    for part in own:
        found = byte_pairs(environment, part, left_ids, right_ids)
        read = columns_of(part)
        if not can_move(part):
            rest.append(part)
        elif found:
            pairs += found
        elif node.kind in ON_LEFT and read <= left_ids:
            result.left.append(part)
        elif node.kind in ON_RIGHT and read <= right_ids:
            result.right.append(part)
        else:
            rest.append(part)
            if node.is_plain:
                result.add_implied(environment, part, left_ids, right_ids)
    is_once = node.partners is Partners.ONCE
    for part in above:
        read = columns_of(part)
        if not can_move(part) or is_once:
            result.above.append(part)
        elif node.kind in ABOVE_LEFT and read <= left_ids:
            result.left.append(part)
        elif node.kind in ABOVE_RIGHT and read <= right_ids and node.partners is Partners.ALL:
            result.right.append(part)
        else:
            result.above.append(part)
    if pairs or len(rest) < len(own) or (node.is_plain and conditions):
        result.join = replace(
            node,
            left_keys=(*node.left_keys, *(pair[0] for pair in pairs)),
            right_keys=(*node.right_keys, *(pair[1] for pair in pairs)),
            residual=all_of(environment, rest),
        )
    return result


def narrowed(environment: Environment, node: Join, conditions: Sequence[BoundExpr]) -> Join:
    """Return a join that no longer makes the filled rows which a filter above drops."""
    left_ids = {column.id for column in node.left.schema}
    right_ids = {column.id for column in node.right.schema}
    kind = node.kind
    for condition in conditions:
        read = columns_of(condition)
        if not read or not can_move(condition):
            continue
        if kind in WITHOUT_LEFT_FILLED and read <= left_ids:
            if drops_defaults(environment, condition, node.left.schema):
                kind = WITHOUT_LEFT_FILLED[kind]
        elif (
            kind in WITHOUT_RIGHT_FILLED
            and read <= right_ids
            and drops_defaults(environment, condition, node.right.schema)
        ):
            kind = WITHOUT_RIGHT_FILLED[kind]
    return node if kind is node.kind else replace(node, kind=kind)


def drops_defaults(environment: Environment, condition: BoundExpr, schema: Schema) -> bool:
    """Whether a condition is not true on a row of the types' defaults."""
    columns = {column.id: default_column(column.type, 1) for column in schema}
    try:
        result = evaluate(condition, Frame(columns, 1, environment.settings))
    except MiniDBError:
        return False
    values, is_null = split_nulls(result)
    if is_null is not None and bool(is_null[0]):
        return True
    return not values.to_pylist()[0]


def byte_pairs(
    environment: Environment, part: BoundExpr, left_ids: set[int], right_ids: set[int]
) -> list[Pair]:
    """Return the keys that a condition stands for, where comparing bytes says the same."""
    pair = equal_pair(part, left_ids, right_ids)
    if pair is None or not compares_bytes(pair[0].type, pair[1].type):
        return []
    return key_pairs(environment, part, left_ids, right_ids)
