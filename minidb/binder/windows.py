"""Window functions in expressions: named windows, frames, and the list that one SELECT computes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import field, replace

from minidb.binder.environment import Environment
from minidb.columns import Field
from minidb.errors import BAD_ARGUMENTS, BindError, did_you_mean
from minidb.expr import BoundExpr, ColumnRef, columns_of
from minidb.plan.nodes import AggregateExpr, PlanNode, SortItem, Window, Windowed
from minidb.plan.rewrite import ExprChange, map_call
from minidb.plan.window_parts import RowFunction, WindowFrame
from minidb.record import record, state
from minidb.source import Span
from minidb.sql import ast


@record
class WindowExpr:
    """One window function: what is called, and over which rows."""

    call: AggregateExpr | RowFunction
    partition: tuple[BoundExpr, ...]
    order: tuple[SortItem, ...]
    frame: WindowFrame


@state
class WindowList:
    """The distinct window functions of one SELECT, each with the column it becomes.

    `definitions` holds what the WINDOW clause names, bases filled in.
    """

    definitions: dict[str, ast.WindowSpec] = field(default_factory=dict)
    columns: dict[WindowExpr, Field] = field(default_factory=dict)

    def define(self, definitions: Sequence[ast.WindowDefinition]) -> None:
        """Take in the WINDOW clause; a window may build on those before it.

        Raises
        ------
        BindError
            BAD_ARGUMENTS for a name given twice, or a base that cannot be built on.
        """
        for definition in definitions:
            if definition.name in self.definitions:
                message = f"window {definition.name!r} is defined twice"
                raise BindError(BAD_ARGUMENTS, message, span=definition.span)
            self.definitions[definition.name] = self.resolve(definition.spec, definition.span)

    def resolve(self, over: ast.WindowSpec | str, span: Span) -> ast.WindowSpec:
        """Return what OVER means, without names of other windows.

        Raises
        ------
        BindError
            BAD_ARGUMENTS for an unknown window, or one that cannot be built on.
        """
        if isinstance(over, str):
            return self._named(over, span)
        if over.base is None:
            return over
        base = self._named(over.base, over.span)
        if over.partition_by:
            message = f"PARTITION BY belongs to window {over.base!r}, which this one builds on"
            raise BindError(BAD_ARGUMENTS, message, span=over.partition_by[0].span)
        if over.order_by and base.order_by:
            message = f"window {over.base!r}, which this one builds on, has an ORDER BY"
            raise BindError(BAD_ARGUMENTS, message, span=over.order_by[0].span)
        if base.frame is not None:
            message = f"window {over.base!r} has a frame, so no other can build on it"
            hint = f"write OVER {over.base}" if over == ast.WindowSpec(over.base) else None
            raise BindError(BAD_ARGUMENTS, message, span=over.span, hint=hint)
        order = over.order_by or base.order_by
        return replace(over, base=None, partition_by=base.partition_by, order_by=order)

    def _named(self, name: str, span: Span) -> ast.WindowSpec:
        found = self.definitions.get(name)
        if found is None:
            hint = did_you_mean(name, self.definitions)
            raise BindError(BAD_ARGUMENTS, f"no window {name!r}", span=span, hint=hint)
        return found

    def add(self, expr: WindowExpr, name: str, environment: Environment) -> ColumnRef:
        """Return the column of a window function; equal ones are computed once."""
        column = self.columns.get(expr)
        if column is None:
            column = Field(environment.next_id(), name, expr.call.type)
            self.columns[expr] = column
        return ColumnRef(column.id, column.type, column.name, expr.call.span)

    def reads(self, expr: BoundExpr) -> bool:
        """Whether an expression holds a column that a window function becomes."""
        return bool(self.columns) and bool(columns_of(expr) & self.ids)

    @property
    def ids(self) -> set[int]:
        """Return the ids of the columns that window functions become."""
        return {column.id for column in self.columns.values()}

    def plan(self, plan: PlanNode, change: ExprChange | None = None) -> PlanNode:
        """Return the plan with all columns added, one node for each partition and order.

        Parameters
        ----------
        change : callable, optional
            Brings the expressions over the columns that exist after grouping.
        """
        nodes: dict[tuple[tuple[BoundExpr, ...], tuple[SortItem, ...]], list[Windowed]] = {}
        for expr, column in self.columns.items():
            call, partition, order = expr.call, expr.partition, expr.order
            if change is not None:
                call = map_call(call, change)
                partition = tuple(map(change, partition))
                order = tuple(replace(item, expr=change(item.expr)) for item in order)
            items = nodes.setdefault((partition, order), [])
            items.append(Windowed(column, call, expr.frame))
        for (partition, order), items in nodes.items():
            plan = Window(plan, partition, order, tuple(items))
        return plan
