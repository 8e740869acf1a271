"""Every type of a family of its own: names, conversions, arithmetic and order as ClickHouse's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.engines import Engines

HERE = Path(__file__).parent
FAMILIES = ("decimals", "enums_uuids", "maps", "tuples_nulls")


@pytest.fixture(scope="module")
def engines() -> Iterator[Engines]:
    with Engines() as both:
        yield both


@pytest.mark.parametrize("family", FAMILIES)
def test_every_statement_answers_as_clickhouse(engines: Engines, family: str) -> None:
    statements = (HERE / f"{family}.sql").read_text().splitlines()
    found = [engines.difference(sql, is_ordered=True) for sql in statements]
    assert not "\n".join(filter(None, found))
