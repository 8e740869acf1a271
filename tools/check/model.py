"""What a check is, and what it returns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one check found.

    Attributes
    ----------
    refused : tuple of str
        What must change before the project may land, one line each; empty when all is well.
    warned : tuple of str
        What should change soon, one line each.
    """

    refused: tuple[str, ...] = ()
    warned: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Check:
    """One named check.

    Attributes
    ----------
    name : str
        What ``--only`` calls it.
    help : str
        What it looks at, in a few words.
    run : callable
        Takes the project's root folder, returns what it found.
    """

    name: str
    help: str
    run: Callable[[Path], Outcome]
