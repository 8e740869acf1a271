"""A constant that fails is an error only where its value is needed."""

from __future__ import annotations

import pytest

import minidb


@pytest.fixture(scope="module")
def connection():
    with minidb.connect() as opened:
        yield opened


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT if(1, 2, intDiv(1, 0))", [(2,)]),
        ("SELECT if(0, intDiv(1, 0), 2) + 1", [(3,)]),
        ("SELECT multiIf(0, intDiv(1, 0), 1, 7, intDiv(1, 0))", [(7,)]),
        ("SELECT 1 WHERE 0 AND intDiv(1, 0) = 1", []),
        ("SELECT intDiv(1, 0) FROM numbers(3) WHERE number > 5", []),
    ],
)
def test_what_no_row_needs_does_not_fail(connection, sql, rows):
    assert connection.execute(sql).rows() == rows


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT intDiv(1, 0)",
        "SELECT if(1, intDiv(1, 0), 2)",
        "SELECT number FROM numbers(3) WHERE intDiv(1, 0) = 1",
        "SELECT round(1.5, intDiv(1, 0))",
    ],
)
def test_what_is_needed_fails_at_its_place(connection, sql):
    with pytest.raises(minidb.DataError, match="division by zero") as caught:
        connection.execute(sql)
    assert sql[caught.value.span.start :].startswith("intDiv(1, 0)")
