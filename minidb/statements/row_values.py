"""Expressions over given rows of a table: what DELETE and UPDATE compute part by part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from minidb.binder.aggregates import find_aggregate
from minidb.binder.aliases import child_nodes
from minidb.binder.environment import Environment
from minidb.binder.query import bind_query
from minidb.catalog.relation import Relation
from minidb.catalog.stored import StoredRelation
from minidb.columns import Batch, Column, concat_columns
from minidb.errors import ILLEGAL_AGGREGATION, BindError, InternalError
from minidb.optimizer.driver import optimize
from minidb.optimizer.rule import bottom_up
from minidb.plan.nodes import PlanNode, Scan
from minidb.plan.verify import verify
from minidb.record import record
from minidb.sql import ast
from minidb.statements.context import CatalogView, StatementContext
from minidb.statements.query import run_plan
from minidb.storage.definition import TableDef
from minidb.storage.memory import MemoryPart
from minidb.storage.store import DEFAULT_GRANULE_ROWS, StoredTable
from minidb.types import DataType

# The name under which the rows are found; no statement can write it.
ROWS = "\0rows"


@record
class RowsCatalog(CatalogView):
    """The catalog with one table more: the rows at hand."""

    rows: StoredRelation | None = None

    def relation(self, name: ast.ObjectName) -> Relation:
        """Return the rows for their own name, and what the catalog has for others."""
        if name.name == ROWS and self.rows is not None:
            return self.rows
        return CatalogView.relation(self, name)

    def view(self, environment: Environment, name: ast.ObjectName) -> PlanNode | None:
        """Return the plan of a view; the rows are none."""
        if name.name == ROWS:
            return None
        return CatalogView.view(self, environment, name)


class RowValues:
    """Expressions over rows of a table, which may hold subqueries; they are bound and run once.

    Parameters
    ----------
    definition : TableDef
        The table.
    exprs : sequence of Expr
        What is computed.
    context : StatementContext
        Of the running statement.
    place : str
        The clause, for messages.

    Raises
    ------
    BindError
        What the binder finds; ILLEGAL_AGGREGATION for aggregates and window functions.
    """

    def __init__(
        self,
        definition: TableDef,
        exprs: Sequence[ast.Expr],
        context: StatementContext,
        place: str,
    ) -> None:
        self.definition = definition
        self.exprs = exprs
        self.context = context
        self.place = place
        self._refuse_aggregates()
        self._relation = StoredRelation(StoredTable(definition))
        self._plan = self._bound()

    @property
    def types(self) -> tuple[DataType, ...]:
        """Return the types of the values."""
        return tuple(field.type for field in self._plan.schema)

    def columns(self, batch: Batch) -> tuple[Column, ...]:
        """Return a column per expression, with the value of each row of a batch.

        Parameters
        ----------
        batch : Batch
            The table's stored columns.
        """
        names = self.definition.column_names
        part = MemoryPart(ROWS, names, batch, DEFAULT_GRANULE_ROWS)
        table = StoredTable(self.definition, (part,) if batch.n_rows else ())

        def over_rows(node: PlanNode) -> PlanNode:
            if isinstance(node, Scan) and node.relation is self._relation:
                return replace(node, relation=StoredRelation(table))
            return node

        batches = list(run_plan(self.context, bottom_up(self._plan, over_rows)))
        if sum(found.n_rows for found in batches) != batch.n_rows:
            raise InternalError(f"{self.place} gave another number of rows")
        return tuple(
            concat_columns(field.type, [found.columns[place] for found in batches])
            for place, field in enumerate(self._plan.schema)
        )

    def _bound(self) -> PlanNode:
        """Return the plan of ``SELECT exprs FROM rows AS table``, the rows still missing."""
        context = self.context
        environment = context.environment()
        environment.catalog = RowsCatalog(context, rows=self._relation)
        span = self.exprs[0].span
        source = ast.TableReference(
            ast.ObjectName(ROWS, span=span), self.definition.name, span=span
        )
        # An alias inside an expression would be visible in the others.
        query = ast.Select(tuple(self.exprs), source, span=span)
        bound = bind_query(environment, query)
        verify(bound)
        return optimize(bound, context.registry.rules, environment).plan

    def _refuse_aggregates(self) -> None:
        """Refuse functions over several rows, but for those inside subqueries."""
        functions = self.context.registry.functions
        waiting: list[ast.Node] = list(self.exprs)
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.Subquery | ast.Exists):
                continue
            if isinstance(node, ast.FunctionCall):
                is_scalar = functions.scalar(node.name) is not None
                is_aggregate = not is_scalar and find_aggregate(functions, node.name) is not None
                if is_aggregate or node.over is not None:
                    message = f"{node.name} reads several rows and cannot stand in {self.place}"
                    raise BindError(ILLEGAL_AGGREGATION, message, span=node.span)
            waiting.extend(child_nodes(node))
