"""Wrong statements end with ClickHouse's error code, on both engines the same.

Where the codes differ on purpose, ``docs/sql/differences.md`` says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.engines import Engines

STATEMENTS = (Path(__file__).parent / "wrong_statements.sql").read_text().splitlines()
SETUP = (
    "CREATE TABLE t (a UInt8, b String, c Array(UInt32)) ENGINE = Memory",
    "CREATE TABLE mt (a UInt8, b String) ENGINE = MergeTree ORDER BY a",
    "INSERT INTO t VALUES (1, 'x', [1])",
)


@pytest.fixture(scope="module")
def engines() -> Iterator[Engines]:
    with Engines() as both:
        for sql in SETUP:
            both.both(sql)
        yield both


def test_every_wrong_statement_has_clickhouse_code(engines: Engines) -> None:
    found = []
    for sql in STATEMENTS:
        ours, theirs = engines.ours(sql), engines.theirs(sql)
        if not ours.code or ours.code != theirs.code:
            found.append(f"{sql}\n  {ours.code} {ours.message}\n  {theirs.code} {theirs.message}")
    assert not "\n".join(found)


def test_nothing_changed(engines: Engines) -> None:
    for table in ("t", "mt"):
        assert not engines.difference(f"SELECT * FROM {table}")
