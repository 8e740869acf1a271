"""What a fresh process does with one mutant.

The module is replaced before anything imports it, so tests and other modules meet the wrong one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

import pytest
from hypothesis import Phase, settings

from tools.mutate.mutants import mutated

PROFILE = "mutate"
PYTEST = ("-x", "-q", "--assert=plain", "-p", "no:cacheprovider", f"--hypothesis-profile={PROFILE}")


class WrongLoader(SourceFileLoader):
    """Loads a module with one mistake in it.

    Parameters
    ----------
    name, path : str
    number : int
        Of the mistake.
    """

    def __init__(self, name: str, path: str, number: int) -> None:
        super().__init__(name, path)
        self.number = number

    def get_code(self, fullname: str) -> CodeType:
        """Return the wrong module's code; nothing is cached on disk."""
        source = self.get_data(self.path).decode()
        return compile(mutated(source, self.number), self.path, "exec")


class WrongFinder(MetaPathFinder):
    """Finds one module as the wrong one.

    Parameters
    ----------
    name : str
    number : int
    """

    def __init__(self, name: str, number: int) -> None:
        self.name, self.number = name, number

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,
        target: ModuleType | None = None,
    ) -> ModuleSpec | None:
        """Return the specification of the one module, and of no other."""
        if fullname != self.name:
            return None
        found = PathFinder.find_spec(fullname, path, target)
        if found is None or found.origin is None:
            return None
        found.loader = WrongLoader(fullname, found.origin, self.number)
        return found


def run_tests(module: str, number: int, tests: Sequence[str], report: str) -> None:
    """Run tests with a wrong module, and leave the process.

    Parameters
    ----------
    module : str
        Its dotted name.
    number : int
        Of the mistake; -1 is none.
    tests : sequence of str
    report : str
        The file for what pytest says.

    Notes
    -----
    The process ends with what pytest returns: 0 when no test noticed.
    """
    if number >= 0:
        sys.meta_path.insert(0, WrongFinder(module, number))
    # A failing example is enough: nobody reads a smaller one.
    settings.register_profile(
        PROFILE,
        max_examples=30,
        derandomize=True,
        deadline=None,
        database=None,
        phases=(Phase.explicit, Phase.generate),
    )
    with (
        Path(report).open("w", encoding="utf-8") as said,
        redirect_stdout(said),
        redirect_stderr(said),
    ):
        code = int(pytest.main([*PYTEST, *tests]))
    # What waits at the end of a process is of no use to this one.
    os._exit(code)
