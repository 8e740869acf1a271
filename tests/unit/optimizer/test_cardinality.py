"""Guesses of rows: what statistics say, and what is known without them."""

from __future__ import annotations

import pytest

from minidb.optimizer.cardinality import damped, estimate_rows
from tests.support.engine import run, session_at
from tests.support.plans import optimized_plan


@pytest.fixture(scope="module")
def session():
    with session_at() as made:
        run(made, "CREATE TABLE t (id UInt32, k UInt32, s String, f Float64) ORDER BY id")
        run(made, "CREATE TABLE u (k UInt32, n Nullable(UInt8))")
        run(made, "CREATE TABLE nothing (k UInt32)")
        columns = (
            "number, number % 100, toString(number % 7), if(number < 9000, nan, toFloat64(number))"
        )
        run(made, f"INSERT INTO t SELECT {columns} FROM numbers(20000)")
        run(made, "INSERT INTO u SELECT number, if(number % 2 = 0, NULL, 1) FROM numbers(100)")
        yield made


@pytest.mark.parametrize(
    ("sql", "least", "most"),
    [
        ("SELECT 1", 1, 1),
        ("SELECT id FROM t", 20_000, 20_000),
        ("SELECT id FROM t WHERE k = 5", 200, 200),
        ("SELECT id FROM t WHERE k != 5", 19_800, 19_800),
        ("SELECT id FROM t WHERE s = '3'", 2_857, 2_858),
        ("SELECT id FROM t WHERE s IN ('3', '4')", 5_714, 5_715),
        ("SELECT id FROM t WHERE id = 77", 1, 1.01),
        ("SELECT id FROM t WHERE id < 5000", 4_990, 5_010),
        ("SELECT id FROM t WHERE 5000 > id", 4_990, 5_010),
        ("SELECT id FROM t WHERE id >= 15000 AND k = 1", 49, 51),
        ("SELECT id FROM t WHERE id >= 5000 AND id < 7000", 1_990, 2_010),
        ("SELECT id FROM t WHERE k = 5 OR k = 6", 390, 400),
        ("SELECT id FROM t WHERE NOT (id < 5000)", 14_990, 15_010),
        ("SELECT id FROM t WHERE f > 1e9", 0.5, 10),
        ("SELECT id FROM t LIMIT 10 OFFSET 5", 10, 10),
        ("SELECT k, count() FROM t GROUP BY k", 100, 100),
        ("SELECT count() FROM t", 1, 1),
        ("SELECT id, u.n FROM t JOIN u ON t.k = u.k", 20_000, 20_000),
        ("SELECT id, u.n FROM t JOIN u ON t.k = u.k WHERE u.k = 3", 190, 210),
        ("SELECT id, u.n FROM t LEFT JOIN u ON t.k = u.k", 20_000, 20_000),
        ("SELECT id FROM t SEMI JOIN u ON t.k = u.k", 20_000, 20_000),
        ("SELECT id FROM t ANTI JOIN u ON t.k = u.k", 1, 20_000),
        ("SELECT id, u.n FROM t, u", 2_000_000, 2_000_000),
        ("SELECT id FROM t, u WHERE t.k + u.k > 5", 1, 1_999_999),
        ("SELECT k FROM nothing WHERE k = 1", 0, 0),
        ("SELECT id FROM t UNION ALL SELECT k FROM u", 20_100, 20_100),
    ],
)
def test_a_guess_is_what_statistics_say(session, sql, least, most):
    assert least <= estimate_rows(optimized_plan(session, sql)) <= most


def test_parts_of_a_key_count_less_and_less():
    assert damped([]) == 1.0
    assert damped([0.01]) == 0.01
    assert damped([0.25, 0.01]) == pytest.approx(0.005)
