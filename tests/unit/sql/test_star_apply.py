"""APPLY behind a star: how it is read, written again and refused."""

from __future__ import annotations

import pytest

import minidb
from minidb.sql.format import format_statement
from minidb.sql.parser import parse_statement


@pytest.mark.parametrize(
    ("written", "again"),
    [
        ("* APPLY sum", "* APPLY (sum)"),
        ("t.* EXCEPT (a) APPLY(quantile(0.5))", "t.* EXCEPT (a) APPLY (quantile(0.5))"),
        ("* APPLY(x -> x + 1) APPLY(toString)", "* APPLY (x -> x + 1) APPLY (toString)"),
        ("COLUMNS('a') REPLACE (1 AS a) APPLY (max)", "COLUMNS('a') REPLACE (1 AS a) APPLY (max)"),
        # The columns have lost their names, so what follows has nothing to say.
        ("* APPLY (max) EXCEPT (a) REPLACE (1 AS b)", "* APPLY (max)"),
    ],
)
def test_apply_is_written_as_it_is_read(written, again):
    statement = parse_statement(f"SELECT {written} FROM t")
    text = format_statement(statement)
    assert text == f"SELECT {again} FROM t"
    assert format_statement(parse_statement(text)) == text


@pytest.mark.parametrize(
    ("what", "code", "message"),
    [
        ("(x, y) -> x", 62, "lambda of one parameter"),
        ("1", 62, "takes the name of a function"),
        ("a + 1", 62, "takes the name of a function"),
        ("nosuch", 46, "no function 'nosuch'"),
        ("x -> nosuch", 47, "no column 'nosuch'"),
        ("plus", 42, "takes 2 arguments, not 1"),
    ],
)
def test_what_cannot_be_applied_is_refused_at_its_place(what, code, message):
    sql = f"SELECT * APPLY({what}) FROM (SELECT 1 AS a)"
    with minidb.connect() as connection, pytest.raises(minidb.Error, match=message) as caught:
        connection.execute(sql).rows()
    assert caught.value.code.number == code
    assert caught.value.span.start >= sql.index("*")


def test_apply_stays_a_name():
    with minidb.connect() as connection:
        assert connection.execute("SELECT 1 AS apply, apply + 1").rows() == [(1, 2)]
        assert connection.execute("SELECT a apply FROM (SELECT 1 AS a)").names == ("apply",)
