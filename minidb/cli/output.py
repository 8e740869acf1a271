"""Writing the rows of a statement to standard output, and talk to standard error."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator

from minidb.columns import Batch
from minidb.execution.context import Progress
from minidb.execution.outcome import Outcome
from minidb.formats.format import Statistics, Table
from minidb.formats.registry import find_format

Writer = Callable[[bytes], object]
TEXT_FORMAT = "TSVRaw"
PROGRESS_AFTER_S = 0.5
PROGRESS_EVERY_S = 0.1


class OutputClosedError(Exception):
    """Standard output is not there."""


def data_writer() -> Writer:
    """Return what writes bytes to standard output.

    Raises
    ------
    OutputClosedError
        When the process was started without one.
    """
    out = sys.stdout
    if out is None:
        raise OutputClosedError
    return out.buffer.write


def flush_output() -> None:
    """Hand everything written over to the system."""
    if sys.stdout is not None:
        sys.stdout.flush()


def drop_output() -> None:
    """Send what is still unwritten nowhere, after the reader of a pipe has gone."""
    if sys.stdout is not None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)


def talk(text: str) -> None:
    """Write a line to standard error, if there is one."""
    if sys.stderr is not None:
        encoding = sys.stderr.encoding or "utf-8"
        clean = text.encode(encoding, "backslashreplace").decode(encoding)
        print(clean, file=sys.stderr, flush=True)


def line_width() -> int | None:
    """Return how many characters a line on standard error has, if that is a terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        return None
    return shutil.get_terminal_size().columns


class Meter:
    """Watches one statement: elapsed time, rows read, and a line that shows them.

    Parameters
    ----------
    is_shown : bool
        Whether to draw the line on standard error once the statement takes long.
    """

    def __init__(self, is_shown: bool) -> None:
        self.start = time.perf_counter()
        self.rows_read = 0
        self.bytes_read = 0
        self._is_shown = is_shown and sys.stderr is not None
        self._drawn_at = self.start + PROGRESS_AFTER_S
        self._is_drawn = False

    @property
    def elapsed_s(self) -> float:
        """Return the seconds since the start."""
        return time.perf_counter() - self.start

    def statistics(self) -> Statistics:
        """Return what the JSON formats tell."""
        return Statistics(round(self.elapsed_s, 9), self.rows_read, self.bytes_read)

    def on_progress(self, progress: Progress) -> None:
        """Take note of the rows read, and draw them now and then."""
        self.rows_read, self.bytes_read = progress.rows_read, progress.bytes_read
        now = time.perf_counter()
        if self._is_shown and now >= self._drawn_at:
            self._drawn_at, self._is_drawn = now + PROGRESS_EVERY_S, True
            expected = progress.rows_expected
            share = f" of {expected:,}" if expected else ""
            text = f"{progress.rows_read:,}{share} rows read, {self.elapsed_s:.1f} s"
            sys.stderr.write(f"\r\x1b[K{text}")
            sys.stderr.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._is_drawn:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
            self._is_drawn = False


def write_outcome(outcome: Outcome, default_format: str, meter: Meter, write: Writer) -> int:
    """Write the rows of an outcome and return how many there were.

    Raises
    ------
    MiniDBError
        UNKNOWN_FORMAT, and errors of the run.
    """
    if outcome.schema is None:
        return 0
    shows_text = outcome.is_text and default_format.startswith("Pretty")
    chosen = find_format(outcome.format or (TEXT_FORMAT if shows_text else default_format))
    n_rows = 0

    def counted() -> Iterator[Batch]:
        nonlocal n_rows
        for batch in outcome.batches:
            n_rows += batch.n_rows
            yield batch

    names = tuple(field.name for field in outcome.schema)
    types = tuple(field.type for field in outcome.schema)
    options = outcome.options
    statistics = meter.statistics if options.write_statistics else None
    table = Table(names, types, counted(), statistics, options, outcome.totals)
    for piece in chosen.write(table):
        meter.clear()
        write(piece)
    meter.clear()
    return n_rows
