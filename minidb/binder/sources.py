"""Binding FROM: tables, table functions, derived tables and joins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from minidb.binder.environment import Environment
from minidb.binder.expressions import ExprBinder, cast_to
from minidb.binder.functions import check_count, check_kinds
from minidb.binder.scope import Scope, ScopeTable
from minidb.catalog.relation import Bounds, Relation
from minidb.columns import Batch, Field
from minidb.errors import (
    BAD_ARGUMENTS,
    ILLEGAL_FINAL,
    ILLEGAL_TYPE_OF_COLUMN_FOR_FILTER,
    MULTIPLE_EXPRESSIONS_FOR_ALIAS,
    BindError,
    MiniDBError,
    NotSupportedError,
)
from minidb.expr import BoundExpr, ColumnRef, ScalarCall, columns_of
from minidb.expr.evaluate import evaluate_constant
from minidb.functions.declaration import Argument, TableSource
from minidb.plan.nodes import Computed, Join, PlanNode, Project, Scan
from minidb.plan.verify import can_be_condition
from minidb.source import Span
from minidb.sql import ast
from minidb.types import DataType, without_null
from minidb.types.promotion import common_type

BindQuery: TypeAlias = Callable[[ast.Query, Scope], PlanNode]


@dataclass(frozen=True, slots=True)
class BoundSource:
    """What FROM becomes: a plan, and the tables whose columns are visible."""

    plan: PlanNode
    tables: tuple[ScopeTable, ...]


@dataclass(frozen=True, slots=True)
class SourceRelation:
    """A table function's rows as a relation."""

    label: str
    source: TableSource

    @property
    def names(self) -> tuple[str, ...]:
        """Return the column names."""
        return self.source.names

    @property
    def types(self) -> tuple[DataType, ...]:
        """Return the column types."""
        return self.source.types

    def estimate_rows(self) -> int | None:
        """Return the number of rows where the function knows it."""
        return self.source.estimate_rows()

    def scan(
        self, columns: Sequence[str], bounds: Mapping[str, Bounds], batch_rows: int
    ) -> Iterator[Batch]:
        """Yield the wanted columns."""
        places = [self.source.names.index(name) for name in columns]
        # Without a wanted column the rows still have to be counted.
        for found in self.source.scan(places or [0], batch_rows):
            yield Batch(found if places else (), len(found[0]))


@dataclass(frozen=True, slots=True)
class SourceBinder:
    """Binds what stands in FROM.

    Parameters
    ----------
    environment : Environment
        Catalog and functions.
    outer : Scope
        The common tables that are visible.
    bind_query : callable
        Binds a derived table.
    """

    environment: Environment
    outer: Scope
    bind_query: BindQuery

    def bind(self, source: ast.TableExpr) -> BoundSource:
        """Return the plan of a source and the tables it shows.

        Raises
        ------
        BindError, NotSupportedError
            At the place of the fault.
        """
        match source:
            case ast.TableReference(is_final=True) | ast.DerivedTable(is_final=True):
                message = "FINAL means nothing here: no engine leaves rows to be merged"
                raise BindError(ILLEGAL_FINAL, message, span=source.span)
            case ast.TableReference(name=name, alias=alias):
                common = self.outer.common.get(name.name) if name.database is None else None
                if common is not None:
                    return self._common(common, alias or name.name)
                return self._table(name, alias)
            case ast.TableFunction(alias=alias):
                return self._scan(self._function(source), alias, None, None)
            case ast.DerivedTable(query=query, alias=alias):
                return self._derived(self.bind_query(query, self.outer), alias)
            case ast.Join():
                return self._join(source)
            case ast.ArrayJoin():
                raise NotSupportedError("ARRAY JOIN is not supported", span=source.span)

    def _at(self, node: ast.Node, find: Callable[[], Relation]) -> Relation:
        """Run a look-up; an error without a place gets the node's."""
        try:
            return find()
        except MiniDBError as error:
            error.span = error.span or node.span
            raise

    def _table(self, name: ast.ObjectName, alias: str | None) -> BoundSource:
        """Bind a stored table or a system table."""
        relation = self._at(name, lambda: self.environment.catalog.relation(name))
        current = self.environment.session_values.get("currentDatabase")
        database = name.database or (str(current()) if current is not None else None)
        return self._scan(relation, alias or name.name, database, name.name)

    def _scan(
        self, relation: Relation, name: str | None, database: str | None, table_name: str | None
    ) -> BoundSource:
        """Return a scan of all columns; a rule takes away those that nothing reads."""
        fields = {
            column: Field(self.environment.next_id(), column, data_type)
            for column, data_type in zip(relation.names, relation.types, strict=True)
        }
        scan = Scan(relation, tuple(fields.items()))
        table = ScopeTable(name, database, fields, table_name=table_name)
        return BoundSource(scan, (table,))

    def _common(self, common: ast.CommonTable, name: str) -> BoundSource:
        """Bind a common table: its query sees the tables that were named before it."""
        earlier = dict(self.outer.common)
        earlier.pop(common.name)
        outer = self.outer.common_outer.get(common.name)
        visible = replace(self.outer, tables=(), common=earlier, outer=outer)
        plan = self.bind_query(common.query, visible)
        return self._derived(plan, name, common.columns, common.span)

    def _derived(
        self,
        plan: PlanNode,
        name: str | None,
        columns: Sequence[str] = (),
        span: Span | None = None,
    ) -> BoundSource:
        """Show the columns of a query as a table, renamed where WITH lists other names.

        Of equal names the first is found.
        """
        if columns and len(columns) != len(plan.schema):
            message = f"{len(columns)} names for {len(plan.schema)} columns"
            raise BindError(BAD_ARGUMENTS, message, span=span)
        if columns:
            items = []
            for column, field in zip(columns, plan.schema, strict=True):
                renamed = Field(self.environment.next_id(), column, field.type)
                items.append(Computed(renamed, ColumnRef(field.id, field.type, field.name)))
            plan = Project(plan, tuple(items))
        fields: dict[str, Field] = {}
        for field in plan.schema:
            fields.setdefault(field.name, field)
        return BoundSource(plan, (ScopeTable(name, None, fields, plan.schema),))

    def _function(self, source: ast.TableFunction) -> Relation:
        """Bind a table function, whose arguments are constants."""
        function = self.environment.registry.table(source.name, source.span)
        scope = replace(self.outer, tables=())
        binder = ExprBinder(self.environment, scope, place="a table function's arguments")
        args = [binder.bind(argument) for argument in source.arguments]
        check_count(function.name, function.args, len(args), source.span)
        check_kinds(function.name, function.args, args, [without_null(a.type) for a in args])
        settings = self.environment.settings
        arguments = [Argument(a.type, evaluate_constant(a, settings)) for a in args]
        label = f"{source.name}()"
        return self._at(source, lambda: SourceRelation(label, function.open(arguments, settings)))

    def _join(self, source: ast.Join) -> BoundSource:
        """Bind comma, CROSS and INNER joins; ON splits into equal keys and the rest."""
        if source.kind not in ("COMMA", "CROSS", "INNER") or source.strictness not in (None, "ALL"):
            words = filter(None, (source.kind, source.strictness, "JOIN"))
            raise NotSupportedError(f"{' '.join(words)} is not supported", span=source.span)
        if source.using:
            hint = "write ON left.column = right.column"
            raise NotSupportedError("USING is not supported", span=source.span, hint=hint)
        left, right = self.bind(source.left), self.bind(source.right)
        scope = replace(self.outer, tables=(*left.tables, *right.tables))
        _check_names(scope.tables, source.right)
        if source.on is None:
            return BoundSource(Join(left.plan, right.plan), scope.tables)
        condition = ExprBinder(self.environment, scope, place="ON").bind(source.on)
        if not can_be_condition(condition.type):
            message = f"ON must be a number, not {condition.type.name}"
            raise BindError(ILLEGAL_TYPE_OF_COLUMN_FOR_FILTER, message, span=source.on.span)
        join = join_on(self.environment, left.plan, right.plan, conjuncts(condition))
        return BoundSource(join, scope.tables)


