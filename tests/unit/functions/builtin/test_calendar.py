"""The calendar agrees with Python's datetime on every day that a Date can hold."""

from __future__ import annotations

import datetime

import numpy as np

from minidb.functions.builtin.calendar import (
    civil,
    days_from_civil,
    days_in_month,
    iso_week,
    weekday,
)

DAYS = np.arange(65_536)
EPOCH = datetime.date(1970, 1, 1).toordinal()
DATES = [datetime.date.fromordinal(EPOCH + day) for day in range(65_536)]


def test_every_day_has_its_date():
    found = civil(DAYS)
    assert found.year.tolist() == [date.year for date in DATES]
    assert found.month.tolist() == [date.month for date in DATES]
    assert found.day.tolist() == [date.day for date in DATES]


def test_every_date_has_its_day():
    found = civil(DAYS)
    assert np.array_equal(days_from_civil(found.year, found.month, found.day), DAYS)


def test_weeks_are_iso_weeks():
    year, week = iso_week(DAYS)
    calendar = [date.isocalendar() for date in DATES]
    assert year.tolist() == [entry.year for entry in calendar]
    assert week.tolist() == [entry.week for entry in calendar]
    assert weekday(DAYS).tolist() == [date.weekday() for date in DATES]


def test_months_have_their_days():
    years = np.array([2020, 2021, 2000, 2100, 2021])
    months = np.array([2, 2, 2, 2, 12])
    assert days_in_month(years, months).tolist() == [29, 28, 29, 28, 31]
