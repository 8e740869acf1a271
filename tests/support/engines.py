"""minidb and real ClickHouse (the package chdb) side by side: one text, two answers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import pytest

from minidb.database import Database
from minidb.errors import MiniDBError
from minidb.formats.format import Table
from minidb.formats.registry import find_format
from nn_ops.register import EXTENSION

pytest.importorskip("chdb")

from chdb.session import Session as ChdbSession

WIRE_FORMAT = "TSVWithNamesAndTypes"
# One thread keeps ClickHouse's row order; time zones are no part of what is compared.
ORACLE_SETTINGS = (
    "max_threads = 1",
    "max_insert_threads = 1",
    "session_timezone = 'UTC'",
    "max_block_size = 1000000",
    "preferred_block_size_bytes = 0",
    # avg(2 * x) would become 2 * avg(x), which does not wrap around.
    "optimize_arithmetic_operations_in_aggregate_functions = 0",
    # minidb never asks for the alias of a derived table in a join.
    "joined_subquery_requires_alias = 0",
)
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


def read_answer(wire: bytes) -> Answer:
    """Return the answer that a text of the wire format holds."""
    if not wire:
        return Answer()
    names, types, *rows = [
        line.split("\t") for line in wire.decode(errors="replace").split("\n")[:-1]
    ]
    digits = [_digits(name) for name in types]
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


@dataclass(slots=True)
class Engines:
    """One session of each engine, given the same statements.

    `lookup` is ClickHouse's SQL function here and the extension's built-in one there.
    """

    oracle: Any = field(default_factory=ChdbSession)
    database: Database = field(default_factory=lambda: Database.open(":memory:", [EXTENSION]))
    session: Any = None

    def __post_init__(self) -> None:
        self.session = self.database.session()
        for setting in ORACLE_SETTINGS:
            self.oracle.query(f"SET {setting}")

    def close(self) -> None:
        self.oracle.close()
        self.database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ours(self, sql: str) -> Answer:
        """Return minidb's answer."""
        try:
            outcome = self.session.execute(sql)
            if outcome.schema is None:
                for _ in outcome.batches:
                    pass
                return Answer()
            names = tuple(column.name for column in outcome.schema)
            types = tuple(column.type for column in outcome.schema)
            table = Table(names, types, outcome.batches)
            return read_answer(b"".join(find_format(WIRE_FORMAT).write(table)))
        except MiniDBError as error:
            return Answer(code=error.code.number, message=error.message)

    def theirs(self, sql: str) -> Answer:
        """Return ClickHouse's answer."""
        try:
            return read_answer(self.oracle.query(sql, WIRE_FORMAT).bytes())
        except RuntimeError as error:
            text = str(error)
            # After an error in the middle of its rows chdb answers the next query with the rest.
            self.oracle.query("SELECT 1", WIRE_FORMAT)
            code = re.search(r"Code: (\d+)", text)
            return Answer(code=int(code[1]) if code else -1, message=text[:300])

    def both(self, sql: str) -> None:
        """Run a statement on both; neither may fail."""
        for answer in (self.ours(sql), self.theirs(sql)):
            assert not answer.code, f"{sql}\n{answer.code} {answer.message}"

    def difference(self, sql: str, is_ordered: bool = False) -> str:
        """Return how the answers differ, or an empty text."""
        return compare(sql, self.ours(sql), self.theirs(sql), is_ordered)


def compare(sql: str, ours: Answer, theirs: Answer, is_ordered: bool) -> str:
    """Return how two answers differ in error, names, types or rows, or an empty text."""
    if ours.code != theirs.code:
        return f"{sql}\n  minidb     {_error(ours)}\n  ClickHouse {_error(theirs)}"
    for what in ("names", "types"):
        mine, given = getattr(ours, what), getattr(theirs, what)
        if mine != given:
            return f"{sql}\n  minidb     {what} {mine}\n  ClickHouse {what} {given}"
    if is_ordered:
        are_equal = ours.rows == theirs.rows
    else:
        are_equal = Counter(ours.rows) == Counter(theirs.rows)
    if are_equal:
        return ""
    return f"{sql}\n  minidb     {_some(ours, theirs)}\n  ClickHouse {_some(theirs, ours)}"


def _error(answer: Answer) -> str:
    return f"error {answer.code}: {answer.message}" if answer.code else f"{answer.rows[:3]}"


def _some(answer: Answer, other: Answer) -> str:
    """Return the rows of an answer that the other lacks, the first few."""
    only = list((Counter(answer.rows) - Counter(other.rows)).elements())
    shown: Sequence[object] = only or answer.rows
    return f"{len(answer.rows)} rows, {answer.types}: {list(shown)[:4]}"
