"""The only place that touches files; its errors are `StorageError` with code and file.

Every call to the operating system goes through `Vfs.perform`, so a test can make any of them
fail, fall short or be forgotten at a power loss.
"""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, TypeVar

from minidb.errors import (
    CORRUPTED_DATA,
    FILE_SYSTEM_ERROR,
    NOT_ENOUGH_SPACE,
    READONLY,
    ErrorCode,
    StorageError,
)
from minidb.storage.lock import (
    REMOVAL_NEEDS_LOCK,
    lock_for_reading,
    lock_for_removal,
    lock_for_writing,
)

T = TypeVar("T")
Buffer = bytes | memoryview
FileKind = Literal["missing", "file", "folder"]

OPEN_FLAGS = getattr(os, "O_BINARY", 0) | getattr(os, "O_CLOEXEC", 0)
CHANGING = frozenset(
    {"create", "write", "sync", "rename", "make folder", "remove", "remove folder", "sync folder"}
)
NO_SPACE = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
NO_PERMISSION = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
READ_AT_ONCE = 1 << 30


class Hold:
    """An open file under a lock, which ends with `close` (or with the process).

    Parameters
    ----------
    vfs : Vfs
        Who opened it.
    path : str
        The file's name when it was opened.
    descriptor : int
        The open file.
    """

    __slots__ = ("_descriptor", "_path", "_vfs")

    def __init__(self, vfs: Vfs, path: str, descriptor: int) -> None:
        self._vfs = vfs
        self._path = path
        self._descriptor: int | None = descriptor

    def read(self) -> bytes:
        """Return the whole file."""
        if self._descriptor is None:
            raise StorageError(FILE_SYSTEM_ERROR, f"file {self._path!r} is closed")
        return self._vfs.read_open(self._path, self._descriptor)

    def close(self) -> None:
        """Give up the lock; the second call does nothing."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def __del__(self) -> None:
        self.close()


class Vfs:
    """The file system as storage uses it. Paths are absolute texts."""

    __slots__ = ()

    def perform(self, action: str, path: str, function: Callable[..., T], *arguments: object) -> T:
        """Call the operating system; a test's file system overrides this and nothing else.

        Parameters
        ----------
        action : str
            What is done; those in `CHANGING` change the disk.
        path : str
            The file or folder concerned.
        function : callable
            The call of module `os` (or a lock) and its `arguments`.
        """
        return function(*arguments)

    def _call(self, action: str, path: str, function: Callable[..., T], *arguments: object) -> T:
        try:
            return self.perform(action, path, function, *arguments)
        except OSError as error:
            raise storage_error(action, path, error) from error

    def kind(self, path: str) -> FileKind:
        """Return what is at `path`, links followed."""
        try:
            mode = self.perform("look at", path, os.stat, path).st_mode
        except (FileNotFoundError, NotADirectoryError):
            return "missing"
        except OSError as error:
            raise storage_error("look at", path, error) from error
        return "folder" if stat.S_ISDIR(mode) else "file"

    def names_in(self, folder: str) -> list[str]:
        """Return the names in a folder, sorted; none when it is missing."""
        try:
            return sorted(self.perform("list", folder, os.listdir, folder))
        except FileNotFoundError:
            return []
        except OSError as error:
            raise storage_error("list", folder, error) from error

    def read(self, path: str, ranges: Sequence[tuple[int, int]]) -> list[bytes]:
        """Read ranges of a file.

        Parameters
        ----------
        path : str
            The file.
        ranges : sequence of (int, int)
            Offset and length in bytes.

        Raises
        ------
        StorageError
            CORRUPTED_DATA when the file is missing or ends too early.
        """
        descriptor = self._call("open", path, os.open, path, os.O_RDONLY | OPEN_FLAGS)
        try:
            n_bytes = self._call("look at", path, os.fstat, descriptor).st_size
            found = []
            for offset, length in ranges:
                # Asked before reading: a wrong length must not become a huge buffer.
                if offset + length > n_bytes:
                    raise cut_short(path, n_bytes, offset + length)
                found.append(self._read_range(path, descriptor, offset, length))
            return found
        finally:
            os.close(descriptor)

    def read_open(self, path: str, descriptor: int) -> bytes:
        """Read the whole of an open file."""
        n_bytes = self._call("look at", path, os.fstat, descriptor).st_size
        return self._read_range(path, descriptor, 0, n_bytes)

    def _read_range(self, path: str, descriptor: int, offset: int, length: int) -> bytes:
        self._call("read", path, os.lseek, descriptor, offset, os.SEEK_SET)
        pieces: list[bytes] = []
        missing = length
        while missing:
            piece = self._call("read", path, os.read, descriptor, min(missing, READ_AT_ONCE))
            if not piece:
                raise cut_short(path, offset + length - missing, offset + length)
            pieces.append(piece)
            missing -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def write_new(self, path: str, buffers: Iterable[Buffer]) -> None:
        """Create a file, write it and wait until the disk has its content (not yet its name).

        Raises
        ------
        StorageError
            NOT_ENOUGH_SPACE, READONLY or FILE_SYSTEM_ERROR; a cut file may stay behind.
        """
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | OPEN_FLAGS
        descriptor = self._call("create", path, os.open, path, flags, 0o666)
        try:
            for buffer in buffers:
                rest = memoryview(buffer)
                while rest:
                    done = self._call("write", path, os.write, descriptor, rest[:READ_AT_ONCE])
                    rest = rest[done:]
            self._call("sync", path, os.fsync, descriptor)
        finally:
            os.close(descriptor)

    def make_folder(self, path: str) -> None:
        """Create a folder whose parent exists."""
        self._call("make folder", path, os.mkdir, path)

    def rename(self, old: str, new: str) -> None:
        """Give a file another name in the same folder, in one step."""
        self._call("rename", new, os.replace, old, new)

    def remove(self, path: str) -> None:
        """Remove a file; one that is missing is no error."""
        if self.kind(path) != "missing":
            self._call("remove", path, os.unlink, path)

    def remove_folder(self, path: str) -> None:
        """Remove a folder and the files in it; one that is missing is no error."""
        if self.kind(path) == "missing":
            return
        for name in self.names_in(path):
            self.remove(os.path.join(path, name))
        self._call("remove folder", path, os.rmdir, path)

    def sync_folder(self, path: str) -> None:
        """Wait until the disk has the names in a folder (Windows offers no such call)."""
        if sys.platform == "win32":
            return
        descriptor = self._call("open", path, os.open, path, os.O_RDONLY | OPEN_FLAGS)
        try:
            self._call("sync folder", path, os.fsync, descriptor)
        finally:
            os.close(descriptor)

    def hold(self, path: str) -> Hold | None:
        """Open a file so that `remove_unheld` leaves it alone, in any process.

        Returns
        -------
        Hold or None
            None when the file is missing or just being removed.
        """
        try:
            descriptor = self.perform("open", path, os.open, path, os.O_RDONLY | OPEN_FLAGS)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise storage_error("open", path, error) from error
        return self._locked(path, descriptor, lock_for_reading, is_named=True)

    def remove_unheld(self, path: str) -> bool:
        """Remove a file unless somebody holds it; return whether it is gone."""
        if not REMOVAL_NEEDS_LOCK:
            return self._remove_unopened(path)
        try:
            descriptor = self.perform("open", path, os.open, path, os.O_RDONLY | OPEN_FLAGS)
        except FileNotFoundError:
            return True
        except OSError as error:
            raise storage_error("open", path, error) from error
        try:
            if not self._call("lock", path, lock_for_removal, descriptor):
                return False
            self._call("remove", path, os.unlink, path)
            return True
        finally:
            os.close(descriptor)

    def _remove_unopened(self, path: str) -> bool:
        """Remove a file where the system itself refuses to remove what is open."""
        try:
            self.perform("remove", path, os.unlink, path)
        except FileNotFoundError:
            return True
        except PermissionError:
            return False
        except OSError as error:
            raise storage_error("remove", path, error) from error
        return True

    def lock_writer(self, path: str) -> Hold | None:
        """Take the lock of the one writer, creating the empty lock file if need be.

        Returns
        -------
        Hold or None
            None when another process has it.
        """
        flags = os.O_RDWR | os.O_CREAT | OPEN_FLAGS
        descriptor = self._call("create", path, os.open, path, flags, 0o666)
        return self._locked(path, descriptor, lock_for_writing, is_named=False)

    def _locked(
        self, path: str, descriptor: int, lock: Callable[[int], bool], *, is_named: bool
    ) -> Hold | None:
        """Lock an open file and keep it, or close it, whatever happens on the way."""
        hold = Hold(self, path, descriptor)
        is_kept = False
        try:
            # It may have lost its name between the opening and the lock.
            is_kept = self._call("lock", path, lock, descriptor) and (
                not is_named or self._is_still(path, descriptor)
            )
        finally:
            if not is_kept:
                hold.close()
        return hold if is_kept else None

    def _is_still(self, path: str, descriptor: int) -> bool:
        """Return whether an open file still has its name."""
        try:
            named = self.perform("look at", path, os.stat, path)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise storage_error("look at", path, error) from error
        return os.path.samestat(named, os.fstat(descriptor))


def storage_error(action: str, path: str, error: OSError) -> StorageError:
    """Return the error to raise for a failed call."""
    reason = (error.strerror or str(error)).lower()
    message = f"cannot {action} {path!r}: {reason}"
    code, hint = _code_of(action, error)
    return StorageError(code, message, hint=hint)


def _code_of(action: str, error: OSError) -> tuple[ErrorCode, str | None]:
    if error.errno in NO_SPACE:
        return NOT_ENOUGH_SPACE, "free some space; the database is as it was before"
    if error.errno in NO_PERMISSION and action in CHANGING:
        return READONLY, "the database can be read here, but not written"
    if error.errno in NO_PERMISSION:
        return FILE_SYSTEM_ERROR, "ask for the permission to read it"
    if isinstance(error, FileNotFoundError) and action == "open":
        return CORRUPTED_DATA, "the file is missing"
    return FILE_SYSTEM_ERROR, None


def cut_short(path: str, n_bytes: int, expected: int) -> StorageError:
    """Return the error for a file that ends too early."""
    return StorageError(
        CORRUPTED_DATA, f"file {path!r} has {n_bytes} bytes, expected at least {expected}"
    )
