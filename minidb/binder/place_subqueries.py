"""Putting the joins into a plan that make the columns which queries inside expressions became."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from minidb.binder.calls import call, conjunction, conjuncts, reference
from minidb.binder.decorrelate import NeedsDomainError, Unnested, Unnester, equal_keys
from minidb.binder.environment import Environment
from minidb.binder.expressions import cast_to
from minidb.binder.pending import Pending, Wanted
from minidb.columns import Field
from minidb.errors import NOT_AN_AGGREGATE, BindError, NotSupportedError
from minidb.expr import BoundExpr, Constant, columns_of, constant_from_value, rewrite
from minidb.plan.clauses import Expand
from minidb.plan.free import free_columns, is_repeatable, made_columns
from minidb.plan.nodes import (
    Aggregate,
    Computed,
    Distinct,
    Filter,
    Join,
    JoinKind,
    Limit,
    PlanNode,
    Project,
    Sort,
    expressions_of,
    inputs_of,
    with_inputs,
)
from minidb.plan.rewrite import ExprChange, map_expressions, substitute
from minidb.record import record
from minidb.types import IntType

UINT8 = IntType(8, False)


def place_subqueries(environment: Environment, plan: PlanNode, level: int) -> PlanNode:
    """Return the plan of one SELECT with every column that its expressions read.

    Parameters
    ----------
    environment : Environment
        Its `pending` says what the columns are.
    plan : PlanNode
        The SELECT as bound.
    level : int
        The SELECT's; queries in the expressions of other SELECTs are theirs to place.

    Raises
    ------
    NotSupportedError
        For a query that cannot be unnested.
    BindError
        NOT_AN_AGGREGATE for a query that reads a column which grouping took away.
    """
    own = {i for i, pending in environment.pending.items() if pending.level == level}
    if not own:
        return plan
    placed = _Placer(environment, own).place(plan)
    if placed.schema == plan.schema:
        return placed
    return Project(placed, tuple(Computed(f, reference(f)) for f in plan.schema))


@record
class _Placer:
    """Walks one plan, inputs first."""

    environment: Environment
    own: set[int]

    def place(self, node: PlanNode) -> PlanNode:
        """Return the node over inputs that have the columns it reads."""
        node = with_inputs(node, tuple(self.place(child) for child in inputs_of(node)))
        available = {field.id for child in inputs_of(node) for field in child.schema}
        wanted = [i for expr in expressions_of(node) for i in sorted(columns_of(expr) & self.own)]
        missing = [i for i in dict.fromkeys(wanted) if i not in available]
        if not missing:
            return node
        match node:
            case Filter():
                return self._filter(node, missing)
            case Join():
                return self._join(node, missing)
            case _:
                (child,) = inputs_of(node)
                return with_inputs(node, (self._with_all(child, missing),))

    def _filter(self, node: Filter, missing: Sequence[int]) -> PlanNode:
        """Test what needs no query first: fewer rows are then looked up."""
        first: list[BoundExpr] = []
        rest: list[BoundExpr] = []
        for part in conjuncts(node.condition):
            reads = bool(columns_of(part) & set(missing))
            is_first = not reads and (not rest or not part.may_fail)
            (first if is_first else rest).append(part)
        below = conjunction(self.environment, first)
        child = node.child if below is None else Filter(node.child, below)
        condition = conjunction(self.environment, rest)
        child = self._with_all(child, missing)
        return child if condition is None else Filter(child, condition)

    def _join(self, node: Join, missing: Sequence[int]) -> PlanNode:
        """Give each column of ON to the side that it is about; of an inner join, to both."""
        for column_id in missing:
            pending = self.environment.pending[column_id]
            read = free_columns(pending.plan)
            left_ids = {field.id for field in node.left.schema}
            right_ids = {field.id for field in node.right.schema}
            if not read & right_ids:
                node = replace(node, left=self._with_all(node.left, [column_id]))
            elif not read & left_ids:
                node = replace(node, right=self._with_all(node.right, [column_id]))
            elif node.is_plain and node.residual is not None:
                parts = conjuncts(node.residual)
                above = [p for p in parts if columns_of(p) & set(missing)]
                own = [p for p in parts if not columns_of(p) & set(missing)]
                plain = replace(node, residual=conjunction(self.environment, own))
                condition = conjunction(self.environment, above) or node.residual
                return self.place(Filter(plain, condition))
            else:
                message = f"a query in ON that reads both sides of a {node.kind.name} JOIN "
                message += "is not supported"
                raise NotSupportedError(message, span=pending.span)
        return node

    def _with_all(self, child: PlanNode, missing: Sequence[int]) -> PlanNode:
        """Return `child` with columns of queries beside its own."""
        around = child
        for column_id in missing:
            child = self._with_one(child, self.environment.pending[column_id], around)
        return child

    def _with_one(self, child: PlanNode, pending: Pending, around: PlanNode) -> PlanNode:
        """Join one query to the rows of `child`; `around` has its outer values too."""
        available = {field.id for field in child.schema}
        if pending.field.id in available:
            return child
        plan = _over_groups(pending.plan, child, available)
        for column_id in sorted(free_columns(plan) & self.own - available):
            # An alias of the query around it that is a query itself.
            child = self._with_one(child, self.environment.pending[column_id], around)
        available = {field.id for field in child.schema}
        free = free_columns(plan)
        if free & made_columns(child) - available:
            message = "the query reads a column that is neither in GROUP BY nor inside an aggregate"
            raise BindError(NOT_AN_AGGREGATE, message, span=pending.span)
        pending = replace(pending, plan=plan)
        outer = tuple(field for field in child.schema if field.id in free)
        if not {field.id for field in outer} <= {field.id for field in around.schema}:
            around = child
        join = _Attached(self.environment, child, around, outer, pending)
        return join.exists() if pending.wanted is Wanted.EXISTS else join.value()


def _over_groups(plan: PlanNode, child: PlanNode, available: set[int]) -> PlanNode:
    """Return a query over the groups of `child`: keys of GROUP BY become the grouped columns."""
    if not free_columns(plan) & made_columns(child) - available:
        return plan
    node = child
    while not isinstance(node, Aggregate):
        inputs = inputs_of(node)
        if not inputs:
            return plan
        node = inputs[0]
    # Below grouping sets stands what the keys are; NULL outside a set is another type.
    sets = node.child.keys if isinstance(node.child, Expand) else ()
    by_id = {key.field.id: key.expr for key in sets}
    exprs = [substitute(key.expr, by_id) for key in node.keys]
    keys = {
        expr: reference(key.field)
        for expr, key in zip(exprs, node.keys, strict=True)
        if key.field.id in available and expr.type == key.field.type
    }

    def change(part: BoundExpr) -> BoundExpr | None:
        return None if isinstance(part, Constant) else keys.get(part)

    return _map_all(plan, lambda expr: rewrite(expr, change))


def _map_all(node: PlanNode, change: ExprChange) -> PlanNode:
    """Return a plan with the expressions of all its nodes changed."""
    inputs = tuple(_map_all(child, change) for child in inputs_of(node))
    return map_expressions(with_inputs(node, inputs), change)


@record
class _Attached:
    """One query joined to the rows around it.

    Parameters
    ----------
    child : PlanNode
        The rows around it.
    around : PlanNode
        Rows that have the same outer values, perhaps more.
    outer : tuple of Field
        The columns of `child` that the query reads.
    """

    environment: Environment
    child: PlanNode
    around: PlanNode
    outer: tuple[Field, ...]
    pending: Pending

    def value(self) -> PlanNode:
        """Return the rows with the query's value: NULL, or the type's default, for no row."""
        found = self._unnested(self.pending.plan)
        field, environment = self.pending.field, self.environment
        shown = self.pending.plan.schema[0]
        value = cast_to(environment, reference(shown), field.type)
        keys = [Computed(key, reference(key)) for key in found.keys]
        if found.missing is None:
            right = Project(found.plan, (*keys, Computed(field, value)))
            return self._join(right, found, JoinKind.SINGLE)
        inner = Field(environment.next_id(), field.name, field.type)
        is_there = Field(environment.next_id(), "is there", UINT8)
        one = Computed(is_there, constant_from_value(UINT8, 1))
        right = Project(found.plan, (*keys, Computed(inner, value), one))
        joined = self._join(right, found, JoinKind.SINGLE)
        empty = cast_to(environment, found.missing[shown.id], field.type)
        choice = call(environment, "if", [reference(is_there), reference(inner), empty])
        passed = [Computed(f, reference(f)) for f in self.child.schema]
        filled = Computed(field, cast_to(environment, choice, field.type))
        return Project(joined, (*passed, filled))

    def exists(self) -> PlanNode:
        """Return the rows with a mark: whether the query has a row."""
        node, conditions = _without_shape(self.pending.plan)
        if isinstance(node, Aggregate) and not node.keys and not conditions:
            # A grouping without keys has a row whatever it reads.
            return self._always()
        outer_ids = {column.id for column in self.outer}
        if free_columns(node) & outer_ids:
            found = self._unnested(_filtered(self.environment, node, conditions))
            if found.missing is not None:
                return self._always()
            ids = tuple(key.id for key in found.keys)
            keys = tuple(Computed(key, reference(key)) for key in found.keys)
            distinct = Distinct(Project(found.plan, keys), ids)
            return self._join(distinct, found, JoinKind.MARK)
        local = [part for part in conditions if not columns_of(part) & outer_ids]
        about_outer = [part for part in conditions if columns_of(part) & outer_ids]
        right = _filtered(self.environment, node, local)
        residual = conjunction(self.environment, about_outer)
        field = self.pending.field
        return Join(self.child, right, residual=residual, kind=JoinKind.MARK, mark=field)

    def _always(self) -> PlanNode:
        """Return the rows with a mark of 1."""
        passed = [Computed(f, reference(f)) for f in self.child.schema]
        mark = Computed(self.pending.field, constant_from_value(UINT8, 1))
        return Project(self.child, (*passed, mark))

    def _unnested(self, plan: PlanNode) -> Unnested:
        """Return the query's answers for all outer values."""
        if not self.outer:
            return Unnested(plan, ())
        parts = (self.environment, self.outer, self.around, self.pending.span)
        try:
            return Unnester(*parts).unnest(plan)
        except NeedsDomainError:
            return Unnester(*parts, takes_inner=False).unnest(plan)

    def _join(self, right: PlanNode, found: Unnested, kind: JoinKind) -> Join:
        """Join the answers to the rows by the outer values."""
        pairs = [
            equal_keys(self.environment, column, key, found.is_inner)
            for column, key in zip(self.outer, found.keys, strict=True)
        ]
        return Join(
            self.child,
            right,
            tuple(pair[0] for pair in pairs),
            tuple(pair[1] for pair in pairs),
            kind=kind,
            mark=self.pending.field if kind is JoinKind.MARK else None,
        )


