"""Rule: conditions move towards the rows they are about, and make joins of cross joins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import assert_never

from minidb.binder.environment import Environment
from minidb.binder.expressions import cast_to
from minidb.binder.functions import bind_call
from minidb.binder.sources import conjuncts, equal_pair
from minidb.errors import InternalError, MiniDBError
from minidb.expr import BoundExpr, ColumnRef, ScalarCall, columns_of, walk
from minidb.optimizer.rule import Rule
from minidb.plan.nodes import (
    Aggregate,
    Distinct,
    ExtensionNode,
    Filter,
    Join,
    Limit,
    OneRow,
    PlanNode,
    Project,
    Scan,
    Sort,
    UnionAll,
    inputs_of,
    with_inputs,
)
from minidb.plan.rewrite import substitute
from minidb.types import DataType, FixedStringType, FloatType, without_null
from minidb.types.promotion import common_type


def push_filters(plan: PlanNode, environment: Environment) -> PlanNode:
    """Push every condition as far down as it means the same and cannot fail anew."""
    return _Pusher(environment).push(plan, [])


class _Pusher:
    """Carries conditions down a plan."""

    def __init__(self, environment: Environment) -> None:
        self.environment = environment

    def push(self, node: PlanNode, conditions: Sequence[BoundExpr]) -> PlanNode:
        """Return `node` filtered by `conditions`, which are put as deep as they go."""
        match node:
            case Filter(child=child, condition=condition):
                return self._filter(child, conjuncts(condition), conditions)
            case Project(child=child, items=items):
                by_id = {item.field.id: item.expr for item in items}
                moved, kept = _rewritten(conditions, by_id)
                return self.keep(replace_child(node, self.push(child, moved)), kept)
            case Sort(limit=None) | Distinct():
                ids = set(node.on) if isinstance(node, Distinct) else None
                movable, kept = _split(
                    conditions, lambda c: can_move(c) and (ids is None or columns_of(c) <= ids)
                )
                return self.keep(replace_child(node, self.push(node.child, movable)), kept)
            case Aggregate(child=child, keys=keys):
                key_exprs: dict[int, BoundExpr] = {key.field.id: key.expr for key in keys}
                about_keys, kept = _split(
                    conditions, lambda c: bool(keys) and columns_of(c) <= key_exprs.keys()
                )
                moved, stuck = _rewritten(about_keys, key_exprs)
                return self.keep(replace_child(node, self.push(child, moved)), [*kept, *stuck])
            case Join():
                return self._join(node, conditions)
            case UnionAll(inputs=inputs, fields=fields):
                movable, kept = _split(conditions, can_move)
                new_inputs = tuple(
                    self.push(
                        child,
                        [
                            substitute(
                                condition,
                                {
                                    field.id: ColumnRef(below.id, below.type, below.name)
                                    for field, below in zip(fields, child.schema, strict=True)
                                },
                            )
                            for condition in movable
                        ],
                    )
                    for child in inputs
                )
                return self.keep(with_inputs(node, new_inputs), kept)
            case OneRow() | Scan() | Limit() | Sort() | ExtensionNode():
                below = tuple(self.push(child, []) for child in inputs_of(node))
                return self.keep(with_inputs(node, below), conditions)
            case _:
                assert_never(node)

    def _filter(
        self, child: PlanNode, own: Sequence[BoundExpr], from_above: Sequence[BoundExpr]
    ) -> PlanNode:
        """Push a filter's conditions and those from above; their order decides what can fail."""
        conditions = [*own, *from_above]
        stays = next((i for i, c in enumerate(conditions) if c.may_fail), len(conditions))
        # A condition that can fail is guarded by those written before it, so all stay together.
        if stays < len(conditions) and not isinstance(child, Project):
            first, rest = conditions[:stays], conditions[stays:]
            return self.keep(self.push(child, first), rest)
        return self.push(child, conditions)

    def _join(self, node: Join, conditions: Sequence[BoundExpr]) -> PlanNode:
        """Send conditions to the side they read; equalities between the sides become keys."""
        left_ids = {field.id for field in node.left.schema}
        right_ids = {field.id for field in node.right.schema}
        parts = [*conditions]
        if node.residual is not None:
            parts = [*conjuncts(node.residual), *parts]
        left: list[BoundExpr] = []
        right: list[BoundExpr] = []
        rest: list[BoundExpr] = []
        pairs: list[tuple[BoundExpr, BoundExpr]] = []
        for part in parts:
            pair = self._typed_pair(part, left_ids, right_ids)
            if pair is not None and can_move(part):
                pairs.append(pair)
            elif can_move(part) and columns_of(part) <= left_ids:
                left.append(part)
            elif can_move(part) and columns_of(part) <= right_ids:
                right.append(part)
            else:
                rest.append(part)
        joined = replace(
            node,
            left=self.push(node.left, left),
            right=self.push(node.right, right),
            left_keys=(*node.left_keys, *(pair[0] for pair in pairs)),
            right_keys=(*node.right_keys, *(pair[1] for pair in pairs)),
            residual=all_of(self.environment, rest),
        )
        unchanged = not pairs and not left and not right and len(rest) == len(parts)
        if unchanged and not conditions:
            return with_inputs(node, (joined.left, joined.right))
        return joined

    def _typed_pair(
        self, part: BoundExpr, left_ids: set[int], right_ids: set[int]
    ) -> tuple[BoundExpr, BoundExpr] | None:
        """Return the sides of an equality between left and right, in their common type."""
        pair = equal_pair(part, left_ids, right_ids)
        if pair is None:
            return None
        try:
            shared = common_type([pair[0].type, pair[1].type])
        except MiniDBError:
            return None
        if not compares_bytes(pair[0].type, pair[1].type):
            return None
        return cast_to(self.environment, pair[0], shared), cast_to(
            self.environment, pair[1], shared
        )

    def keep(self, node: PlanNode, conditions: Sequence[BoundExpr]) -> PlanNode:
        """Return `node` under a filter of what could not be pushed further."""
        condition = all_of(self.environment, conditions)
        return node if condition is None else Filter(node, condition)


