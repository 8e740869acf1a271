"""Weeks of years by MySQL's modes, ages, days and months counted from an origin, changed parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from minidb.columns import Column
from minidb.errors import (
    ARGUMENT_OUT_OF_BOUND,
    BAD_ARGUMENTS,
    NotSupportedError,
    ValueExecutionError,
)
from minidb.functions.arguments import BOOL, INTEGER, STRING, TEMPORAL, Arg
from minidb.functions.builtin.calendar import (
    MAX_DAY,
    MAX_SECOND,
    SECONDS_PER_DAY,
    civil,
    day_numbers,
    days_from_civil,
    days_in_month,
    iso_week,
    second_numbers,
)
from minidb.functions.builtin.kit import I64, U8, U16, U32, Ints, numeric, whole_numbers
from minidb.functions.declaration import Argument, Call, Kernel, ResultRule, ScalarFunction
from minidb.types import DataType, DateTimeType, DateType

DATE, DATETIME = DateType(), DateTimeType()
DAYS_TO_1970 = 719_528  # from the year 0, as MySQL counts
UNITS = {
    "second": 1,
    "minute": 60,
    "hour": 3600,
    "day": SECONDS_PER_DAY,
    "week": 7 * SECONDS_PER_DAY,
}
SHORT = {"ss": "second", "s": "second", "mi": "minute", "n": "minute", "hh": "hour", "h": "hour", "dd": "day", "d": "day", "wk": "week", "ww": "week", "mm": "month", "m": "month", "qq": "quarter", "q": "quarter", "yyyy": "year", "yy": "year"}  # fmt: skip
MONTHS = {"month": 1, "quarter": 3, "year": 12}


def _year_start(years: Ints) -> Ints:
    one = np.ones(len(years), np.int64)
    return days_from_civil(years, one, one)


def week_of_year(days: Ints, mode: int) -> tuple[Ints, Ints]:
    """Return the year that a week belongs to, and its number, in MySQL's mode 0 to 7.

    Bit 0 of the mode: weeks begin on Monday. Bit 1: weeks count from 1 and may belong to the
    year before. Bit 2: the first week is the first that begins in the year (with Monday weeks),
    else the first with four days in it; the other way around for weeks that begin on Sunday.
    """
    is_monday = bool(mode & 1)
    begins_inside = bool(mode & 4) == is_monday
    years = civil(days).year
    start = _year_start(years)
    # 1970-01-01 was a Thursday: 3 days after Monday, 4 after Sunday.
    first = (start + (3 if is_monday else 4)) % 7
    into = days - start
    is_before = into < np.where(_is_late(first, begins_inside), 7 - first, 0)
    counts_back = bool(mode & 2)
    year = years - (is_before if counts_back else 0)
    start = _year_start(year)
    first = (start + (3 if is_monday else 4)) % 7
    week_one = start - first + np.where(_is_late(first, begins_inside), 7, 0)
    week = (days - week_one) // 7 + 1
    if counts_back:
        following = _year_start(year + 1)
        after = (following + (3 if is_monday else 4)) % 7
        next_one = following - after + np.where(_is_late(after, begins_inside), 7, 0)
        is_next = days >= next_one
        year, week = year + is_next, np.where(is_next, 1, week)
    else:
        week = np.where(is_before, 0, week)
    return year, week


def _is_late(first: Ints, begins_inside: bool) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Whether the week of New Year's Day belongs to the year before."""
    return (first != 0) if begins_inside else (first >= 4)


def _mode(call: Call) -> int:
    mode = call.constant_value(1) if len(call.columns) > 1 else 0
    if not isinstance(mode, int) or not 0 <= mode <= 7:
        raise NotSupportedError(f"weeks are counted by the modes 0 to 7, not by {mode!r}")
    return mode


def _to_week(call: Call) -> Column:
    return numeric(U8, week_of_year(day_numbers(call.columns[0]), _mode(call))[1])


def _to_year_week(call: Call) -> Column:
    year, week = week_of_year(day_numbers(call.columns[0]), _mode(call) | 2)
    return numeric(U32, year * 100 + week)


