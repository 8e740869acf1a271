"""A group of inner joins taken apart: its inputs, what has to be equal, and other conditions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field

from minidb.binder.environment import Environment
from minidb.binder.functions import bind_call
from minidb.binder.join_keys import conjuncts
from minidb.errors import InternalError
from minidb.expr import BoundExpr, ColumnRef, Constant, ScalarCall, columns_of
from minidb.optimizer.conditions import all_of, can_move
from minidb.optimizer.rules.push_filters import push_filters
from minidb.plan.nodes import Filter, Join, PlanNode
from minidb.plan.rewrite import substitute
from minidb.record import record, state
from minidb.types import DataType

# Conditions with a constant that may be asked of an equal column, too.
COPIED = ("equals", "less", "lessOrEquals", "greater", "greaterOrEquals", "in", "and", "or")


@record
class KeyPair:
    """An equality of two inputs' expressions; each input is given by its bit."""

    left: BoundExpr
    right: BoundExpr
    left_bit: int
    right_bit: int


@state
class JoinGroup:
    """Inner joins of any shape, as sets.

    Attributes
    ----------
    inputs : list of PlanNode
        What is joined; input i has the bit ``1 << i`` in every mask.
    classes : list of dict
        Expressions that are all equal, by the bit of their input.
    pairs : list of KeyPair
        Equalities that say nothing about third expressions: of floats, whose keys compare bytes.
    conditions : list of (mask, BoundExpr)
        Other conditions and the inputs that they read.
    """

    environment: Environment
    inputs: list[PlanNode] = field(default_factory=list)
    classes: list[dict[int, list[BoundExpr]]] = field(default_factory=list)
    pairs: list[KeyPair] = field(default_factory=list)
    conditions: list[tuple[int, BoundExpr]] = field(default_factory=list)
    bit_of: dict[int, int] = field(default_factory=dict)

    def add_input(self, node: PlanNode) -> int:
        """Add an input; return its bit."""
        bit = 1 << len(self.inputs)
        self.inputs.append(node)
        self.bit_of.update((column.id, bit) for column in node.schema)
        return bit

    def mask_of(self, expr: BoundExpr) -> int:
        """Return the inputs that an expression reads."""
        mask = 0
        for column in columns_of(expr):
            mask |= self.bit_of[column]
        return mask

    def add_join(self, node: Join) -> None:
        """Add the keys and the residual of a join whose inputs are all there."""
        for left, right in zip(node.left_keys, node.right_keys, strict=True):
            self.add_equality(left, right)
        if node.residual is not None:
            self.conditions += [(self.mask_of(c), c) for c in conjuncts(node.residual)]

    def add_equality(self, left: BoundExpr, right: BoundExpr) -> None:
        """Add a pair of keys."""
        bits = self.mask_of(left), self.mask_of(right)
        if bits[0].bit_count() != 1 or bits[1].bit_count() != 1:
            equal = self.equals(left, right)
            self.conditions.append((bits[0] | bits[1], equal))
        elif has_float(left.type):
            self.pairs.append(KeyPair(left, right, *bits))
        else:
            self._unite(left, right, *bits)

    def _unite(self, left: BoundExpr, right: BoundExpr, left_bit: int, right_bit: int) -> None:
        """Put two equal expressions, and all that equal them, into one class."""
        united: dict[int, list[BoundExpr]] = {left_bit: [left]}
        others: list[dict[int, list[BoundExpr]]] = []
        extra = {right_bit: [right]}
        for known in self.classes:
            is_met = left in known.get(left_bit, ()) or right in known.get(right_bit, ())
            if is_met:
                _merge(united, known)
            else:
                others.append(known)
        _merge(united, extra)
        self.classes = [*others, united]

    def equals(self, left: BoundExpr, right: BoundExpr) -> BoundExpr:
        """Return the condition that two expressions of one type are equal."""
        function = self.environment.registry.scalar("equals")
        if function is None:
            raise InternalError("there is no function 'equals'")
        settings = self.environment.settings
        return bind_call(function, [left, right], settings, left.span, self.environment.next_id)

    def spread_conditions(self) -> None:
        """Filter the inputs by what follows from equalities: ``a = b AND a < 5``, so ``b < 5``."""
        wanted: list[list[BoundExpr]] = [[] for _ in self.inputs]
        for mask, condition in self.conditions:
            if mask.bit_count() < 2:
                wanted[max(0, mask.bit_length() - 1)].append(condition)
        for members in self.classes:
            for place in range(len(self.inputs)):
                mine = members.get(1 << place, [])
                wanted[place] += [self.equals(mine[0], other) for other in mine[1:]]
            for bit, source, condition in self._about(members):
                for other, exprs in members.items():
                    if other != bit and exprs[0].type == source.type:
                        copied = substitute(condition, {source.id: exprs[0]})
                        wanted[other.bit_length() - 1].append(copied)
        for place, conditions in enumerate(wanted):
            node = self.inputs[place]
            known = conjuncts(node.condition) if isinstance(node, Filter) else []
            new = [c for c in dict.fromkeys(conditions) if c not in known and can_move(c)]
            together = all_of(self.environment, new)
            if together is not None:
                self.inputs[place] = push_filters(Filter(node, together), self.environment)

    def _about(
        self, members: dict[int, list[BoundExpr]]
    ) -> Iterator[tuple[int, ColumnRef, BoundExpr]]:
        """Yield the filters of inputs that read one column of a class and constants."""
        for bit, exprs in members.items():
            node = self.inputs[bit.bit_length() - 1]
            if not isinstance(node, Filter):
                continue
            for condition in conjuncts(node.condition):
                for source in exprs:
                    if isinstance(source, ColumnRef) and _is_copied(condition, source):
                        yield bit, source, condition


def take_apart(environment: Environment, node: Join) -> JoinGroup | None:
    """Return the group of inner joins that ends in `node`; None when it has to stay as written."""
    group = JoinGroup(environment)
    waiting: list[Join] = []

    def collect(part: PlanNode) -> None:
        if isinstance(part, Join) and can_be_taken_apart(part):
            collect(part.left)
            collect(part.right)
            waiting.append(part)
        else:
            group.add_input(part)

    collect(node)
    for join in waiting:
        for left, right in zip(join.left_keys, join.right_keys, strict=True):
            masks = group.mask_of(left), group.mask_of(right)
            if has_float(left.type) and any(mask.bit_count() != 1 for mask in masks):
                return None
        group.add_join(join)
    return group


def can_be_taken_apart(node: Join) -> bool:
    """Whether the order of a join's inputs and of its conditions is free."""
    if not node.is_plain:
        return False
    parts: Sequence[BoundExpr] = (*node.left_keys, *node.right_keys)
    if node.residual is not None:
        parts = (*parts, node.residual)
    return all(can_move(part) for part in parts)


def has_float(data_type: DataType) -> bool:
    """Whether a type is or holds a float, of which equal bytes and equal values differ."""
    return "Float" in data_type.name


def _merge(into: dict[int, list[BoundExpr]], members: dict[int, list[BoundExpr]]) -> None:
    for bit, exprs in members.items():
        known = into.setdefault(bit, [])
        known += [expr for expr in exprs if expr not in known]


def _is_copied(condition: BoundExpr, source: ColumnRef) -> bool:
    """Whether a condition compares a column with constants and reads nothing else."""
    stack = [condition]
    while stack:
        part = stack.pop()
        if isinstance(part, Constant) or part == source:
            continue
        if not isinstance(part, ScalarCall) or part.name not in COPIED:
            return False
        stack.extend(part.args)
    return True
