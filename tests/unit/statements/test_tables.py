"""CREATE, DROP, RENAME, TRUNCATE, INSERT, DELETE, OPTIMIZE: what they do and leave alone."""

from __future__ import annotations

import pytest

from tests.support.engine import code_of, contents, error_of, rows, run, run_all, session_at


@pytest.fixture
def session():
    with session_at() as made:
        run(made, "CREATE TABLE t (a Int32, b Nullable(String), c UInt8 DEFAULT 1 + 4) ORDER BY a")
        yield made


def columns(session, table: str = "t") -> list[tuple[str, str]]:
    return [row[:2] for row in rows(session, f"DESCRIBE TABLE {table}")]


def test_create_takes_standard_names_of_types(session):
    run(session, "CREATE TABLE s (i INTEGER, b BIGINT NOT NULL, v VARCHAR(10), d DOUBLE PRECISION)")
    types = ["Int32", "Int64", "String", "Float64"]
    assert [t for _, t in columns(session, "s")] == types


def test_null_makes_a_column_nullable(session):
    run(session, "CREATE TABLE s (a UInt8 NULL, b String NOT NULL)")
    assert columns(session, "s") == [("a", "Nullable(UInt8)"), ("b", "String")]


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE TABLE k (a UInt8, b UInt8, PRIMARY KEY (b, a))",
        "CREATE TABLE k (a UInt8, b UInt8) PRIMARY KEY (b, a)",
        "CREATE TABLE k (a UInt8, b UInt8) ENGINE = MergeTree ORDER BY (b, a)",
        "CREATE TABLE k (a UInt8, b UInt8) ENGINE = MergeTree PRIMARY KEY b ORDER BY (b, a)",
    ],
)
def test_a_key_may_be_written_in_several_places(session, sql):
    run(session, sql)
    run(session, "INSERT INTO k VALUES (1, 2), (3, 1), (2, 1)")
    assert rows(session, "SELECT b, a FROM k") == [(1, 2), (1, 3), (2, 1)]
    sql = "SELECT sorting_key FROM system.tables WHERE name = 'k'"
    assert rows(session, sql) == [("b, a",)]


def test_show_create_makes_an_equal_table(session):
    run(
        session,
        "CREATE TABLE `odd name` (`a b` UInt8 DEFAULT 1, `order` Tuple(x String)) ORDER BY `a b`",
    )
    (((made,),), before) = rows(session, "SHOW CREATE TABLE `odd name`"), contents(session)
    run(session, "DROP TABLE `odd name`")
    run(session, made)
    assert contents(session) == before


def test_create_as_takes_columns_of_a_query_or_a_table(session):
    run(session, "INSERT INTO t (a) VALUES (2), (1)")
    run(session, "CREATE TABLE q ENGINE = Memory AS SELECT a + 1 AS n, b FROM t")
    assert columns(session, "q") == [("n", "Int64"), ("b", "Nullable(String)")]
    assert rows(session, "SELECT n FROM q") == [(2,), (3,)]
    run(session, "CREATE TABLE p (n UInt8) ENGINE = Memory AS SELECT a FROM t")
    assert columns(session, "p") == [("n", "UInt8")]
    run(session, "CREATE TABLE l AS t")
    assert columns(session, "l") == columns(session)
    assert rows(session, "SELECT count() FROM l") == [(0,)]


def test_if_exists_and_if_not_exists_are_quiet(session):
    run(session, "CREATE TABLE IF NOT EXISTS t (z String)")
    assert columns(session)[0] == ("a", "Int32")
    run_all(session, ["DROP TABLE IF EXISTS absent", "TRUNCATE TABLE IF EXISTS absent"])
    assert code_of(session, "DROP TABLE absent") == 60


def test_databases_hold_their_own_tables(session):
    run_all(
        session, ["CREATE DATABASE d", "CREATE TABLE d.t (x UInt8)", "INSERT INTO d.t VALUES (7)"]
    )
    assert rows(session, "SELECT d.t.x, t.x FROM d.t") == [(7, 7)]
    run(session, "USE d")
    assert rows(session, "SELECT currentDatabase(), x FROM t") == [("d", 7)]
    assert rows(session, "SHOW TABLES") == [("t",)]
    run(session, "USE default")
    run(session, "RENAME TABLE d.t TO moved")
    assert rows(session, "SELECT x FROM moved") == [(7,)]
    run(session, "DROP DATABASE d")
    assert code_of(session, "USE d") == 81
    assert code_of(session, "CREATE TABLE d.t (x UInt8)") == 81


def test_the_system_database_is_read_only(session):
    for sql in (
        "CREATE TABLE system.x (a UInt8)",
        "INSERT INTO system.tables VALUES (1)",
        "DROP TABLE system.tables",
        "DELETE FROM system.tables WHERE 1",
        "TRUNCATE TABLE system.tables",
        "DROP DATABASE system",
    ):
        error = error_of(session, sql)
        assert error.code.number in (48, 60, 164), sql
        assert error.span is not None


