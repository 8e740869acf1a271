"""Where the files of a data set may lie, and what to say when they do not."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from nn_ops.errors import NN_FILE_UNREADABLE
from quant.errors import ExtensionError


def find_file(root: Path, folders: Sequence[str], names: Sequence[str], published_at: str) -> Path:
    """Return the first file that is there, of several names in several folders.

    Parameters
    ----------
    root : Path
        The folder of all data sets.
    folders : sequence of str
        Below `root`, the likeliest first.
    names : sequence of str
        The likeliest first.
    published_at : str
        The page where it can be fetched by hand.

    Raises
    ------
    ExtensionError
        NN_FILE_UNREADABLE with the names and the folders that were tried.
    """
    for folder in folders:
        for name in names:
            path = root / folder / name
            if path.exists():
                return path
    tried = ", ".join(repr(str(root / folder)) for folder in folders)
    raise ExtensionError(
        NN_FILE_UNREADABLE,
        f"there is no file {' or '.join(map(repr, names))} in {tried}",
        hint=f"nothing is downloaded: it is published at {published_at}; put it there",
    )
