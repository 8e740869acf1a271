"""MySQL's forms of moving dates and counting between them, as they are read."""

from __future__ import annotations

import pytest

import minidb
from minidb.sql.format import format_expression
from minidb.sql.parser import parse_expression


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("date_add(DAY, 3, d)", "d + toIntervalDay(3)"),
        ("DateAdd(weeks, n, d)", "d + toIntervalWeek(n)"),
        ("TIMESTAMP_SUB(d, INTERVAL 2 MONTH)", "d - INTERVAL 2 MONTH"),
        ("dateSub(d, 1)", "d - 1"),
        ("DATEDIFF(MONTH, a, b)", "DATEDIFF('month', a, b)"),
        ("date_diff('day', a, b)", "date_diff('day', a, b)"),
    ],
)
def test_a_form_is_read_as_what_it_means(written, meant):
    assert parse_expression(written) == parse_expression(meant)
    assert parse_expression(format_expression(parse_expression(written))) == parse_expression(meant)


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("date_add(1, 2)(3)", 46),
        ("date_add(DAY, 1, toDate(3)) OVER ()", 63),
        ("date_add(fortnight, 1, toDate(3))", 46),
        ("date_add(x)", 46),
        ("date_add(*, 1)", 46),
        ("date_add(DAY, 'x', toDate(0))", 43),
    ],
)
def test_what_is_no_such_form_is_refused(sql, code):
    with minidb.connect() as connection, pytest.raises(minidb.Error) as caught:
        connection.execute(f"SELECT {sql}")
    assert caught.value.code.number == code