def test_insert_fills_missing_columns_with_defaults(session):
    run(session, "INSERT INTO t (b, a) VALUES ('x', 1)")
    assert rows(session, "SELECT * FROM t") == [(1, "x", 5)]
    run(session, "INSERT INTO t (a) SELECT 2")
    assert rows(session, "SELECT * FROM t WHERE a = 2") == [(2, None, 5)]


def test_insert_evaluates_expressions(session):
    run(session, "INSERT INTO t VALUES (1 + 1, upper('x'), 300 - 100), (-1, NULL, length('abc'))")
    assert rows(session, "SELECT * FROM t") == [(-1, None, 3), (2, "X", 200)]


def test_insert_of_no_rows_makes_no_part(session):
    run(session, "INSERT INTO t SELECT number, '', 1 FROM numbers(0)")
    session.insert_rows("INSERT INTO t VALUES", [])
    assert rows(session, "SELECT parts, total_rows FROM system.tables WHERE name = 't'") == [(0, 0)]


@pytest.mark.parametrize(
    ("sql", "code", "place"),
    [
        ("INSERT INTO t VALUES (1, 'a', 2), (3, 'b')", 20, "3, 'b'"),
        ("INSERT INTO t VALUES (1, 'a', 256)", 69, "256"),
        ("INSERT INTO t VALUES (1, 'a', 2), (3, 'b', -1)", 69, "-1"),
        ("INSERT INTO t VALUES (2147483648, 'a', 2)", 69, "2147483648"),
        ("INSERT INTO t VALUES (NULL, 'a', 2)", 349, "NULL"),
        ("INSERT INTO t VALUES ('x', 'a', 2)", 6, "'x'"),
        ("INSERT INTO t VALUES (intDiv(1, 0), 'a', 2)", 153, "intDiv(1, 0)"),
        ("INSERT INTO t VALUES ([1], 'a', 2)", None, "[1]"),
        ("INSERT INTO t VALUES (a, 'a', 2)", 47, "a"),
        ("INSERT INTO t (a, z) VALUES (1, 2)", 16, "t"),
    ],
)
def test_a_bad_row_is_pointed_at_and_no_row_is_written(session, sql, code, place):
    error = error_of(session, sql)
    assert code is None or error.code.number == code
    assert error.sql[error.span.start : error.span.end] == place
    assert rows(session, "SELECT count() FROM t") == [(0,)]


def test_insert_select_of_the_table_itself_ends(session):
    run(session, "INSERT INTO t (a) VALUES (1), (2)")
    run(session, "INSERT INTO t SELECT * FROM t SETTINGS max_block_size = 1")
    assert rows(session, "SELECT a FROM t") == [(1,), (2,), (1,), (2,)]


def test_delete_leaves_rows_where_the_condition_is_null(session):
    run(session, "INSERT INTO t (a, b) VALUES (1, 'x'), (2, NULL), (3, 'y')")
    outcome = session.execute("DELETE FROM t WHERE b != 'x'")
    assert outcome.n_written == 1
    assert rows(session, "SELECT a FROM t") == [(1,), (2,)]


def test_delete_and_truncate_of_an_empty_table_do_nothing(session):
    run_all(session, ["DELETE FROM t WHERE 1", "TRUNCATE TABLE t", "OPTIMIZE TABLE t FINAL"])
    assert rows(session, "SELECT count() FROM t") == [(0,)]


def test_optimize_merges_parts_in_the_order_of_the_key(session):
    for value in (3, 1, 2):
        run(session, f"INSERT INTO t (a) VALUES ({value}), ({value + 10})")
    assert [a for (a,) in rows(session, "SELECT a FROM t")] == [3, 13, 1, 11, 2, 12]
    run(session, "OPTIMIZE TABLE t FINAL")
    assert [a for (a,) in rows(session, "SELECT a FROM t")] == [1, 2, 3, 11, 12, 13]
    assert rows(session, "SELECT parts FROM system.tables WHERE name = 't'") == [(1,)]


def test_a_reader_keeps_the_rows_it_began_with(session):
    run(session, "INSERT INTO t (a) SELECT number FROM numbers(10)")
    outcome = session.execute("SELECT a FROM t SETTINGS max_block_size = 2")
    first = next(outcome.batches)
    run_all(session, ["DELETE FROM t WHERE a > 3", "OPTIMIZE TABLE t", "DROP TABLE t"])
    assert first.n_rows + sum(batch.n_rows for batch in outcome.batches) == 10


def test_memory_tables_begin_empty_after_a_restart(tmp_path):
    path = tmp_path / "db"
    with session_at(path) as session:
        for engine in ("Memory", "MergeTree"):
            run(session, f"CREATE TABLE {engine} (x UInt8) ENGINE = {engine}")
            run(session, f"INSERT INTO {engine} VALUES (1)")
    with session_at(path) as session:
        assert rows(session, "SELECT count() FROM Memory") == [(0,)]
        assert rows(session, "SELECT count() FROM MergeTree") == [(1,)]
