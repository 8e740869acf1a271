"""UPDATE computes from old values, changes the rows of its condition alone, and all or nothing."""

from __future__ import annotations

import pytest

import minidb
from minidb.errors import MiniDBError


@pytest.fixture
def connection():
    with minidb.connect() as opened:
        opened.execute(
            "CREATE TABLE t (k UInt8, a Int8, s String, n Nullable(Int64), "
            "m Int64 MATERIALIZED a * 2, x Int64 ALIAS m + 1) ORDER BY k"
        )
        opened.execute("INSERT INTO t VALUES (1, 1, 'x', 1), (2, 2, 'y', NULL)")
        opened.execute("INSERT INTO t VALUES (3, 3, 'z', 3)")
        yield opened


def rows(connection):
    return connection.execute("SELECT k, a, s, n, m, x FROM t").rows()


def test_every_expression_sees_the_old_values(connection):
    outcome = connection.execute("UPDATE t SET a = n, n = a WHERE n IS NOT NULL AND k > 1")
    assert outcome.n_written == 1
    connection.execute("ALTER TABLE t UPDATE a = a + 1, n = a WHERE 1")
    assert rows(connection) == [(1, 2, "x", 1, 4, 5), (2, 3, "y", 2, 6, 7), (3, 4, "z", 3, 8, 9)]


def test_values_are_cast_and_wrap_around(connection):
    connection.execute("UPDATE t SET a = 300, s = k, n = '7' WHERE k = 2")
    assert rows(connection)[1] == (2, 44, "2", 7, 88, 89)


def test_rows_beside_the_condition_are_not_computed(connection):
    connection.execute("UPDATE t SET n = intDiv(6, k - 2) WHERE k != 2")
    assert [row[3] for row in rows(connection)] == [-6, None, 6]


def test_computed_columns_can_be_asked(connection):
    assert connection.execute("UPDATE t SET s = 'w' WHERE x = 5 OR t.m = 6").n_written == 2


def test_parts_without_such_rows_stay(connection):
    sql = "SELECT name FROM system.parts ORDER BY name"
    before = connection.execute(sql).rows()
    connection.execute("UPDATE t SET s = 'w' WHERE k = 3")
    after = connection.execute(sql).rows()
    assert len(before) == len(after) == 2
    assert len(set(before) & set(after)) == 1


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("UPDATE t SET k = 1 WHERE 1", 420),
        ("UPDATE t SET m = 1 WHERE 1", 420),
        ("UPDATE t SET x = 1 WHERE 1", 16),
        ("UPDATE t SET s = '1', s = '2' WHERE 1", 419),
        ("UPDATE t SET s = count() WHERE 1", 184),
        ("UPDATE t SET s = 'a' WHERE max(k) = 1", 184),
        ("UPDATE t SET a = 'q' WHERE k = 3", 6),
        ("UPDATE t SET a = NULL WHERE k = 3", 70),
        ("UPDATE t SET a = if(k = 3, NULL, a) WHERE k = 3", 349),
        ("UPDATE t SET s = toString(throwIf(k = 3)) WHERE 1", 395),
        ("UPDATE system.one SET dummy = 1 WHERE 1", 164),
        ("UPDATE nosuch SET a = 1 WHERE 1", 60),
    ],
)
def test_a_wrong_update_changes_nothing(connection, sql, code):
    before = rows(connection)
    with pytest.raises(MiniDBError) as caught:
        connection.execute(sql)
    assert caught.value.code.number == code
    assert rows(connection) == before


def test_queries_inside_see_the_table_as_it_was(connection):
    # There are two parts: the second is changed after the first.
    connection.execute("UPDATE t SET n = (SELECT sum(a) FROM t), a = 9 WHERE 1")
    assert [row[1:4:2] for row in rows(connection)] == [(9, 6), (9, 6), (9, 6)]
    connection.execute("UPDATE t SET a = k WHERE 1")
    connection.execute(
        "DELETE FROM t WHERE a < (SELECT avg(a) FROM t) OR a = (SELECT max(a) FROM t)"
    )
    assert [row[0] for row in rows(connection)] == [2]


def test_queries_inside_may_read_the_row(connection):
    connection.execute("CREATE TABLE u (x Int8, y Int64)")
    connection.execute("INSERT INTO u VALUES (1, 100), (3, 300), (3, 301)")
    connection.execute(
        "UPDATE t SET n = (SELECT max(y) FROM u WHERE x = k) WHERE EXISTS "
        "(SELECT 1 FROM u WHERE x = t.k)"
    )
    assert [row[3] for row in rows(connection)] == [100, None, 301]
    connection.execute("DELETE FROM t WHERE k IN (SELECT x FROM u)")
    assert [row[0] for row in rows(connection)] == [2]
