"""File locks: `flock` on POSIX, `msvcrt` on Windows, behind three calls on an open file.

Windows needs no lock between a reader and the remover of a file: it refuses to remove what is
open. So the two calls for that do nothing there.
"""

from __future__ import annotations

import sys

if sys.platform == "win32":
    import msvcrt

    REMOVAL_NEEDS_LOCK = False

    def lock_for_reading(descriptor: int) -> bool:
        """Keep the file from being removed while it is open."""
        return True

    def lock_for_removal(descriptor: int) -> bool:
        """Return whether nobody reads the file; here its removal tells."""
        return True

    def lock_for_writing(descriptor: int) -> bool:
        """Take the only writer's lock, or return False at once."""
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
        return True

else:
    import fcntl

    REMOVAL_NEEDS_LOCK = True

    def _flock(descriptor: int, operation: int) -> bool:
        try:
            fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def lock_for_reading(descriptor: int) -> bool:
        """Keep the file from being removed while it is open; False while it is being removed."""
        return _flock(descriptor, fcntl.LOCK_SH)

    def lock_for_removal(descriptor: int) -> bool:
        """Return whether nobody reads the file, and keep it so."""
        return _flock(descriptor, fcntl.LOCK_EX)

    def lock_for_writing(descriptor: int) -> bool:
        """Take the only writer's lock, or return False at once."""
        return _flock(descriptor, fcntl.LOCK_EX)
