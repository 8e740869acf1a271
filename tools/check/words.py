"""Texts that must not appear, as `forbidden.toml` lists them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.check.files import project_files
from tools.check.model import Outcome

LIST = Path(__file__).with_name("forbidden.toml")


@dataclass(frozen=True, slots=True)
class Forbidden:
    """One text that must not appear.

    Attributes
    ----------
    pattern : re.Pattern
        What is looked for, line by line.
    reason : str
        Why, and what to do instead.
    suffixes : tuple of str
        Endings of the files that are searched.
    only : tuple of str
        Path prefixes outside which the text is free; empty: none is.
    excepted : tuple of str
        Path prefixes where the text is free.
    """

    pattern: re.Pattern[str]
    reason: str
    suffixes: tuple[str, ...]
    only: tuple[str, ...] = ()
    excepted: tuple[str, ...] = ()

    def applies_to(self, name: str) -> bool:
        """Tell whether the file of this path is searched."""
        return (
            name.endswith(self.suffixes)
            and (not self.only or name.startswith(self.only))
            and not name.startswith(self.excepted)
        )


def read_list(path: Path = LIST) -> tuple[Forbidden, ...]:
    """Read the forbidden texts.

    Parameters
    ----------
    path : Path
        A TOML file in the form of `forbidden.toml`.

    Returns
    -------
    tuple of Forbidden
        In the file's order.
    """
    entries: list[dict[str, Any]] = tomllib.loads(path.read_text(encoding="utf-8"))["text"]
    return tuple(
        Forbidden(
            pattern=re.compile(entry["pattern"]),
            reason=entry["reason"],
            suffixes=tuple(entry["in"]),
            only=tuple(entry.get("only", ())),
            excepted=tuple(entry.get("except", ())),
        )
        for entry in entries
    )


def check_words(root: Path) -> Outcome:
    """Refuse every line that holds a forbidden text.

    Parameters
    ----------
    root : Path
        The project's root folder.

    Returns
    -------
    Outcome
        One line per place: file, line number, the text found, the reason.
    """
    texts = read_list()
    refused: list[str] = []
    for path in project_files(root):
        name = path.relative_to(root).as_posix()
        applying = [text for text in texts if text.applies_to(name)]
        if applying:
            source = path.read_text(encoding="utf-8")
            refused.extend(f"{name}:{found}" for found in forbidden_in(source, applying))
    return Outcome(tuple(refused))


def forbidden_in(source: str, texts: list[Forbidden]) -> Iterator[str]:
    """Yield ``line: 'text': reason`` for each forbidden text in a file's text."""
    for number, line in enumerate(source.splitlines(), start=1):
        for text in texts:
            found = text.pattern.search(line)
            if found is not None:
                yield f"{number}: {found.group().strip()!r}: {text.reason}"
