"""Few parts although many small ones are written: those at a table's end become one."""

from __future__ import annotations

from collections.abc import Sequence

from minidb.columns import Batch, Field, concat_batches
from minidb.columns.order import SortKey, sort_permutation
from minidb.storage.definition import ColumnDef, TableDef, TableKey
from minidb.storage.store import DEFAULT_GRANULE_ROWS, Transaction


def append_merged(
    transaction: Transaction,
    key: TableKey,
    batch: Batch,
    granule_rows: int = DEFAULT_GRANULE_ROWS,
) -> None:
    """Write rows as a part, or as one part with the small ones at the table's end.

    Many small writes so leave few parts, and each row is written again a few times at most.

    Parameters
    ----------
    transaction : Transaction
        Open; the caller commits.
    key : (database, table)
    batch : Batch
        One column per stored column of the table, rows in the order of its key.
    granule_rows : int
        Rows of a granule.

    Raises
    ------
    StorageError
        When they cannot be written.
    """
    if not batch.n_rows:
        return
    table = transaction.tables[key]
    definition = table.definition
    merged = parts_to_merge([part.n_rows for part in table.parts], batch.n_rows)
    if not merged:
        transaction.append(*key, batch, granule_rows)
        return
    removed = table.parts[-merged:]
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
