"""Expressions and rows after grouping: keys in place of what they were, arrays, totals."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from minidb.binder.aggregates import AggregateList
from minidb.binder.array_joins import join_arrays
from minidb.binder.environment import Environment
from minidb.binder.grouping import GroupKeys
from minidb.errors import NotSupportedError
from minidb.expr import BoundExpr, columns_of
from minidb.plan.clauses import Kept, Totals
from minidb.plan.nodes import Aggregate, Computed, PlanNode
from minidb.record import state
from minidb.source import Span


@state
class Regrouped:
    """What a SELECT computes over its groups.

    Parameters
    ----------
    environment : Environment
        For functions whose arguments become Nullable by grouping.
    keys : GroupKeys
        The keys.
    aggregates : AggregateList
        The aggregates.
    calls : sequence of Computed
        The calls of arrayJoin that read groups, over the rows below.
    windows : collection of int
        The columns that window functions become.
    """

    environment: Environment
    keys: GroupKeys
    aggregates: AggregateList
    calls: Sequence[Computed]
    windows: Collection[int] = ()

    def replace(self, expr: BoundExpr, span: Span | None = None) -> BoundExpr:
        """Return `expr` over the columns that exist after grouping."""
        also = {*self.windows, *(call.field.id for call in self.calls)}
        return self.keys.replace(expr, self.aggregates, span, self.environment, also)

    @property
    def arrays(self) -> list[Computed]:
        """Return the calls of arrayJoin over the columns that exist after grouping."""
        return [Computed(call.field, self.replace(call.expr)) for call in self.calls]


def with_totals(
    plan: Aggregate, having: BoundExpr | None, grouped: Regrouped
) -> tuple[Aggregate, PlanNode]:
    """Return the grouping that also keeps a row of totals, and the plan of that row."""
    if having is not None and columns_of(having) - {field.id for field in plan.schema}:
        message = "WITH TOTALS after a query or arrayJoin in HAVING is not supported"
        raise NotSupportedError(message, span=having.span)
    key = grouped.environment.next_id()
    sets = grouped.keys.sets
    counted = None if sets is None else sets.counted()
    plan = replace(plan, totals=Totals(key, having, counted))
    return plan, join_arrays(Kept(key, plan.schema, "totals"), grouped.arrays)
