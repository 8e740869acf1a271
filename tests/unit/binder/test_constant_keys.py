"""A constant among the keys leaves the same constant elsewhere a constant."""

from __future__ import annotations

import pytest

import minidb


@pytest.mark.parametrize(
    ("sql", "row"),
    [
        ("SELECT ',' AS k, splitByChar(',', 'a,b') FROM numbers(2) GROUP BY k", (",", ["a", "b"])),
        (
            "SELECT 'month' AS k, toString(dateTrunc('month', max(toDate('2020-05-05')))) "
            "FROM numbers(2) GROUP BY k",
            ("month", "2020-05-01"),
        ),
        ("SELECT (1, 2) AS k, max(number) IN (1, 2) FROM numbers(2) GROUP BY k", ((1, 2), 1)),
        ("SELECT 1 AS k, (max(number), 5).1 FROM numbers(2) GROUP BY k", (1, 1)),
        ("SELECT 2 AS k, count(), k + 2 FROM numbers(3) GROUP BY k", (2, 3, 4)),
        ("SELECT 1 + 1 AS k, sum(number) FROM numbers(3) GROUP BY 1 + 1", (2, 3)),
    ],
)
def test_functions_see_the_constant(sql, row):
    with minidb.connect() as connection:
        assert connection.execute(sql).rows() == [row]


def test_no_rows_make_no_group():
    with minidb.connect() as connection:
        assert connection.execute("SELECT 1, count() FROM numbers(0) GROUP BY 1").rows() == []
