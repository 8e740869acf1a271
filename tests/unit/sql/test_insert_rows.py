"""The short way for rows of constants takes plain rows and leaves the rest to the grammar."""

import pytest

from minidb.errors import SqlSyntaxError
from minidb.sql.ast import Literal
from minidb.sql.insert_rows import find_values, read_rows
from minidb.sql.parser import parse_statement, parse_statements


def takes(text: str) -> bool:
    begin = find_values(text, 0)
    return begin is not None and read_rows(text, begin) is not None


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO t VALUES (1, -2.5, 'x', NULL, true), ([1, 2], (1, 'a'), [])",
        "insert into table d.t (a, `b c`) values(1,2)(3,4), (5,6) ;",
        "REPLACE INTO t VALUES (1),\n(2) -- end",
    ],
)
def test_plain_rows_are_taken(text):
    assert takes(text)


@pytest.mark.parametrize(
    "text",
    [
        "INSERT INTO t VALUES",
        "INSERT INTO t VALUES (1 + 1)",
        "INSERT INTO t VALUES (now())",
        "INSERT INTO t VALUES (?)",
        "INSERT INTO t VALUES ((1))",
        "INSERT INTO t VALUES ()",
        "INSERT INTO t VALUES (1, 2",
        "INSERT INTO t VALUES (1,, 2)",
        "INSERT INTO t VALUES (1) SELECT",
        "INSERT INTO t SELECT 1",
        "INSERT INTO t VALUES (true.1)",
        "INSERT INTO t VALUES (0x1F)",
    ],
)
def test_everything_else_is_left_to_the_grammar(text):
    assert not takes(text)


def test_many_rows_keep_order_places_and_neighbours():
    rows = ", ".join(f"({i}, 'name {i}', {i}.5)" for i in range(2_000))
    text = f"SET a = 1; INSERT INTO t VALUES {rows}; SELECT 1"
    _, insert, _ = parse_statements(text)
    assert insert.source.rows[1_999] == (Literal(1_999), Literal("name 1999"), Literal(1999.5))
    span = insert.source.row_spans[7]
    assert text[span.start : span.end] == "(7, 'name 7', 7.5)"
    assert text[insert.span.start : insert.span.end].endswith("1999.5)")


def test_a_slip_in_a_row_is_reported_at_its_place():
    text = "INSERT INTO t VALUES (1, 2), (3 4)"
    with pytest.raises(SqlSyntaxError) as caught:
        parse_statement(text)
    assert caught.value.span.start == text.index("4)")
