"""What a SQL benchmark is made of: tables and questions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tools.bench.sql.engines import Columns


@dataclass(frozen=True, slots=True)
class Table:
    """A table in a CSV file with a line of names; types are ClickHouse's."""

    name: str
    columns: Columns
    file: Path


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
