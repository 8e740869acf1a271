"""What every store offers: snapshots to read, transactions to write, parts of rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import field
from types import MappingProxyType, TracebackType
from typing import Self

from minidb.columns import Batch
from minidb.errors import InternalError
from minidb.record import record
from minidb.storage.definition import TableDef, TableKey
from minidb.storage.statistics import GranuleStatistics

DEFAULT_GRANULE_ROWS = 8_192

ObjectKey = tuple[str, str]


class Part(ABC):
    """Rows that were written together and never change.

    Attributes
    ----------
    name : str
        Unique in its store, for as long as the store exists.
    n_rows : int
        At least 1.
    n_bytes : int
        What the part takes: bytes of its files, or of its arrays in memory.
    granule_rows : int
        Rows of a granule, the unit of statistics and of partial reads; the last has fewer.
    """

    __slots__ = ()

    name: str
    n_rows: int
    n_bytes: int
    granule_rows: int

    @property
    def n_granules(self) -> int:
        """Return the number of granules."""
        return -(-self.n_rows // self.granule_rows)

    @abstractmethod
    def statistics(self, column: str) -> GranuleStatistics | None:
        """Return bounds per granule, or None for types that have none (Bits, Array, Tuple).

        Raises
        ------
        StorageError
            CHECKSUM_DOESNT_MATCH or CORRUPTED_DATA, naming the file.
        """

    @abstractmethod
    def read(self, columns: Sequence[str], granules: Sequence[range] | None = None) -> Batch:
        """Read columns of whole granules.

        Parameters
        ----------
        columns : sequence of str
            Names, in the order wanted; none gives a batch that only counts rows.
        granules : sequence of range, optional
            Ranges of granule numbers with step 1, in the order wanted; None means all.

        Raises
        ------
        StorageError
            CHECKSUM_DOESNT_MATCH or CORRUPTED_DATA, naming the file.
        """

    def rows_of(self, granules: Sequence[range] | None) -> list[tuple[int, int]]:
        """Translate ranges of granules into ranges of rows (start, stop).

        Raises
        ------
        InternalError
            When a range leaves the part.
        """
        if granules is None:
            return [(0, self.n_rows)]
        rows = []
        for run in granules:
            if run.step != 1 or run.start < 0 or run.stop > self.n_granules:
                raise InternalError(f"part {self.name!r} has no granules {run}")
            if len(run):
                stop = min(run.stop * self.granule_rows, self.n_rows)
                rows.append((run.start * self.granule_rows, stop))
        return rows


@record
class StoredTable:
    """A table's definition and its parts, oldest first, as one snapshot sees them."""

    definition: TableDef
    parts: tuple[Part, ...] = ()

    @property
    def n_rows(self) -> int:
        """Return the rows of all parts."""
        return sum(part.n_rows for part in self.parts)

    @property
    def n_bytes(self) -> int:
        """Return the bytes of all parts."""
        return sum(part.n_bytes for part in self.parts)


@record
class State:
    """Everything a store holds at one version; commits replace it, nothing changes it."""

    version: int
    tables: Mapping[TableKey, StoredTable] = field(default_factory=lambda: MappingProxyType({}))
    objects: Mapping[ObjectKey, str] = field(default_factory=lambda: MappingProxyType({}))


class Snapshot:
    """One version of the store, readable until it is released, whatever is committed meanwhile.

    Parameters
    ----------
    state : State
        What is seen.
    on_release : callable
        Called once, when the parts may go.
    """

    __slots__ = ("__weakref__", "_on_release", "state")

    def __init__(self, state: State, on_release: Callable[[], None] | None = None) -> None:
        self.state = state
        self._on_release = on_release

    @property
    def version(self) -> int:
        """Return the number of the commit that made this version; it only grows."""
        return self.state.version

    @property
    def tables(self) -> Mapping[TableKey, StoredTable]:
        """Return the tables under (database, name)."""
        return self.state.tables

    @property
    def objects(self) -> Mapping[ObjectKey, str]:
        """Return the texts of other catalog objects under (kind, name)."""
        return self.state.objects

    def release(self) -> None:
        """Let the parts go; the second call does nothing."""
        on_release, self._on_release = self._on_release, None
        if on_release is not None:
            on_release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()

    def __del__(self) -> None:
        self.release()


