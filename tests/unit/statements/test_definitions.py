"""ALTER TABLE, indexes, temporary tables and databases: what other tests do not reach."""

from __future__ import annotations

import pytest

import minidb
from minidb.errors import MiniDBError


def code_of(connection, sql: str) -> int:
    with pytest.raises(MiniDBError) as caught:
        connection.execute(sql).rows()
    return caught.value.code.number


@pytest.fixture
def connection(tmp_path):
    with minidb.connect(tmp_path / "db") as opened:
        opened.execute("CREATE TABLE t (a Int64, b String DEFAULT 'x') ORDER BY a")
        opened.execute("INSERT INTO t (a) VALUES (1), (2)")
        opened.execute("INSERT INTO t VALUES (3, 'q')")
        yield opened


def test_show_create_makes_an_equal_table(connection):
    connection.execute(
        "CREATE TABLE u (a UInt8 COMMENT 'it''s', b String MATERIALIZED toString(a), "
        "c UInt8 ALIAS a + 1, e UInt8 EPHEMERAL, INDEX i (a, b) TYPE set(10) GRANULARITY 3) "
        "ORDER BY a SETTINGS index_granularity = 2, storage_policy = 'x' COMMENT 'all'"
    )
    text = connection.execute("SHOW CREATE TABLE u").rows()[0][0]
    connection.execute("DROP TABLE u")
    connection.execute(text)
    assert connection.execute("SHOW CREATE TABLE u").rows() == [(text,)]


def test_the_granularity_of_a_table_is_that_of_its_parts(connection):
    connection.execute("CREATE TABLE g (a UInt8) ORDER BY a SETTINGS index_granularity = 2")
    connection.execute("INSERT INTO g SELECT number FROM numbers(7)")
    sql = "SELECT rows, marks FROM system.parts WHERE table = 'g'"
    assert connection.execute(sql).rows() == [(7, 4)]
    assert code_of(connection, "CREATE TABLE h (a UInt8) SETTINGS nope = 1") == 115


def test_alterations_are_all_made_or_none(connection):
    before = connection.execute("SHOW CREATE TABLE t").rows()
    assert code_of(connection, "ALTER TABLE t ADD COLUMN c UInt8, DROP COLUMN nope") == 10
    assert code_of(connection, "ALTER TABLE t MODIFY COLUMN b UInt8") == 6
    assert connection.execute("SHOW CREATE TABLE t").rows() == before
    assert connection.execute("SELECT * FROM t").rows() == [(1, "x"), (2, "x"), (3, "q")]


def test_altered_rows_outlive_the_process(tmp_path):
    with minidb.connect(tmp_path / "db") as first:
        first.execute("CREATE TABLE t (a Int64, b String) ORDER BY a")
        first.execute("INSERT INTO t VALUES (1, '10'), (2, '20')")
        first.execute("ALTER TABLE t RENAME COLUMN b TO c, MODIFY COLUMN c Int32 FIRST")
        first.execute("ALTER TABLE t ADD COLUMN d Int64 DEFAULT a + c AFTER c, CLEAR COLUMN c")
        expected = [(0, 11, 1), (0, 22, 2)]
        assert first.execute("SELECT * FROM t").rows() == expected
    with minidb.connect(tmp_path / "db") as second:
        assert second.execute("SELECT * FROM t").rows() == expected
        second.execute("INSERT INTO t (a, c) VALUES (5, 6)")
        assert second.execute("SELECT d FROM t WHERE a = 5").rows() == [(11,)]


def test_what_reads_a_column_keeps_it(connection):
    connection.execute("ALTER TABLE t ADD COLUMN c String ALIAS concat(b, '!')")
    assert code_of(connection, "ALTER TABLE t DROP COLUMN b") == 44
    assert code_of(connection, "ALTER TABLE t RENAME COLUMN b TO d") == 48
    connection.execute("ALTER TABLE t DROP COLUMN c, ADD INDEX i b TYPE minmax")
    assert code_of(connection, "ALTER TABLE t DROP COLUMN b") == 524
    connection.execute("ALTER TABLE t DROP INDEX i, DROP COLUMN b")
    assert connection.execute("SELECT * FROM t").rows() == [(1,), (2,), (3,)]


def test_computed_columns_may_read_one_another(connection):
    connection.execute("CREATE TABLE c (z UInt8 ALIAS y + 1, y UInt8 ALIAS x + 1, x UInt8)")
    connection.execute("INSERT INTO c VALUES (1)")
    assert connection.execute("SELECT z, y, x, * FROM c").rows() == [(3, 2, 1, 1)]
    assert code_of(connection, "CREATE TABLE d (z UInt8 ALIAS y, y UInt8 ALIAS z, x UInt8)") == 174


def test_a_temporary_table_is_the_sessions_own(tmp_path):
    with minidb.connect(tmp_path / "db") as first, minidb.connect(tmp_path / "db") as second:
        first.execute("CREATE TEMPORARY TABLE t AS SELECT number AS n FROM numbers(3)")
        assert code_of(second, "SELECT * FROM t") == 60
        second.execute("CREATE TABLE t (n UInt64)")
        assert first.execute("SELECT count() FROM t").rows() == [(3,)]
        first.execute("DELETE FROM t WHERE n = 1")
        first.execute("ALTER TABLE t ADD COLUMN m UInt64 DEFAULT n + 1")
        first.execute("UPDATE t SET m = 0 WHERE n = 0")
        assert first.execute("SELECT * FROM t").rows() == [(0, 0), (2, 3)]
        first.execute("INSERT INTO default.t SELECT n FROM t")
        assert second.execute("SELECT * FROM t").rows() == [(0,), (2,)]
        first.execute("DROP TABLE t")
        assert first.execute("SELECT * FROM t").rows() == [(0,), (2,)]


def test_replacing_a_table_by_a_query_over_itself(connection):
    connection.execute("CREATE OR REPLACE TABLE t ORDER BY s AS SELECT sum(a) AS s FROM t")
    assert connection.execute("SELECT * FROM t").rows() == [(6,)]


def test_a_database_goes_with_its_views(connection):
    connection.execute("CREATE DATABASE d")
    connection.execute("CREATE VIEW d.v AS SELECT a FROM t")
    connection.execute("DROP DATABASE d")
    connection.execute("CREATE DATABASE d")
    assert connection.execute("SHOW TABLES FROM d").rows() == []
