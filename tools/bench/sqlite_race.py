"""GROUP BY, hash join, and filter + sort + limit over a million rows, beside SQLite."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from functools import partial

import numpy as np

from minidb.dbapi import Connection, connect
from tools.bench.measure import Row, best_of

N_ROWS = 1_000_000
N_GROUPS = 1_000
N_KEYS = 10_000
SEED = 20_240_117

QUERIES: dict[str, tuple[str, str]] = {
    "GROUP BY of 1e6 rows into 1e3 groups": (
        "SELECT g, count(*), sum(v) FROM facts GROUP BY g",
        "SELECT g, count(*), sum(v) FROM facts GROUP BY g",
    ),
    "hash join of 1e6 with 1e4 rows": (
        "SELECT sum(f.v + k.w) FROM facts AS f INNER JOIN keys AS k ON f.k = k.id",
        "SELECT sum(f.v + k.w) FROM facts AS f INNER JOIN keys AS k ON f.k = k.id",
    ),
    "filter + sort + limit of 1e6 rows": (
        "SELECT id, v FROM facts WHERE v > 250000 ORDER BY v DESC, id LIMIT 100",
        "SELECT id, v FROM facts WHERE v > 250000 ORDER BY v DESC, id LIMIT 100",
    ),
}


def run() -> list[Row]:
    """Fill both databases with the same rows, check equal answers, and race."""
    ours, theirs = _filled()
    rows = []
    for name, (our_sql, their_sql) in QUERIES.items():
        contenders: dict[str, Callable[[], object]] = {
            "minidb": partial(_run_ours, ours, our_sql),
            "SQLite": partial(_run_theirs, theirs, their_sql),
        }
        if sorted(ours.execute(our_sql).rows()) != sorted(theirs.execute(their_sql).fetchall()):
            raise SystemExit(f"{name}: the answers differ")
        best = best_of(contenders)
        rows.append(Row(name, best["minidb"], "SQLite", best["SQLite"], max_ratio=1.0))
    return rows


def _run_ours(connection: Connection, sql: str) -> object:
    return connection.execute(sql).rows()


def _run_theirs(connection: sqlite3.Connection, sql: str) -> object:
    return connection.execute(sql).fetchall()


def _filled() -> tuple[Connection, sqlite3.Connection]:
    """Return both databases, in memory, with the same tables."""
    random = np.random.default_rng(SEED)
    ids = np.arange(N_ROWS)
    groups = random.integers(0, N_GROUPS, N_ROWS)
    keys = random.integers(0, N_KEYS, N_ROWS)
    values = random.integers(0, 1_000_000, N_ROWS)
    weights = random.integers(0, 100, N_KEYS)
    facts = list(zip(*(a.tolist() for a in (ids, groups, keys, values)), strict=True))
    key_rows = list(enumerate(weights.tolist()))
    ours = connect(":memory:")
    ours.execute("CREATE TABLE facts (id Int64, g Int64, k Int64, v Int64) ENGINE = Memory")
    ours.execute("CREATE TABLE keys (id Int64, w Int64) ENGINE = Memory")
    ours.insert_rows("INSERT INTO facts VALUES (?, ?, ?, ?)", facts)
    ours.insert_rows("INSERT INTO keys VALUES (?, ?)", key_rows)
    theirs = sqlite3.connect(":memory:")
    theirs.execute("CREATE TABLE facts (id INTEGER, g INTEGER, k INTEGER, v INTEGER)")
    theirs.execute("CREATE TABLE keys (id INTEGER PRIMARY KEY, w INTEGER)")
    theirs.executemany("INSERT INTO facts VALUES (?, ?, ?, ?)", facts)
    theirs.executemany("INSERT INTO keys VALUES (?, ?)", key_rows)
    return ours, theirs
