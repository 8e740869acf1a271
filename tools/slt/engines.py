"""The engines that files run on: minidb on both stores, ClickHouse, DuckDB, SQLite."""

from __future__ import annotations

import re
import sqlite3
import tempfile
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from minidb.database import Database
from minidb.errors import MiniDBError
from minidb.result import Result

# What brings ClickHouse's dialect near to the one that the files are written in.
SETTINGS: dict[str, object] = {
    "join_use_nulls": 1,
    "data_type_default_nullable": 1,
    "union_default_mode": "DISTINCT",
    "aggregate_functions_null_for_empty": 1,
    "cast_keep_nullable": 1,
    "prefer_column_name_to_alias": 1,
    "allow_create_index_without_type": 1,
    "create_index_ignore_unique": 1,
}
CREATE_TABLE = re.compile(r"\s*CREATE\s+TABLE\b", re.IGNORECASE)


class EngineError(Exception):
    """A statement failed in an engine; the text is the engine's own."""


class Engine(Protocol):
    """Runs statements for one file, on a database of its own."""

    def run(self, sql: str) -> tuple[int, list[Sequence[Any]]]:
        """Return the number of columns and the rows; raise EngineError when it fails."""

    def close(self) -> None:
        """Give everything back."""


class MinidbEngine:
    """minidb on one of its stores."""

    def __init__(self, path: str = ":memory:") -> None:
        self._database = Database.open(path)
        self._session = self._database.session()
        for name, value in SETTINGS.items():
            self._session.settings.set(name, value)

    def run(self, sql: str) -> tuple[int, list[Sequence[Any]]]:
        """Run one statement."""
        try:
            result = Result(self._session.execute(sql))
            return len(result.names), list(result.rows())
        except MiniDBError as error:
            raise EngineError(str(error)) from error

    def close(self) -> None:
        """Close the database."""
        self._database.close()


class FolderEngine(MinidbEngine):
    """minidb on a folder that goes with it."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        super().__init__(str(Path(self._folder.name) / "data"))

    def close(self) -> None:
        """Close the database and delete the folder."""
        super().close()
        self._folder.cleanup()


class ChdbEngine:
    """ClickHouse inside this process; one database per file."""

    n_made = 0

    def __init__(self) -> None:
        self._chdb = import_module("chdb")
        self._connection = self._chdb.connect(":memory:")
        ChdbEngine.n_made += 1
        self._name = f"slt{ChdbEngine.n_made}"
        cursor = self._connection.cursor()
        cursor.execute(f"CREATE DATABASE {self._name}")
        cursor.execute(f"USE {self._name}")
        for name, value in SETTINGS.items():
            cursor.execute(f"SET {name} = {value!r}")

    def run(self, sql: str) -> tuple[int, list[Sequence[Any]]]:
        """Run one statement; a table without a key gets the engine that needs none."""
        if CREATE_TABLE.match(sql) and "ENGINE" not in sql.upper():
            has_key = "PRIMARY KEY" in sql.upper()
            sql += " ENGINE = MergeTree" + ("" if has_key else " ORDER BY tuple()")
            sql += " SETTINGS allow_nullable_key = 1"
        try:
            raw = self._connection.query(sql, "JSONCompact").bytes()
        except RuntimeError as error:
            raise EngineError(str(error)) from error
        if not raw:
            return 0, []
        document = import_module("json").loads(raw.decode("utf-8", "surrogateescape"))
        return len(document["meta"]), document["data"]

    def close(self) -> None:
        """Drop the database."""
        self._connection.query(f"DROP DATABASE {self._name}", "TSV")
        self._connection.close()


class SqliteEngine:
    """SQLite, in memory."""

    def __init__(self) -> None:
        self._connection = sqlite3.connect(":memory:", isolation_level=None)

    def run(self, sql: str) -> tuple[int, list[Sequence[Any]]]:
        """Run one statement."""
        try:
            cursor = self._connection.execute(sql)
            return len(cursor.description or ()), list(cursor.fetchall())
        except sqlite3.Error as error:
            raise EngineError(str(error)) from error

    def close(self) -> None:
        """Close the database."""
        self._connection.close()


class DuckdbEngine:
    """DuckDB, in memory."""

    def __init__(self) -> None:
        self._duckdb = import_module("duckdb")
        self._connection = self._duckdb.connect(":memory:")

    def run(self, sql: str) -> tuple[int, list[Sequence[Any]]]:
        """Run one statement."""
        try:
            cursor = self._connection.execute(sql)
            return len(cursor.description or ()), list(cursor.fetchall())
        except self._duckdb.Error as error:
            raise EngineError(str(error)) from error

    def close(self) -> None:
        """Close the database."""
        self._connection.close()


ENGINES: dict[str, Callable[[], Engine]] = {
    "minidb": MinidbEngine,
    "minidb-folder": FolderEngine,
    "chdb": ChdbEngine,
    "sqlite": SqliteEngine,
    "duckdb": DuckdbEngine,
}
