"""``python -m minidb`` is the command ``minidb``; both start here."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress
from importlib import import_module

# Python looks for unreachable objects at every 700th new one, which made a start a fifth slower:
# nearly all that is made then, modules and the parser's tables, stays until the end.
OBJECTS_PER_COLLECTION = 50_000

INTERRUPTED = 130


def main() -> int:
    """Run the command and return its exit code."""
    gc.disable()
    command = import_module("minidb.cli.main")
    gc.freeze()
    gc.set_threshold(OBJECTS_PER_COLLECTION)
    gc.enable()
    code: int = command.main()
    if code == INTERRUPTED:
        leave_at_once(code)
    return code


def leave_at_once(code: int) -> None:
    """End the process with a code, whatever Python remembers of an interrupt.

    One that came while the standard library made a class out of text, as dataclasses are made,
    counts as unhandled ever after: Python would end itself by the signal, without a code.
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError, AttributeError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    sys.exit(main())
