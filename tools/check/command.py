"""Checks that are other people's programs, run with this very Python."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tools.check.model import Outcome

LINT_IMPORTS = "from importlinter.cli import lint_imports_command as run; run()"
"""import-linter has no ``python -m`` form; its own script is these two calls."""


def python_check(*arguments: str) -> Callable[[Path], Outcome]:
    """Make a check of a program started as ``python arguments...``.

    Parameters
    ----------
    *arguments : str
        What follows ``python`` on the command line.

    Returns
    -------
    callable
        A check that refuses, with the program's own words, when its exit code is not 0.
    """

    def run(root: Path) -> Outcome:
        done = subprocess.run(
            [sys.executable, *arguments],
            cwd=root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode == 0:
            return Outcome()
        said = tuple(line for line in done.stdout.splitlines() if line.strip())
        return Outcome(refused=said or (f"exit code {done.returncode}, without a word",))

    return run
