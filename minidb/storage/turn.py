"""One writer at a time among the threads of this process."""

from __future__ import annotations

import threading

from minidb.errors import DATABASE_IS_LOCKED, StorageError

WAIT_S = 60.0


class Turn:
    """A lock that refuses its holder's second request instead of waiting for ever.

    Parameters
    ----------
    what : str
        The database, for messages.
    wait_s : float
        Seconds to wait for another thread.
    """

    __slots__ = ("_lock", "_owner", "_wait_s", "_what")

    def __init__(self, what: str, wait_s: float = WAIT_S) -> None:
        self._what = what
        self._wait_s = wait_s
        self._lock = threading.Lock()
        self._owner: int | None = None

    def take(self) -> None:
        """Wait for the turn.

        Raises
        ------
        StorageError
            DATABASE_IS_LOCKED when this thread has it, or another keeps it too long.
        """
        if self._owner == threading.get_ident():
            raise StorageError(
                DATABASE_IS_LOCKED,
                f"this thread already writes to {self._what}",
                hint="commit or roll back the first transaction",
            )
        if not self._lock.acquire(timeout=self._wait_s):
            raise StorageError(
                DATABASE_IS_LOCKED,
                f"another thread has been writing to {self._what} for over {self._wait_s:g} s",
                hint="wait for its transaction to end",
            )
        self._owner = threading.get_ident()

    def give_back(self) -> None:
        """Let the next one write."""
        self._owner = None
        self._lock.release()
