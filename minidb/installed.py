"""What installed packages say of themselves: their entry points and minidb's own version.

`importlib.metadata` knows this as well, but takes longer to import than a statement to run. It is
asked where the folders that Python imports from do not tell.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import reduce
from importlib import import_module
from pathlib import Path
from typing import Any

from minidb.record import record

DISTRIBUTION = "minidb-nn"
METADATA_SUFFIXES = (".dist-info", ".egg-info")


@record
class InstalledPoint:
    """An entry point: a name in a group, and the object it stands for.

    Parameters
    ----------
    name : str
        What the package calls it.
    value : str
        ``module:attribute``.
    """

    name: str
    value: str

    def load(self) -> Any:
        """Import the module and return the object.

        Raises
        ------
        ImportError, AttributeError
            When there is no such module or attribute.
        """
        module, _, attribute = self.value.partition(":")
        path = [part for part in attribute.split(".") if part]
        return reduce(getattr, path, import_module(module))


def entry_points(group: str) -> list[InstalledPoint]:
    """Return the entry points of a group, each package's own once."""
    found = [point for text in _declarations() for point in _points_of(text, group)]
    if not found:
        standard: Any = import_module("importlib.metadata")
        found = [InstalledPoint(p.name, p.value) for p in standard.entry_points(group=group)]
    return found


def installed_version() -> str:
    """Return the version of the installed package, ``unknown`` in a bare source tree."""
    standard: Any = import_module("importlib.metadata")
    try:
        version: str = standard.version(DISTRIBUTION)
    except standard.PackageNotFoundError:
        return "unknown"
    return version


def _declarations() -> Iterator[str]:
    """Yield the text of every package's ``entry_points.txt``; what comes first hides the rest."""
    seen: set[str] = set()
    for folder in sys.path:
        try:
            names = sorted(os.listdir(folder or "."))
        except OSError:
            continue
        for name in names:
            if not name.endswith(METADATA_SUFFIXES):
                continue
            package = name.rpartition(".")[0].partition("-")[0].lower().replace(".", "_")
            if package in seen:
                continue
            seen.add(package)
            try:
                yield Path(folder, name, "entry_points.txt").read_text(encoding="utf-8")
            except OSError:
                continue


def _points_of(text: str, group: str) -> Iterator[InstalledPoint]:
    """Yield the entry points that a file declares under ``[group]``."""
    section = ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("["):
            section = line.strip("[]").strip()
        elif section == group and "=" in line and line[0] not in "#;":
            name, _, value = line.partition("=")
            # Extras behind the object are history: `module:attribute [extra]`.
            yield InstalledPoint(name.strip(), value.partition("[")[0].strip())
