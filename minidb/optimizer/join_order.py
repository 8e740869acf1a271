"""The order of a group of inner joins: dynamic programming for few inputs, greedy for many.

Few inputs are joined in every connected order [1]_; many by always joining the two whose result
is smallest, Greedy Operator Ordering [2]_.

References
----------
.. [1] G. Moerkotte, T. Neumann, "Analysis of Two Existing and One New Dynamic Programming
   Algorithm for the Generation of Optimal Bushy Join Trees without Cross Products", VLDB 2006.
.. [2] L. Fegaras, "A New Heuristic for Optimizing Large Queries", DEXA 1998, section 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field

from minidb.expr import ScalarCall
from minidb.optimizer.cardinality import (
    EQUAL_SELECTIVITY,
    OTHER_SELECTIVITY,
    Estimator,
    damped,
)
from minidb.optimizer.join_group import JoinGroup
from minidb.plan.nodes import Join, PlanNode
from minidb.record import record, state

MAX_EXHAUSTIVE = 8
# What a row costs that is put into the hash table, beside one that is looked up or made.
BUILD_COST = 2.0
CROSS_COST = 1.0


@record(eq=False)
class Tree:
    """A join tree over some inputs.

    Parameters
    ----------
    mask : int
        The inputs, a bit each.
    rows, cost : float
        Guesses of the rows it yields, and of the rows handled to make them.
    distinct : dict
        By class of equal expressions, the different values.
    sides : tuple of two Trees, or empty for one input
    """

    mask: int
    rows: float
    cost: float
    distinct: dict[int, float]
    sides: tuple[Tree, ...] = ()


@state
class Orderer:
    """Finds an order for a group; `originals` are the inputs as the query's plan has them."""

    group: JoinGroup
    estimator: Estimator
    originals: Sequence[PlanNode] = ()
    pair_selectivity: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        for pair in self.group.pairs:
            ends = ((pair.left_bit, pair.left), (pair.right_bit, pair.right))
            found = [
                self.estimator.distinct(self.group.inputs[bit.bit_length() - 1], expr)
                for bit, expr in ends
            ]
            self.pair_selectivity.append(1.0 / max(found))

    def leaf(self, place: int) -> Tree:
        """Return the tree of one input."""
        node, bit = self.group.inputs[place], 1 << place
        distinct = {
            number: self.estimator.distinct(node, members[bit][0])
            for number, members in enumerate(self.group.classes)
            if bit in members
        }
        return Tree(bit, max(1.0, self.estimator.rows(node)), 0.0, distinct)

    def is_connected(self, first: Tree, second: Tree) -> bool:
        """Whether an equality or another condition joins two trees."""
        if not first.distinct.keys().isdisjoint(second.distinct):
            return True
        if any(_joins(p.left_bit, p.right_bit, first, second) for p in self.group.pairs):
            return True
        both = first.mask | second.mask
        return any(
            mask & first.mask and mask & second.mask and not mask & ~both
            for mask, _ in self.group.conditions
        )

    def combine(self, first: Tree, second: Tree, is_written: bool = False) -> Tree:
        """Return the join of two trees; as written, the second is the one that is built."""
        shared = [number for number in first.distinct if number in second.distinct]
        parts = [1.0 / max(first.distinct[n], second.distinct[n]) for n in shared]
        for pair, selectivity in zip(self.group.pairs, self.pair_selectivity, strict=True):
            if _joins(pair.left_bit, pair.right_bit, first, second):
                parts.append(selectivity)
        both = first.mask | second.mask
        rows = first.rows * second.rows * damped(parts)
        is_cross = not parts
        for mask, condition in self.group.conditions:
            if not mask & ~both and mask & ~first.mask and mask & ~second.mask:
                is_equal = isinstance(condition, ScalarCall) and condition.name == "equals"
                rows *= EQUAL_SELECTIVITY if is_equal else OTHER_SELECTIVITY
        rows = max(1.0, rows)
        distinct = dict(first.distinct)
        for number, count in second.distinct.items():
            distinct[number] = min(count, distinct.get(number, count))
        if not is_written and second.rows > first.rows:
            first, second = second, first
        work = first.rows + BUILD_COST * second.rows + rows
        if is_cross:
            work += CROSS_COST * first.rows * second.rows
        distinct = {number: min(count, rows) for number, count in distinct.items()}
        return Tree(both, rows, first.cost + second.cost + work, distinct, (first, second))

    def best(self) -> Tree:
        """Return a good order of all inputs."""
        leaves = [self.leaf(place) for place in range(len(self.group.inputs))]
        joined = [
            self._exhaustive(part) if len(part) <= MAX_EXHAUSTIVE else self._greedy(part)
            for part in self._components(leaves)
        ]
        return self._greedy(joined)

    def written(self, node: Join) -> Tree:
        """Return the order in which the query is written."""
        n_seen = 0

        def walk(part: PlanNode) -> Tree:
            nonlocal n_seen
            is_input = n_seen < len(self.group.inputs) and part is self.originals[n_seen]
            if is_input or not isinstance(part, Join):
                n_seen += 1
                return self.leaf(n_seen - 1)
            return self.combine(walk(part.left), walk(part.right), is_written=True)

        return walk(node)

    def _components(self, leaves: Sequence[Tree]) -> list[list[Tree]]:
        """Return the inputs in groups that conditions hold together."""
        groups: list[list[Tree]] = []
        for leaf in leaves:
            met = [g for g in groups if any(self.is_connected(leaf, other) for other in g)]
            groups = [g for g in groups if g not in met]
            groups.append([*(tree for g in met for tree in g), leaf])
        return groups

    def _exhaustive(self, leaves: Sequence[Tree]) -> Tree:
        """Return the cheapest tree of few inputs that conditions hold together."""
        best: dict[int, Tree] = {leaf.mask: leaf for leaf in leaves}
        bits = [leaf.mask for leaf in leaves]
        for number in range(1, 1 << len(bits)):
            mask = sum(bit for place, bit in enumerate(bits) if number >> place & 1)
            if mask in best:
                continue
            low = mask & -mask
            part = (mask - 1) & mask
            found: Tree | None = None
            while part:
                # Of both halves the one with the lowest input is looked at, so each split once.
                if part & low:
                    first, second = best.get(part), best.get(mask ^ part)
                    if first and second and self.is_connected(first, second):
                        tree = self.combine(first, second)
                        if found is None or tree.cost < found.cost:
                            found = tree
                part = (part - 1) & mask
            if found is not None:
                best[mask] = found
        return best.get(sum(bits)) or self._greedy(leaves)

    def _greedy(self, trees: Sequence[Tree]) -> Tree:
        """Join the two trees with the smallest result, until one is left."""
        left = list(trees)
        known: dict[tuple[int, int], tuple[bool, float, float]] = {}
        while len(left) > 1:
            choice: tuple[tuple[bool, float, float], int, int] | None = None
            for i, first in enumerate(left):
                for j in range(i + 1, len(left)):
                    key = (first.mask, left[j].mask)
                    if key not in known:
                        known[key] = self._merit(first, left[j])
                    if choice is None or known[key] < choice[0]:
                        choice = (known[key], i, j)
            if choice is None:
                break
            _, i, j = choice
            joined = self.combine(left[i], left[j])
            left = [tree for place, tree in enumerate(left) if place not in (i, j)]
            left.append(joined)
        return left[0]

    def _merit(self, first: Tree, second: Tree) -> tuple[bool, float, float]:
        """Return what the greedy choice compares: no cross join, few rows out, few rows in."""
        is_cross = not self.is_connected(first, second)
        rows = first.rows * second.rows if is_cross else self.combine(first, second).rows
        return is_cross, rows, first.rows + second.rows


def _joins(left_bit: int, right_bit: int, first: Tree, second: Tree) -> bool:
    """Whether a pair of inputs has one in each tree."""
    return bool(
        (left_bit & first.mask and right_bit & second.mask)
        or (left_bit & second.mask and right_bit & first.mask)
    )
