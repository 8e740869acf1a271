"""DELETE and OPTIMIZE: new parts in the place of old ones."""

from __future__ import annotations

from minidb.binder.expressions import ExprBinder
from minidb.binder.scope import Scope, ScopeTable
from minidb.columns import Batch, Column, Field, concat_batches
from minidb.errors import ILLEGAL_TYPE_OF_COLUMN_FOR_FILTER, BindError
from minidb.execution.operators.filter import truth
from minidb.execution.outcome import Outcome
from minidb.expr import BoundExpr
from minidb.expr.evaluate import Frame, evaluate
from minidb.plan.verify import can_be_condition
from minidb.sql import ast
from minidb.statements.context import StatementContext
from minidb.statements.tables import writable_key
from minidb.statements.writing import sorted_by_key, table_fields
from minidb.storage.definition import TableDef
from minidb.storage.store import Part


def delete(statement: ast.Delete, context: StatementContext) -> Outcome:
    """Remove the rows where the condition is true; parts without such rows stay as they are."""
    n_deleted = 0
    with context.begin() as transaction:
        key = writable_key(context, statement.table)
        table = context.table(statement.table)
        definition = table.definition
        fields = table_fields(definition.columns)
        condition = None
        if statement.where is not None:
            condition = _condition(statement.where, definition, fields, context)
        granule_rows = context.settings.integer("index_granularity")
        for part in table.parts:
            context.execution.check()
            kept = _kept_rows(part, definition, fields, condition, context)
            if kept.n_rows < part.n_rows:
                n_deleted += part.n_rows - kept.n_rows
                transaction.replace_parts(*key, [part], [kept], granule_rows)
        transaction.commit()
    return Outcome(n_written=n_deleted)


def _condition(
    where: ast.Expr, definition: TableDef, fields: dict[str, Field], context: StatementContext
) -> BoundExpr:
    """Bind the condition over the table's columns."""
    scope = Scope((ScopeTable(definition.name, definition.database, fields),))
    bound = ExprBinder(context.environment(), scope, place="WHERE").bind(where)
    if not can_be_condition(bound.type):
        message = f"WHERE must be a number, not {bound.type.name}"
        raise BindError(ILLEGAL_TYPE_OF_COLUMN_FOR_FILTER, message, span=where.span)
    return bound


def _kept_rows(
    part: Part,
    definition: TableDef,
    fields: dict[str, Field],
    condition: BoundExpr | None,
    context: StatementContext,
) -> Batch:
    """Return the rows of a part for which the condition is not true."""
    batch = part.read(definition.column_names)
    context.execution.memory.check(batch.nbytes)
    if condition is None:
        return batch.slice(0, 0)
    columns: dict[int, Column] = {
        fields[name].id: column
        for name, column in zip(definition.column_names, batch.columns, strict=True)
    }
    is_deleted = truth(evaluate(condition, Frame(columns, batch.n_rows, context.settings)))
    return batch.filter(~is_deleted)


def optimize_table(statement: ast.Optimize, context: StatementContext) -> Outcome:
    """Merge all parts of a table into one, in the order of its key."""
    with context.begin() as transaction:
        key = writable_key(context, statement.table)
        table = context.table(statement.table)
        definition = table.definition
        if len(table.parts) > 1:
            schema = tuple(table_fields(definition.columns).values())
            batches = []
            for part in table.parts:
                context.execution.check()
                batches.append(part.read(definition.column_names))
                context.execution.memory.check(sum(batch.nbytes for batch in batches))
            merged = sorted_by_key(definition, concat_batches(schema, batches))
            granule_rows = context.settings.integer("index_granularity")
            transaction.replace_parts(*key, table.parts, [merged], granule_rows)
        transaction.commit()
    return Outcome()
