"""DELETE, UPDATE and OPTIMIZE: new parts in the place of old ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from minidb.binder.computed_columns import in_order_of_use, names_read
from minidb.columns import Batch, BoolArray, Column, concat_batches, concat_columns
from minidb.errors import (
    CANNOT_UPDATE_COLUMN,
    ILLEGAL_TYPE_OF_COLUMN_FOR_FILTER,
    MULTIPLE_ASSIGNMENTS_TO_COLUMN,
    NO_SUCH_COLUMN_IN_TABLE,
    BindError,
    did_you_mean,
)
from minidb.execution.operators.filter import truth
from minidb.execution.outcome import Outcome
from minidb.functions.cast import cast_column
from minidb.plan.verify import can_be_condition
from minidb.source import Span
from minidb.sql import ast
from minidb.statements.context import StatementContext
from minidb.statements.names import writable_key
from minidb.statements.query import apply_settings
from minidb.statements.row_values import RowValues
from minidb.statements.writing import Defaults, granule_rows_of
from minidb.storage.definition import MATERIALIZED_KIND, ColumnDef, TableDef
from minidb.storage.merging import sorted_by_key, table_fields


def delete(statement: ast.Delete, context: StatementContext) -> Outcome:
    """Remove the rows where the condition is true; parts without such rows stay as they are."""
    apply_settings(context, statement.settings)
    n_deleted = 0
    with context.begin(statement.table) as transaction:
        key = writable_key(context, statement.table)
        table = context.table(statement.table)
        granule_rows = granule_rows_of(context, table.definition)
        condition = Condition(statement.where, table.definition, context)
        for part in table.parts:
            context.execution.check()
            batch = part.read(table.definition.column_names)
            context.execution.memory.check(batch.nbytes)
            is_deleted = condition.rows(batch)
            if is_deleted.any():
                n_deleted += int(is_deleted.sum())
                transaction.replace_parts(*key, [part], [batch.filter(~is_deleted)], granule_rows)
        transaction.commit()
    return Outcome(n_written=n_deleted)


def update(statement: ast.Update, context: StatementContext) -> Outcome:
    """Give the rows where the condition is true new values, computed from their old ones.

    MATERIALIZED columns that read a changed column are computed again, as in ClickHouse.
    """
    apply_settings(context, statement.settings)
    n_updated = 0
    with context.begin(statement.table) as transaction:
        key = writable_key(context, statement.table)
        table = context.table(statement.table)
        definition = table.definition
        _check_assignments(statement.assignments, definition)
        granule_rows = granule_rows_of(context, definition)
        condition = Condition(statement.where, definition, context)
        exprs = [assignment.expr for assignment in statement.assignments]
        values = RowValues(definition, exprs, context, "SET")
        targets = [assignment.column for assignment in statement.assignments]
        for part in table.parts:
            context.execution.check()
            batch = part.read(definition.column_names)
            context.execution.memory.check(2 * batch.nbytes)
            is_changed = condition.rows(batch)
            if not is_changed.any():
                continue
            n_updated += int(is_changed.sum())
            changed = batch.filter(is_changed)
            new = dict(zip(targets, values.columns(changed), strict=True))
            renewed = _renewed(definition, changed, new, context)
            whole = _merged(batch, renewed, is_changed)
            transaction.replace_parts(*key, [part], [whole], granule_rows)
        transaction.commit()
    return Outcome(n_written=n_updated)


class Condition:
    """The condition behind WHERE of DELETE and UPDATE; without one it is true for every row."""

    def __init__(
        self, where: ast.Expr | None, definition: TableDef, context: StatementContext
    ) -> None:
        self._values = None
        if where is None:
            return
        # A wrong condition is refused also where the table has no rows.
        self._values = RowValues(definition, [where], context, "WHERE")
        data_type = self._values.types[0]
        if not can_be_condition(data_type):
            message = f"WHERE must be a number, not {data_type.name}"
            raise BindError(ILLEGAL_TYPE_OF_COLUMN_FOR_FILTER, message, span=where.span)

    def rows(self, batch: Batch) -> BoolArray:
        """Return which rows of a batch of stored columns the condition is true for."""
        if self._values is None:
            return np.ones(batch.n_rows, np.bool_)
        return truth(self._values.columns(batch)[0])


def _check_assignments(assignments: Sequence[ast.Assignment], definition: TableDef) -> None:
    """Refuse assignments to unknown, computed and key columns, and two to one column."""
    by_name = {column.name: column for column in definition.columns}
    seen: set[str] = set()
    for assignment in assignments:
        name, span = assignment.column, assignment.span
        column = by_name.get(name)
        if column is None or not column.is_stored:
            message = f"no column {name!r} in table {definition.name!r}"
            hint = did_you_mean(name, definition.column_names)
            raise BindError(NO_SUCH_COLUMN_IN_TABLE, message, span=span, hint=hint)
        _refuse_fixed(column, definition, span)
        if name in seen:
            message = f"column {name!r} is assigned twice"
            raise BindError(MULTIPLE_ASSIGNMENTS_TO_COLUMN, message, span=span)
        seen.add(name)


def _refuse_fixed(column: ColumnDef, definition: TableDef, span: Span) -> None:
    """Refuse to update a column that orders the rows, or that is computed from others."""
    if column.name in definition.order_by or column.name in definition.primary_key:
        message = f"column {column.name!r} is of the table's key and cannot be updated"
        hint = "delete the rows and insert them again"
        raise BindError(CANNOT_UPDATE_COLUMN, message, span=span, hint=hint)
    if column.default_kind == MATERIALIZED_KIND:
        message = f"column {column.name!r} is MATERIALIZED and cannot be updated"
        raise BindError(CANNOT_UPDATE_COLUMN, message, span=span)


def _renewed(
    definition: TableDef, old: Batch, new: Mapping[str, Column], context: StatementContext
) -> tuple[Column, ...]:
    """Return all stored columns of the changed rows: new values, old ones, computed ones."""
    by_name = dict(zip(definition.column_names, old.columns, strict=True))
    types = {column.name: column.type for column in definition.columns}
    by_name.update({name: cast_column(values, types[name]) for name, values in new.items()})
    changed = set(new)
    for column in in_order_of_use(definition, MATERIALIZED_KIND):
        if names_read(column.default_sql) & changed:
            del by_name[column.name]
            changed.add(column.name)
    defaults = Defaults(definition, by_name, old.n_rows, context.environment())
    return tuple(defaults.column(column) for column in definition.stored_columns)


def _merged(batch: Batch, changed: Sequence[Column], is_changed: BoolArray) -> Batch:
    """Return the batch with the changed rows in their places."""
    source = np.arange(batch.n_rows)
    source[is_changed] = np.arange(batch.n_rows, batch.n_rows + int(is_changed.sum()))
    columns = tuple(
        concat_columns(old.type, [old, new]).take(source)
        for old, new in zip(batch.columns, changed, strict=True)
    )
    return Batch(columns, batch.n_rows)


def optimize_table(statement: ast.Optimize, context: StatementContext) -> Outcome:
    """Merge all parts of a table into one, in the order of its key."""
    with context.begin(statement.table) as transaction:
        key = writable_key(context, statement.table)
        table = context.table(statement.table)
        definition = table.definition
        if len(table.parts) > 1:
            schema = tuple(table_fields(definition.stored_columns).values())
            batches = []
            for part in table.parts:
                context.execution.check()
                batches.append(part.read(definition.column_names))
                context.execution.memory.check(sum(batch.nbytes for batch in batches))
            merged = sorted_by_key(definition, concat_batches(schema, batches))
            granule_rows = granule_rows_of(context, definition)
            transaction.replace_parts(*key, table.parts, [merged], granule_rows)
        transaction.commit()
    return Outcome()
