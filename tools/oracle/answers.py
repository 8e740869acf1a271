"""What an engine says to a statement, in a form that two engines' answers can be compared in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

WIRE_FORMAT = "TSVWithNamesAndTypes"
_FLOAT = re.compile(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?")


@dataclass(frozen=True, slots=True)
class Answer:
    """What one engine says to one statement.

    Attributes
    ----------
    names, types : tuple of str
        Of the result's columns; both empty for a statement without rows.
    rows : tuple
        Each row as a tuple of texts; floats rounded to the digits that summation order leaves.
    code : int
        The number of the error, 0 for none.
    message : str
        The error's text.
    """

    names: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    code: int = 0
    message: str = ""

    @property
    def shown(self) -> str:
        """Return the answer in a line: the error, or the first rows."""
        if self.code:
            return f"error {self.code}: {self.message}"
        if not self.names:
            return "done"
        return f"{len(self.rows)} rows, {self.types}: {list(self.rows[:4])}"


def read_answer(wire: bytes) -> Answer:
    """Return the answer that a text of the wire format holds."""
    if not wire:
        return Answer()
    names, types, *rows = [
        line.split("\t") for line in wire.decode(errors="replace").split("\n")[:-1]
    ]
    digits = [_digits(name) for name in types]
    if len(types) > 1 and [""] in rows:
        del rows[rows.index([""]) :]  # totals: formats are compared elsewhere
    cells = (tuple(_rounded(cell, n) for cell, n in zip(row, digits, strict=True)) for row in rows)
    shown_types = tuple(name.replace("\\'", "'") for name in types)
    return Answer(tuple(names), shown_types, tuple(cells))


def _digits(type_name: str) -> int:
    """Return how many significant digits count in a column; 0 for all."""
    if "Float32" in type_name:
        return 5
    return 10 if "Float64" in type_name else 0


def _rounded(cell: str, digits: int) -> str:
    if not digits:
        return cell
    rounded = _FLOAT.sub(lambda found: f"{float(found[0]):.{digits}g}", cell)
    return "0" if rounded == "-0" else rounded


def same_rows(first: Answer, second: Answer, is_ordered: bool = False) -> bool:
    """Whether two answers hold the same rows, in any order unless `is_ordered`."""
    if is_ordered:
        return first.rows == second.rows
    return Counter(first.rows) == Counter(second.rows)


def compare(sql: str, ours: Answer, theirs: Answer, is_ordered: bool) -> str:
    """Return how two answers differ in error, names, types or rows, or an empty text."""
    if ours.code != theirs.code:
        return f"{sql}\n  minidb     {_error(ours)}\n  ClickHouse {_error(theirs)}"
    for what in ("names", "types"):
        mine, given = getattr(ours, what), getattr(theirs, what)
        if mine != given:
            return f"{sql}\n  minidb     {what} {mine}\n  ClickHouse {what} {given}"
    if same_rows(ours, theirs, is_ordered):
        return ""
    return f"{sql}\n  minidb     {_some(ours, theirs)}\n  ClickHouse {_some(theirs, ours)}"


def _error(answer: Answer) -> str:
    return f"error {answer.code}: {answer.message}" if answer.code else f"{answer.rows[:3]}"


def _some(answer: Answer, other: Answer) -> str:
    """Return the rows of an answer that the other lacks, the first few."""
    only = list((Counter(answer.rows) - Counter(other.rows)).elements())
    shown: Sequence[object] = only or answer.rows
    return f"{len(answer.rows)} rows, {answer.types}: {list(shown)[:4]}"