def compares_bytes(left: DataType, right: DataType) -> bool:
    """Whether `equals` of two types says the same as the keys of a join, which compare bytes.

    To `equals`, NaN is not NaN and 0.0 is -0.0; and a String may have zero bytes more or less than
    the FixedString beside it.
    """
    left, right = without_null(left), without_null(right)
    has_float = isinstance(left, FloatType) or isinstance(right, FloatType)
    is_padded = isinstance(left, FixedStringType) != isinstance(right, FixedStringType)
    return not has_float and not is_padded


def replace_child(node: PlanNode, child: PlanNode) -> PlanNode:
    """Return a node of one input over another input."""
    return with_inputs(node, (child,))


def can_move(condition: BoundExpr) -> bool:
    """Whether a condition gives the same answer on more rows: no failure, no chance."""
    return not condition.may_fail and is_deterministic(condition)


def is_deterministic(expr: BoundExpr) -> bool:
    """Whether an expression gives the same value each time it is evaluated on a row."""
    return all(
        part.function.is_deterministic for part in walk(expr) if isinstance(part, ScalarCall)
    )


def _rewritten(
    conditions: Sequence[BoundExpr], by_id: Mapping[int, BoundExpr]
) -> tuple[list[BoundExpr], list[BoundExpr]]:
    """Return the conditions that can move below what computes their columns, and the others.

    A condition on ``rand()`` stays above it: below, it would see another draw.
    """
    moved: list[BoundExpr] = []
    kept: list[BoundExpr] = []
    for condition in conditions:
        below = substitute(condition, by_id)
        if can_move(condition) and is_deterministic(below):
            moved.append(below)
        else:
            kept.append(condition)
    return moved, kept


def _split(
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


PUSH_FILTERS = Rule(
    "push_filters", "filter rows before they are joined, grouped or computed with", push_filters
)
