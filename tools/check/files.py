"""The files that belong to the project, found without git: a copy of the tree has none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

MADE_BY_TOOLS = frozenset({"__pycache__", "build", "dist", "node_modules", "venv"})
HIDDEN_BUT_OURS = frozenset({".ci", ".github"})


def project_files(root: Path, *suffixes: str) -> Iterator[Path]:
    """Yield the project's files in a fixed order.

    Parameters
    ----------
    root : Path
        The folder to walk.
    *suffixes : str
        The endings to keep, each with its dot; all files when none is given.

    Yields
    ------
    Path
        One file each, below `root`; never one that a tool made.
    """
    for entry in sorted(root.iterdir()):
        if entry.is_dir():
            if is_ours(entry.name):
                yield from project_files(entry, *suffixes)
        elif not suffixes or entry.suffix in suffixes:
            yield entry


def is_ours(folder: str) -> bool:
    """Tell whether a folder of this name holds files of the project."""
    if folder.startswith("."):
        return folder in HIDDEN_BUT_OURS
    return folder not in MADE_BY_TOOLS and not folder.endswith(".egg-info")