def _filtered(
    environment: Environment, node: PlanNode, conditions: Sequence[BoundExpr]
) -> PlanNode:
    """Return a plan under a filter, if there is a condition."""
    condition = conjunction(environment, conditions)
    return node if condition is None else Filter(node, condition)


def _without_shape(plan: PlanNode) -> tuple[PlanNode, list[BoundExpr]]:
    """Return rows and conditions that have a row exactly where the plan has one.

    What only orders, computes, groups or cuts the rows goes.
    """
    node, conditions = plan, list[BoundExpr]()
    while True:
        match node:
            case Filter(child=child, condition=condition):
                node, conditions = child, [*conjuncts(condition), *conditions]
            case Project(child=child, items=items) if is_repeatable(node):
                by_id = {item.field.id: item.expr for item in items}
                node, conditions = child, [substitute(part, by_id) for part in conditions]
            case Sort(child=child, limit=None):
                node = child
            case Distinct(child=child, on=on) if _read(conditions, child) <= set(on):
                node = child
            case Limit(child=child, count=count, offset=0) if not conditions and count != 0:
                node = child
            case Aggregate(child=child, keys=keys, given=(), totals=None) if keys and _read(
                conditions, node
            ) <= {key.field.id for key in keys}:
                exprs = {key.field.id: key.expr for key in keys}
                node, conditions = child, [substitute(part, exprs) for part in conditions]
            case _:
                return node, conditions


def _read(conditions: Sequence[BoundExpr], node: PlanNode) -> set[int]:
    """Return the columns of a node that conditions read."""
    ids = {field.id for field in node.schema}
    return {i for part in conditions for i in columns_of(part)} & ids
