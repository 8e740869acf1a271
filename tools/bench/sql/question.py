"""What a SQL benchmark is made of: tables and questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

Columns: TypeAlias = Sequence[tuple[str, str]]
"""Names and types."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table in a CSV file with a line of names; types are ClickHouse's.

    SQLite, which would be lost without one, gets the `primary_key`; the others scan.
    """

    name: str
    columns: Columns
    file: Path
    primary_key: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A query, and its text for engines that spell it differently."""

    name: str
    sql: str
    spelled: Mapping[str, str] = field(default_factory=dict)

    def text(self, engine: str) -> str:
        """Return the query as an engine reads it."""
        return self.spelled.get(engine, self.sql)

    @property
    def is_ordered(self) -> bool:
        """Whether the order of its rows is fixed."""
        return "ORDER BY" in self.sql.rpartition(")")[2]
