"""Binding joins: kinds and strictness, ON and USING, and what fills a side without partner."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field, replace

from minidb.binder.environment import Environment
from minidb.binder.expressions import ExprBinder, cast_to
from minidb.binder.join_keys import conjuncts, join_on
from minidb.binder.scope import Scope, ScopeTable
from minidb.binder.using import merged_columns, using_pairs
from minidb.columns import Field, default_column
from minidb.errors import ILLEGAL_TYPE_OF_COLUMN_FOR_FILTER, BindError, NotSupportedError
from minidb.expr import BoundExpr, ColumnRef, constant_from_column
from minidb.plan.nodes import Computed, JoinKind, Partners, PlanNode, Project
from minidb.plan.verify import can_be_condition
from minidb.record import record, state
from minidb.sql import ast
from minidb.types import nullable
from minidb.types.family import can_be_nullable


@record
class BoundSource:
    """What FROM becomes: a plan, and the tables whose columns are visible."""

    plan: PlanNode
    tables: tuple[ScopeTable, ...]


@record
class JoinForm:
    """What a kind and a strictness mean: the plan's kind, with the sides exchanged or not."""

    kind: JoinKind
    partners: Partners = Partners.ALL
    is_mirrored: bool = False


FORMS: dict[tuple[str, str], JoinForm] = {
    ("COMMA", "ALL"): JoinForm(JoinKind.INNER),
    ("CROSS", "ALL"): JoinForm(JoinKind.INNER),
    ("INNER", "ALL"): JoinForm(JoinKind.INNER),
    ("INNER", "ANY"): JoinForm(JoinKind.INNER, Partners.ONCE),
    ("LEFT", "ALL"): JoinForm(JoinKind.LEFT),
    ("LEFT", "ANY"): JoinForm(JoinKind.LEFT, Partners.FIRST),
    ("LEFT", "SEMI"): JoinForm(JoinKind.INNER, Partners.FIRST),
    ("LEFT", "ANTI"): JoinForm(JoinKind.ANTI),
    ("RIGHT", "ALL"): JoinForm(JoinKind.RIGHT),
    ("RIGHT", "ANY"): JoinForm(JoinKind.LEFT, Partners.FIRST, True),
    ("RIGHT", "SEMI"): JoinForm(JoinKind.INNER, Partners.FIRST, True),
    ("RIGHT", "ANTI"): JoinForm(JoinKind.ANTI, is_mirrored=True),
    ("FULL", "ALL"): JoinForm(JoinKind.FULL),
}

FILLED_SIDES = {"LEFT": (False, True), "RIGHT": (True, False), "FULL": (True, True)}


@state
class Side:
    """One side of a join while it is bound: columns can be given another type below the join."""

    environment: Environment
    plan: PlanNode
    tables: tuple[ScopeTable, ...]
    changed: dict[int, Computed] = field(default_factory=dict)

    def change(self, column: Field, expr: BoundExpr) -> Field:
        """Let `expr` take a column's place above the join; return the new column."""
        new = Field(self.environment.next_id(), column.name, expr.type)
        self.changed[column.id] = Computed(new, expr)
        return new

    def make_nullable(self) -> None:
        """Make every visible column Nullable whose type can be."""
        for column in visible_fields(self.tables):
            known = self.changed.get(column.id)
            before = reference(column) if known is None else known.expr
            if can_be_nullable(before.type):
                self.change(column, cast_to(self.environment, before, nullable(before.type)))

    def finished(self) -> PlanNode:
        """Return the plan with the changed columns, beside the old ones."""
        if not self.changed:
            return self.plan
        passed = [Computed(column, reference(column)) for column in self.plan.schema]
        return Project(self.plan, (*passed, *self.changed.values()))

    def shown(self) -> tuple[ScopeTable, ...]:
        """Return the tables with the changed columns."""
        return renamed(self.tables, {i: item.field for i, item in self.changed.items()})


