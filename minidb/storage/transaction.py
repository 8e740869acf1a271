"""A transaction's bookkeeping, the same for every store: which tables and parts there will be."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

from minidb.columns import Batch
from minidb.errors import TABLE_ALREADY_EXISTS, UNKNOWN_TABLE, InternalError, StorageError
from minidb.storage.definition import TableDef, TableKey, require_storable
from minidb.storage.store import (
    DEFAULT_GRANULE_ROWS,
    ObjectKey,
    Part,
    State,
    StoredTable,
    Transaction,
)


class StateTransaction(Transaction):
    """A transaction that edits copies of a state's dictionaries.

    Parameters
    ----------
    base : State
        What the transaction begins with.
    """

    __slots__ = ("_base", "_is_open", "_objects", "_tables")

    def __init__(self, base: State) -> None:
        self._base = base
        self._tables = dict(base.tables)
        self._objects = dict(base.objects)
        self._is_open = True

    @abstractmethod
    def _write_part(self, definition: TableDef, batch: Batch, granule_rows: int) -> Part:
        """Write one part that nothing names yet."""

    @abstractmethod
    def _publish(self, state: State) -> None:
        """Make `state` the store's, or raise and leave the store as it was."""

    @abstractmethod
    def _end(self, is_committed: bool) -> None:
        """Let go of what the transaction holds, and remove its parts unless it committed."""

    @property
    def tables(self) -> Mapping[TableKey, StoredTable]:
        """Return the tables with this transaction's changes."""
        return MappingProxyType(self._tables)

    @property
    def objects(self) -> Mapping[ObjectKey, str]:
        """Return the catalog objects with this transaction's changes."""
        return MappingProxyType(self._objects)

    def create_table(self, definition: TableDef) -> None:
        """Add an empty table."""
        self._require_open()
        self._require_free(definition.key)
        require_storable(definition)
        self._tables[definition.key] = StoredTable(definition)

    def drop_table(self, database: str, name: str) -> None:
        """Remove a table and its rows."""
        self._table(database, name)
        del self._tables[database, name]

    def rename_table(self, database: str, name: str, new_database: str, new_name: str) -> None:
        """Move a table to another name, with its rows."""
        table = self._table(database, name)
        self._require_free((new_database, new_name))
        del self._tables[database, name]
        definition = replace(table.definition, database=new_database, name=new_name)
        self._tables[definition.key] = StoredTable(definition, table.parts)

    def redefine_table(
        self,
        definition: TableDef,
        batches: Iterable[Batch] | None = None,
        granule_rows: int = DEFAULT_GRANULE_ROWS,
    ) -> None:
        """Put another definition in the place of the old one, with rewritten parts or the same."""
        table = self._table(*definition.key)
        require_storable(definition)
        parts = table.parts
        if batches is not None:
            parts = tuple(self._write(definition, batches, granule_rows))
        elif columns_of(definition) != columns_of(table.definition):
            raise InternalError(f"the parts of {definition.name!r} have other columns")
        self._tables[definition.key] = StoredTable(definition, parts)

    def append(
        self, database: str, name: str, batch: Batch, granule_rows: int = DEFAULT_GRANULE_ROWS
    ) -> Part | None:
        """Write rows as one part; an empty batch writes none."""
        table = self._table(database, name)
        written = self._write(table.definition, [batch], granule_rows)
        self._tables[database, name] = replace(table, parts=(*table.parts, *written))
        return written[0] if written else None

    def replace_parts(
        self,
        database: str,
        name: str,
        removed: Sequence[Part],
        added: Sequence[Batch],
        granule_rows: int = DEFAULT_GRANULE_ROWS,
    ) -> None:
        """Put new parts where the first of the removed ones stood."""
        table = self._table(database, name)
        gone = {part.name for part in removed}
        places = [i for i, part in enumerate(table.parts) if part.name in gone]
        if len(places) != len(gone):
            raise InternalError(f"table {name!r} does not have the parts to be replaced")
        written = self._write(table.definition, added, granule_rows)
        at = places[0] if places else len(table.parts)
        before = table.parts[:at]
        after = tuple(part for part in table.parts[at:] if part.name not in gone)
        self._tables[database, name] = replace(table, parts=(*before, *written, *after))

    def put_object(self, kind: str, name: str, text: str) -> None:
        """Add or replace a catalog object."""
        self._require_open()
        self._objects[kind, name] = text

    def drop_object(self, kind: str, name: str) -> None:
        """Remove a catalog object, if it is there."""
        self._require_open()
        self._objects.pop((kind, name), None)

    def commit(self) -> None:
        """Make all changes visible and lasting, at once."""
        self._require_open()
        is_committed = False
        try:
            tables = MappingProxyType(self._tables)
            objects = MappingProxyType(self._objects)
            self._publish(State(self._base.version + 1, tables, objects))
            is_committed = True
        finally:
            self._is_open = False
            self._end(is_committed)

    def rollback(self) -> None:
        """Drop all changes; does nothing after `commit`."""
        if self._is_open:
            self._is_open = False
            self._end(is_committed=False)

    def _write(
        self, definition: TableDef, batches: Iterable[Batch], granule_rows: int
    ) -> list[Part]:
        """Write a part for each batch that has rows."""
        written = []
        for batch in batches:
            types = tuple(column.type for column in batch.columns)
            if types != definition.column_types:
                raise InternalError(f"a batch does not fit the columns of {definition.name!r}")
            if batch.n_rows:
                written.append(self._write_part(definition, batch, granule_rows))
        return written

    def _table(self, database: str, name: str) -> StoredTable:
        self._require_open()
        table = self._tables.get((database, name))
        if table is None:
            raise StorageError(UNKNOWN_TABLE, f"no table {database}.{name}")
        return table

    def _require_free(self, key: TableKey) -> None:
        if key in self._tables:
            raise StorageError(TABLE_ALREADY_EXISTS, f"table {key[0]}.{key[1]} already exists")

    def _require_open(self) -> None:
        if not self._is_open:
            raise InternalError("the transaction has already ended")


def columns_of(definition: TableDef) -> tuple[tuple[str, str], ...]:
    """Return what parts depend on: names and types of the stored columns."""
    return tuple((column.name, column.type.name) for column in definition.stored_columns)
