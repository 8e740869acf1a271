"""Writing rows into a table: columns in order, defaults filled in, sorted by the key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from minidb.binder.environment import Environment
from minidb.binder.expressions import ExprBinder
from minidb.binder.scope import Scope, ScopeTable
from minidb.columns import Batch, Column, Field, concat_batches, default_column
from minidb.errors import NUMBER_OF_COLUMNS_DOESNT_MATCH, BindError
from minidb.expr import columns_of
from minidb.expr.evaluate import Frame, evaluate
from minidb.functions.cast import cast_column
from minidb.record import state
from minidb.source import Span
from minidb.sql.parser import parse_expression
from minidb.statements.context import StatementContext
from minidb.storage.definition import ColumnDef, TableDef
from minidb.storage.merging import append_merged, sorted_by_key, table_fields
from minidb.storage.store import Transaction


def insert_batches(
    context: StatementContext,
    transaction: Transaction,
    definition: TableDef,
    names: Sequence[str],
    batches: Iterable[Batch],
    environment: Environment,
) -> int:
    """Write rows as one part, and return how many.

    Parameters
    ----------
    context : StatementContext
        Of the running statement.
    transaction : Transaction
        Open; the caller commits.
    definition : TableDef
        The table.
    names : sequence of str
        The table's columns that the batches hold, in order; the others get their defaults.
    batches : iterable of Batch
        The rows, in any types that convert to the columns'.
    environment : Environment
        For default expressions.

    Raises
    ------
    MiniDBError
        When a value does not convert; nothing is written then.
    """
    by_column = {column.name: column for column in definition.columns}
    targets = [by_column[name] for name in names]
    converted: list[Batch] = []
    held = 0
    for batch in batches:
        columns = tuple(
            cast_column(column, target.type)
            for column, target in zip(batch.columns, targets, strict=True)
        )
        piece = Batch(columns, batch.n_rows)
        context.execution.memory.hold(piece.nbytes)
        held += piece.nbytes
        converted.append(piece)
    schema = tuple(Field(i, target.name, target.type) for i, target in enumerate(targets))
    context.execution.memory.check(held)
    given = concat_batches(schema, converted)
    converted.clear()
    by_name = {target.name: given.columns[i] for i, target in enumerate(targets)}
    defaults = Defaults(definition, by_name, given.n_rows, environment)
    complete = tuple(defaults.column(column) for column in definition.stored_columns)
    ordered = sorted_by_key(definition, Batch(complete, given.n_rows))
    append_and_merge(context, transaction, definition, ordered)
    context.execution.memory.release(held)
    return ordered.n_rows


def granule_rows_of(context: StatementContext, definition: TableDef) -> int:
    """Return the rows under one min/max entry: the table's setting, or else the session's."""
    own = definition.setting("index_granularity")
    return context.settings.integer("index_granularity") if own is None else int(own)


def append_and_merge(
    context: StatementContext, transaction: Transaction, definition: TableDef, batch: Batch
) -> None:
    """Write rows as a part, or as one part with the small ones at the table's end."""
    append_merged(transaction, definition.key, batch, granule_rows_of(context, definition))


def check_count(definition: TableDef, n_wanted: int, n_given: int, span: Span | None) -> None:
    """Refuse a source that has another number of columns than the target.

    Raises
    ------
    BindError
        NUMBER_OF_COLUMNS_DOESNT_MATCH.
    """
    if n_wanted != n_given:
        message = f"{n_given} columns for {n_wanted} of table {definition.name!r}"
        raise BindError(NUMBER_OF_COLUMNS_DOESNT_MATCH, message, span=span)


@state
class Defaults:
    """The columns of an INSERT, those it leaves out computed from their DEFAULT.

    Parameters
    ----------
    definition : TableDef
        The table.
    given : dict of str to Column
        What the INSERT holds; computed columns are added.
    n_rows : int
        The rows.
    environment : Environment
        Functions and settings.
    """

    definition: TableDef
    given: dict[str, Column]
    n_rows: int
    environment: Environment

    def column(self, column: ColumnDef) -> Column:
        """Return a column as given, or its default; a default may read other columns."""
        if column.name not in self.given:
            self.given[column.name] = self._default(column)
        return self.given[column.name]

    def _default(self, column: ColumnDef) -> Column:
        if column.default_sql is None:
            return default_column(column.type, self.n_rows)
        fields = table_fields(self.definition.columns)
        scope = Scope((ScopeTable(self.definition.name, None, fields),))
        binder = ExprBinder(self.environment, scope, place=column.default_kind)
        bound = binder.bind(parse_expression(column.default_sql))
        by_id = {fields[other.name].id: other for other in self.definition.columns}
        columns = {i: self.column(by_id[i]) for i in columns_of(bound)}
        values = evaluate(bound, Frame(columns, self.n_rows, self.environment.settings))
        return cast_column(values, column.type)
