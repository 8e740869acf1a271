"""Ctrl-C asks a run to stop after its batch, so that what is saved is whole."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from quant.trainer.report import complain


class Stop:
    """Whether the run is to stop."""

    def __init__(self) -> None:
        self.is_asked = False

    def ask(self, _number: int, _frame: FrameType | None) -> None:
        """Remember the wish; a second Ctrl-C ends the program at once."""
        if self.is_asked:
            raise KeyboardInterrupt
        self.is_asked = True
        complain("stopping after this batch (Ctrl-C again: at once, without saving)")


@contextmanager
def stop_on_interrupt() -> Iterator[Stop]:
    """Turn SIGINT into a wish while the block runs; only the main thread can."""
    stop = Stop()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return
    before = signal.signal(signal.SIGINT, stop.ask)
    try:
        yield stop
    finally:
        signal.signal(signal.SIGINT, before)
