"""Binding FROM: tables, table functions, derived tables and joins."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import field, replace
from typing import TypeAlias, TypeVar

from minidb.binder.array_join import bind_array_join
from minidb.binder.computed_columns import with_computed_columns
from minidb.binder.environment import Environment
from minidb.binder.expressions import ExprBinder
from minidb.binder.functions import check_count, check_kinds
from minidb.binder.joins import BoundSource, JoinBinder
from minidb.binder.recursive import bind_recursive, is_recursive
from minidb.binder.scope import KeptTable, Scope, ScopeTable
from minidb.binder.within import within
from minidb.catalog.relation import Bounds, Relation
from minidb.catalog.stored import StoredRelation
from minidb.columns import Batch, Field
from minidb.errors import (
    BAD_ARGUMENTS,
    ILLEGAL_FINAL,
    MULTIPLE_EXPRESSIONS_FOR_ALIAS,
    BindError,
    MiniDBError,
)
from minidb.expr import ColumnRef
from minidb.expr.evaluate import evaluate_constant
from minidb.functions.declaration import Argument, TableSource
from minidb.plan.clauses import Kept
from minidb.plan.nodes import Computed, PlanNode, Project, Scan
from minidb.record import record
from minidb.source import Span
from minidb.sql import ast
from minidb.types import DataType, without_null

Found = TypeVar("Found")
BindQuery: TypeAlias = Callable[[ast.Query, Scope], PlanNode]


@record
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


@record
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
    aliases : mapping of str to Expr
        What ``AS`` names in the SELECT, for ON.
    """

    environment: Environment
    outer: Scope
    bind_query: BindQuery
    aliases: Mapping[str, ast.Expr] = field(default_factory=dict)

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
                if isinstance(common, KeptTable):
                    return self._kept(common, alias or name.name)
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
                below = self.bind(source.source)
                scope = replace(self.outer, tables=below.tables)
                return BoundSource(*bind_array_join(self.environment, source, below.plan, scope))

    def _at(self, node: ast.Node, find: Callable[[], Found]) -> Found:
        """Run a look-up; an error without a place gets the node's."""
        try:
            return find()
        except MiniDBError as error:
            error.span = error.span or node.span
            raise

    def _table(self, name: ast.ObjectName, alias: str | None) -> BoundSource:
        """Bind a stored table, a view or a system table."""
        environment = self.environment
        current = environment.session_values.get("currentDatabase")
        database = name.database or (str(current()) if current is not None else None)
        view = self._at(name, lambda: environment.catalog.view(environment, name))
        if view is not None:
            shown = {field.name: field for field in view.schema}
            table = ScopeTable(alias or name.name, database, shown, table_name=name.name)
            return BoundSource(view, (table,))
        relation = self._at(name, lambda: environment.catalog.relation(name))
        source = self._scan(relation, alias or name.name, database, name.name)
        if not isinstance(relation, StoredRelation):
            return source
        definition = relation.table.definition
        plan, table = self._at(
            name,
            lambda: with_computed_columns(environment, definition, source.plan, source.tables[0]),
        )
        return BoundSource(plan, (table,))

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
        if common.is_recursive and is_recursive(common):
            plan = bind_recursive(self.environment, common, visible, self.bind_query)
            return self._derived(plan, name)
        plan = self.bind_query(common.query, visible)
        return self._derived(plan, name, common.columns, common.span)

    def _kept(self, table: KeptTable, name: str) -> BoundSource:
        """Bind a common table inside its own query."""
        fields = tuple(
            Field(self.environment.next_id(), column, data_type)
            for column, data_type in zip(table.names, table.types, strict=True)
        )
        return self._derived(Kept(table.key, fields, table.name), name)

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
            for name_given, old in zip(columns, plan.schema, strict=True):
                renamed = Field(self.environment.next_id(), name_given, old.type)
                items.append(Computed(renamed, ColumnRef(old.id, old.type, old.name)))
            plan = Project(plan, tuple(items))
        fields: dict[str, Field] = {}
        for column in plan.schema:
            fields.setdefault(column.name, column)
        return BoundSource(plan, (ScopeTable(name, None, fields, plan.schema),))

    def _function(self, source: ast.TableFunction) -> Relation:
        """Bind a table function, whose arguments are constants."""
        found = self.environment.registry.table(source.name, source.span)
        function = within(self.environment, found)
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
        """Bind both sides, then the join."""
        left, right = self.bind(source.left), self.bind(source.right)
        _check_names((*left.tables, *right.tables), source.right)
        return JoinBinder(self.environment, self.outer, self.aliases).bind(source, left, right)


def _check_names(tables: Sequence[ScopeTable], last: ast.TableExpr) -> None:
    """Refuse an alias that stands for two tables; a table without alias may stand there twice."""
    named = [t.name for t in tables if t.name is not None and t.name != t.table_name]
    for name in named:
        if named.count(name) > 1:
            message = f"{name!r} is the alias of two tables"
            raise BindError(MULTIPLE_EXPRESSIONS_FOR_ALIAS, message, span=last.span)
