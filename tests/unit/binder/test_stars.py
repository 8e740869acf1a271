"""Stars with EXCEPT and REPLACE: what they stand for, how they are written, what is refused."""

from __future__ import annotations

import pytest

import minidb
from minidb.errors import MiniDBError
from minidb.sql.format import format_statement
from minidb.sql.parser import parse_statement

SOURCE = "FROM (SELECT 1 AS a, 2 AS b, 3 AS ab)"


def columns(sql: str) -> list[str]:
    with minidb.connect(extensions=[]) as connection:
        return list(connection.execute(sql).names)


@pytest.mark.parametrize(
    ("star", "expected"),
    [
        ("*", ["a", "b", "ab"]),
        ("* EXCEPT a", ["b", "ab"]),
        ("* EXCEPT (a, zz)", ["b", "ab"]),
        ("* EXCEPT ('^a')", ["b"]),
        ("* EXCEPT (b) REPLACE (b + a AS a)", ["a", "ab"]),
        ("COLUMNS('b')", ["b", "ab"]),
        ("COLUMNS('b') EXCEPT b", ["ab"]),
    ],
)
def test_stars_stand_for_columns_in_order(star: str, expected: list[str]) -> None:
    assert columns(f"SELECT {star} {SOURCE}") == expected


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT t.* EXCEPT (a, b) REPLACE (a + 1 AS ab) {SOURCE} AS t",
        f"SELECT COLUMNS('a\\\\d') EXCEPT ('b') {SOURCE}",
    ],
)
def test_the_text_of_a_star_reads_back_the_same(sql: str) -> None:
    tree = parse_statement(sql)
    assert parse_statement(format_statement(tree)) == tree


@pytest.mark.parametrize(
    ("sql", "code", "start"),
    [
        (f"SELECT * REPLACE (a + 1) {SOURCE}", 62, 18),
        (f"SELECT COLUMNS('(') {SOURCE}", 427, 7),
        (f"SELECT * EXCEPT (a, b, ab) {SOURCE}", 51, 0),
        ("SELECT 1 AS a ORDER BY a COLLATE 'en'", 48, 25),
        ("SELECT 1 AS a ORDER BY a DESC WITH FILL", 48, 30),
        ("SELECT 1 AS a FETCH FIRST 2 ROWS ONLY", 628, 14),
        ("SELECT 1 AS a ORDER BY a LIMIT 1 FETCH FIRST 2 ROWS ONLY", 62, 33),
    ],
)
def test_what_is_wrong_is_refused_at_its_place(sql: str, code: int, start: int) -> None:
    with minidb.connect(extensions=[]) as connection, pytest.raises(MiniDBError) as caught:
        connection.execute(sql)
    assert caught.value.code.number == code
    assert caught.value.span is not None
    assert caught.value.span.start == start
