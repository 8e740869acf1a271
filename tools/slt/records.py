"""Reading SQLLogicTest files: statements, queries and the words that steer them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TypeAlias

SORT_MODES = frozenset({"nosort", "rowsort", "valuesort"})


@dataclass(frozen=True, slots=True)
class Statement:
    """``statement ok|error``: runs or fails; an expected text has to be part of the error."""

    line: int
    sql: str
    is_ok: bool
    error: str = ""
    conditions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Query:
    """``query TYPES [SORT] [LABEL]``: a statement and the values that it gives.

    Parameters
    ----------
    line : int
        Where it stands, from 1.
    sql : str
        The query.
    types : str
        One letter per column: T for text, I for integers, R for reals.
    sort : str
        ``nosort``, ``rowsort`` or ``valuesort``.
    label : str
        Queries with the same label have to give the same values; empty for none.
    expected : tuple of str
        The values, one per line, or ``N values hashing to MD5``.
    conditions : tuple of (str, str)
        ``skipif`` or ``onlyif``, and the name of an engine.
    """

    line: int
    sql: str
    types: str
    sort: str
    label: str
    expected: tuple[str, ...]
    conditions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Threshold:
    """``hash-threshold N``: results of more than N values are given by their hash; 0 for never."""

    line: int
    limit: int
    conditions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Halt:
    """``halt``: nothing below is read."""

    line: int
    conditions: tuple[tuple[str, str], ...] = ()


Record: TypeAlias = Statement | Query | Threshold | Halt


class SltSyntaxError(Exception):
    """A file is not in the format."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(f"line {line}: {message}")


@dataclass(slots=True)
class _Lines:
    """The lines of a file, read one after another."""

    lines: list[str]
    at: int = 0
    conditions: list[tuple[str, str]] = field(default_factory=list)

    def block(self) -> list[str]:
        """Take the lines up to a blank one."""
        start = self.at
        while self.at < len(self.lines) and self.lines[self.at].strip():
            self.at += 1
        return self.lines[start : self.at]

    def taken_conditions(self) -> tuple[tuple[str, str], ...]:
        found = tuple(self.conditions)
        self.conditions.clear()
        return found


def parse_records(text: str) -> list[Record]:
    """Return the records of a file.

    Raises
    ------
    SltSyntaxError
        Where the file is not in the format.
    """
    lines = _Lines(text.replace("\r\n", "\n").split("\n"))
    records: list[Record] = []
    while lines.at < len(lines.lines):
        line = lines.lines[lines.at]
        lines.at += 1
        words = line.split()
        if not words or line.startswith("#"):
            continue
        record = _record(words, lines)
        if record is not None:
            records.append(record)
    return records


def _record(words: list[str], lines: _Lines) -> Record | None:
    """Read the record that a line begins; None for a condition of the next one."""
    number = lines.at
    match words:
        case ["skipif" | "onlyif" as kind, engine, *_]:
            lines.conditions.append((kind, engine))
            return None
        case ["halt", *_]:
            return Halt(number, lines.taken_conditions())
        case ["hash-threshold", limit, *_] if limit.isdigit():
            return Threshold(number, int(limit), lines.taken_conditions())
        case ["statement", "ok" | "error" as kind, *rest]:
            sql = "\n".join(lines.block())
            return Statement(number, sql, kind == "ok", " ".join(rest), lines.taken_conditions())
        case ["query", types, *rest] if set(types) <= set("TIR"):
            return _query(number, types, rest, lines)
        case ["control", *_]:
            return None
        case _:
            raise SltSyntaxError(number, f"no record begins with {' '.join(words)!r}")


def _query(number: int, types: str, rest: list[str], lines: _Lines) -> Query:
    """Read a query with its values."""
    sort = rest[0] if rest and rest[0] in SORT_MODES else "nosort"
    if rest and rest[0] not in SORT_MODES:
        raise SltSyntaxError(number, f"{rest[0]!r} is no way to sort")
    label = rest[1] if len(rest) > 1 else ""
    block = lines.block()
    bar = next((place for place, line in enumerate(block) if line.strip() == "----"), len(block))
    expected = tuple(block[bar + 1 :])
    sql = "\n".join(block[:bar])
    return Query(number, sql, types, sort, label, expected, lines.taken_conditions())
