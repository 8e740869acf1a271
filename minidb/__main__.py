"""``python -m minidb`` is the command ``minidb``; both start here."""

from __future__ import annotations

import gc
import sys
from importlib import import_module

# Python looks for unreachable objects at every 700th new one, which made a start a fifth slower:
# nearly all that is made then, modules and the parser's tables, stays until the end.
OBJECTS_PER_COLLECTION = 50_000


def main() -> int:
    """Run the command and return its exit code."""
    gc.disable()
    command = import_module("minidb.cli.main")
    gc.freeze()
    gc.set_threshold(OBJECTS_PER_COLLECTION)
    gc.enable()
    code: int = command.main()
    return code


if __name__ == "__main__":
    sys.exit(main())