class Transaction(ABC):
    """Changes that become visible together, at `commit`, or not at all.

    As a context manager it rolls back unless `commit` was called; errors pass through.
    """

    __slots__ = ()

    @property
    @abstractmethod
    def tables(self) -> Mapping[TableKey, StoredTable]:
        """Return the tables with this transaction's changes; DELETE reads from here."""

    @property
    @abstractmethod
    def objects(self) -> Mapping[ObjectKey, str]:
        """Return the catalog objects with this transaction's changes."""

    @abstractmethod
    def create_table(self, definition: TableDef) -> None:
        """Add an empty table.

        Raises
        ------
        StorageError
            TABLE_ALREADY_EXISTS.
        """

    @abstractmethod
    def drop_table(self, database: str, name: str) -> None:
        """Remove a table and its rows.

        Raises
        ------
        StorageError
            UNKNOWN_TABLE.
        """

    @abstractmethod
    def rename_table(self, database: str, name: str, new_database: str, new_name: str) -> None:
        """Move a table to another name, with its rows.

        Raises
        ------
        StorageError
            UNKNOWN_TABLE or TABLE_ALREADY_EXISTS.
        """

    @abstractmethod
    def redefine_table(
        self,
        definition: TableDef,
        batches: Iterable[Batch] | None = None,
        granule_rows: int = DEFAULT_GRANULE_ROWS,
    ) -> None:
        """Give the table of the definition's name other columns, keys or texts.

        Parameters
        ----------
        definition : TableDef
            The new one, under the old name.
        batches : iterable of Batch, optional
            The rows in the new columns, which become the table's parts. None keeps the parts as
            they are: the stored columns then have the names and types they had.

        Raises
        ------
        StorageError
            UNKNOWN_TABLE, NOT_ENOUGH_SPACE, or another failure to write.
        """

    @abstractmethod
    def append(
        self, database: str, name: str, batch: Batch, granule_rows: int = DEFAULT_GRANULE_ROWS
    ) -> Part | None:
        """Write rows, already in the order of the table's key, as one part.

        Parameters
        ----------
        database, name : str
            The table.
        batch : Batch
            One column per column of the table, in order. An empty batch writes no part.
        granule_rows : int
            Rows of a granule.

        Returns
        -------
        Part or None
            The new part.

        Raises
        ------
        StorageError
            UNKNOWN_TABLE, NOT_ENOUGH_SPACE, or another failure to write.
        """

    @abstractmethod
    def replace_parts(
        self,
        database: str,
        name: str,
        removed: Sequence[Part],
        added: Sequence[Batch],
        granule_rows: int = DEFAULT_GRANULE_ROWS,
    ) -> None:
        """Put new parts where the first of some old parts stood (DELETE, OPTIMIZE, TRUNCATE).

        To keep the order of rows, call it once per part. Empty batches write nothing; without
        removed parts, the new ones go to the end.

        Raises
        ------
        StorageError
            UNKNOWN_TABLE, NOT_ENOUGH_SPACE, or another failure to write.
        InternalError
            When a removed part is not of this table in `tables`.
        """

    @abstractmethod
    def put_object(self, kind: str, name: str, text: str) -> None:
        """Add or replace a catalog object such as a SQL function."""

    @abstractmethod
    def drop_object(self, kind: str, name: str) -> None:
        """Remove a catalog object; one that is not there is no error."""

    @abstractmethod
    def commit(self) -> None:
        """Make all changes visible and lasting, at once.

        Raises
        ------
        StorageError
            When they could not be made lasting; then none of them is visible. Only where the
            file system failed to say whether the last step happened, the hint says so, and the
            next snapshot shows what is on disk.
        """

    @abstractmethod
    def rollback(self) -> None:
        """Drop all changes; does nothing after `commit`."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.rollback()


class Store(ABC):
    """Where tables live. All methods may be called from any thread."""

    __slots__ = ()

    @abstractmethod
    def snapshot(self) -> Snapshot:
        """Return the newest committed version.

        Raises
        ------
        StorageError
            When the newest version is damaged; an older one is never shown in its place.
        """

    @abstractmethod
    def begin(self) -> Transaction:
        """Begin to write; waits for another thread's transaction.

        Raises
        ------
        StorageError
            DATABASE_IS_LOCKED when another process writes, this thread has a transaction open,
            or another thread keeps one open too long; READONLY when the folder cannot be
            written.
        """

    @abstractmethod
    def close(self) -> None:
        """Let go of files and locks; the second call does nothing."""
