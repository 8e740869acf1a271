"""The calendar: days since 1970 as years, months and days, and back, on whole arrays."""

from __future__ import annotations

import numpy as np

from minidb.columns import Column
from minidb.functions.builtin.kit import Ints, numbers
from minidb.record import record
from minidb.types import DateType

SECONDS_PER_DAY = 86_400
MAX_DAY = 65_535
MAX_SECOND = (1 << 32) - 1
# Days from 0000-03-01 (of the calendar carried back) to 1970-01-01.
EPOCH_SHIFT = 719_468
DAYS_PER_ERA = 146_097  # 400 years


@record
class Civil:
    """Years, months (1 to 12) and days (1 to 31), int64, shape (n,)."""

    year: Ints
    month: Ints
    day: Ints


def civil(days: Ints) -> Civil:
    """Return the civil dates of days since 1970-01-01.

    Years are counted from March on, so that the leap day is the last of its year.
    """
    shifted = days + EPOCH_SHIFT
    era, day_of_era = np.divmod(shifted, DAYS_PER_ERA)
    year_of_era = (
        day_of_era - day_of_era // 1460 + day_of_era // 36_524 - day_of_era // 146_096
    ) // 365
    day_of_year = day_of_era - (365 * year_of_era + year_of_era // 4 - year_of_era // 100)
    march_month = (5 * day_of_year + 2) // 153
    month = np.where(march_month < 10, march_month + 3, march_month - 9)
    year = year_of_era + 400 * era + (month <= 2)
    return Civil(year, month, day_of_year - (153 * march_month + 2) // 5 + 1)


def days_from_civil(year: Ints, month: Ints, day: Ints) -> Ints:
    """Return days since 1970-01-01; a day beyond its month runs into the next one."""
    shifted = year - (month <= 2)
    era, year_of_era = np.divmod(shifted, 400)
    day_of_year = (153 * (month + np.where(month > 2, -3, 9)) + 2) // 5 + day - 1
    day_of_era = year_of_era * 365 + year_of_era // 4 - year_of_era // 100 + day_of_year
    found: Ints = era * DAYS_PER_ERA + day_of_era - EPOCH_SHIFT
    return found


def days_in_month(year: Ints, month: Ints) -> Ints:
    """Return the days of months."""
    next_year, next_month = year + month // 12, month % 12 + 1
    one = np.ones_like(year)
    return days_from_civil(next_year, next_month, one) - days_from_civil(year, month, one)


def day_numbers(column: Column) -> Ints:
    """Return the days since 1970-01-01 of a Date or DateTime."""
    values = numbers(column).astype(np.int64)
    return values if isinstance(column.type, DateType) else values // SECONDS_PER_DAY


def second_numbers(column: Column) -> Ints:
    """Return the seconds since 1970-01-01 of a Date or DateTime."""
    values = numbers(column).astype(np.int64)
    return values * SECONDS_PER_DAY if isinstance(column.type, DateType) else values


def weekday(days: Ints) -> Ints:
    """Return 0 for a Monday up to 6 for a Sunday."""
    found: Ints = (days + 3) % 7
    return found


def iso_week(days: Ints) -> tuple[Ints, Ints]:
    """Return the ISO year and week: a week belongs to the year of its Thursday."""
    thursday = days - weekday(days) + 3
    year = civil(thursday).year
    first = days_from_civil(year, np.ones_like(year), np.ones_like(year))
    return year, (thursday - first) // 7 + 1
