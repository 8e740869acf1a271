"""The engines that are asked: minidb, real ClickHouse (chdb) and DuckDB."""

from __future__ import annotations

import importlib
import re
import shutil
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from minidb.database import Database
from minidb.errors import MiniDBError
from minidb.extension import Extension
from minidb.formats.format import Table
from minidb.formats.registry import find_format
from nn_ops.register import EXTENSION
from tools.oracle.answers import WIRE_FORMAT, Answer, compare, read_answer

# One thread keeps ClickHouse's row order; time zones are no part of what is compared.
CLICKHOUSE_SETTINGS = (
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


class Engine(ABC):
    """One engine with one database, empty at the start."""

    name: str

    @abstractmethod
    def answer(self, sql: str) -> Answer:
        """Run one statement; errors are answers too."""

    @abstractmethod
    def close(self) -> None:
        """Let the database go."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class MinidbEngine(Engine):
    """minidb in a folder of its own, so that it can be opened again; or in memory.

    Parameters
    ----------
    is_stored : bool
        Whether the database is in a folder.
    extensions : Sequence[Extension]
        What it is opened with.
    """

    name = "minidb"

    def __init__(
        self, is_stored: bool = False, extensions: Sequence[Extension] = (EXTENSION,)
    ) -> None:
        self._extensions = extensions
        self._folder = tempfile.mkdtemp() if is_stored else None
        self._open()

    def _open(self) -> None:
        path = ":memory:" if self._folder is None else Path(self._folder) / "db"
        self.database = Database.open(path, self._extensions)
        self.session = self.database.session()

    def restart(self) -> None:
        """Close and open the database; one in memory loses its tables."""
        self.database.close()
        self._open()

    def answer(self, sql: str) -> Answer:
        """Run one statement; only the documented errors are answers."""
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

    def close(self) -> None:
        """Close the database and remove its folder."""
        self.database.close()
        if self._folder is not None:
            shutil.rmtree(self._folder)


class ClickHouseEngine(Engine):
    """Real ClickHouse, of the package chdb."""

    name = "ClickHouse"

    def __init__(self) -> None:
        # The package is an extra: only who asks for ClickHouse needs it.
        self.session: Any = importlib.import_module("chdb.session").Session()
        for setting in CLICKHOUSE_SETTINGS:
            self.session.query(f"SET {setting}")

    def answer(self, sql: str) -> Answer:
        """Run one statement."""
        try:
            return read_answer(self.session.query(sql, WIRE_FORMAT).bytes())
        except RuntimeError as error:
            text = str(error)
            # After an error in the middle of its rows chdb answers the next query with the rest.
            self.session.query("SELECT 1", WIRE_FORMAT)
            code = re.search(r"Code: (\d+)", text)
            return Answer(code=int(code[1]) if code else -1, message=text[:300])

    def close(self) -> None:
        """Close the session."""
        self.session.close()


class DuckDBEngine(Engine):
    """DuckDB on one thread; its types have other names, so rows alone can be compared."""

    name = "DuckDB"

    def __init__(self) -> None:
        # An extra, as above.
        duckdb: Any = importlib.import_module("duckdb")
        self._error: type[Exception] = duckdb.Error
        self.connection = duckdb.connect(":memory:", config={"threads": 1})

    def answer(self, sql: str) -> Answer:
        """Run one statement."""
        try:
            cursor = self.connection.execute(sql)
            if cursor.description is None:
                return Answer()
            names = tuple(str(column[0]) for column in cursor.description)
            types = tuple(str(column[1]) for column in cursor.description)
            rows = tuple(tuple(map(_duckdb_text, row)) for row in cursor.fetchall())
        except self._error as error:
            return Answer(code=-1, message=str(error)[:300])
        # What DuckDB says to an INSERT.
        if names == ("Count",):
            return Answer()
        return Answer(names, types, rows)

    def close(self) -> None:
        """Close the connection."""
        self.connection.close()


def _duckdb_text(value: object) -> str:
    """Return a value as minidb's TSV has it, with the digits that are compared of floats."""
    match value:
        case None:
            return "\\N"
        case bool():
            return str(int(value))
        case float():
            return "0" if value == 0 else f"{value:.10g}"
        case _:
            return str(value)


ENGINES: dict[str, type[Engine]] = {"clickhouse": ClickHouseEngine, "duckdb": DuckDBEngine}


@dataclass(slots=True)
class Engines:
    """minidb and ClickHouse, given the same statements.

    `lookup` is ClickHouse's SQL function here and the extension's built-in one there.
    """

    mine: MinidbEngine = field(default_factory=MinidbEngine)
    other: ClickHouseEngine = field(default_factory=ClickHouseEngine)

    @property
    def oracle(self) -> Any:
        """Return ClickHouse's session."""
        return self.other.session

    @property
    def session(self) -> Any:
        """Return minidb's session."""
        return self.mine.session

    @property
    def database(self) -> Database:
        """Return minidb's database."""
        return self.mine.database

    def close(self) -> None:
        """Close both."""
        self.other.close()
        self.mine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def ours(self, sql: str) -> Answer:
        """Return minidb's answer."""
        return self.mine.answer(sql)

    def theirs(self, sql: str) -> Answer:
        """Return ClickHouse's answer."""
        return self.other.answer(sql)

    def both(self, sql: str) -> None:
        """Run a statement on both; neither may fail."""
        for answer in (self.ours(sql), self.theirs(sql)):
            if answer.code:
                raise AssertionError(f"{sql}\n{answer.code} {answer.message}")

    def difference(self, sql: str, is_ordered: bool = False) -> str:
        """Return how the answers differ, or an empty text."""
        return compare(sql, self.ours(sql), self.theirs(sql), is_ordered)
