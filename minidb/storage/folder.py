"""A database's folder: finding, publishing and withdrawing its manifests."""

from __future__ import annotations

import os
import time

from minidb.errors import (
    CORRUPTED_DATA,
    DATABASE_IS_LOCKED,
    FILE_DOESNT_EXIST,
    FILE_SYSTEM_ERROR,
    NOT_A_DATABASE,
    StorageError,
)
from minidb.storage.collect import PARTS_FOLDER
from minidb.storage.manifest import (
    TEMPORARY_ENDING,
    Manifest,
    decode_manifest,
    encode_manifest,
    is_temporary,
    manifest_name,
    version_of,
)
from minidb.storage.vfs import Hold, Vfs

LOCK_NAME = "minidb.lock"

# How often a reader looks again when the manifest it found is removed under its eyes.
TRIES = 200
PAUSE_S = 0.002


class HeldManifest:
    """A manifest and the open file that keeps its parts from being removed.

    Parameters
    ----------
    manifest : Manifest
        The content.
    hold : Hold or None
        None for the empty manifest of a database that does not exist yet.

    Attributes
    ----------
    n_users : int
        Snapshots, transactions and the store itself; at 0 the file is let go.
    """

    __slots__ = ("_hold", "manifest", "n_users")

    def __init__(self, manifest: Manifest, hold: Hold | None) -> None:
        self.manifest = manifest
        self.n_users = 1
        self._hold = hold

    def leave(self) -> None:
        """Count one user less; the last one closes the file."""
        self.n_users -= 1
        if self.n_users == 0:
            self.close()

    def close(self) -> None:
        """Let the file go."""
        hold, self._hold = self._hold, None
        if hold is not None:
            hold.close()


def no_manifest() -> HeldManifest:
    """Return the content of a database that does not exist yet."""
    return HeldManifest(Manifest(0, 1), None)


class DatabaseFolder:
    """The files of a database, without threads or transactions.

    Parameters
    ----------
    vfs : Vfs
        Through which every file is touched.
    root : str
        The folder's absolute path.
    """

    __slots__ = ("root", "vfs")

    def __init__(self, vfs: Vfs, root: str) -> None:
        self.vfs = vfs
        self.root = root

    def path(self, *names: str) -> str:
        """Return the path of something in the folder."""
        return os.path.join(self.root, *names)

    def require_openable(self) -> None:
        """Refuse a file, and a folder that could not be created.

        Raises
        ------
        StorageError
            NOT_A_DATABASE or FILE_DOESNT_EXIST.
        """
        kind = self.vfs.kind(self.root)
        if kind == "file":
            raise StorageError(
                NOT_A_DATABASE, f"{self.root!r} is a file", hint="a database is a folder"
            )
        parent = os.path.dirname(self.root)
        if kind == "missing" and self.vfs.kind(parent) != "folder":
            raise StorageError(
                FILE_DOESNT_EXIST,
                f"cannot create {self.root!r}: there is no folder {parent!r}",
                hint="create the parent folder first",
            )

    def newest(self, known: HeldManifest) -> HeldManifest:
        """Return the newest manifest: `known` itself when that is the one.

        Raises
        ------
        StorageError
            When it is damaged, newer than this minidb, or the folder is no database. An older
            version is never taken instead.
        """
        for _ in range(TRIES):
            names = self.vfs.names_in(self.root)
            version = max((v for name in names if (v := version_of(name))), default=0)
            if version == 0:
                self._require_unused(names, known)
                return known
            if version == known.manifest.version:
                return known
            path = self.path(manifest_name(version))
            hold = self.vfs.hold(path)
            if hold is not None:
                return _held(hold, path, version)
            time.sleep(PAUSE_S)
        raise StorageError(FILE_SYSTEM_ERROR, f"the manifest of {self.root!r} changes too fast")

    def create(self) -> None:
        """Make the folder if it is missing."""
        if self.vfs.kind(self.root) == "missing":
            self.require_openable()
            self.vfs.make_folder(self.root)
            self.vfs.sync_folder(os.path.dirname(self.root))

    def lock_writer(self) -> Hold:
        """Take the lock of the one writing process.

        Raises
        ------
        StorageError
            DATABASE_IS_LOCKED, or READONLY when the folder cannot be written.
        """
        lock = self.vfs.lock_writer(self.path(LOCK_NAME))
        if lock is None:
            raise StorageError(
                DATABASE_IS_LOCKED,
                f"another process is writing to {self.root!r}",
                hint="reading works meanwhile; write after the other process has closed it",
            )
        return lock

    def new_part_folder(self, name: str) -> str:
        """Return where a part goes, making the folder of all parts if need be."""
        parts = self.path(PARTS_FOLDER)
        if self.vfs.kind(parts) == "missing":
            self.vfs.make_folder(parts)
            self.vfs.sync_folder(self.root)
        return os.path.join(parts, name)

    def sync_parts(self) -> None:
        """Make the names of new parts last."""
        self.vfs.sync_folder(self.path(PARTS_FOLDER))

    def prepare(self, manifest: Manifest) -> HeldManifest:
        """Write a manifest under a temporary name and hold it; failure leaves nothing."""
        path = self._temporary(manifest)
        hold: Hold | None = None
        try:
            self.vfs.write_new(path, [encode_manifest(manifest)])
            hold = self.vfs.hold(path)
        finally:
            if hold is None:
                self._remove_quietly(path)
        if hold is None:
            raise StorageError(FILE_SYSTEM_ERROR, f"file {path!r} has disappeared")
        return HeldManifest(manifest, hold)

    def publish(self, manifest: Manifest) -> None:
        """Give a prepared manifest its name and make that last."""
        self.vfs.rename(self._temporary(manifest), self.path(manifest_name(manifest.version)))
        self.vfs.sync_folder(self.root)

    def withdraw(self, held: HeldManifest) -> bool:
        """Take back a manifest whose publication failed halfway.

        Returns
        -------
        bool
            Whether it surely is not the newest version, now and after a power loss. False when
            another process already reads it, or the disk does not answer.
        """
        held.close()
        try:
            self.vfs.remove(self._temporary(held.manifest))
            final = self.path(manifest_name(held.manifest.version))
            is_gone = self.vfs.remove_unheld(final)
            self.vfs.sync_folder(self.root)
        except StorageError:
            return False
        return is_gone

    def _temporary(self, manifest: Manifest) -> str:
        return self.path(manifest_name(manifest.version) + TEMPORARY_ENDING)

    def _require_unused(self, names: list[str], known: HeldManifest) -> None:
        """Accept a folder without manifest only if nothing else is in it."""
        others = [name for name in names if name != LOCK_NAME and not is_temporary(name)]
        if known.manifest.version or (LOCK_NAME in names and PARTS_FOLDER in others):
            raise StorageError(CORRUPTED_DATA, f"the manifest of {self.root!r} is missing")
        if others:
            raise StorageError(
                NOT_A_DATABASE,
                f"{self.root!r} is a folder of other files, such as {others[0]!r}",
                hint="give the path of a database, or one that does not exist yet",
            )

    def _remove_quietly(self, path: str) -> None:
        try:
            self.vfs.remove(path)
        except StorageError:
            return


def _held(hold: Hold, path: str, version: int) -> HeldManifest:
    """Read a manifest that is held, and let it go if it is damaged."""
    manifest: Manifest | None = None
    try:
        manifest = decode_manifest(hold.read(), path, version)
    finally:
        if manifest is None:
            hold.close()
    return HeldManifest(manifest, hold)
