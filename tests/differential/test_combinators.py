"""Combinators of aggregates beside ClickHouse, one statement on each line of a file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from minidb.errors import MiniDBError
from minidb.result import Result
from tests.support.engines import Engines

STATEMENTS = (Path(__file__).parent / "combinators.sql").read_text().splitlines()
REFUSED = {
    "SELECT sumIfIf(1, 1, 1)": 184,
    "SELECT sumDistinctDistinct(1)": 184,
    "SELECT sumStateState(1)": 184,
    "SELECT sumMerge(1)": 43,
    "SELECT avgMerge(s) FROM (SELECT sumState(1) AS s)": 43,
    "SELECT sumArray(1)": 43,
    "SELECT sumArrayIf([1], 'a')": 43,
    "SELECT nopeArrayIf([1], 1)": 46,
    "SELECT sumArray([1, 2], [3])": 42,
    "SELECT argMinArray([1, 2], [3])": 190,
}


@pytest.fixture(scope="module")
def engines() -> Iterator[Engines]:
    with Engines() as both:
        yield both


def test_every_statement_answers_as_clickhouse(engines: Engines) -> None:
    found = [engines.difference(sql, is_ordered=True) for sql in STATEMENTS]
    assert not "\n".join(filter(None, found))


@pytest.mark.parametrize("sql", REFUSED)
def test_both_refuse_with_the_same_code(engines: Engines, sql: str) -> None:
    with pytest.raises(MiniDBError) as refused:
        Result(engines.session.execute(sql))
    assert refused.value.code.number == REFUSED[sql]
    with pytest.raises(Exception, match=f"Code: {REFUSED[sql]}"):
        engines.oracle.query(sql)
