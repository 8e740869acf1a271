"""Parameters are values of one statement, and stand in nothing that is kept."""

from __future__ import annotations

import pytest

import minidb


@pytest.mark.parametrize(
    ("sql", "parameters"),
    [
        ("CREATE TABLE t (a Int8, b Int8 DEFAULT ?) ENGINE = Memory", (5,)),
        ("CREATE TABLE t (a Int8, b Int8 DEFAULT a + %(n)s) ENGINE = Memory", {"n": 5}),
        ("CREATE FUNCTION f AS x -> x + ?", (5,)),
        ("CREATE FUNCTION f AS x -> arrayMap(y -> y + %(n)s, [x])", {"n": 5}),
    ],
)
def test_a_kept_text_takes_no_parameter(sql, parameters):
    with minidb.connect() as connection:
        with pytest.raises(minidb.ProgrammingError, match="cannot take a parameter") as caught:
            connection.execute(sql, parameters)
        assert sql[caught.value.span.start] in "?%"
        assert connection.execute("SHOW TABLES").rows() == []


def test_a_query_whose_rows_are_kept_takes_parameters():
    with minidb.connect() as connection:
        connection.execute("CREATE TABLE t ENGINE = Memory AS SELECT ? AS a", (5,))
        connection.execute("INSERT INTO t SELECT a + %(n)s FROM t", {"n": 2})
        connection.execute("DELETE FROM t WHERE a = ?", (5,))
        assert connection.execute("SELECT a FROM t").rows() == [(7,)]
