"""Dates moved by days, months and other units, differences of dates, and dates made of parts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import numpy as np

from minidb.columns import Column, WideColumn, constant_column
from minidb.errors import BAD_ARGUMENTS, DECIMAL_OVERFLOW, BindError, ValueExecutionError
from minidb.functions.arguments import INTEGER, NUMBER, STRING, TEMPORAL, Arg
from minidb.functions.builtin.calendar import (
    MAX_DAY,
    MAX_SECOND,
    SECONDS_PER_DAY,
    civil,
    day_numbers,
    days_from_civil,
    days_in_month,
    second_numbers,
)
from minidb.functions.builtin.kit import I64, Ints, numbers, numeric, whole_numbers
from minidb.functions.declaration import Argument, Call, Kernel, ScalarFunction
from minidb.types import DataType, DateTimeType, DateType

DATE, DATETIME = DateType(), DateTimeType()
FIRST_LUT_DAY, LAST_LUT_DAY = -719528, 2932896  # 0000-01-01 and 9999-12-31
LAST_YEAR = 2299  # dates moved beyond it stop there, as in ClickHouse's calendar


def _amounts(column: Column) -> Ints:
    """Return how far to move; a fraction is cut off.

    Raises
    ------
    ValueExecutionError
        DECIMAL_OVERFLOW for a number that is no Int64.
    """
    if not isinstance(column, WideColumn):
        values = numbers(column)
        if (
            values.dtype.kind in "uf"
            and values.dtype.itemsize > 2
            and (
                (np.abs(values.astype(np.float64)) >= 2.0**63).any()
                or np.isnan(values.astype(np.float64)).any()
            )
        ):
            raise ValueExecutionError(DECIMAL_OVERFLOW, "the number to add is outside Int64")
    return whole_numbers(column)


def _product(amounts: Ints, factor: int) -> Ints:
    """Multiply; what overflows wraps around."""
    with np.errstate(over="ignore"):
        product: Ints = amounts * np.int64(factor)
    return product


def moved_months(days: Ints, months: Ints) -> Ints:
    """Return days moved by months; the day of the month becomes at most its last one."""
    date = civil(days)
    far = 12 * (LAST_YEAR + 1)
    count = date.year * 12 + date.month - 1 + np.clip(months, -far, far)
    year, month = count // 12, count % 12 + 1
    day = np.minimum(date.day, days_in_month(year, month))
    moved = days_from_civil(year, month, day)
    last = days_from_civil(*(np.array([part]) for part in (LAST_YEAR, 12, 31)))[0]
    stopped: Ints = np.minimum(moved, last)
    return stopped


def _scaled_months(amounts: Ints, months: int) -> Ints:
    """Return numbers of quarters or years as months, those too far away at the nearest bound."""
    far = 12 * (LAST_YEAR + 1)
    return np.clip(amounts, -far, far) * months


def _by_months(months: int, sign: int) -> Kernel:
    """Return the kernel that moves by whole months; what is before 1970 becomes 1970-01-01."""

    def kernel(call: Call) -> Column:
        column = call.columns[0]
        moved = moved_months(
            day_numbers(column), _scaled_months(_product(_amounts(call.columns[1]), sign), months)
        )
        if isinstance(column.type, DateType):
            return numeric(DATE, np.maximum(moved, 0))
        clock = second_numbers(column) % SECONDS_PER_DAY
        return numeric(DATETIME, np.where(moved < 0, 0, moved * SECONDS_PER_DAY + clock))

    return kernel


def _by_days(days: int, sign: int) -> Kernel:
    """Return the kernel that moves by whole days; the end of the range wraps around.

    A DateTime first stops at the ends of the calendar, the years 0 and 9999.
    """

    def kernel(call: Call) -> Column:
        column, amounts = call.columns[0], _product(_amounts(call.columns[1]), days * sign)
        if isinstance(column.type, DateType):
            return numeric(DATE, day_numbers(column) + amounts)
        day, clock = np.divmod(second_numbers(column), SECONDS_PER_DAY)
        far = LAST_LUT_DAY - FIRST_LUT_DAY
        moved = np.clip(day + np.clip(amounts, -far, far), FIRST_LUT_DAY, LAST_LUT_DAY)
        return numeric(DATETIME, moved * SECONDS_PER_DAY + clock)

    return kernel


def _by_seconds(seconds: int, sign: int) -> Kernel:
    """Return the kernel that moves by seconds; the end of the range wraps around."""

    def kernel(call: Call) -> Column:
        amounts = _product(_amounts(call.columns[1]), seconds * sign)
        return numeric(DATETIME, second_numbers(call.columns[0]) + amounts)

    return kernel


def _same_type(arguments: Sequence[Argument]) -> DataType:
    return arguments[0].type


UNITS: tuple[tuple[str, Callable[[int, int], Kernel], int], ...] = (
    ("Years", _by_months, 12),
    ("Quarters", _by_months, 3),
    ("Months", _by_months, 1),
    ("Weeks", _by_days, 7),
    ("Days", _by_days, 1),
    ("Hours", _by_seconds, 3600),
    ("Minutes", _by_seconds, 60),
    ("Seconds", _by_seconds, 1),
)


def _move(unit: str, make: Callable[[int, int], Kernel], size: int, sign: int) -> ScalarFunction:
    """Declare addDays, subtractMonths and so on."""
    name = f"{'add' if sign > 0 else 'subtract'}{unit}"
    place = "later" if sign > 0 else "earlier"
    return ScalarFunction(
        name=name,
        family="date",
        args=(Arg("date", TEMPORAL), Arg("number", NUMBER)),
        result=DATETIME if make is _by_seconds else _same_type,
        kernel=make(size, sign),
        can_fail=True,
        help=f"The date some {unit.lower()} {place}.",
        example=f"SELECT {name}(toDate('2020-02-29'), 1)",
    )


# ClickHouse's short names of units; "m" and "mm" are months, minutes "mi" and "n".
UNIT_NAMES: dict[str, str] = {
    **dict.fromkeys(("second", "seconds", "ss", "s"), "second"),
    **dict.fromkeys(("minute", "minutes", "mi", "n"), "minute"),
    **dict.fromkeys(("hour", "hours", "hh", "h"), "hour"),
    **dict.fromkeys(("day", "days", "dd", "d"), "day"),
    **dict.fromkeys(("week", "weeks", "wk", "ww"), "week"),
    **dict.fromkeys(("month", "months", "mm", "m"), "month"),
    **dict.fromkeys(("quarter", "quarters", "qq", "q"), "quarter"),
    **dict.fromkeys(("year", "years", "yyyy", "yy"), "year"),
}


def _position(unit: str, column: Column) -> Ints:
    """Return the number of the unit that a date lies in; the difference is of these numbers."""
    match unit:
        case "second":
            # ClickHouse stops here at the last DateTime, though not for minutes and hours.
            return np.minimum(second_numbers(column), MAX_SECOND)
        case "minute" | "hour":
            return second_numbers(column) // (60 if unit == "minute" else 3600)
        case "day":
            return day_numbers(column)
        case "week":
            return (day_numbers(column) + 3) // 7
        case _:
            date = civil(day_numbers(column))
            months = date.year * 12 + date.month - 1
            return months // {"month": 1, "quarter": 3}.get(unit, 12)


def _difference_type(arguments: Sequence[Argument]) -> DataType:
    unit = arguments[0].constant_value()
    if not isinstance(unit, str) or unit.lower() not in UNIT_NAMES:
        raise BindError(BAD_ARGUMENTS, f"dateDiff has no unit {unit!r}", hint="for example 'day'")
    return I64


def _difference(call: Call) -> Column:
    unit = UNIT_NAMES[str(call.constant_value(0)).lower()]
    return numeric(I64, _position(unit, call.columns[2]) - _position(unit, call.columns[1]))


def _parts(call: Call) -> list[Ints]:
    return [np.clip(whole_numbers(column), -(2**62), 2**62) for column in call.columns]


def _make_date(call: Call) -> Column:
    """Make a date of year, month and day or of year and day; 1970-01-01 if it is none."""
    year, *rest = _parts(call)
    if len(rest) == 2:
        month, day = rest
        is_date = (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    else:
        month, day = np.ones_like(year), rest[0]
        is_date = (day >= 1) & (day <= 365)
    is_date &= (year >= 1970) & (year <= 2149)
    safe = [np.where(is_date, part, 1) for part in (year, month, day)]
    days = days_from_civil(*safe)
    return numeric(DATE, np.where(is_date & (days <= MAX_DAY), days, 0))


def _make_datetime(call: Call) -> Column:
    """Make a time of its six parts; the epoch if it is none, the last second after 2106."""
    year, month, day, *clock = _parts(call)
    is_time = (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31) & (year >= 1970)
    for part in clock:
        is_time &= (part >= 0) & (part <= 99)
    date = [np.where(is_time, part, 1) for part in (np.minimum(year, 2200), month, day)]
    hour, minute, second = (np.where(is_time, part, 0) for part in clock)
    seconds = days_from_civil(*date) * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second
    return numeric(DATETIME, np.where(is_time, np.minimum(seconds, MAX_SECOND), 0))


def _from_timestamp(call: Call) -> Column:
    return numeric(DATETIME, np.clip(whole_numbers(call.columns[0]), 0, MAX_SECOND))


def _now(data_type: DataType, days_back: int = 0) -> Kernel:
    """Return the kernel that reads the clock, in UTC."""

    def kernel(call: Call) -> Column:
        seconds = int(datetime.now(UTC).timestamp()) - days_back * SECONDS_PER_DAY
        value = seconds // SECONDS_PER_DAY if isinstance(data_type, DateType) else seconds
        return constant_column(numeric(data_type, np.array([value])), call.n_rows)

    return kernel


def _clock(name: str, kernel: Kernel, result: DataType, help_text: str) -> ScalarFunction:
    """Declare a function that reads the clock."""
    return ScalarFunction(
        name=name,
        family="date",
        args=(),
        result=result,
        kernel=kernel,
        help=help_text,
        example=f"SELECT {name}()",
        aliases={"now": ("current_timestamp",), "today": ("current_date", "curdate")}.get(name, ()),
        is_case_insensitive=name != "yesterday",
        is_deterministic=False,
    )


FUNCTIONS: tuple[ScalarFunction, ...] = (
    *(_move(unit, make, size, sign) for sign in (1, -1) for unit, make, size in UNITS),
    ScalarFunction(
        name="dateDiff",
        family="date",
        args=(Arg("unit", STRING, is_constant=True), Arg("start", TEMPORAL), Arg("end", TEMPORAL)),
        result=_difference_type,
        kernel=_difference,
        help="How many borders of a unit lie between two dates.",
        example="SELECT dateDiff('day', toDate('2020-01-01'), toDate('2020-03-01'))",
        aliases=("date_diff", "DATE_DIFF", "timestampDiff", "timestamp_diff"),
        is_case_insensitive=True,
    ),
    ScalarFunction(
        name="makeDate",
        family="date",
        args=(
            Arg("year", NUMBER),
            Arg("month_or_day", NUMBER),
            Arg("day", NUMBER, is_optional=True),
        ),
        result=DATE,
        kernel=_make_date,
        help="The date of a year, month and day, or of a year and a day of it.",
        example="SELECT makeDate(2020, 2, 29), makeDate(2020, 60)",
        is_case_insensitive=True,
    ),
    ScalarFunction(
        name="makeDateTime",
        family="date",
        args=tuple(
            Arg(part, NUMBER) for part in ("year", "month", "day", "hour", "minute", "second")
        ),
        result=DATETIME,
        kernel=_make_datetime,
        help="The time of a year, month, day, hour, minute and second.",
        example="SELECT makeDateTime(2020, 2, 29, 12, 34, 56)",
    ),
    ScalarFunction(
        name="fromUnixTimestamp",
        family="date",
        args=(Arg("seconds", INTEGER),),
        result=DATETIME,
        kernel=_from_timestamp,
        help="The time so many seconds after 1970-01-01 00:00:00 UTC.",
        example="SELECT fromUnixTimestamp(1582979696)",
        aliases=("FROM_UNIXTIME",),
        is_case_insensitive=True,
    ),
    _clock("now", _now(DATETIME), DATETIME, "The time now, in UTC."),
    _clock("today", _now(DATE), DATE, "The date today, in UTC."),
    _clock("yesterday", _now(DATE, days_back=1), DATE, "The date yesterday, in UTC."),
)