def _check_names(tables: Sequence[ScopeTable], last: ast.TableExpr) -> None:
    """Refuse an alias that stands for two tables; a table without alias may stand there twice."""
    named = [t.name for t in tables if t.name is not None and t.name != t.table_name]
    for name in named:
        if named.count(name) > 1:
            message = f"{name!r} is the alias of two tables"
            raise BindError(MULTIPLE_EXPRESSIONS_FOR_ALIAS, message, span=last.span)


def conjuncts(condition: BoundExpr) -> list[BoundExpr]:
    """Return the parts of a condition that AND joins."""
    if isinstance(condition, ScalarCall) and condition.name == "and":
        return [part for arg in condition.args for part in conjuncts(arg)]
    return [condition]


def join_on(
    environment: Environment, left: PlanNode, right: PlanNode, parts: Sequence[BoundExpr]
) -> Join:
    """Return the join of two plans: equalities between the sides become keys."""
    left_ids = {field.id for field in left.schema}
    right_ids = {field.id for field in right.schema}
    left_keys: list[BoundExpr] = []
    right_keys: list[BoundExpr] = []
    rest: list[BoundExpr] = []
    for part in parts:
        pair = equal_pair(part, left_ids, right_ids)
        if pair is None:
            rest.append(part)
            continue
        try:
            shared = common_type([pair[0].type, pair[1].type], part.span)
        except MiniDBError:
            # Int64 and UInt64 can be compared, but no type holds both.
            rest.append(part)
            continue
        left_keys.append(cast_to(environment, pair[0], shared))
        right_keys.append(cast_to(environment, pair[1], shared))
    residual = None
    if rest:
        residual = rest[0] if len(rest) == 1 else _all_of(environment, rest)
    return Join(left, right, tuple(left_keys), tuple(right_keys), residual)


def equal_pair(
    part: BoundExpr, left_ids: set[int], right_ids: set[int]
) -> tuple[BoundExpr, BoundExpr] | None:
    """Return the two sides of ``left = right``, left first, if `part` is such an equality."""
    if not (isinstance(part, ScalarCall) and part.name == "equals"):
        return None
    first, second = part.args
    first_ids, second_ids = columns_of(first), columns_of(second)
    if not first_ids or not second_ids:
        return None
    if first_ids <= left_ids and second_ids <= right_ids:
        return first, second
    if first_ids <= right_ids and second_ids <= left_ids:
        return second, first
    return None


def _all_of(environment: Environment, parts: Sequence[BoundExpr]) -> BoundExpr:
    """Return the conjunction of conditions."""
    binder = ExprBinder(environment, Scope())
    return binder.scalar("and", parts)
