"""Binding ROLLUP, CUBE and GROUPING SETS, and the function grouping()."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from minidb.binder.aggregates import GroupingCall
from minidb.binder.expressions import ExprBinder
from minidb.binder.literals import bind_value
from minidb.columns import Field, default_column
from minidb.errors import (
    BAD_ARGUMENTS,
    BindError,
    NotSupportedError,
)
from minidb.expr import (
    BoundExpr,
    ColumnRef,
    Constant,
    constant_from_column,
    constant_from_value,
)
from minidb.plan.clauses import Expand
from minidb.plan.nodes import Computed, PlanNode
from minidb.record import record
from minidb.sql import ast
from minidb.types import ArrayType, IntType, nullable
from minidb.types.family import can_be_nullable

NUMBER_TYPE = IntType(64, is_signed=False)
MAX_CUBE_KEYS = 12


@record
class GroupingSets:
    """The sets of a GROUP BY.

    Parameters
    ----------
    keys : tuple of Computed
        What Expand computes.
    sets : tuple of tuples of int
        The keys of each set, by place.
    number_field : Field
        Expand's column of the set's number.
    number : Computed
        Aggregate's column of the set's number.
    has_empty_groups : bool
        Whether a set without keys gives a row also when there are none below.
    uses_nulls : bool
        Whether keys outside their set are NULL.
    binder : ExprBinder
        For what grouping() becomes.
    """

    keys: tuple[Computed, ...]
    sets: tuple[tuple[int, ...], ...]
    number_field: Field
    number: Computed
    has_empty_groups: bool
    uses_nulls: bool
    binder: ExprBinder

    @property
    def number_ref(self) -> ColumnRef:
        """Return the set's number after grouping."""
        column = self.number.field
        return ColumnRef(column.id, column.type, column.name)

    def expand(self, plan: PlanNode) -> Expand:
        """Return a plan's rows once for each set."""
        return Expand(plan, self.keys, self.number_field, self.sets)

    def given(self, keys: Sequence[Computed]) -> tuple[tuple[Constant, ...], ...]:
        """Return the groups that are there without rows."""
        if not self.has_empty_groups:
            return ()
        defaults = [constant_from_column(default_column(k.field.type, 1)) for k in keys[:-1]]
        return tuple(
            (*defaults, constant_from_value(NUMBER_TYPE, number))
            for number, places in enumerate(self.sets)
            if not places
        )

    def counted(self) -> BoundExpr:
        """Return the condition on expanded rows that totals count: each row once."""
        first = ColumnRef(self.number_field.id, NUMBER_TYPE, self.number_field.name)
        return self.binder.scalar("equals", [first, bind_value(0, None)])


def grouping_value(
    call: GroupingCall, keys: Sequence[BoundExpr], sets: GroupingSets | None
) -> BoundExpr:
    """Return what grouping() gives: one bit for each argument, the last one lowest.

    Raises
    ------
    BindError
        BAD_ARGUMENTS for an argument that is no key.
    """
    places = []
    for arg in call.args:
        if arg not in keys:
            message = "an argument of grouping() is no key of GROUP BY"
            raise BindError(BAD_ARGUMENTS, message, span=arg.span or call.span)
        places.append(list(keys).index(arg))
    every = (tuple(range(len(keys))),) if sets is None else sets.sets
    masks = []
    for chosen in every:
        bits = ["0" if (place in chosen) == call.is_standard else "1" for place in places]
        masks.append(int("".join(bits), 2))
    if sets is None or len(set(masks)) == 1:
        return constant_from_value(NUMBER_TYPE, masks[0], call.span)
    table = constant_from_value(ArrayType(NUMBER_TYPE), masks, call.span)
    place = sets.binder.scalar("plus", [sets.number_ref, bind_value(1, call.span)])
    return sets.binder.scalar("arrayElement", [table, place])


def bind_sets(
    clause: ast.GroupBy, bind: Callable[[ast.Expr], BoundExpr], binder: ExprBinder
) -> tuple[tuple[BoundExpr, ...], GroupingSets]:
    """Return the distinct keys of ROLLUP, CUBE or GROUPING SETS, and their sets.

    Raises
    ------
    NotSupportedError
        For WITH TOTALS beside GROUPING SETS, and CUBE of many keys.
    """
    environment = binder.environment
    if clause.mode == "GROUPING SETS":
        if clause.with_totals:
            message = "WITH TOTALS and GROUPING SETS are not supported together"
            raise NotSupportedError(message, span=clause.span)
        written = [[bind(item) for item in items] for items in clause.sets]
        exprs = tuple(dict.fromkeys(expr for items in written for expr in items))
        places = {expr: place for place, expr in enumerate(exprs)}
        sets = tuple(tuple(sorted({places[expr] for expr in items})) for items in written)
    else:
        exprs = tuple(dict.fromkeys(bind(item) for item in _flat(clause.exprs)))
        sets = _levels(clause, len(exprs))
    uses_nulls = environment.settings.flag("group_by_use_nulls")
    keys = tuple(
        Computed(
            Field(
                environment.next_id(),
                "key",
                nullable(e.type) if uses_nulls and can_be_nullable(e.type) else e.type,
            ),
            _as_key(e, uses_nulls, binder),
        )
        for e in exprs
    )
    number_field = Field(environment.next_id(), "grouping set", NUMBER_TYPE)
    reference = ColumnRef(number_field.id, NUMBER_TYPE, number_field.name)
    number = Computed(Field(environment.next_id(), number_field.name, NUMBER_TYPE), reference)
    has_empty = clause.mode == "GROUPING SETS"
    return exprs, GroupingSets(keys, sets, number_field, number, has_empty, uses_nulls, binder)


def _as_key(expr: BoundExpr, uses_nulls: bool, binder: ExprBinder) -> BoundExpr:
    """Return a key in its type after Expand."""
    if uses_nulls and can_be_nullable(expr.type):
        return binder.scalar("toNullable", [expr])
    return expr


def _flat(exprs: Sequence[ast.Expr]) -> list[ast.Expr]:
    """Return the keys of ROLLUP or CUBE; tuples are their elements."""
    found: list[ast.Expr] = []
    for expr in exprs:
        found += expr.elements if isinstance(expr, ast.TupleLiteral) else [expr]
    return found


def _levels(clause: ast.GroupBy, n_keys: int) -> tuple[tuple[int, ...], ...]:
    """Return the sets of ROLLUP or CUBE, all keys first and none last."""
    everything = range(n_keys)
    if clause.mode == "ROLLUP":
        return tuple(tuple(everything[:n]) for n in range(n_keys, -1, -1))
    if n_keys > MAX_CUBE_KEYS:
        message = f"CUBE of more than {MAX_CUBE_KEYS} keys is not supported"
        raise NotSupportedError(message, span=clause.span)
    masks = range((1 << n_keys) - 1, -1, -1)
    return tuple(
        tuple(place for place in everything if mask >> (n_keys - 1 - place) & 1) for mask in masks
    )
