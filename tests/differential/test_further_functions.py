"""Further quantiles, regressions, checked arithmetic, hashes and JSON, like ClickHouse's."""

from __future__ import annotations

from pathlib import Path

from tests.support.engines import Engines

STATEMENTS = (Path(__file__).parent / "further_functions.sql").read_text().splitlines()


def test_every_statement_answers_as_clickhouse() -> None:
    with Engines() as engines:
        found = [engines.difference(sql, is_ordered=True) for sql in STATEMENTS]
    assert not "\n".join(filter(None, found))
