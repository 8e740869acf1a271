"""Queries inside queries answer as ClickHouse, and where that has its own scoping, as DuckDB."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from minidb.database import Session
from tests.support.engine import rows, run, session_at
from tests.support.engines import Engines

STATEMENTS = (Path(__file__).parent / "nested_queries.sql").read_text().splitlines()

R = [(1, 2), (None, 0), (3, 1), (2, 2), (0, 3), (1, 1)]
S = [(1, 1), (2, 0), (None, 3), (2, 2), (1, 4)]

# Standard SQL that ClickHouse refuses, or answers by scoping of its own.
STANDARD = (
    """
SELECT (SELECT count(*) FROM r AS x WHERE x.b < r.b) FROM r
SELECT a FROM r WHERE EXISTS (SELECT 1 FROM r AS x WHERE x.b < r.b)
SELECT b, (SELECT count(*) FROM s WHERE s.a = r.a) FROM r
SELECT b, (SELECT sum(s.b) + r.b FROM s WHERE s.a = r.a) FROM r
SELECT b, (SELECT s.b FROM s WHERE s.b > r.b ORDER BY s.b LIMIT 1) FROM r
SELECT b, (SELECT count(DISTINCT s.a) FROM s WHERE s.b <= r.b) FROM r
SELECT b FROM r WHERE b IN (SELECT s.b FROM s WHERE s.b >= r.b)
SELECT b FROM r WHERE b NOT IN (SELECT s.b FROM s WHERE s.b >= r.b)
SELECT b FROM r ORDER BY (SELECT count(*) FROM s WHERE s.b > r.b), b
SELECT b FROM r WHERE EXISTS (SELECT 1 FROM s WHERE s.b = r.b \
AND EXISTS (SELECT 1 FROM s AS q WHERE q.b < r.b AND q.a = s.a))
SELECT b, (SELECT max(s.b + (SELECT count(*) FROM r AS q WHERE q.b < s.b + r.b)) \
FROM s WHERE s.b <= r.b) FROM r
SELECT b, (SELECT count(*) FROM (SELECT s.b AS x FROM s WHERE s.b < r.b \
UNION ALL SELECT r.b) AS u) FROM r
SELECT b, (SELECT count(*) FROM s WHERE s.b > r.b HAVING count(*) > 1) FROM r
SELECT b, count(*) FROM r GROUP BY b HAVING EXISTS (SELECT 1 FROM s WHERE s.b = r.b)
SELECT b, count(*), (SELECT count(*) FROM s WHERE s.b < r.b) FROM r GROUP BY b
SELECT b, (SELECT count(*) FROM s WHERE s.b = 1 AND s.a = r.b) FROM r GROUP BY b HAVING b > 0
SELECT sum((SELECT count(*) FROM s WHERE s.b < r.b)) FROM r
SELECT (SELECT count(*) FROM s WHERE s.b < r.b) AS c, count(*) FROM r GROUP BY c
SELECT CASE WHEN EXISTS (SELECT 1 FROM s WHERE s.a = r.a) THEN b ELSE -b END FROM r
SELECT r.b, s.b FROM r JOIN s ON EXISTS (SELECT 1 FROM r AS q WHERE q.b = r.b + s.b)
SELECT r.b, s.b FROM r LEFT JOIN s ON r.b = s.b AND EXISTS (SELECT 1 FROM r AS q WHERE q.a = s.a)
SELECT b, (SELECT count(*) FROM s LEFT JOIN r AS q ON s.b = q.b AND q.a = r.a) FROM r
SELECT b, (SELECT sum(d.k) FROM (SELECT DISTINCT s.a AS k FROM s WHERE s.b >= r.b) AS d) FROM r
SELECT b, (SELECT count(*) FROM (SELECT s.a FROM s WHERE s.b <> r.b GROUP BY s.a) AS g) FROM r
SELECT b FROM r WHERE b > (SELECT min(s.b) FROM s WHERE s.a = r.a OR r.a IS NULL)
SELECT (SELECT (SELECT r.b + q.b FROM s AS q WHERE q.b = s.b) FROM s WHERE s.b = r.b) FROM r
WITH w AS (SELECT a, b FROM s) SELECT b, (SELECT count(*) FROM w WHERE w.b < r.b) FROM r
""".replace("\\\n", "")
    .strip()
    .splitlines()
)


def test_nested_queries_answer_as_clickhouse() -> None:
    with Engines() as engines:
        found = [engines.difference(sql, is_ordered=True) for sql in STATEMENTS]
    assert not "\n".join(filter(None, found))


@pytest.fixture(scope="module")
def both() -> Iterator[tuple[Session, Any]]:
    duckdb = pytest.importorskip("duckdb")
    with session_at() as session, duckdb.connect() as other:
        for name, content in (("r", R), ("s", S)):
            run(session, f"CREATE TABLE {name} (a Nullable(Int64), b Nullable(Int64))")
            session.insert_rows(f"INSERT INTO {name} VALUES", content)
            other.execute(f"CREATE TABLE {name} (a BIGINT, b BIGINT)")
            other.executemany(f"INSERT INTO {name} VALUES (?, ?)", content)
        run(session, "SET join_use_nulls = 1")
        yield session, other


@pytest.mark.parametrize("sql", STANDARD)
def test_standard_nested_queries_answer_as_duckdb(both: tuple[Session, Any], sql: str) -> None:
    session, other = both
    expected = other.execute(sql).fetchall()
    assert sorted(map(repr, rows(session, sql))) == sorted(map(repr, expected))
