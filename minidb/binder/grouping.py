"""Binding GROUP BY: the keys, and replacing them in what is computed after grouping."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from minidb.binder.aggregates import AggregateList
from minidb.binder.environment import Environment
from minidb.binder.expressions import ExprBinder
from minidb.binder.functions import bind_call
from minidb.binder.grouping_sets import GroupingSets, bind_sets, grouping_value
from minidb.binder.positions import positional
from minidb.binder.windows import WindowList
from minidb.columns import Field
from minidb.errors import ILLEGAL_AGGREGATION, NOT_AN_AGGREGATE, BindError
from minidb.expr import (
    BoundExpr,
    ColumnRef,
    LambdaExpr,
    ScalarCall,
    make_call,
    rewrite,
    walk,
)
from minidb.plan.nodes import Aggregate, Computed, PlanNode, Sort, SortItem
from minidb.record import record
from minidb.source import Span
from minidb.sql import ast


@record
class GroupKeys:
    """The keys of GROUP BY.

    Parameters
    ----------
    computed : tuple of Computed
        The columns that Aggregate makes of the keys.
    exprs : tuple of BoundExpr
        What the keys are over the rows below.
    sets : GroupingSets or None
        ROLLUP, CUBE or GROUPING SETS.
    """

    computed: tuple[Computed, ...]
    exprs: tuple[BoundExpr, ...]
    sets: GroupingSets | None = None

    def read(self) -> list[BoundExpr]:
        """Return the expressions over the rows below."""
        return list(self.exprs)

    def over(self, plan: PlanNode, aggregates: AggregateList) -> Aggregate:
        """Return the grouping of a plan's rows."""
        items = tuple(aggregates.items)
        if self.sets is None:
            return Aggregate(plan, self.computed, items)
        keys = (*self.computed, self.sets.number)
        return Aggregate(self.sets.expand(plan), keys, items, self.sets.given(keys))

    def in_order(self, plan: PlanNode) -> PlanNode:
        """Return grouped rows with one grouping set after another."""
        if self.sets is None or len(self.sets.sets) < 2:
            return plan
        return Sort(plan, (SortItem(self.sets.number_ref),))

    def replace(
        self,
        expr: BoundExpr,
        aggregates: AggregateList,
        span: Span | None,
        environment: Environment | None = None,
        also: Collection[int] = (),
    ) -> BoundExpr:
        """Return `expr` over the columns that exist after grouping.

        Raises
        ------
        BindError
            NOT_AN_AGGREGATE for a column that is neither a key nor inside an aggregate.
        """
        keys = dict(zip(self.exprs, self.computed, strict=True))
        allowed = aggregates.ids | set(also)

        def change(part: BoundExpr) -> BoundExpr | None:
            if isinstance(part, ColumnRef) and part.id in aggregates.groupings:
                return grouping_value(aggregates.groupings[part.id], self.exprs, self.sets)
            if part.is_constant:
                # It keeps its value without the key, and functions ask for constants.
                return part
            for key_expr, key in keys.items():
                if part == key_expr:
                    return ColumnRef(key.field.id, key.field.type, key.field.name, part.span)
            return None

        replaced = rewrite(expr, change)
        if environment is not None and self.sets is not None and self.sets.uses_nulls:
            replaced = retyped(replaced, environment)
        allowed |= {key.field.id for key in self.computed}
        if self.sets is not None:
            allowed.add(self.sets.number.field.id)
        allowed |= {
            parameter.id
            for part in walk(replaced)
            if isinstance(part, LambdaExpr)
            for parameter in part.parameters
        }
        for part in walk(replaced):
            if not isinstance(part, ColumnRef) or aggregates.is_outside(part.id):
                continue
            if part.id not in allowed:
                message = f"column {part.name!r} is neither in GROUP BY nor inside an aggregate"
                hint = f"write any({part.name}), or add it to GROUP BY"
                raise BindError(NOT_AN_AGGREGATE, message, span=part.span or span, hint=hint)
        return replaced


def retyped(expr: BoundExpr, environment: Environment) -> BoundExpr:
    """Return `expr` bound again from the bottom, after columns in it have become Nullable."""
    if not isinstance(expr, ScalarCall):
        return expr
    args = [retyped(arg, environment) for arg in expr.args]
    if all(a is b for a, b in zip(args, expr.args, strict=True)) and not any(
        isinstance(arg, ColumnRef) for arg in args
    ):
        return expr
    if any(isinstance(arg, LambdaExpr) for arg in args):
        return make_call(expr.function, args, expr.type, expr.span, expr.serial)
    span = expr.span or Span(0, 0)
    return bind_call(expr.function, args, environment.settings, span, environment.next_id)


def bind_keys(
    select: ast.Select,
    outputs: Sequence[BoundExpr],
    binder: ExprBinder,
    aggregates: AggregateList,
    windows: WindowList,
) -> GroupKeys | None:
    """Return the keys of GROUP BY, or None without the clause.

    A whole number counts selected expressions from 1. ``GROUP BY ALL`` takes every selected
    expression without an aggregate.

    Raises
    ------
    BindError
        ILLEGAL_AGGREGATION for a key with an aggregate.
    """
    clause = select.group_by
    if clause is None:
        return None
    environment = binder.environment
    exprs: list[BoundExpr] = []
    if clause.mode == "ALL":
        exprs = [o for o in outputs if not aggregates.reads(o) and not windows.reads(o)]

    def bind(item: ast.Expr) -> BoundExpr:
        bound = positional(item, outputs)
        bound = binder.bind(item) if bound is None else bound
        if aggregates.reads(bound) or windows.reads(bound):
            what = "an aggregate" if aggregates.reads(bound) else "a window function"
            message = f"{what} may not stand in GROUP BY"
            raise BindError(ILLEGAL_AGGREGATION, message, span=item.span)
        return bound

    if clause.mode not in ("PLAIN", "ALL"):
        return _with_sets(clause, bind, binder)
    exprs += [bind(item) for item in clause.exprs]
    distinct = tuple(dict.fromkeys(exprs))
    computed = tuple(
        Computed(Field(environment.next_id(), _name(expr), expr.type), expr) for expr in distinct
    )
    return GroupKeys(computed, distinct)


def _with_sets(
    clause: ast.GroupBy, bind: Callable[[ast.Expr], BoundExpr], binder: ExprBinder
) -> GroupKeys:
    """Return the keys of ROLLUP, CUBE or GROUPING SETS."""
    exprs, sets = bind_sets(clause, bind, binder)
    environment = binder.environment
    computed = tuple(
        Computed(
            Field(environment.next_id(), _name(expr), key.field.type),
            ColumnRef(key.field.id, key.field.type, key.field.name),
        )
        for expr, key in zip(exprs, sets.keys, strict=True)
    )
    return GroupKeys(computed, exprs, sets)


def _name(expr: BoundExpr) -> str:
    """Return the name of a key's column: that of the column it is, else a general one."""
    return expr.name if isinstance(expr, ColumnRef) else "key"