def _age(call: Call) -> Column:
    """Count the whole units between two moments, toward zero."""
    unit = str(call.constant_value(0)).lower()
    unit = SHORT.get(unit, unit)
    seconds = [_seconds(column) for column in call.columns[1:3]]
    if unit in UNITS:
        span = seconds[1] - seconds[0]
        return numeric(I64, np.sign(span) * (np.abs(span) // UNITS[unit]))
    if unit not in MONTHS:
        raise ValueExecutionError(BAD_ARGUMENTS, f"age has no unit {unit!r}")
    sign = np.where(seconds[1] >= seconds[0], 1, -1)
    early, late = np.minimum(*seconds), np.maximum(*seconds)
    a, b = civil(early // SECONDS_PER_DAY), civil(late // SECONDS_PER_DAY)
    months = (b.year - a.year) * 12 + b.month - a.month
    clock = (early % SECONDS_PER_DAY) > (late % SECONDS_PER_DAY)
    months = months - ((b.day < a.day) | ((b.day == a.day) & clock))
    return numeric(I64, sign * (months // MONTHS[unit]))


def _seconds(column: Column) -> Ints:
    """Return moments as seconds since 1970; days begin at midnight."""
    if isinstance(column.type, DateType):
        return day_numbers(column) * SECONDS_PER_DAY
    return second_numbers(column)


def _of_days(part: Callable[[Ints], Ints], result: DataType) -> Kernel:
    return lambda call: numeric(result, part(day_numbers(call.columns[0])))


def _last_day(days: Ints) -> Ints:
    date = civil(days)
    return days_in_month(date.year, date.month)


def _months(days: Ints) -> Ints:
    date = civil(days)
    return date.year * 12 + date.month - 1


def _iso_year_start(days: Ints) -> Ints:
    year = iso_week(days)[0]
    fourth = _year_start(year) + 3
    start: Ints = np.maximum(fourth - (fourth + 3) % 7, 0)
    return start


def _from_number(origin: int) -> Kernel:
    def kernel(call: Call) -> Column:
        days = whole_numbers(call.columns[0])
        if (days < 0).any():
            raise ValueExecutionError(ARGUMENT_OUT_OF_BOUND, "the number of days is below 0")
        return numeric(DATE, days - origin)

    return kernel


def _time_diff(call: Call) -> Column:
    return numeric(I64, _seconds(call.columns[1]) - _seconds(call.columns[0]))


def _changed(call: Call, *, part: str) -> Column:
    """Return a moment with one part of it replaced; what overflows carries on."""
    column, value = call.columns[0], whole_numbers(call.columns[1])
    seconds = _seconds(column)
    date, clock = civil(seconds // SECONDS_PER_DAY), seconds % SECONDS_PER_DAY
    year, month, day = date.year, date.month, date.day
    hour, minute, second = clock // 3600, clock // 60 % 60, clock % 60
    limits = {"year": (1970, 2149), "month": (1, 12), "day": (1, 31), "hour": (0, 23)}
    low, high = limits.get(part, (0, 59))
    is_bad = (value < low) | (value > high)
    parts = {
        "year": year,
        "month": month,
        "day": day,
        "hour": hour,
        "minute": minute,
        "second": second,
    }
    parts[part] = np.where(is_bad, parts[part], value)
    days = days_from_civil(parts["year"], parts["month"], np.ones(len(value), np.int64))
    days = days + parts["day"] - 1
    moved = days * SECONDS_PER_DAY + parts["hour"] * 3600 + parts["minute"] * 60 + parts["second"]
    moved = np.where(is_bad, 0, moved)
    if isinstance(call.result_type, DateType):
        return numeric(DATE, np.clip(moved // SECONDS_PER_DAY, 0, MAX_DAY))
    return numeric(DATETIME, np.clip(moved, 0, MAX_SECOND))


def _from_digits(call: Call, *, has_clock: bool) -> Column:
    """Read a date, and a time of day, written as one number."""
    number = whole_numbers(call.columns[0])
    clock = number % 1_000_000 if has_clock else np.zeros(len(number), np.int64)
    number = number // 1_000_000 if has_clock else number
    year, month, day = number // 10_000, number // 100 % 100, number % 100
    hour, minute, second = clock // 10_000, clock // 100 % 100, clock % 100
    fits = (year >= 1970) & (year <= 2149) & (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    fits &= (hour < 24) & (minute < 60) & (second < 60)
    one = np.ones(len(number), np.int64)
    days = days_from_civil(np.where(fits, year, 1970), np.where(fits, month, 1), one) + day - 1
    if not has_clock:
        return numeric(DATE, np.where(fits & (days <= MAX_DAY), days, 0))
    moment = days * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second
    return numeric(DATETIME, np.where(fits & (moment <= MAX_SECOND), moment, 0))


def _same_type(arguments: Sequence[Argument]) -> DataType:
    return arguments[0].type


def _declare(
    name: str,
    args: Sequence[Arg],
    result: ResultRule,
    kernel: Kernel,
    what: str,
    shown: str,
    **more: Any,
) -> ScalarFunction:
    return ScalarFunction(
        name=name,
        family="date",
        args=tuple(args),
        result=result,
        kernel=kernel,
        help=what,
        example=f"SELECT {name}({shown})",
        **more,
    )


MOMENT = (Arg("date", TEMPORAL),)
NUMBER = (Arg("number", INTEGER),)
WEEK = (*MOMENT, Arg("mode", BOOL, is_optional=True, is_constant=True))
DAY = "toDate('2020-02-29')"


def _change(part: str) -> ScalarFunction:
    is_clock = part in {"hour", "minute", "second"}
    return _declare(
        f"change{part.capitalize()}",
        (*MOMENT, Arg("value", INTEGER)),
        DATETIME if is_clock else _same_type,
        partial(_changed, part=part),
        f"The moment with another {part}.",
        f"{DAY}, 3" if part != "year" else f"{DAY}, 2024",
    )


FUNCTIONS: tuple[ScalarFunction, ...] = (
    _declare("toWeek", WEEK, U8, _to_week, "The number of the week in the year, by MySQL's modes 0 to 7.", f"{DAY}, 3", aliases=("week",)),
    _declare("toYearWeek", WEEK, U32, _to_year_week, "The year and the number of the week, as one number.", f"{DAY}, 3", aliases=("yearweek",)),
    _declare("age", (Arg("unit", STRING, is_constant=True), Arg("start", TEMPORAL), Arg("end", TEMPORAL)), I64, _age, "The whole units between two moments.", "'month', toDate('2020-01-31'), toDate('2020-03-30')", can_fail=True),
    _declare("timeDiff", (Arg("start", TEMPORAL), Arg("end", TEMPORAL)), I64, _time_diff, "The seconds from one moment to another.", "toDateTime(0), toDateTime(100)"),
    _declare("toDaysInMonth", MOMENT, U8, _of_days(_last_day, U8), "The days of the month.", DAY),
    _declare("toDaysSinceYearZero", MOMENT, U32, _of_days(lambda d: d + DAYS_TO_1970, U32), "The days since the year 0.", DAY, aliases=("TO_DAYS",)),
    _declare("fromDaysSinceYearZero", NUMBER, DATE, _from_number(DAYS_TO_1970), "The date that many days after the year 0.", "737790", aliases=("FROM_DAYS",), can_fail=True),
    _declare("toRelativeQuarterNum", MOMENT, U32, _of_days(lambda d: _months(d) // 3, U32), "The quarters since the year 0.", DAY),
    _declare("toMonthNumSinceEpoch", MOMENT, U32, _of_days(lambda d: _months(d) - 1970 * 12, U32), "The months since 1970.", DAY),
    _declare("toYearNumSinceEpoch", MOMENT, U16, _of_days(lambda d: civil(d).year - 1970, U16), "The years since 1970.", DAY),
    _declare("toStartOfISOYear", MOMENT, DATE, _of_days(_iso_year_start, DATE), "The first day of the ISO year.", DAY),
    _declare("YYYYMMDDToDate", NUMBER, DATE, partial(_from_digits, has_clock=False), "The date written as one number.", "20200131"),
    _declare("YYYYMMDDhhmmssToDateTime", NUMBER, DATETIME, partial(_from_digits, has_clock=True), "The moment written as one number.", "20200131010203"),
    *(_change(part) for part in ("year", "month", "day", "hour", "minute", "second")),
)  # fmt: skip
