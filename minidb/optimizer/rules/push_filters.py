"""Rule: conditions move towards the rows they are about, and make joins of cross joins."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import assert_never

from minidb.binder.environment import Environment
from minidb.binder.join_keys import conjuncts
from minidb.expr import BoundExpr, ColumnRef, ScalarCall, columns_of, constant_from_value
from minidb.optimizer.conditions import all_of, can_move, is_deterministic, split
from minidb.optimizer.disjunctions import factored
from minidb.optimizer.join_conditions import divide
from minidb.optimizer.rule import Rule
from minidb.plan.clauses import (
    ArrayJoin,
    Combine,
    Expand,
    Kept,
    LimitBy,
    LimitWhole,
    Recursive,
    WithTotals,
)
from minidb.plan.nodes import (
    Aggregate,
    Computed,
    Distinct,
    ExtensionNode,
    Filter,
    Join,
    JoinKind,
    Limit,
    OneRow,
    PlanNode,
    Project,
    Scan,
    Sort,
    UnionAll,
    Window,
    inputs_of,
    with_inputs,
)
from minidb.plan.rewrite import substitute
from minidb.types import ArrayType, DataType, FloatType, TupleType, without_null


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
                return self._through(
                    node, conditions, lambda c: ids is None or columns_of(c) <= ids
                )
            case Aggregate(totals=None, given=()):
                return self._aggregate(node, conditions)
            case Window(partition=partition):
                # A condition on what all rows of a partition share keeps or drops it whole.
                shared = {e.id for e in partition if isinstance(e, ColumnRef) and _is_exact(e.type)}
                return self._through(
                    node, conditions, lambda c: bool(shared) and columns_of(c) <= shared
                )
            case Join():
                return self._join(node, conditions)
            case UnionAll():
                return self._union(node, conditions)
            case ArrayJoin(child=child):
                ids = {field.id for field in child.schema}
                # An array of another length than its neighbour is an error on any row.
                is_safe = len(node.items) == 1
                return self._through(node, conditions, lambda c: is_safe and columns_of(c) <= ids)
            case Aggregate() | Combine() | Expand() | LimitBy() | LimitWhole() | Recursive():
                return self._above(node, conditions)
            case OneRow() | Scan() | Limit() | Sort() | Kept() | WithTotals() | ExtensionNode():
                return self._above(node, conditions)
            case _:
                assert_never(node)

    def _above(self, node: PlanNode, conditions: Sequence[BoundExpr]) -> PlanNode:
        """Keep all conditions above a node that needs every row of its inputs."""
        below = tuple(self.push(child, []) for child in inputs_of(node))
        return self.keep(with_inputs(node, below), conditions)

    def _aggregate(self, node: Aggregate, conditions: Sequence[BoundExpr]) -> PlanNode:
        """Push conditions about keys below the grouping: they keep or drop groups whole."""
        key_exprs: dict[int, BoundExpr] = {key.field.id: key.expr for key in node.keys}
        about_keys, kept = split(
            conditions, lambda c: bool(node.keys) and columns_of(c) <= key_exprs.keys()
        )
        moved, stuck = _rewritten(about_keys, key_exprs)
        return self.keep(replace_child(node, self.push(node.child, moved)), [*kept, *stuck])

    def _through(
        self,
        node: Sort | Distinct | Window | ArrayJoin,
        conditions: Sequence[BoundExpr],
        test: Callable[[BoundExpr], bool],
    ) -> PlanNode:
        """Push the conditions that pass a test, and may move, below a node of one input."""
        movable, kept = split(conditions, lambda c: can_move(c) and test(c))
        return self.keep(replace_child(node, self.push(node.child, movable)), kept)

    def _union(self, node: UnionAll, conditions: Sequence[BoundExpr]) -> PlanNode:
        """Ask the conditions of every input, whose columns stand for the union's by place."""
        movable, kept = split(conditions, can_move)
        inputs: list[PlanNode] = []
        for child in node.inputs:
            by_id: dict[int, BoundExpr] = {
                field.id: ColumnRef(below.id, below.type, below.name)
                for field, below in zip(node.fields, child.schema, strict=True)
            }
            inputs.append(self.push(child, [substitute(c, by_id) for c in movable]))
        return self.keep(with_inputs(node, tuple(inputs)), kept)

    def _filter(
        self, child: PlanNode, own: Sequence[BoundExpr], from_above: Sequence[BoundExpr]
    ) -> PlanNode:
        """Push a filter's conditions and those from above; their order decides what can fail."""
        mine = [part for one in own for part in factored(self.environment, one)]
        conditions = list(dict.fromkeys([*mine, *from_above]))
        stays = next((i for i, c in enumerate(conditions) if c.may_fail), len(conditions))
        # A condition that can fail is guarded by those written before it, so all stay together.
        if stays < len(conditions) and not isinstance(child, Project):
            first, rest = conditions[:stays], conditions[stays:]
            return self.keep(self.push(child, first), rest)
        return self.push(child, conditions)

    def _join(self, node: Join, conditions: Sequence[BoundExpr]) -> PlanNode:
        """Send conditions to the side they read; equalities between the sides become keys."""
        without_mark = _without_mark(node, conditions)
        if without_mark is not None:
            return self.push(*without_mark)
        division = divide(self.environment, node, conditions)
        left = self.push(node.left, division.left)
        right = self.push(node.right, division.right)
        return self.keep(with_inputs(division.join, (left, right)), division.above)

    def keep(self, node: PlanNode, conditions: Sequence[BoundExpr]) -> PlanNode:
        """Return `node` under a filter of what could not be pushed further."""
        condition = all_of(self.environment, conditions)
        return node if condition is None else Filter(node, condition)


def _is_exact(data_type: DataType) -> bool:
    """Whether values that sort as equal are the same value: not 0.0 and -0.0."""
    return not isinstance(without_null(data_type), FloatType | ArrayType | TupleType)


def replace_child(node: PlanNode, child: PlanNode) -> PlanNode:
    """Return a node of one input over another input."""
    return with_inputs(node, (child,))


def _without_mark(
    node: Join, conditions: Sequence[BoundExpr]
) -> tuple[Project, list[BoundExpr]] | None:
    """Return a SEMI or ANTI join for a MARK join whose mark alone is a condition above.

    The mark is constant then. With it come the other conditions.
    """
    if node.mark is None:
        return None
    for place, condition in enumerate(conditions):
        is_negated = isinstance(condition, ScalarCall) and condition.name == "not"
        tested = (
            condition.args[0] if isinstance(condition, ScalarCall) and is_negated else condition
        )
        if not (isinstance(tested, ColumnRef) and tested.id == node.mark.id):
            continue
        kind = JoinKind.ANTI if is_negated else JoinKind.SEMI
        join = replace(node, kind=kind, mark=None)
        value = constant_from_value(node.mark.type, int(not is_negated))
        passed = [Computed(f, ColumnRef(f.id, f.type, f.name)) for f in node.left.schema]
        project = Project(join, (*passed, Computed(node.mark, value)))
        return project, [*conditions[:place], *conditions[place + 1 :]]
    return None


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


PUSH_FILTERS = Rule(
    "push_filters", "filter rows before they are joined, grouped or computed with", push_filters
)
