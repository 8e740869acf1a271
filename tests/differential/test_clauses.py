"""Set operations, grouping sets, limits, ARRAY JOIN and recursion, each line as ClickHouse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.engines import Engines

STATEMENTS = (Path(__file__).parent / "clauses.sql").read_text().splitlines()


@pytest.fixture(scope="module")
def engines() -> Iterator[Engines]:
    with Engines() as both:
        yield both


@pytest.mark.parametrize("batch_rows", [65_536, 2])
def test_every_statement_answers_as_clickhouse(engines: Engines, batch_rows: int) -> None:
    engines.session.execute(f"SET max_block_size = {batch_rows}")
    found = [engines.difference(sql) for sql in STATEMENTS]
    assert not "\n".join(filter(None, found))
