"""Where the shell keeps its history: the only file outside of the paths that it is given."""

from __future__ import annotations

import os
from pathlib import Path


def history_path() -> Path | None:
    """Return the history's file, its folder made; None where that is impossible.

    ``$XDG_STATE_HOME/minidb/history``, by default below ``~/.local/state``.
    """
    state = os.environ.get("XDG_STATE_HOME", "")
    try:
        home = Path(state) if os.path.isabs(state) else Path.home() / ".local" / "state"
        path = home / "minidb" / "history"
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("ab"):
            return path
    except (OSError, RuntimeError):
        return None
