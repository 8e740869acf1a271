"""Syntax errors name few things, and find the slip; whole reports stand in tests/golden."""

from pathlib import Path

import pytest

from minidb.errors import SqlSyntaxError
from minidb.sql.parser import parse_statement

GOLDEN = Path(__file__).parents[2] / "golden" / "syntax_errors.golden"


def error_of(text: str) -> SqlSyntaxError:
    with pytest.raises(SqlSyntaxError) as caught:
        parse_statement(text)
    return caught.value


def test_at_most_five_things_are_expected():
    lines = GOLDEN.read_text(encoding="utf-8").splitlines()
    lists = [line.split(", found")[0] for line in lines if ": expected " in line]
    assert lists
    assert all(len(listed.split(", ")) + listed.count(" or ") <= 5 for listed in lists)


@pytest.mark.parametrize(
    ("text", "slip", "right"),
    [
        ("SELECT a FORM t", "FORM", "FROM"),
        ("SELECT a FROM t WERE a = 1", "WERE", "WHERE"),
        ("SELECT a FROM t GRUOP BY a", "GRUOP", "GROUP"),
        ("SELCT 1", "SELCT", "SELECT"),
        ("SELECT a FROM t ORDER BY a DSEC", "DSEC", "DESC"),
        ("CREATE TABEL t (a Int8)", "TABEL", "TABLE"),
        ("INSERT INOT t VALUES (1)", "INOT", "INTO"),
        ("SELEC 1", "SELEC", "SELECT"),
        ("SELECT a FROM t WEHRE a = 1", "WEHRE", "WHERE"),
        ("SELECT a FROM t HAVIGN a > 1", "HAVIGN", "HAVING"),
        ("SELECT a FROM t LIMT 1", "LIMT", "LIMIT"),
        ("SELECT a FORM t WHERE a = 1", "FORM", "FROM"),
    ],
)
def test_a_misspelt_keyword_is_found_at_its_place(text, slip, right):
    error = error_of(text)
    assert text[error.span.start : error.span.end] == slip
    assert error.hint == f"did you mean {right}?"


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("SELECT (1 + 2", "( of line 1, column 8 is not closed"),
        ("SELECT 1)", "nothing is open"),
        ("SELECT f(a, )", "remove the comma"),
        ("SELECT a && b", "AND"),
        ('SHOW TABLES LIKE "x"', "single quotes"),
        ("SELECT group FROM t", "quote it: `group`"),
        ("CREATE TABLE t (a Int8 b Int8)", "comma"),
        ("SELECT * FROM a JOIN b", "CROSS JOIN"),
        ("SELECT a => 1", "write >="),
        ("SELECT a =< 1", "write <="),
        ("SELECT a FROM t WHERE a = < 1", "write <="),
        ("SELECT sum(a) OVER PARTITION BY b", "OVER (PARTITION BY ...)"),
        ("SELECT 'it's'", "written twice"),
        ("SELECT a FROM t WHERE a = 'x AND b = 'y'", "written twice"),
        ("SELECT a f(b) FROM t", "comma or an operator"),
        ("SELECT a FROM t GROUP BY a,", None),
        ("SELECT a FROM t GROUP BY a, ORDER BY a", "remove the comma"),
    ],
)
def test_common_slips_get_a_hint(text, word):
    hint = error_of(text).hint
    assert hint is None if word is None else word in hint


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("SELECT a f(b) FROM t", "f"),
        ("SELECT a => 1", "=>"),
        ("SELECT sum(a) OVER ORDER BY b", "ORDER"),
        ("SELECT 12abc", "a"),
        ("SELECT a + b)", ")"),
    ],
)
def test_a_slip_before_the_odd_token_is_where_the_error_points(text, place):
    error = error_of(text)
    assert text[error.span.start : error.span.end] == place


def test_what_stood_before_folding_is_expected():
    assert "expected an operator, ','" in error_of("SELECT a)").message


def test_a_long_token_is_clipped():
    assert len(error_of("'" + "x" * 10_000 + "'").message) < 100


@pytest.mark.parametrize("text", ["SELECT a FROM t WHERE a = %s", "SELECT :a", "SELECT 1, %d"])
def test_marks_of_other_drivers_are_explained(text):
    assert error_of(text).hint == "a value passed beside the text is written ? or %(name)s"
