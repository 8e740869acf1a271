"""Window functions answer as ClickHouse does: the statements of a file, and every aggregate."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.engines import Engines

STATEMENTS = (Path(__file__).parent / "windows.sql").read_text().splitlines()

ROWS = """SELECT number AS i, intDiv(number * 7 % 23, 2) AS k, number % 3 AS p,
if(number % 5 = 2, NULL, toInt32(number * 13 % 17) - 8) AS n, number * 31 % 19 / 8 AS f,
toString(number * 11 % 29) AS t, toUInt8(number * 37) AS u FROM numbers(40)"""
AGGREGATES = [
    "count()",
    "count(n)",
    "sum(n)",
    "sum(u)",
    "sum(f)",
    "sum(toInt128(n))",
    "sumWithOverflow(u)",
    "sumCount(u)",
    "sumOrNull(n)",
    "sumArray([n, 1])",
    "avgOrDefaultIf(n, i % 2 = 0)",
    "quantilesExact(0.1, 0.9)(u)",
    "uniqExactIf(u, i % 3 = 1)",
    "sumIf(n, i % 2 = 0)",
    "sum(DISTINCT u % 4)",
    "avg(n)",
    "avg(f)",
    "min(n)",
    "max(n)",
    "min(f)",
    "max(t)",
    "min(t)",
    "argMin(i, u)",
    "argMax(t, u)",
    "any(n)",
    "anyLast(n)",
    "any(n) RESPECT NULLS",
    "anyLast(n) RESPECT NULLS",
    "groupArray(n)",
    "groupArray(2)(t)",
    "arraySort(groupUniqArray(p))",
    "uniqExact(u % 8)",
    "groupBitAnd(u)",
    "groupBitOr(u)",
    "groupBitXor(u)",
    "stddevPop(f)",
    "varSamp(n)",
    "corr(f, i)",
    "covarPop(f, i)",
    "quantileExact(u)",
    "medianExact(n)",
    "first_value(t)",
    "last_value(t)",
    "nth_value(n, 2)",
    "row_number()",
    "rank()",
    "dense_rank()",
    "lagInFrame(n)",
    "leadInFrame(t, 2, 'none')",
]
WINDOWS = [
    "",
    "PARTITION BY p",
    "ORDER BY k, i",
    "PARTITION BY p ORDER BY k, i",
    "PARTITION BY p ORDER BY k RANGE UNBOUNDED PRECEDING",
    "PARTITION BY p ORDER BY i DESC ROWS 3 PRECEDING",
    "ORDER BY i ROWS BETWEEN 2 PRECEDING AND 2 FOLLOWING",
    "ORDER BY i ROWS BETWEEN 2 FOLLOWING AND 5 FOLLOWING",
    "PARTITION BY p ORDER BY i ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
    "PARTITION BY p ORDER BY i ROWS BETWEEN 4 PRECEDING AND 2 PRECEDING",
    "PARTITION BY p ORDER BY i RANGE BETWEEN 5 PRECEDING AND 3 FOLLOWING",
    "PARTITION BY p ORDER BY i DESC RANGE BETWEEN 5 PRECEDING AND CURRENT ROW",
    "PARTITION BY n ORDER BY i GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW",
    "ORDER BY n, i ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
    "ORDER BY n DESC NULLS FIRST, i ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING",
]


@pytest.fixture(scope="module")
def engines() -> Iterator[Engines]:
    with Engines() as both:
        yield both


def test_every_statement_answers_as_clickhouse(engines: Engines) -> None:
    found = [engines.difference(sql) for sql in STATEMENTS]
    assert not "\n".join(filter(None, found))


@pytest.mark.parametrize("window", WINDOWS)
def test_every_function_sees_the_frame_that_clickhouse_sees(engines: Engines, window: str) -> None:
    calls = ", ".join(f"{name} OVER w AS c{i}" for i, name in enumerate(AGGREGATES))
    difference = engines.difference(f"SELECT i, {calls} FROM ({ROWS}) WINDOW w AS ({window})")
    assert not difference, difference
