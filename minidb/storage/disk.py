"""A store in a folder: immutable parts, published by manifests (docs/storage_format.md).

The newest manifest file is the database. A commit writes its parts, then the next manifest
under a temporary name, and renames it; every step is synced before the next. Versions that
readers hold stay until they are released.
"""

from __future__ import annotations

import os
import sys
import threading
import weakref
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from minidb.columns import Batch
from minidb.errors import CONNECTION_IS_CLOSED, StorageError
from minidb.record import record
from minidb.storage.collect import PARTS_FOLDER, Collector, part_name
from minidb.storage.definition import TableDef
from minidb.storage.folder import DatabaseFolder, HeldManifest, no_manifest
from minidb.storage.manifest import Manifest, TableEntry
from minidb.storage.memory import MemoryPart
from minidb.storage.part import DiskPart, write_part
from minidb.storage.store import Part, Snapshot, State, Store, StoredTable
from minidb.storage.transaction import StateTransaction
from minidb.storage.turn import Turn
from minidb.storage.vfs import Hold, Vfs

UNCERTAIN = "nobody knows whether the commit happened: read, and see what is there"


@record
class Version:
    """What is seen, and the manifest whose parts it reads."""

    state: State
    held: HeldManifest


class DiskTransaction(StateTransaction):
    """Changes to a `DiskStore`: parts are written at once, and named at the commit."""

    __slots__ = ("_lock", "_store", "_turn", "_version", "_written")

    def __init__(self, store: DiskStore, version: Version, lock: Hold, turn: Turn) -> None:
        super().__init__(version.state)
        self._store = store
        self._version = version
        self._lock = lock
        self._turn = turn
        self._written: set[str] = set()

    def _write_part(self, definition: TableDef, batch: Batch, granule_rows: int) -> Part:
        store = self._store
        store.require_writer(self._lock)
        name = store.new_part_name()
        if not definition.is_stored:
            return MemoryPart(name, definition.column_names, batch, granule_rows)
        folder = store.folder.new_part_folder(name)
        self._written.add(name)
        return write_part(store.folder.vfs, folder, name, definition, batch, granule_rows)

    def _publish(self, state: State) -> None:
        self._store.require_writer(self._lock)
        self._store.publish(state, has_new_parts=bool(self._written))

    def _end(self, is_committed: bool) -> None:
        try:
            self._store.end_transaction(self._version, self._lock, self._written)
        finally:
            self._turn.give_back()