@record
class JoinBinder:
    """Binds one join of two bound sources.

    Parameters
    ----------
    environment : Environment
        Functions and settings.
    outer : Scope
        The common tables and values that are visible.
    aliases : mapping of str to Expr
        What ``AS`` names in the SELECT; ON may use it.
    """

    environment: Environment
    outer: Scope
    aliases: Mapping[str, ast.Expr] = field(default_factory=dict)

    def bind(self, source: ast.Join, left: BoundSource, right: BoundSource) -> BoundSource:
        """Return the joined source.

        Raises
        ------
        BindError, NotSupportedError
            At the place of the fault.
        """
        form = FORMS.get((source.kind, source.strictness or "ALL"))
        if form is None:
            words = " ".join(filter(None, (source.kind, source.strictness, "JOIN")))
            raise NotSupportedError(f"{words} is not supported", span=source.span)
        sides = (
            Side(self.environment, left.plan, left.tables),
            Side(self.environment, right.plan, right.tables),
        )
        if source.using:
            pairs = using_pairs(self.environment, source.using, left.tables, right.tables)
            conditions = [pair.condition for pair in pairs]
            for pair in pairs:
                for side, column, cast in zip(sides, pair.columns, pair.casts, strict=True):
                    if cast.type != column.type:
                        side.change(column, cast)
        else:
            pairs = []
            conditions = self._on(source, (*left.tables, *right.tables))
        if self.environment.settings.flag("join_use_nulls"):
            for side, is_filled in zip(sides, FILLED_SIDES.get(source.kind, ()), strict=False):
                if is_filled:
                    side.make_nullable()
        plan = self._plan(form, sides, conditions)
        tables = (*sides[0].shown(), *sides[1].shown())
        if pairs:
            shown = [
                tuple(
                    side.changed[column.id].field if column.id in side.changed else column
                    for side, column in zip(sides, pair.columns, strict=True)
                )
                for pair in pairs
            ]
            plan, tables = merged_columns(self.environment, source.kind, plan, tables, shown)
        return BoundSource(plan, tables)

    def _on(self, source: ast.Join, tables: tuple[ScopeTable, ...]) -> list[BoundExpr]:
        """Bind ON; without it all pairs are wanted."""
        if source.on is None:
            return []
        scope = replace(self.outer, tables=tables)
        binder = ExprBinder(self.environment, scope, self.aliases, place="ON")
        condition = binder.bind(source.on)
        if not can_be_condition(condition.type):
            message = f"ON must be a number, not {condition.type.name}"
            raise BindError(ILLEGAL_TYPE_OF_COLUMN_FOR_FILTER, message, span=source.on.span)
        return conjuncts(condition)

    def _plan(
        self, form: JoinForm, sides: tuple[Side, Side], conditions: Sequence[BoundExpr]
    ) -> PlanNode:
        """Return the join; behind ANTI the other side's columns are constant defaults."""
        first, second = (side.finished() for side in sides)
        if form.is_mirrored:
            first, second = second, first
        join = join_on(self.environment, first, second, conditions, form.kind, form.partners)
        if form.kind is not JoinKind.ANTI:
            return join
        passed = [Computed(column, reference(column)) for column in join.schema]
        defaults = [
            Computed(column, constant_from_column(default_column(column.type, 1)))
            for column in second.schema
        ]
        return Project(join, (*passed, *defaults))


def reference(column: Field) -> ColumnRef:
    """Return a column's value."""
    return ColumnRef(column.id, column.type, column.name)


def visible_fields(tables: Sequence[ScopeTable]) -> list[Field]:
    """Return every column that some name or star stands for, once."""
    found: dict[int, Field] = {}
    for table in tables:
        for column in (*table.fields.values(), *table.all_fields):
            found.setdefault(column.id, column)
    return list(found.values())


def renamed(tables: Sequence[ScopeTable], by_id: Mapping[int, Field]) -> tuple[ScopeTable, ...]:
    """Return the tables with some columns exchanged for others."""
    if not by_id:
        return tuple(tables)
    return tuple(
        replace(
            table,
            fields={name: by_id.get(f.id, f) for name, f in table.fields.items()},
            all_fields=tuple(by_id.get(f.id, f) for f in table.all_fields),
        )
        for table in tables
    )
