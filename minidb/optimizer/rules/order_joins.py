"""Rule: inner joins are done in the order that handles fewest rows, whatever order is written."""

from __future__ import annotations

from dataclasses import replace

from minidb.binder.environment import Environment
from minidb.expr import BoundExpr, ColumnRef
from minidb.optimizer.cardinality import Estimator
from minidb.optimizer.conditions import all_of
from minidb.optimizer.join_group import JoinGroup, can_be_taken_apart, take_apart
from minidb.optimizer.join_order import Orderer, Tree
from minidb.optimizer.rule import Rule
from minidb.plan.nodes import (
    Computed,
    Join,
    JoinKind,
    Partners,
    PlanNode,
    Project,
    inputs_of,
    with_inputs,
)
from minidb.record import state

# Below so many rows handled the order as written is as good as any, and easier to follow.
MIN_COST = 10_000.0
MIN_GAIN = 0.9
# An outer join builds its hash table from the side that is so many times smaller.
SWAP_RATIO = 3.0


def order_joins(plan: PlanNode, environment: Environment) -> PlanNode:
    """Reorder every group of inner joins, and let outer joins build from the smaller side.

    Column order stays: a projection restores it. The order of the rows may change.
    """
    return _Reorderer(environment).order(plan)


@state
class _Reorderer:
    """Walks a plan and rebuilds its groups of joins."""

    environment: Environment

    def order(self, node: PlanNode) -> PlanNode:
        """Return a plan with its joins in a good order."""
        if isinstance(node, Join) and can_be_taken_apart(node):
            return self._group(node)
        node = with_inputs(node, tuple(self.order(child) for child in inputs_of(node)))
        return self._swapped(node) if isinstance(node, Join) else node

    def _group(self, node: Join) -> PlanNode:
        """Reorder the inner joins that end in `node`."""
        group = take_apart(self.environment, node)
        if group is None:
            return with_inputs(node, tuple(self.order(child) for child in inputs_of(node)))
        originals = tuple(group.inputs)
        group.inputs = [self.order(one) for one in originals]
        estimator, unfiltered = Estimator(), tuple(group.inputs)
        as_written = Orderer(group, estimator, originals=originals).written(node)
        if as_written.cost < MIN_COST:
            return self._same(node, dict(zip(map(id, originals), unfiltered, strict=True)))
        group.spread_conditions()
        orderer = Orderer(group, estimator, originals=originals)
        as_written, best = orderer.written(node), orderer.best()
        is_better = best.cost < MIN_GAIN * as_written.cost
        built = self._build(group, best if is_better else as_written)
        return in_order(built, node)

    def _same(self, node: PlanNode, inputs: dict[int, PlanNode]) -> PlanNode:
        """Return the group as it was, over its new inputs."""
        if id(node) in inputs:
            return inputs[id(node)]
        return with_inputs(node, tuple(self._same(child, inputs) for child in inputs_of(node)))

    def _build(self, group: JoinGroup, tree: Tree) -> PlanNode:
        """Return the plan of a tree."""
        if not tree.sides:
            return group.inputs[tree.mask.bit_length() - 1]
        first, second = tree.sides
        left_keys: list[BoundExpr] = []
        right_keys: list[BoundExpr] = []
        for members in group.classes:
            left = next((members[bit][0] for bit in members if bit & first.mask), None)
            right = next((members[bit][0] for bit in members if bit & second.mask), None)
            if left is not None and right is not None:
                left_keys.append(left)
                right_keys.append(right)
        for pair in group.pairs:
            if pair.left_bit & first.mask and pair.right_bit & second.mask:
                left_keys.append(pair.left)
                right_keys.append(pair.right)
            elif pair.left_bit & second.mask and pair.right_bit & first.mask:
                left_keys.append(pair.right)
                right_keys.append(pair.left)
        rest = [
            condition
            for mask, condition in group.conditions
            if not mask & ~tree.mask and _is_new(mask, first.mask, second.mask)
        ]
        return Join(
            self._build(group, first),
            self._build(group, second),
            tuple(left_keys),
            tuple(right_keys),
            all_of(self.environment, rest),
        )

    def _swapped(self, node: Join) -> PlanNode:
        """Return an outer join whose right side, which is built, is not much larger."""
        mirrored = {JoinKind.LEFT: JoinKind.RIGHT, JoinKind.RIGHT: JoinKind.LEFT}
        if node.kind not in mirrored or node.partners is not Partners.ALL:
            return node
        estimator = Estimator()
        left, right = estimator.rows(node.left), estimator.rows(node.right)
        if right < MIN_COST or right < SWAP_RATIO * left:
            return node
        swapped = replace(
            node,
            left=node.right,
            right=node.left,
            left_keys=node.right_keys,
            right_keys=node.left_keys,
            kind=mirrored[node.kind],
        )
        return in_order(swapped, node)


def in_order(plan: PlanNode, wanted: PlanNode) -> PlanNode:
    """Return a plan with its columns in the order of another one's."""
    if plan.schema == wanted.schema:
        return plan
    items = [Computed(c, ColumnRef(c.id, c.type, c.name)) for c in wanted.schema]
    return Project(plan, tuple(items))


def _is_new(mask: int, first: int, second: int) -> bool:
    """Whether a condition can be tested in a join and not already on one of its sides."""
    return bool(mask & ~first and mask & ~second)


ORDER_JOINS = Rule("order_joins", "join in the order that handles fewest rows", order_joins)