class DiskStore(Store):
    """A database in a folder. Use `minidb.storage.open_store`, which shares one per folder.

    Parameters
    ----------
    root : str
        The folder's absolute path. It is created by the first `begin`; its parent must exist.
    vfs : Vfs
        Through which every file is touched.

    Raises
    ------
    StorageError
        NOT_A_DATABASE, DATABASE_IS_NEWER, CHECKSUM_DOESNT_MATCH, CORRUPTED_DATA, or
        FILE_DOESNT_EXIST when even the parent folder is missing.
    """

    __slots__ = (
        "__weakref__",
        "_collector",
        "_current",
        "_is_closed",
        "_is_uncertain",
        "_lock",
        "_mutex",
        "_next_part",
        "_next_version",
        "_turn",
        "folder",
    )

    def __init__(self, root: str, vfs: Vfs) -> None:
        self.folder = DatabaseFolder(vfs, root)
        self._current = Version(State(0), no_manifest())
        self._collector = Collector(vfs, root)
        self._is_closed = False
        # Whether a commit failed so that only the disk knows whether it happened.
        self._is_uncertain = False
        self._lock: Hold | None = None
        self._next_version = 1
        self._next_part = 1
        # Re-entrant: a snapshot may be collected, and so released, while this thread has it.
        self._mutex = threading.RLock()
        self._turn = Turn(repr(root))
        self.folder.require_openable()
        self._refresh()
        _STORES.add(self)

    def snapshot(self) -> Snapshot:
        """Return the newest committed version, also of another process."""
        with self._mutex:
            self._require_open()
            if self._lock is None or self._is_uncertain:
                self._refresh()
            version = self._use_current()
        return Snapshot(version.state, partial(self._leave, version))

    def begin(self) -> DiskTransaction:
        """Begin to write: take this thread's turn and, the first time, the folder's lock."""
        turn = self._turn
        turn.take()
        is_begun = False
        try:
            with self._mutex:
                self._require_open()
                lock = self._become_writer()
                version = self._use_current()
            is_begun = True
        finally:
            if not is_begun:
                turn.give_back()
        return DiskTransaction(self, version, lock, turn)

    def close(self) -> None:
        """Let go of the folder's lock; snapshots stay readable until they are released."""
        with self._mutex:
            if self._is_closed:
                return
            self._is_closed = True
            current, self._current = self._current, Version(State(0), no_manifest())
            if self._lock is not None and not self._is_uncertain:
                self._collector.run(current.held.manifest)
            current.held.leave()
            self._unlock()

    def require_writer(self, lock: Hold) -> None:
        """Refuse to go on with a transaction that was begun before a close or a fork."""
        if self._is_closed or self._lock is not lock:
            message = f"the transaction on {self.folder.root!r} ended with its connection"
            raise StorageError(CONNECTION_IS_CLOSED, message)

    def new_part_name(self) -> str:
        """Return a name that no part has had."""
        with self._mutex:
            number, self._next_part = self._next_part, self._next_part + 1
        return part_name(number)

    def publish(self, state: State, *, has_new_parts: bool) -> None:
        """Make `state` the newest version, on disk and then here."""
        old = self._current
        manifest = manifest_of(state, self._next_version, self._next_part)
        if (manifest.tables, manifest.objects) == (
            old.held.manifest.tables,
            old.held.manifest.objects,
        ):
            # Only rows of tables of engine Memory changed, which the disk does not know.
            self._current = Version(state, old.held)
            return
        if has_new_parts:
            self.folder.sync_parts()
        # A number is used once, even if the attempt fails: what a power loss brings back of a
        # failed commit then never stands above a later one.
        self._next_version += 1
        try:
            self._publish_manifest(state, manifest)
        except StorageError as error:
            if self._is_uncertain:
                error.hint = UNCERTAIN
            raise
        self._collector.retire(old.held.manifest, manifest)
        old.held.leave()

    def end_transaction(self, version: Version, lock: Hold, written: set[str]) -> None:
        """Let go of a transaction's version, and of those of its parts that were not published."""
        with self._mutex:
            version.held.leave()
            # Parts of a commit that perhaps happened stay; the next `begin` finds out.
            if self._lock is lock and not self._is_uncertain:
                manifest = self._current.held.manifest
                self._collector.discard(written - manifest.part_names)
                self._collector.run(manifest)

    def forget_writer(self) -> None:
        """Give up, in a forked child, what belongs to the parent: the lock and the turn."""
        self._mutex = threading.RLock()
        self._turn = Turn(repr(self.folder.root))
        self._unlock()

    def _publish_manifest(self, state: State, manifest: Manifest) -> None:
        """Bring a manifest into place, or withdraw it."""
        held = self.folder.prepare(manifest)
        version = Version(state, held)
        try:
            self.folder.publish(manifest)
            self._current = version
        finally:
            # Not `except`: Ctrl-C may come at any point up to the assignment.
            if self._current is not version:
                self._is_uncertain = True
                self._is_uncertain = not self.folder.withdraw(held)

    def _become_writer(self) -> Hold:
        """Return the folder's lock, taking it and tidying up if this store is no writer yet."""
        if self._lock is not None and not self._is_uncertain:
            return self._lock
        self.folder.create()
        lock = self._lock or self.folder.lock_writer()
        self._lock = lock
        is_ready = False
        try:
            # After a failed commit: what is there now has to last before anything follows it.
            self.folder.vfs.sync_folder(self.folder.root)
            self._refresh()
            newest = self._current.held.manifest
            self._next_version = max(self._next_version, newest.version + 1)
            self._next_part = max(self._next_part, self._collector.scan(newest))
            self._is_uncertain = False
            if newest.version == 0:
                self._create_manifest()
            self._collector.run(self._current.held.manifest)
            is_ready = True
        finally:
            if not is_ready:
                self._unlock()
        return lock

    def _create_manifest(self) -> None:
        """Publish the first, empty manifest."""
        old = self._current
        manifest = Manifest(self._next_version, 1)
        self._next_version += 1
        self._publish_manifest(replace(old.state, version=old.state.version + 1), manifest)
        old.held.leave()

    def _refresh(self) -> None:
        """Take over the newest manifest on disk, if it is not the one known."""
        old = self._current
        held = self.folder.newest(old.held)
        if held is not old.held:
            self._current = Version(self._state_of(held.manifest, old.state), held)
            old.held.leave()

    def _state_of(self, manifest: Manifest, old: State) -> State:
        """Build the tables of a manifest; parts that are known already are kept."""
        known = {part.name: part for table in old.tables.values() for part in table.parts}
        tables = {}
        for entry in manifest.tables:
            key = entry.definition.key
            before = old.tables.get(key)
            parts = tuple(self._part_of(entry, i, known) for i in range(len(entry.parts)))
            if not entry.definition.is_stored and before is not None:
                parts = before.parts if before.definition == entry.definition else ()
            tables[key] = StoredTable(entry.definition, parts)
        objects = {(kind, name): text for kind, name, text in manifest.objects}
        version = max(old.version + 1, manifest.version)
        return State(version, MappingProxyType(tables), MappingProxyType(objects))

    def _part_of(self, table: TableEntry, i: int, known: dict[str, Part]) -> Part:
        entry = table.parts[i]
        part = known.get(entry.name)
        if isinstance(part, DiskPart) and part.entry == entry:
            return part
        path = self.folder.path(PARTS_FOLDER, entry.name)
        return DiskPart(self.folder.vfs, path, table.definition, entry)

    def _use_current(self) -> Version:
        self._current.held.n_users += 1
        return self._current

    def _leave(self, version: Version) -> None:
        with self._mutex:
            version.held.leave()

    def _unlock(self) -> None:
        lock, self._lock = self._lock, None
        if lock is not None:
            lock.close()

    def _require_open(self) -> None:
        if self._is_closed:
            raise StorageError(CONNECTION_IS_CLOSED, f"the database {self.folder.root!r} is closed")


def manifest_of(state: State, version: int, next_part: int) -> Manifest:
    """Describe a state as the disk is to keep it."""
    tables = tuple(
        TableEntry(
            table.definition,
            tuple(part.entry for part in table.parts if isinstance(part, DiskPart)),
        )
        for table in state.tables.values()
    )
    objects = tuple((kind, name, text) for (kind, name), text in state.objects.items())
    return Manifest(version, next_part, tables, objects)


_STORES: weakref.WeakSet[DiskStore] = weakref.WeakSet()


def _after_fork() -> None:
    """Make the stores of a forked child readers: the parent has the lock."""
    for store in list(_STORES):
        store.forget_writer()


if sys.platform != "win32":
    os.register_at_fork(after_in_child=_after_fork)
