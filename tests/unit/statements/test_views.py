"""Views are queries under a name: bound when used, kept as text, never in a circle."""

from __future__ import annotations

import pytest

import minidb
from minidb.catalog.view import ViewDef, view_from_text
from minidb.errors import MiniDBError, StorageError
from minidb.types import IntType, StringType


@pytest.fixture
def connection():
    with minidb.connect() as opened:
        opened.execute("CREATE TABLE t (a Int64, b String) ORDER BY a")
        opened.execute("INSERT INTO t VALUES (1, 'x'), (2, 'y'), (3, 'z')")
        yield opened


def code_of(connection, sql: str) -> int:
    with pytest.raises(MiniDBError) as caught:
        connection.execute(sql).rows()
    return caught.value.code.number


def test_a_view_shows_the_rows_of_the_moment(connection):
    connection.execute("CREATE VIEW v AS SELECT a * 10 AS ten, b FROM t WHERE a > 1")
    assert connection.execute("SELECT ten FROM v ORDER BY ten").rows() == [(20,), (30,)]
    connection.execute("INSERT INTO t VALUES (9, 'q')")
    assert connection.execute("SELECT max(ten), count() FROM v").rows() == [(90, 3)]


def test_a_view_over_two_views_and_itself_joined(connection):
    connection.execute("CREATE VIEW v AS SELECT a FROM t")
    connection.execute("CREATE VIEW w AS SELECT x.a + y.a AS s FROM v AS x, v AS y")
    assert connection.execute("SELECT sum(s), count() FROM w").rows() == [(36, 9)]


def test_a_view_whose_table_is_gone_says_so_at_its_use(connection):
    connection.execute("CREATE VIEW v AS SELECT a FROM t")
    connection.execute("DROP TABLE t")
    with pytest.raises(MiniDBError) as caught:
        connection.execute("SELECT a FROM v")
    error = caught.value
    assert error.code.number == 60
    assert error.message == "in view default.v: no table 't'"
    assert error.sql[error.span.start : error.span.end] == "v"


def test_a_view_keeps_its_columns_when_the_table_changes(connection):
    connection.execute("CREATE VIEW v AS SELECT * FROM t")
    connection.execute("ALTER TABLE t ADD COLUMN c UInt8 FIRST")
    assert connection.execute("SELECT * FROM v").rows()[0] == (1, "x")
    connection.execute("ALTER TABLE t DROP COLUMN b")
    assert code_of(connection, "SELECT a FROM v") == 8


def test_names_in_a_view_belong_to_the_database_it_was_made_in(connection):
    connection.execute("CREATE VIEW v AS SELECT count() AS n FROM t")
    connection.execute("CREATE DATABASE other")
    connection.execute("USE other")
    connection.execute("CREATE TABLE t (a UInt8)")
    assert connection.execute("SELECT n FROM default.v").rows() == [(3,)]


def test_a_temporary_table_is_never_meant_by_a_view(connection):
    connection.execute("CREATE VIEW v AS SELECT count() AS n FROM t")
    connection.execute("CREATE TEMPORARY TABLE t (a UInt8)")
    assert connection.execute("SELECT n FROM v").rows() == [(3,)]
    assert connection.execute("SELECT count() FROM t").rows() == [(0,)]


def test_a_view_cannot_read_itself(connection):
    connection.execute("CREATE VIEW v AS SELECT a FROM t")
    connection.execute("CREATE VIEW w AS SELECT a FROM v")
    assert code_of(connection, "CREATE OR REPLACE VIEW v AS SELECT a FROM w") == 269
    assert connection.execute("SELECT count() FROM w").rows() == [(3,)]
    # By renaming a circle can still come about; it is found where it is used.
    connection.execute("RENAME TABLE t TO gone, w TO t")
    assert code_of(connection, "SELECT * FROM v") == 269


def test_views_outlive_the_process(tmp_path):
    with minidb.connect(tmp_path / "db") as first:
        first.execute("CREATE TABLE t (a Int64) ORDER BY a")
        first.execute("CREATE VIEW `odd name` (x) AS SELECT a FROM t")
        text = first.execute("SHOW CREATE VIEW `odd name`").rows()
    with minidb.connect(tmp_path / "db") as second:
        assert second.execute("SHOW CREATE VIEW `odd name`").rows() == text
        assert second.execute("SELECT x FROM `odd name`").rows() == []
        second.execute("DROP VIEW `odd name`")
        second.execute(text[0][0])
        assert second.execute("SHOW TABLES").rows() == [("odd name",), ("t",)]


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("CREATE MATERIALIZED VIEW v AS SELECT 1", 48),
        ("CREATE VIEW t AS SELECT 1", 57),
        ("CREATE VIEW v (p, q) AS SELECT a FROM t", 36),
        ("CREATE VIEW v AS SELECT a, a FROM t", 44),
        ("CREATE VIEW v AS SELECT nope FROM t", 47),
        ("CREATE VIEW v AS SELECT {x:UInt8} FROM t", 48),
        ("DROP VIEW v", 60),
        ("DROP VIEW t", 80),
        ("SHOW CREATE VIEW v", 60),
    ],
)
def test_wrong_views_are_refused_and_nothing_is_left(connection, sql, code):
    assert code_of(connection, sql) == code
    assert connection.execute("SHOW TABLES").rows() == [("t",)]


def test_a_definition_survives_its_text():
    columns = (("a", IntType(8, True)), ("b c", StringType()))
    view = ViewDef("d", "v", "SELECT 1", "home", columns, ("a", "b c"))
    assert view_from_text(("d", "v"), view.to_text()) == view


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"query": 1}', '{"columns": [["a", "No"]]}'])
def test_a_damaged_text_is_a_storage_error(text):
    with pytest.raises(StorageError):
        view_from_text(("d", "v"), text)
