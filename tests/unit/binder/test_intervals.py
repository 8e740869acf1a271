"""Intervals: sums, tuples, names and parameters move a date; alone they are refused."""

from __future__ import annotations

import datetime

import pytest

import minidb
from minidb.errors import MiniDBError


def moved(sql: str, parameters: object = ()) -> object:
    with minidb.connect(extensions=[]) as connection:
        return connection.execute(f"SELECT {sql}", parameters).scalar()


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("toDate('2020-01-31') + INTERVAL 1 MONTH", (2020, 2, 29)),
        ("toDate('2020-01-01') + (INTERVAL 1 DAY + INTERVAL 2 MONTH)", (2020, 3, 2)),
        ("toDate('2020-01-01') + (INTERVAL 1 DAY, INTERVAL 2 MONTH)", (2020, 3, 2)),
        ("toDate('2020-03-31') - (INTERVAL 1 DAY - INTERVAL 1 WEEK)", (2020, 4, 6)),
        ("toDate('2020-03-31') + -INTERVAL 1 MONTH", (2020, 2, 29)),
    ],
)
def test_dates_move_by_intervals(sql: str, expected: tuple[int, int, int]) -> None:
    assert moved(sql) == datetime.date(*expected)


def test_the_number_of_an_interval_may_be_a_parameter() -> None:
    assert moved("INTERVAL ? DAY + toDate('2024-01-01')", (3,)) == datetime.date(2024, 1, 4)


def test_an_interval_that_names_itself_is_no_endless_loop() -> None:
    with pytest.raises(MiniDBError):
        moved("toDate('2024-01-01') + b AS a, a + b AS b")


def test_an_interval_alone_is_refused_at_its_place() -> None:
    with pytest.raises(MiniDBError) as caught:
        moved("INTERVAL 1 DAY")
    assert caught.value.code.number == 48
    assert caught.value.span is not None
    assert caught.value.span.start == len("SELECT ")
