"""How many rows a plan yields, guessed before it runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import field, replace
from typing import assert_never

from minidb.binder.join_keys import conjuncts
from minidb.catalog.relation import ColumnShape, Described
from minidb.columns import NumericColumn, split_nulls
from minidb.expr import BoundExpr, ColumnRef, Constant, ScalarCall, columns_of
from minidb.optimizer.clause_rows import estimate_clause_rows
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
)
from minidb.record import state
from minidb.types import DataType, is_number, without_null

UNKNOWN_ROWS = 1000.0
EQUAL_SELECTIVITY = 0.1
OTHER_SELECTIVITY = 0.33
PATTERN_SELECTIVITY = 0.1
TINY = 1e-9
PATTERNS = ("like", "ilike", "match", "startsWith", "endsWith")
RANGES = {"less": -1, "lessOrEquals": -1, "greater": 1, "greaterOrEquals": 1}
# A key of several columns is less selective than its parts multiplied: each further part counts
# with the square root of the part before.
DAMPING = 0.5


def estimate_rows(node: PlanNode) -> float:
    """Return a guess of the rows that a plan yields; never negative."""
    return Estimator().rows(node)


@state
class Estimator:
    """Guesses about the nodes of one plan, each made once.

    The plan's nodes have to live as long as the estimator.
    """

    known_rows: dict[int, float] = field(default_factory=dict)
    known_shapes: dict[tuple[int, int], ColumnShape | None] = field(default_factory=dict)

    def rows(self, node: PlanNode) -> float:
        """Return a guess of the rows that a node yields."""
        known = self.known_rows.get(id(node))
        if known is None:
            known = self.known_rows[id(node)] = self._rows(node)
        return known

    def distinct(self, node: PlanNode, expr: BoundExpr) -> float:
        """Return a guess of the different values of an expression over a node's rows."""
        rows = max(1.0, self.rows(node))
        if isinstance(expr, Constant):
            return 1.0
        if isinstance(expr, ScalarCall) and expr.name == "CAST":
            return self.distinct(node, expr.args[0])
        shape = self.shape(node, expr.id) if isinstance(expr, ColumnRef) else None
        return rows if shape is None else max(1.0, min(rows, shape.n_distinct))

    def shape(self, node: PlanNode, column: int) -> ColumnShape | None:
        """Return what is known of a column, looked up where it is read."""
        key = (id(node), column)
        if key not in self.known_shapes:
            self.known_shapes[key] = self._shape(node, column)
        return self.known_shapes[key]

    def _shape(self, node: PlanNode, column: int) -> ColumnShape | None:
        match node:
            case Scan(relation=relation, columns=columns):
                if isinstance(relation, Described):
                    for name, field_ in columns:
                        if field_.id == column:
                            return relation.describe_column(name)
                return None
            case Project(child=child, items=items):
                for item in items:
                    if item.field.id == column:
                        return self._below(child, item.expr)
                return None
            case Aggregate(child=child, keys=keys):
                for key in keys:
                    if key.field.id == column:
                        return self._below(child, key.expr)
                return None
            case Filter(child=child, condition=condition):
                return self._filtered(child, condition, column)
            case _:
                for child in inputs_of(node):
                    if any(field_.id == column for field_ in child.schema):
                        return self.shape(child, column)
                return None

    def _filtered(self, child: PlanNode, condition: BoundExpr, column: int) -> ColumnShape | None:
        """Return a column's shape where conditions on it alone leave fewer values."""
        shape = self.shape(child, column)
        if shape is None:
            return None
        kept = 1.0
        for part in conjuncts(condition):
            if columns_of(part) == {column}:
                kept *= self.selectivity(child, part)
        return replace(shape, n_distinct=max(1.0, shape.n_distinct * kept))

    def _below(self, child: PlanNode, expr: BoundExpr) -> ColumnShape | None:
        """Return the shape of a computed column, where that only takes on another one."""
        while isinstance(expr, ScalarCall) and expr.name in ("CAST", "toNullable"):
            expr = expr.args[0]
        return self.shape(child, expr.id) if isinstance(expr, ColumnRef) else None

    def _rows(self, node: PlanNode) -> float:
        match node:
            case OneRow():
                return 1.0
            case Scan(relation=relation):
                known = relation.estimate_rows()
                return UNKNOWN_ROWS if known is None else float(known)
            case Filter(child=child, condition=condition):
                return self.rows(child) * self.selectivity(child, condition)
            case Project(child=child) | Distinct(child=child) | Window(child=child):
                return self.rows(child)
            case Sort(child=child, limit=limit):
                rows = self.rows(child)
                return rows if limit is None else min(rows, float(limit))
            case Aggregate(child=child, keys=keys):
                return self._groups(child, [key.expr for key in keys])
            case Limit(child=child, count=count, offset=offset):
                rows = max(0.0, self.rows(child) - offset)
                return rows if count is None else min(rows, float(count))
            case Join():
                return self._join_rows(node)
            case UnionAll() | ExtensionNode():
                return sum(self.rows(child) for child in inputs_of(node))
            case Combine() | Expand() | Kept() | WithTotals():
                return estimate_clause_rows(node, [self.rows(i) for i in inputs_of(node)])
            case LimitBy() | LimitWhole() | ArrayJoin() | Recursive():
                return estimate_clause_rows(node, [self.rows(i) for i in inputs_of(node)])
            case _:
                assert_never(node)

    def _groups(self, child: PlanNode, keys: Sequence[BoundExpr]) -> float:
        """Return a guess of the groups of some keys."""
        if not keys:
            return 1.0
        rows, groups = self.rows(child), 1.0
        for key in keys:
            is_known = isinstance(key, ColumnRef) and self.shape(child, key.id) is not None
            groups *= self.distinct(child, key) if is_known else max(1.0, rows) ** 0.75
        return min(rows, groups)

    def _join_rows(self, node: Join) -> float:
        left, right = self.rows(node.left), self.rows(node.right)
        pairs = left * right * self.key_selectivity(node)
        if node.residual is not None:
            # What the residual asks of this node's rows is answered for those before it.
            self.known_rows[id(node)] = pairs
            pairs *= self.selectivity(node, node.residual)
        match node.kind:
            case JoinKind.SEMI:
                return min(left, pairs)
            case JoinKind.ANTI:
                return max(left - pairs, left * EQUAL_SELECTIVITY)
            case JoinKind.SINGLE | JoinKind.MARK:
                return left
            case JoinKind.LEFT:
                return max(left, pairs)
            case JoinKind.RIGHT:
                return max(right, pairs)
            case JoinKind.FULL:
                return max(left, right, pairs)
            case JoinKind.INNER:
                return pairs
            case _:
                assert_never(node.kind)

    def key_selectivity(self, node: Join) -> float:
        """Return the part of all pairs of rows whose keys are equal."""
        return damped(
            1.0 / max(self.distinct(node.left, left), self.distinct(node.right, right))
            for left, right in zip(node.left_keys, node.right_keys, strict=True)
        )

    def selectivity(self, node: PlanNode, condition: BoundExpr) -> float:
        """Return the part of a node's rows, from 0 to 1, that a condition is guessed to keep."""
        match condition:
            case Constant():
                return 1.0 if condition.value else 0.0
            case ScalarCall(name="and", args=args):
                return self._all(node, args)
            case ScalarCall(name="or", args=args):
                lost = 1.0
                for part in args:
                    lost *= 1.0 - self.selectivity(node, part)
                return 1.0 - lost
            case ScalarCall(name="not", args=(arg,)):
                return 1.0 - self.selectivity(node, arg)
            case ScalarCall(name="notEquals", args=args):
                return 1.0 - self._equal(node, args)
            case ScalarCall(name="equals", args=args):
                return self._equal(node, args)
            case ScalarCall(name="in", args=(operand, members)):
                return min(1.0, _n_members(members) / self._distinct_or(node, operand))
            case ScalarCall(name=name) if name in RANGES:
                return self._range(node, condition)
            case ScalarCall(name=name) if name in PATTERNS:
                return PATTERN_SELECTIVITY
            case _:
                return OTHER_SELECTIVITY

    def _all(self, node: PlanNode, parts: Sequence[BoundExpr]) -> float:
        """Return what several conditions keep; two limits of one column make an interval."""
        result = 1.0
        kept_by_limit: dict[frozenset[int], float] = {}
        for part in parts:
            one = self.selectivity(node, part)
            read = frozenset(columns_of(part))
            if isinstance(part, ScalarCall) and part.name in RANGES and read in kept_by_limit:
                before = kept_by_limit[read]
                both = before + one - 1.0
                result *= (both if both > 0.0 else before * one) / max(before, TINY)
            else:
                result *= one
                if isinstance(part, ScalarCall) and part.name in RANGES:
                    kept_by_limit[read] = one
        return result

    def _equal(self, node: PlanNode, args: Sequence[BoundExpr]) -> float:
        """Return the selectivity of an equality."""
        return 1.0 / max(self._distinct_or(node, arg) for arg in args)

    def _distinct_or(self, node: PlanNode, expr: BoundExpr) -> float:
        """Return the different values of an expression; a usual number where nothing is known."""
        if isinstance(expr, ColumnRef) and self.shape(node, expr.id) is not None:
            return self.distinct(node, expr)
        return 1.0 if isinstance(expr, Constant) else 1.0 / EQUAL_SELECTIVITY

    def _range(self, node: PlanNode, call: ScalarCall) -> float:
        """Return the selectivity of a comparison: of a column with a number, by its bounds."""
        side = RANGES[call.name]
        match call.args:
            case (ColumnRef() as column, Constant() as constant):
                pass
            case (Constant() as constant, ColumnRef() as column):
                side = -side
            case _:
                return OTHER_SELECTIVITY
        shape, limit = self.shape(node, column.id), _number(constant)
        if shape is None or shape.low is None or shape.high is None or limit is None:
            return OTHER_SELECTIVITY
        if bare_type(constant) != bare_type(column) and not _are_numbers(constant, column):
            return OTHER_SELECTIVITY
        below = (limit - shape.low) / max(shape.high - shape.low, 1.0)
        kept = below if side < 0 else 1.0 - below
        return min(1.0, max(kept, 1.0 / shape.n_distinct))


def damped(selectivities: Iterable[float]) -> float:
    """Return what the parts of a key keep together: the strongest whole, the others weaker."""
    result, weight = 1.0, 1.0
    for one in sorted(selectivities):
        result *= one**weight
        weight *= DAMPING
    return result


def bare_type(expr: ColumnRef | Constant) -> DataType:
    """Return an expression's type without Nullable."""
    return without_null(expr.type)


def _are_numbers(*exprs: ColumnRef | Constant) -> bool:
    return all(is_number(bare_type(expr)) for expr in exprs)


def _number(constant: Constant) -> float | None:
    """Return a number or date as it is stored, or None."""
    values, is_null = split_nulls(constant.column)
    if not isinstance(values, NumericColumn) or (is_null is not None and bool(is_null[0])):
        return None
    return float(values.values[0].item())


def _n_members(members: BoundExpr) -> float:
    """Return how many values stand on the right of IN."""
    value = members.value if isinstance(members, Constant) else None
    return float(len(value)) if isinstance(value, tuple | list) else 1.0
