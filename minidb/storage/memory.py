"""A store in memory: parts hold batches, and nothing outlives the process."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import count

from minidb.columns import Batch, Column, concat_columns
from minidb.errors import CONNECTION_IS_CLOSED, InternalError, StorageError
from minidb.storage.definition import TableDef
from minidb.storage.statistics import GranuleStatistics, granule_statistics
from minidb.storage.store import Part, Snapshot, State, Store
from minidb.storage.transaction import StateTransaction
from minidb.storage.turn import Turn


class MemoryPart(Part):
    """A part whose rows are one batch.

    Parameters
    ----------
    name : str
        Unique in its store.
    columns : tuple of str
        The names of the batch's columns.
    batch : Batch
        The rows.
    granule_rows : int
        Rows of a granule.
    """

    __slots__ = ("_columns", "_statistics", "batch", "granule_rows", "n_bytes", "n_rows", "name")

    def __init__(
        self, name: str, columns: tuple[str, ...], batch: Batch, granule_rows: int
    ) -> None:
        self.name = name
        self.batch = batch
        self.n_rows = batch.n_rows
        self.n_bytes = batch.nbytes
        self.granule_rows = granule_rows
        self._columns = dict(zip(columns, batch.columns, strict=True))
        # Filled at the first question; two threads may both compute an entry, which is equal.
        self._statistics: dict[str, GranuleStatistics | None] = {}

    def statistics(self, column: str) -> GranuleStatistics | None:
        """Return bounds per granule, computed at the first question."""
        if column not in self._statistics:
            found = granule_statistics(self._column(column), self.granule_rows)
            self._statistics[column] = found
        return self._statistics[column]

    def read(self, columns: Sequence[str], granules: Sequence[range] | None = None) -> Batch:
        """Return columns of whole granules, without copying where one range is asked for."""
        rows = self.rows_of(granules)
        n_rows = sum(stop - start for start, stop in rows)
        chosen = [self._column(name) for name in columns]
        if rows == [(0, self.n_rows)]:
            return Batch(tuple(chosen), n_rows)
        return Batch(
            tuple(concat_columns(c.type, [c.slice(a, b) for a, b in rows]) for c in chosen),
            n_rows,
        )

    def _column(self, name: str) -> Column:
        column = self._columns.get(name)
        if column is None:
            raise InternalError(f"part {self.name!r} has no column {name!r}")
        return column


class MemoryTransaction(StateTransaction):
    """Changes to a `MemoryStore`."""

    __slots__ = ("_store",)

    def __init__(self, store: MemoryStore, base: State) -> None:
        super().__init__(base)
        self._store = store

    def _write_part(self, definition: TableDef, batch: Batch, granule_rows: int) -> Part:
        name = self._store.new_part_name()
        return MemoryPart(name, definition.column_names, batch, granule_rows)

    def _publish(self, state: State) -> None:
        self._store.state = state

    def _end(self, is_committed: bool) -> None:
        self._store.turn.give_back()


class MemoryStore(Store):
    """A store without files."""

    __slots__ = ("_is_closed", "_mutex", "_part_numbers", "state", "turn")

    def __init__(self) -> None:
        self.state = State(0)
        self.turn = Turn("the database in memory")
        self._mutex = threading.Lock()
        self._part_numbers = count(1)
        self._is_closed = False

    def snapshot(self) -> Snapshot:
        """Return the newest committed version."""
        self._require_open()
        return Snapshot(self.state)

    def begin(self) -> MemoryTransaction:
        """Begin to write; waits for another thread's transaction."""
        self._require_open()
        self.turn.take()
        return MemoryTransaction(self, self.state)

    def close(self) -> None:
        """Drop everything."""
        self._is_closed = True
        self.state = State(self.state.version)

    def new_part_name(self) -> str:
        """Return a name that no part of this store has had."""
        with self._mutex:
            return f"m{next(self._part_numbers):012d}"

    def _require_open(self) -> None:
        if self._is_closed:
            raise StorageError(CONNECTION_IS_CLOSED, "the database in memory is closed")
