"""What all operators of one running statement share: memory, cancel, progress, settings."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import field

from minidb.columns import Batch
from minidb.errors import (
    MEMORY_LIMIT_EXCEEDED,
    QUERY_WAS_CANCELLED,
    TIMEOUT_EXCEEDED,
    LimitExecutionError,
)
from minidb.record import record, state
from minidb.settings import Settings

# What the times of operators are read from, in seconds.
CLOCK = time.perf_counter


@state
class MemoryTracker:
    """The bytes one statement holds, kept under its limit (0: none)."""

    limit: int
    held: int = 0
    peak: int = 0

    def hold(self, n_bytes: int) -> None:
        """Count bytes that stay until `release`.

        Raises
        ------
        LimitExecutionError
            MEMORY_LIMIT_EXCEEDED; nothing is counted then.
        """
        self.check(n_bytes)
        self.held += n_bytes

    def check(self, n_bytes: int) -> None:
        """Make sure that bytes needed for a moment fit beside those held."""
        needed = self.held + n_bytes
        self.peak = max(self.peak, needed)
        if self.limit and needed > self.limit:
            message = f"the statement needs {needed:,} bytes, "
            message += f"over max_memory_usage of {self.limit:,}"
            raise LimitExecutionError(
                MEMORY_LIMIT_EXCEEDED, message, hint="raise max_memory_usage, or read fewer rows"
            )

    def release(self, n_bytes: int) -> None:
        """Give back bytes counted by `hold`."""
        self.held -= n_bytes


@record
class Progress:
    """How far a statement is: rows and bytes read from relations, and rows expected."""

    rows_read: int
    bytes_read: int
    rows_expected: int | None
    elapsed_s: float


@state
class ExecutionContext:
    """The state of one running statement.

    Parameters
    ----------
    settings : Settings
        The session's, with the statement's own on top.
    cancelled : threading.Event
        Set from another thread to stop the statement at the next batch.
    on_progress : callable, optional
        Called with a `Progress` after each batch that a scan reads.
    kept : dict
        Rows that one operator keeps for another, by key.
    totals : Batch or None
        The row of WITH TOTALS, once the rows before it are read.
    """

    settings: Settings
    cancelled: threading.Event = field(default_factory=threading.Event)
    on_progress: Callable[[Progress], None] | None = None
    rows_expected: int | None = None
    memory: MemoryTracker = field(init=False)
    started_s: float = field(default_factory=time.perf_counter)
    rows_read: int = 0
    bytes_read: int = 0
    clock: Callable[[], float] = field(default_factory=lambda: CLOCK)
    kept: dict[int, list[Batch]] = field(default_factory=dict)
    totals: Batch | None = None

    def __post_init__(self) -> None:
        self.memory = MemoryTracker(self.settings.integer("max_memory_usage"))

    def use_settings(self, settings: Settings) -> None:
        """Take over the statement's own settings, once they are known."""
        self.settings = settings
        self.memory.limit = settings.integer("max_memory_usage")

    @property
    def batch_rows(self) -> int:
        """Return the largest number of rows of a batch."""
        return self.settings.integer("max_block_size")

    def check(self) -> None:
        """Stop the statement if it was cancelled or its time is up.

        Raises
        ------
        LimitExecutionError
            QUERY_WAS_CANCELLED or TIMEOUT_EXCEEDED.
        """
        if self.cancelled.is_set():
            raise LimitExecutionError(QUERY_WAS_CANCELLED, "the statement was cancelled")
        limit_s = self.settings.integer("max_execution_time")
        if limit_s and time.perf_counter() - self.started_s > limit_s:
            raise LimitExecutionError(
                TIMEOUT_EXCEEDED, f"the statement ran longer than {limit_s} seconds"
            )

    def count_read(self, n_rows: int, n_bytes: int) -> None:
        """Note what a scan has read, and tell whoever watches."""
        self.rows_read += n_rows
        self.bytes_read += n_bytes
        if self.on_progress is not None:
            elapsed_s = time.perf_counter() - self.started_s
            self.on_progress(
                Progress(self.rows_read, self.bytes_read, self.rows_expected, elapsed_s)
            )
