"""Opening a database by its path: one store per folder and process, shared by all who open it."""

from __future__ import annotations

import os
import sys
import threading

from minidb.errors import CONNECTION_IS_CLOSED, NOT_A_DATABASE, StorageError
from minidb.storage.disk import DiskStore
from minidb.storage.memory import MemoryStore
from minidb.storage.store import Snapshot, Store, Transaction
from minidb.storage.vfs import Vfs

IN_MEMORY = ":memory:"


class StoreRegistry:
    """The folders that are open in this process, and by how many."""

    __slots__ = ("_mutex", "_stores")

    def __init__(self) -> None:
        self._mutex = threading.RLock()
        self._stores: dict[str, tuple[DiskStore, int]] = {}

    def open(self, root: str) -> DiskStore:
        """Return the store of a folder, opening it for the first user."""
        with self._mutex:
            store, n_users = self._stores.get(root) or (DiskStore(root, Vfs()), 0)
            self._stores[root] = store, n_users + 1
        return store

    def close(self, root: str) -> None:
        """Count one user less; the last one closes the store."""
        with self._mutex:
            store, n_users = self._stores.pop(root)
            if n_users > 1:
                self._stores[root] = store, n_users - 1
            else:
                store.close()

    def after_fork(self) -> None:
        """Make a new lock: a thread that does not exist in the child may have had the old one."""
        self._mutex = threading.RLock()


class SharedStore(Store):
    """One user's handle on a store that others in this process may have open too.

    Parameters
    ----------
    registry : StoreRegistry
        Who counts the users.
    root : str
        The folder's real path.
    """

    __slots__ = ("_mutex", "_registry", "_root", "_shared")

    def __init__(self, registry: StoreRegistry, root: str) -> None:
        self._registry = registry
        self._root = root
        self._mutex = threading.Lock()
        self._shared: DiskStore | None = registry.open(root)

    @property
    def shared(self) -> DiskStore:
        """Return the store itself, the same object for all handles on one folder.

        Raises
        ------
        StorageError
            CONNECTION_IS_CLOSED after `close`.
        """
        store = self._shared
        if store is None:
            raise StorageError(CONNECTION_IS_CLOSED, f"the database {self._root!r} is closed")
        return store

    def snapshot(self) -> Snapshot:
        """Return the newest committed version, also of another process."""
        return self.shared.snapshot()

    def begin(self) -> Transaction:
        """Begin to write; waits for another thread's transaction."""
        return self.shared.begin()

    def close(self) -> None:
        """Give up this handle; the last one lets go of the folder."""
        with self._mutex:
            store, self._shared = self._shared, None
        if store is not None:
            self._registry.close(self._root)


# The one thing of storage that a process has only once: the operating system's lock on a folder
# is the process's too, so two stores of one folder could not both write.
_REGISTRY = StoreRegistry()

if sys.platform != "win32":
    os.register_at_fork(after_in_child=_REGISTRY.after_fork)


def open_store(path: str | os.PathLike[str]) -> Store:
    """Open a database.

    Parameters
    ----------
    path : str or path
        A folder, which is created by the first write if it does not exist; or ``:memory:``,
        which is a new database each time.

    Returns
    -------
    Store
        To be closed by the caller. Handles on one folder share one store in this process.

    Raises
    ------
    StorageError
        NOT_A_DATABASE for a file, a foreign folder or a path that cannot be one;
        DATABASE_IS_NEWER, CHECKSUM_DOESNT_MATCH, CORRUPTED_DATA; FILE_DOESNT_EXIST when the
        parent folder is missing; FILE_SYSTEM_ERROR without the permission to read.
    """
    text = os.fsdecode(path)
    if text == IN_MEMORY:
        return MemoryStore()
    return SharedStore(_REGISTRY, real_path(text))


def real_path(path: str) -> str:
    """Return the absolute path with links followed.

    Raises
    ------
    StorageError
        NOT_A_DATABASE when no file can have that name.
    """
    try:
        if not path:
            raise ValueError("it is empty")
        os.fsencode(path)
        return os.path.realpath(path)
    except (ValueError, OSError) as error:
        raise StorageError(NOT_A_DATABASE, f"{path!r} is not a path: {error}") from error
