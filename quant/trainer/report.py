"""What a run tells while it goes: a progress bar, lines on standard output, and ``log.txt``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from quant.errors import QUANT_FILE_UNREADABLE, ExtensionError
from quant.trainer.metrics import Sums

LOG_NAME = "log.txt"


class Reporter:
    """Writes lines for people.

    Parameters
    ----------
    log : file of text, optional
        Every line also goes there.
    console : Console, optional
        Where the bar is drawn; by default standard error, when it is a terminal.
    """

    def __init__(self, log: IO[str] | None = None, console: Console | None = None) -> None:
        self._log = log
        self._console = console or Console(stderr=True)

    def line(self, text: str) -> None:
        """Print a line and log it."""
        print(text, flush=True)
        self.note(text)

    def note(self, text: str) -> None:
        """Log a line without printing it."""
        if self._log is not None:
            self._log.write(f"{text}\n")
            self._log.flush()

    @contextmanager
    def bar(self, title: str, n_batches: int, n_done: int) -> Iterator[Callable[[Sums], None]]:
        """Draw a bar; what is yielded advances it by one batch and shows loss and accuracy."""
        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[now]}"),
            TimeRemainingColumn(),
        )
        hidden = not self._console.is_terminal
        with Progress(*columns, console=self._console, transient=True, disable=hidden) as bar:
            task = bar.add_task(title, total=n_batches, completed=n_done, now="")

            def advance(sums: Sums) -> None:
                bar.update(task, advance=1, now=show(sums))

            yield advance


def show(sums: Sums) -> str:
    """Return loss and accuracy as text."""
    return f"loss {sums.mean_loss:.4f}, right {100 - sums.error1:.2f} %"


@contextmanager
def reporting(folder: Path) -> Iterator[Reporter]:
    """Open the log of a run's folder; it grows from run to run.

    Raises
    ------
    ExtensionError
        QUANT_FILE_UNREADABLE.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        log = (folder / LOG_NAME).open("a", encoding="utf-8")
    except OSError as error:
        message = f"{folder} cannot be written: {error.strerror}"
        raise ExtensionError(QUANT_FILE_UNREADABLE, message) from error
    with log:
        yield Reporter(log)


def complain(text: str) -> None:
    """Print a line on standard error."""
    print(text, file=sys.stderr, flush=True)
