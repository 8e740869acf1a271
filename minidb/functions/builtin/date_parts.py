"""Parts of dates: year, month, hour and so on, and the number forms of whole dates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minidb.columns import Column
from minidb.functions.arguments import BOOL, DATETIME, TEMPORAL, Arg
from minidb.functions.builtin.calendar import (
    SECONDS_PER_DAY,
    civil,
    day_numbers,
    days_from_civil,
    iso_week,
    second_numbers,
    weekday,
)
from minidb.functions.builtin.kit import U8, U16, U32, U64, Ints, numeric, whole_numbers
from minidb.functions.declaration import Call, Kernel, ScalarFunction
from minidb.types import DataType

FromDays = Callable[[Ints], NDArray[Any]]


def of_days(part: FromDays) -> Kernel:
    """Return the kernel that computes a part from days since 1970-01-01."""
    return lambda call: numeric(call.result_type, part(day_numbers(call.columns[0])))


def of_seconds(part: FromDays) -> Kernel:
    """Return the kernel that computes a part from seconds since 1970-01-01."""
    return lambda call: numeric(call.result_type, part(second_numbers(call.columns[0])))


def day_of_year(days: Ints) -> Ints:
    """Return 1 for a 1 January."""
    year = civil(days).year
    return days - days_from_civil(year, np.ones_like(year), np.ones_like(year)) + 1


def _yyyymm(days: Ints) -> Ints:
    date = civil(days)
    return date.year * 100 + date.month


def yyyymmdd(days: Ints) -> Ints:
    """Return the date as a number such as 20200131."""
    return _yyyymm(days) * 100 + civil(days).day


def _yyyymmddhhmmss(seconds: Ints) -> Ints:
    days, rest = np.divmod(seconds, SECONDS_PER_DAY)
    clock = rest // 3600 * 10_000 + rest // 60 % 60 * 100 + rest % 60
    number: Ints = yyyymmdd(days) * 1_000_000 + clock
    return number


def _day_of_week(call: Call) -> Column:
    """Give weekdays numbers: mode 0 has Monday 1, 1 Monday 0, 2 Sunday 0, 3 Sunday 1."""
    monday_based = weekday(day_numbers(call.columns[0]))
    mode = np.zeros(call.n_rows, np.int64)
    if len(call.columns) > 1:
        mode = whole_numbers(call.columns[1]) % 4
    sunday_based = (monday_based + 1) % 7
    found = np.choose(mode, [monday_based + 1, monday_based, sunday_based, sunday_based + 1])
    return numeric(U8, found)


ANY_DATE = Arg("date", TEMPORAL)
WITH_TIME = Arg("time", DATETIME)


def _declare(
    name: str,
    arg: Arg,
    result: DataType,
    kernel: Kernel,
    help_text: str,
    aliases: tuple[str, ...] = (),
) -> ScalarFunction:
    """Declare one function of this file."""
    value = "toDate('2020-02-29')" if arg is ANY_DATE else "toDateTime('2020-02-29 12:34:56')"
    return ScalarFunction(
        name=name,
        family="date",
        args=(arg,),
        result=result,
        kernel=kernel,
        help=help_text,
        example=f"SELECT {name}({value})",
        aliases=aliases,
        is_case_insensitive=bool(aliases),
    )


FUNCTIONS: tuple[ScalarFunction, ...] = (
    _declare("toYear", ANY_DATE, U16, of_days(lambda d: civil(d).year), "The year.", ("YEAR",)),
    _declare(
        "toQuarter",
        ANY_DATE,
        U8,
        of_days(lambda d: (civil(d).month + 2) // 3),
        "The quarter, 1 to 4.",
        ("QUARTER",),
    ),
    _declare(
        "toMonth",
        ANY_DATE,
        U8,
        of_days(lambda d: civil(d).month),
        "The month, 1 to 12.",
        ("MONTH",),
    ),
    _declare(
        "toDayOfMonth",
        ANY_DATE,
        U8,
        of_days(lambda d: civil(d).day),
        "The day of the month.",
        ("DAYOFMONTH", "DAY"),
    ),
    _declare(
        "toDayOfYear",
        ANY_DATE,
        U16,
        of_days(day_of_year),
        "The day of the year, from 1.",
        ("DAYOFYEAR",),
    ),
    ScalarFunction(
        name="toDayOfWeek",
        family="date",
        args=(ANY_DATE, Arg("mode", BOOL, is_optional=True)),
        result=U8,
        kernel=_day_of_week,
        help="The day of the week: 1 for Monday to 7 for Sunday, or as a mode says.",
        example="SELECT toDayOfWeek(toDate('2020-02-29'))",
        aliases=("DAYOFWEEK",),
        is_case_insensitive=True,
    ),
    _declare("toHour", WITH_TIME, U8, of_seconds(lambda s: s // 3600 % 24), "The hour.", ("HOUR",)),
    _declare(
        "toMinute", WITH_TIME, U8, of_seconds(lambda s: s // 60 % 60), "The minute.", ("MINUTE",)
    ),
    _declare("toSecond", WITH_TIME, U8, of_seconds(lambda s: s % 60), "The second.", ("SECOND",)),
    _declare(
        "toUnixTimestamp",
        ANY_DATE,
        U32,
        of_seconds(lambda s: s),
        "The seconds since 1970-01-01 00:00:00 UTC.",
    ),
    _declare("toYYYYMM", ANY_DATE, U32, of_days(_yyyymm), "Year and month as one number."),
    _declare("toYYYYMMDD", ANY_DATE, U32, of_days(yyyymmdd), "The date as one number."),
    _declare(
        "toYYYYMMDDhhmmss",
        ANY_DATE,
        U64,
        of_seconds(_yyyymmddhhmmss),
        "Date and time of day as one number.",
    ),
    _declare(
        "toISOWeek",
        ANY_DATE,
        U8,
        of_days(lambda d: iso_week(d)[1]),
        "The week, as ISO 8601 has it.",
    ),
    _declare(
        "toISOYear",
        ANY_DATE,
        U16,
        of_days(lambda d: iso_week(d)[0]),
        "The year that the ISO 8601 week belongs to.",
    ),
    _declare(
        "toRelativeYearNum", ANY_DATE, U16, of_days(lambda d: civil(d).year), "A number per year."
    ),
    _declare(
        "toRelativeMonthNum",
        ANY_DATE,
        U32,
        of_days(lambda d: civil(d).year * 12 + civil(d).month),
        "A number per month, one more for each next month.",
    ),
    _declare(
        "toRelativeWeekNum",
        ANY_DATE,
        U32,
        of_days(lambda d: (d + 3) // 7),
        "A number per week from Monday.",
    ),
    _declare("toRelativeDayNum", ANY_DATE, U32, of_days(lambda d: d), "The days since 1970-01-01."),
    _declare(
        "toRelativeHourNum",
        WITH_TIME,
        U32,
        of_seconds(lambda s: s // 3600),
        "The hours since 1970.",
    ),
    _declare(
        "toRelativeMinuteNum",
        ANY_DATE,
        U32,
        of_seconds(lambda s: s // 60),
        "The minutes since 1970.",
    ),
    _declare(
        "toRelativeSecondNum", ANY_DATE, U32, of_seconds(lambda s: s), "The seconds since 1970."
    ),
)
