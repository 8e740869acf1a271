"""The engines that take part, behind one interface."""

from __future__ import annotations

import json
import re
import sqlite3
import time
from collections.abc import Sequence
from csv import reader
from datetime import date, datetime
from decimal import Decimal
from math import inf
from typing import Any, Protocol, TypeAlias

import duckdb
from chdb import session as chdb_session

from minidb.dbapi import connect
from tools.bench.sql.question import Table

Value: TypeAlias = str | int | float | None
Row: TypeAlias = tuple[Value, ...]

SQLITE_LIMIT_S = 60.0
"""After this long a statement of SQLite is stopped, and counts as having taken it."""

SETTINGS = {"join_use_nulls": True, "aggregate_functions_null_for_empty": True}
"""What makes ClickHouse's dialect mean what the other engines mean."""

_SQLITE_TYPES = {"String": "TEXT", "Date": "TEXT", "Float64": "REAL"}
_DUCKDB_TYPES = {"String": "VARCHAR", "Date": "DATE", "Float64": "DOUBLE", "Int32": "INTEGER"}


class Engine(Protocol):
    """One contender: tables from CSV files (with a line of names), and queries."""

    name: str

    def load(self, table: Table) -> None:
        """Make a table; types are ClickHouse's."""
        ...

    def run(self, sql: str) -> Any:
        """Run a query and fetch its answer: this is what is timed."""
        ...

    def rows(self, answer: Any) -> list[Row]:
        """Return an answer's rows, to compare."""
        ...


class MiniDB:
    """The project itself, in memory."""

    name = "minidb"

    def __init__(self) -> None:
        self._connection = connect(":memory:", settings=SETTINGS)

    def load(self, table: Table) -> None:
        """Make a table from a CSV file."""
        listed = ", ".join(f"{name} {kind}" for name, kind in table.columns)
        self._connection.execute(f"CREATE TABLE {table.name} ({listed}) ENGINE = Memory")
        insert = f"INSERT INTO {table.name} SELECT * FROM file(?, 'CSVWithNames', ?)"
        self._connection.execute(insert, [str(table.file), listed])

    def run(self, sql: str) -> Any:
        """Run a query and fetch its rows."""
        return self._connection.execute(sql).rows()

    def rows(self, answer: Any) -> list[Row]:
        """Return an answer's rows, to compare."""
        return plain(answer)


class SQLite:
    """SQLite as Python brings it, in memory, with the primary keys alone."""

    name = "SQLite"

    def __init__(self) -> None:
        self._connection = sqlite3.connect(":memory:")
        self._connection.execute("PRAGMA case_sensitive_like = on")
        self._deadline = inf
        self._connection.set_progress_handler(self._is_late, 100_000)

    def _is_late(self) -> bool:
        return time.perf_counter() > self._deadline

    def load(self, table: Table) -> None:
        """Make a table from a CSV file; decimals are integers and reals, dates are texts."""
        kinds = [_SQLITE_TYPES.get(kind, "NUMERIC") for _, kind in table.columns]
        listed = ", ".join(f"{c[0]} {kind}" for c, kind in zip(table.columns, kinds, strict=True))
        if table.primary_key:
            listed += f", PRIMARY KEY ({', '.join(table.primary_key)})"
        self._connection.execute(f"CREATE TABLE {table.name} ({listed})")
        marks = ", ".join("?" * len(table.columns))
        with table.file.open(encoding="utf-8", newline="") as lines:
            rows = reader(lines)
            next(rows)
            self._connection.executemany(f"INSERT INTO {table.name} VALUES ({marks})", rows)
        self._connection.execute("ANALYZE")

    def run(self, sql: str) -> Any:
        """Run a query and fetch its rows.

        Raises
        ------
        TimeoutError
            After `SQLITE_LIMIT_S`.
        """
        year = r"CAST(strftime('%Y', \1) AS INTEGER)"
        ours = re.sub(r"extract\(YEAR FROM (\w+)\)", year, sql)
        self._deadline = time.perf_counter() + SQLITE_LIMIT_S
        try:
            return self._connection.execute(ours).fetchall()
        except sqlite3.OperationalError as error:
            if "interrupted" in str(error):
                raise TimeoutError from error
            raise

    def rows(self, answer: Any) -> list[Row]:
        """Return an answer's rows, to compare."""
        return plain(answer)


class DuckDB:
    """DuckDB on one thread."""

    name = "DuckDB"

    def __init__(self) -> None:
        self._connection = duckdb.connect(":memory:", config={"threads": 1})

    def load(self, table: Table) -> None:
        """Make a table from a CSV file."""
        listed = ", ".join(
            f"{name} {_DUCKDB_TYPES.get(kind, kind)}" for name, kind in table.columns
        )
        self._connection.execute(f"CREATE TABLE {table.name} ({listed})")
        self._connection.execute(f"COPY {table.name} FROM '{table.file}' (HEADER)")

    def run(self, sql: str) -> Any:
        """Run a query and fetch its rows."""
        return self._connection.execute(sql).fetchall()

    def rows(self, answer: Any) -> list[Row]:
        """Return an answer's rows, to compare."""
        return plain(answer)


class ClickHouse:
    """ClickHouse as a Python package, on one thread."""

    name = "chdb"

    def __init__(self) -> None:
        # chdb has no types: the session is what it says it is.
        make: Any = chdb_session.Session
        self._session = make()
        meanings = ", ".join(f"{name} = 1" for name in SETTINGS)
        self._session.query(
            f"SET max_threads = 1, output_format_json_quote_64bit_integers = 0, {meanings}"
        )
        # One process has one session of chdb: the suite before this one may have left its tables.
        self._session.query("DROP DATABASE IF EXISTS bench")
        self._session.query("CREATE DATABASE bench")
        self._session.query("USE bench")

    def load(self, table: Table) -> None:
        """Make a table from a CSV file."""
        listed = ", ".join(f"{name} {kind}" for name, kind in table.columns)
        self._session.query(f"CREATE TABLE {table.name} ({listed}) ENGINE = Memory")
        source = f"file('{table.file}', 'CSVWithNames', '{listed}')"
        self._session.query(f"INSERT INTO {table.name} SELECT * FROM {source}")

    def run(self, sql: str) -> Any:
        """Run a query and fetch its rows, as text."""
        return self._session.query(sql, "JSONCompactEachRow").data()

    def rows(self, answer: Any) -> list[Row]:
        """Return an answer's rows, to compare."""
        return [tuple(json.loads(line)) for line in answer.splitlines()]


def plain(rows: Sequence[Sequence[object]]) -> list[Row]:
    """Return rows of texts and numbers alone, which all engines have."""
    return [tuple(_plain(value) for value in row) for row in rows]


def _plain(value: object) -> Value:
    match value:
        case Decimal():
            return float(value)
        case date() | datetime():
            return value.isoformat()
        case None | str() | int() | float():
            return value
        case _:
            return str(value)
