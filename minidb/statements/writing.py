"""Writing rows into a table: columns in order, defaults filled in, sorted by the key."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from minidb.binder.environment import Environment
from minidb.binder.expressions import ExprBinder
from minidb.binder.scope import Scope, ScopeTable
from minidb.columns import Batch, Column, Field, concat_batches, default_column
from minidb.columns.order import SortKey, sort_permutation
from minidb.errors import NUMBER_OF_COLUMNS_DOESNT_MATCH, BindError
from minidb.expr import columns_of
from minidb.expr.evaluate import Frame, evaluate
from minidb.functions.cast import cast_column
from minidb.source import Span
from minidb.sql.parser import parse_expression
from minidb.statements.context import StatementContext
from minidb.storage.definition import ColumnDef, TableDef
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
    """Write rows as a part, or as one part with the small ones at the table's end.

    Many small INSERTs so leave few parts, and each row is written again a few times at most.
    """
    if not batch.n_rows:
        return
    key, granule_rows = definition.key, granule_rows_of(context, definition)
    parts = transaction.tables[key].parts
    merged = parts_to_merge([part.n_rows for part in parts], batch.n_rows)
    if not merged:
        transaction.append(*key, batch, granule_rows)
        return
    removed = parts[-merged:]
    schema = tuple(table_fields(definition.stored_columns).values())
    pieces = [part.read(definition.column_names) for part in removed]
    whole = sorted_by_key(definition, concat_batches(schema, [*pieces, batch]))
    transaction.replace_parts(*key, removed, [whole], granule_rows)


# Parts of one size, within a factor of this, that may stand at the end of a table.
MERGE_FACTOR = 10
# Parts of this many rows stay as they are; OPTIMIZE alone merges them.
LARGEST_MERGED_ROWS = 1_000_000


def parts_to_merge(n_rows: Sequence[int], n_new: int) -> int:
    """Return how many parts at a table's end a new one is merged with; 0 for none.

    Parameters
    ----------
    n_rows : sequence of int
        Rows of the parts that are there, oldest first.
    n_new : int
        Rows of the part that comes behind them.

    Notes
    -----
    The last ten parts that are no larger than the next one behind them, times ten, become one.
    So a table of n rows has about 9 * log10(n) parts, and a row is written log10(n) times.
    """
    merged, total = 0, n_new
    while True:
        limit = total * MERGE_FACTOR
        run = 0
        for size in reversed(n_rows[: len(n_rows) - merged]):
            if size >= limit:
                break
            run += 1
        if run + 1 < MERGE_FACTOR:
            return merged
        together = total + sum(n_rows[len(n_rows) - merged - run : len(n_rows) - merged])
        if together > LARGEST_MERGED_ROWS:
            return merged
        merged, total = merged + run, together


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


@dataclass(slots=True)
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


def table_fields(columns: Sequence[ColumnDef]) -> dict[str, Field]:
    """Return a field per column of a table, with negative ids that no query has."""
    return {
        column.name: Field(-1 - place, column.name, column.type)
        for place, column in enumerate(columns)
    }


def sorted_by_key(definition: TableDef, batch: Batch) -> Batch:
    """Return the rows in the order of the table's key; without a key, as they are."""
    if not definition.order_by or not batch.n_rows:
        return batch
    places = {name: place for place, name in enumerate(definition.column_names)}
    keys = [SortKey(batch.columns[places[name]]) for name in definition.order_by]
    return batch.take(sort_permutation(keys))
