"""Operators on no rows, one row, NULLs, and on batches of every size."""

from __future__ import annotations

import pytest

from tests.support.engine import rows, run, session_at

SIZES = (1, 2, 3, 1000)


@pytest.fixture
def session():
    with session_at() as made:
        run(made, "CREATE TABLE t (k Nullable(Int8), v Int64, s String)")
        run(made, "CREATE TABLE nothing (k Nullable(Int8), v Int64, s String)")
        values = [(1, 10, "a"), (None, 20, "b"), (2, 30, "c"), (1, 40, "d"), (None, 50, "e")]
        made.insert_rows("INSERT INTO t VALUES", values)
        yield made


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM nothing",
        "SELECT * FROM nothing WHERE v > 1",
        "SELECT v + 1, upper(s) FROM nothing ORDER BY v LIMIT 2",
        "SELECT k, count() FROM nothing GROUP BY k",
        "SELECT DISTINCT k FROM nothing",
        "SELECT * FROM nothing, t",
        "SELECT * FROM t, nothing",
        "SELECT t.v FROM t JOIN nothing ON t.k = nothing.k",
        "SELECT * FROM t WHERE 0",
        "SELECT * FROM t WHERE NULL",
        "SELECT * FROM t LIMIT 0",
        "SELECT * FROM t OFFSET 5",
        "SELECT v FROM nothing UNION ALL SELECT v FROM t WHERE v > 99",
        "SELECT * FROM (SELECT count() AS n FROM t) WHERE n > 5",
        "SELECT intDiv(1, 0) FROM nothing",
        "SELECT k, intDiv(sum(v), 0) FROM nothing GROUP BY k",
    ],
)
def test_no_rows_in_no_rows_out(session, sql):
    assert rows(session, sql) == []


def test_aggregates_without_keys_give_one_row_also_of_none(session):
    sql = "SELECT count(), sum(v), min(s), any(v), groupArray(v), max(k) FROM nothing"
    assert rows(session, sql) == [(0, 0, "", 0, [], None)]
    assert rows(session, f"{sql} WHERE v > 1") == [(0, 0, "", 0, [], None)]
    assert rows(session, "SELECT 1 FROM nothing HAVING count() = 0") == [(1,)]


@pytest.mark.parametrize("size", SIZES)
def test_nulls_are_one_group_and_join_nothing(session, size):
    tail = f"SETTINGS max_block_size = {size}, aggregation_buffer_bytes = 1"
    sql = "SELECT k, sum(v), groupArray(s) FROM t GROUP BY k"
    expected = [(1, 50, ["a", "d"]), (None, 70, ["b", "e"]), (2, 30, ["c"])]
    assert rows(session, f"{sql} {tail}") == expected
    assert rows(session, f"SELECT DISTINCT k FROM t {tail}") == [(1,), (None,), (2,)]
    joined = rows(session, f"SELECT a.v, b.v FROM t AS a JOIN t AS b ON a.k = b.k {tail}")
    assert joined == [(10, 10), (10, 40), (30, 30), (40, 10), (40, 40)]


@pytest.mark.parametrize("size", SIZES)
def test_nulls_come_last_unless_asked_first(session, size):
    def order(clause: str) -> list:
        sql = f"SELECT k, v FROM t ORDER BY {clause} SETTINGS max_block_size = {size}"
        return [v for _, v in rows(session, sql)]

    assert order("k") == [10, 40, 30, 20, 50]
    assert order("k DESC") == [30, 10, 40, 20, 50]
    assert order("k NULLS FIRST") == [20, 50, 10, 40, 30]
    assert order("k DESC NULLS FIRST, v DESC") == [50, 20, 30, 40, 10]


@pytest.mark.parametrize("size", SIZES)
def test_limit_and_offset_across_batches(session, size):
    for count in range(7):
        for offset in range(7):
            sql = f"SELECT v FROM t LIMIT {count} OFFSET {offset} SETTINGS max_block_size = {size}"
            assert [v for (v,) in rows(session, sql)] == [10, 20, 30, 40, 50][offset:][:count]


@pytest.mark.parametrize("size", SIZES)
def test_batches_are_never_larger_than_asked(session, size):
    for sql in (
        "SELECT * FROM t",
        "SELECT * FROM t AS a, t AS b",
        "SELECT a.v FROM t AS a JOIN t AS b ON a.k = b.k",
        "SELECT v FROM t ORDER BY v",
        "SELECT v, count() FROM t GROUP BY v",
        "SELECT number FROM numbers(10)",
    ):
        outcome = session.execute(f"{sql} SETTINGS max_block_size = {size}")
        counts = [batch.n_rows for batch in outcome.batches]
        assert 0 < max(counts) <= size, sql


def test_a_failing_branch_is_not_computed_for_rows_that_do_not_need_it(session):
    assert rows(session, "SELECT if(v = 10, 0, intDiv(60, v - 10)) FROM t WHERE v < 30") == [
        (0,),
        (6,),
    ]
    sql = "SELECT v FROM t WHERE v != 10 AND intDiv(60, v - 10) > 2"
    assert rows(session, sql) == [(20,), (30,)]
    assert rows(session, f"SELECT * FROM ({sql}) WHERE v > 20") == [(30,)]


def test_a_sort_with_a_limit_keeps_the_order_of_equal_keys(session):
    run(session, "CREATE TABLE many (k UInt8, i UInt32)")
    run(session, "INSERT INTO many SELECT number % 3, number FROM numbers(10000)")
    for size in (7, 1000):
        sql = f"SELECT i FROM many ORDER BY k LIMIT 5 OFFSET 2 SETTINGS max_block_size = {size}"
        assert [i for (i,) in rows(session, sql)] == [6, 9, 12, 15, 18]


@pytest.mark.parametrize("size", SIZES)
def test_left_out_rows_do_not_move_others_to_another_group(session, size):
    sql = "SELECT s < 'd' AS g, sumIf(v, v != 10), sum(k), countIf(k = 1), groupArray(v) FILTER (WHERE v > 15)"
    sql += f" FROM t GROUP BY g SETTINGS max_block_size = {size}, aggregation_buffer_bytes = 1"
    assert rows(session, sql) == [(1, 50, 3, 1, [20, 30]), (0, 90, 1, 1, [40, 50])]
