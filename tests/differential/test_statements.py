"""Statements whose names, types and rows equal ClickHouse's, one on each line of a file.

They hold what is easy to get wrong: names of result columns, qualified names over joins, aliases
that hide columns, positions, literals, IN, FILTER, GROUP BY ALL.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.engines import Engines

STATEMENTS = (Path(__file__).parent / "statements.sql").read_text().splitlines()


@pytest.fixture(scope="module")
def engines() -> Iterator[Engines]:
    with Engines() as both:
        both.oracle.query("CREATE FUNCTION lookup AS (a, b) -> bitCount(bitXor(a, b))")
        yield both


def test_every_statement_answers_as_clickhouse(engines: Engines) -> None:
    found = [engines.difference(sql, is_ordered=True) for sql in STATEMENTS]
    assert not "\n".join(filter(None, found))
