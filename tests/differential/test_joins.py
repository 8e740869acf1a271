"""Joins of every kind, with ON and USING, on both engines: names, types and rows.

Each line of the file is a statement; the first ones make the tables.
"""

from __future__ import annotations

from pathlib import Path

from tests.support.engines import Engines

SCRIPT = (Path(__file__).parent / "joins.sql").read_text().splitlines()


def test_every_join_answers_as_clickhouse() -> None:
    with Engines() as engines:
        found = [engines.difference(sql) for sql in SCRIPT]
    assert not "\n".join(filter(None, found))
