"""Binding one SELECT: its clauses in the order in which they take effect."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, replace

from minidb.binder.aggregates import AggregateList
from minidb.binder.aliases import collect_aliases
from minidb.binder.array_joins import ArrayJoinList, join_arrays
from minidb.binder.environment import Environment
from minidb.binder.expressions import ExprBinder
from minidb.binder.grouping import GroupKeys, bind_keys
from minidb.binder.joins import BoundSource
from minidb.binder.names import column_name
from minidb.binder.ordering import bind_by, bind_limit, bind_limit_by, bind_order_items
from minidb.binder.over import check_definitions
from minidb.binder.place_subqueries import place_subqueries
from minidb.binder.regrouped import Regrouped, with_totals
from minidb.binder.scope import Scope
from minidb.binder.sources import BindQuery, SourceBinder
from minidb.binder.stars import expand_star
from minidb.binder.untuples import selected
from minidb.binder.windows import WindowList
from minidb.columns import Field
from minidb.errors import (
    EMPTY_LIST_OF_COLUMNS_QUERIED,
    ILLEGAL_AGGREGATION,
    ILLEGAL_TYPE_OF_ARGUMENT,
    ILLEGAL_TYPE_OF_COLUMN_FOR_FILTER,
    BindError,
    NotSupportedError,
)
from minidb.expr import BoundExpr, ColumnRef, LambdaExpr
from minidb.plan.clauses import WithTotals
from minidb.plan.free import free_columns
from minidb.plan.nodes import (
    Computed,
    Distinct,
    Filter,
    OneRow,
    PlanNode,
    Project,
    Sort,
    SortItem,
)
from minidb.plan.rewrite import ExprChange
from minidb.plan.verify import can_be_condition
from minidb.record import record, state
from minidb.sql import ast
from minidb.types import NothingType


@record
class Output:
    """One column of the result: its name and what it is computed from."""

    name: str
    expr: BoundExpr


@state
class SelectBinder:
    """Binds one SELECT.

    Parameters
    ----------
    environment : Environment
        Catalog, functions, settings and parameters.
    outer : Scope
        The common tables that are visible.
    bind_query : callable
        Binds the queries inside.
    null_without_rows : bool
        Whether aggregates such as sum are NULL, not 0, where there are no rows: so it is in a
        query that reads columns around it, as in the standard and in ClickHouse.
    """

    environment: Environment
    outer: Scope
    bind_query: BindQuery
    null_without_rows: bool = False
    aggregates: AggregateList = field(default_factory=AggregateList)
    windows: WindowList = field(default_factory=WindowList)
    array_joins: ArrayJoinList = field(init=False)

    def __post_init__(self) -> None:
        self.array_joins = ArrayJoinList(self.environment)

    def bind(self, select: ast.Select) -> PlanNode:
        """Return the plan of a SELECT: its schema holds the result columns, in order.

        Where the SELECT reads columns around it and aggregates all its rows, no rows give NULL.
        """
        if select.settings and select.settings is not self.environment.statement_settings:
            message = "SETTINGS of a query inside another one are not supported"
            hint = "write them at the end of the statement"
            raise NotSupportedError(message, span=select.settings[0].span, hint=hint)
        outer = self._with_names(select)
        n_queries = self.environment.n_queries
        plan = place_subqueries(self.environment, self._bound(select, outer), outer.level)
        is_whole = bool(self.aggregates.items) and select.group_by is None
        if is_whole and not self.null_without_rows and free_columns(plan):
            self.environment.n_queries = n_queries
            again = SelectBinder(self.environment, self.outer, self.bind_query, True)
            return again.bind(select)
        return plan

    def _bound(self, select: ast.Select, outer: Scope) -> PlanNode:
        """Return the plan before the queries inside expressions have their joins."""
        self.aggregates.level, self.aggregates.pending = outer.level, self.environment.pending
        source = self._source(select, outer)
        scope = replace(outer, tables=source.tables, values=self.outer.values)
        aliases = collect_aliases(select)
        known: dict[str, BoundExpr] = {}
        before = ExprBinder(self.environment, scope, aliases, None, "WHERE", known)
        after = ExprBinder(self.environment, scope, aliases, self.aggregates, "SELECT", known)
        after.null_without_rows = self.null_without_rows
        before.array_joins = after.array_joins = self.array_joins
        self.windows.define(select.windows)
        after.windows = self.windows
        plan = source.plan
        # The projection comes first, so that aliases of aggregates are known as such in WHERE.
        outputs = self._projection(select, scope, after)
        check_definitions(after, self.windows)
        for clause in (select.prewhere, select.where):
            if clause is not None:
                condition = self._condition(clause, before, "WHERE")
                plan = Filter(join_arrays(plan, self.array_joins.take([condition])), condition)
        grouping = ExprBinder(self.environment, scope, aliases, None, "GROUP BY", known)
        grouping.array_joins = self.array_joins
        keys = bind_keys(select, outputs_by_place(outputs), grouping, self.aggregates, self.windows)
        having = qualify = None
        if select.having is not None:
            having = self._condition(select.having, after, "HAVING")
        if select.qualify is not None:
            qualify = self._condition(select.qualify, after, "QUALIFY")
        order = bind_order_items(select.order_by, outputs_by_place(outputs), after)
        by = bind_by(select, outputs_by_place(outputs), after)
        return self._assemble(select, plan, outputs, keys, having, qualify, order, by)

    def _with_names(self, select: ast.Select) -> Scope:
        """Return the outer scope with the tables and values that WITH adds, for queries inside."""
        common, values = dict(self.outer.common), dict(self.outer.values)
        common_outer = dict(self.outer.common_outer)
        for item in select.with_items:
            if isinstance(item, ast.CommonTable):
                common[item.name] = replace(item, is_recursive=select.is_recursive)
                common_outer[item.name] = self.outer.outer
            else:
                values[item.name] = item.expr
        level = self.environment.next_id()
        names = self.environment.query_names
        return Scope((), common, values, self.outer.outer, common_outer, level, names)

    def _source(self, select: ast.Select, outer: Scope) -> BoundSource:
        """Bind FROM; without it there is one row without columns."""
        if select.source is None:
            return BoundSource(OneRow(), ())
        aliases = collect_aliases(select)
        binder = SourceBinder(self.environment, outer, self.bind_query, aliases)
        return binder.bind(select.source)

    def _projection(self, select: ast.Select, scope: Scope, binder: ExprBinder) -> list[Output]:
        """Bind what is selected, stars expanded."""
        outputs: list[Output] = []
        for expr, name in selected(select.projection, scope, binder):
            if isinstance(expr, ast.Star):
                for column in expand_star(scope, expr):
                    computed = column.computed
                    shown = column.name if computed is None else column_name(computed, scope)
                    outputs.append(Output(shown, binder.star_column(column, None)))
                continue
            bound = binder.bind(expr)
            if isinstance(bound, LambdaExpr):
                message = "a lambda cannot be selected"
                raise BindError(EMPTY_LIST_OF_COLUMNS_QUERIED, message, span=expr.span)
            if isinstance(bound.type, NothingType):
                message = "there is no value of type Nothing to select"
                raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message, span=expr.span)
            outputs.append(Output(name or column_name(expr, scope), bound))
        if not outputs:
            message = "the query selects no columns"
            raise BindError(EMPTY_LIST_OF_COLUMNS_QUERIED, message, span=select.span)
        return outputs

    def _condition(self, clause: ast.Expr, binder: ExprBinder, place: str) -> BoundExpr:
        """Bind a condition."""
        condition = binder.bind(clause)
        if place == "WHERE" and self.aggregates.reads(condition):
            raise binder.aggregate_refused("an aggregate", clause.span)
        if place != "QUALIFY" and self.windows.reads(condition):
            message = f"a window function may not stand in {place}"
            hint = "use QUALIFY to filter by a window function"
            raise BindError(ILLEGAL_AGGREGATION, message, span=clause.span, hint=hint)
        if not can_be_condition(condition.type):
            message = f"{place} must be a number, not {condition.type.name}"
            raise BindError(ILLEGAL_TYPE_OF_COLUMN_FOR_FILTER, message, span=clause.span)
        return condition

    def _assemble(
        self,
        select: ast.Select,
        plan: PlanNode,
        outputs: list[Output],
        keys: GroupKeys | None,
        having: BoundExpr | None,
        qualify: BoundExpr | None,
        order: Sequence[SortItem],
        by: Sequence[BoundExpr],
    ) -> PlanNode:
        """Put the clauses together, from the rows read to the rows shown."""
        totals: PlanNode | None = None
        change: ExprChange | None = None
        if keys is None and self.aggregates.groupings and not self.aggregates.items:
            call = next(iter(self.aggregates.groupings.values()))
            raise BindError(ILLEGAL_AGGREGATION, "grouping() needs a GROUP BY", span=call.span)
        if keys is None and not self.aggregates.items:
            plan = join_arrays(plan, self.array_joins.take(self.array_joins.refs()))
        else:
            keys = keys or GroupKeys((), ())
            readers = [*keys.read(), *self.aggregates.read()]
            plan = keys.over(join_arrays(plan, self.array_joins.take(readers)), self.aggregates)
            late = self.array_joins.take(self.array_joins.refs())
            grouped = Regrouped(self.environment, keys, self.aggregates, late, self.windows.ids)
            spans = {id(o): e.span for o, e in zip(outputs, select.projection, strict=False)}
            outputs = [Output(o.name, grouped.replace(o.expr, spans.get(id(o)))) for o in outputs]
            having = having and grouped.replace(having)
            qualify = qualify and grouped.replace(qualify)
            change = grouped.replace
            order = [replace(item, expr=grouped.replace(item.expr)) for item in order]
            by = [grouped.replace(expr) for expr in by]
            if select.group_by is not None and select.group_by.with_totals:
                plan, totals = with_totals(plan, having, grouped)
                totals = self.windows.plan(totals, change)
            plan = join_arrays(keys.in_order(plan), grouped.arrays)
        if having is not None:
            plan = Filter(plan, having)
        plan = self.windows.plan(plan, change)
        if qualify is not None:
            plan = Filter(plan, qualify)
        shown = [self._computed(output.name, output.expr) for output in outputs]
        plan = self._result(select, plan, shown, order, by)
        if totals is None:
            return plan
        items = [self._computed(output.name, output.expr) for output in outputs]
        return WithTotals(plan, Project(totals, tuple(items)))

    def _result(
        self,
        select: ast.Select,
        plan: PlanNode,
        shown: Sequence[Computed],
        order: Sequence[SortItem],
        by: Sequence[BoundExpr],
    ) -> PlanNode:
        """Compute the result columns, then DISTINCT, ORDER BY and the limits over them."""
        by_expr = {item.expr: item for item in reversed(shown)}
        hidden: list[Computed] = []
        sort_items: list[SortItem] = []

        def column_of(expr: BoundExpr, name: str) -> Field:
            known = by_expr.get(expr)
            if known is None:
                known = self._computed(name, expr)
                by_expr[expr] = known
                hidden.append(known)
            return known.field

        for item in order:
            column = column_of(item.expr, "sort key")
            reference = ColumnRef(column.id, column.type, column.name)
            sort_items.append(replace(item, expr=reference))
        by_ids = tuple(column_of(expr, "limit key").id for expr in by)
        plan = Project(plan, (*shown, *hidden))
        if select.is_distinct:
            plan = Distinct(plan, tuple(item.field.id for item in shown))
        if sort_items:
            plan = Sort(plan, tuple(sort_items))
        plan = bind_limit_by(self.environment, plan, select, by_ids)
        if select.limit is not None:
            plan = bind_limit(self.environment, plan, select.limit, sort_items)
        if hidden:
            plan = Project(plan, tuple(self._passed_on(item.field) for item in shown))
        return plan

    def _computed(self, name: str, expr: BoundExpr) -> Computed:
        return Computed(Field(self.environment.next_id(), name, expr.type), expr)

    def _passed_on(self, column: Field) -> Computed:
        """Return a column that only takes another one's value, under a new id."""
        return self._computed(column.name, ColumnRef(column.id, column.type, column.name))


def outputs_by_place(outputs: Sequence[Output]) -> list[BoundExpr]:
    """Return the selected expressions, for ``GROUP BY 1`` and ``ORDER BY 1``."""
    return [output.expr for output in outputs]
