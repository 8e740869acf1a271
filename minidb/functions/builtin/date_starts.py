"""The start of the year, month, week, hour and so on that a date lies in."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from minidb.columns import Column
from minidb.errors import (
    ARGUMENT_OUT_OF_BOUND,
    BAD_ARGUMENTS,
    ILLEGAL_TYPE_OF_ARGUMENT,
    BindError,
)
from minidb.functions.arguments import BOOL, DATETIME, INTEGER, STRING, TEMPORAL, Arg
from minidb.functions.builtin.calendar import (
    MAX_DAY,
    MAX_SECOND,
    SECONDS_PER_DAY,
    civil,
    day_numbers,
    days_from_civil,
    days_in_month,
    second_numbers,
    weekday,
)
from minidb.functions.builtin.kit import Ints, numeric
from minidb.functions.declaration import Argument, Call, Kernel, ScalarFunction
from minidb.types import DataType, DateTimeType, DateType

DATE, DATETIME_TYPE = DateType(), DateTimeType()


def month_start(days: Ints, months: int = 1) -> Ints:
    """Return the first day of the month, or of the group of `months` it lies in."""
    date = civil(days)
    month = (date.month - 1) // months * months + 1
    return days_from_civil(date.year, month, np.ones_like(month))


def month_end(days: Ints) -> Ints:
    """Return the last day of the month."""
    date = civil(days)
    return days_from_civil(date.year, date.month, days_in_month(date.year, date.month))


def monday(days: Ints) -> Ints:
    """Return the Monday of the week, but nothing before 1970-01-01."""
    start: Ints = np.maximum(days - weekday(days), 0)
    return start


def sunday(days: Ints) -> Ints:
    """Return the Sunday before, or the day itself; nothing before 1970-01-01."""
    start: Ints = np.maximum(days - (weekday(days) + 1) % 7, 0)
    return start


def _to_day(start: Callable[[Ints], Ints]) -> Kernel:
    return lambda call: numeric(DATE, np.minimum(start(day_numbers(call.columns[0])), MAX_DAY))


def _to_step(seconds: int) -> Kernel:
    """Return the kernel that rounds seconds down."""

    def kernel(call: Call) -> Column:
        values = second_numbers(call.columns[0])
        return numeric(DATETIME_TYPE, values // seconds * seconds)

    return kernel


def _is_monday_mode(call: Call) -> bool:
    """Tell whether a week's mode, the constant second argument, begins weeks on Monday."""
    mode = call.constant_value(1) if len(call.columns) > 1 else 0
    return isinstance(mode, int) and mode % 2 == 1


def _week_start(call: Call) -> Column:
    start = monday if _is_monday_mode(call) else sunday
    return numeric(DATE, start(day_numbers(call.columns[0])))


def _week_end(call: Call) -> Column:
    days = day_numbers(call.columns[0])
    from_start = weekday(days) if _is_monday_mode(call) else (weekday(days) + 1) % 7
    return numeric(DATE, np.minimum(days - from_start + 6, MAX_DAY))


def _start_of_day(call: Call) -> Column:
    seconds = day_numbers(call.columns[0]) * SECONDS_PER_DAY
    return numeric(DATETIME_TYPE, np.minimum(seconds, MAX_SECOND))


TO_DAYS: dict[str, Callable[[Ints], Ints]] = {
    "year": lambda days: month_start(days, 12),
    "quarter": lambda days: month_start(days, 3),
    "month": month_start,
    "week": monday,
}
TO_SECONDS = {"day": SECONDS_PER_DAY, "hour": 3600, "minute": 60, "second": 1}


def _unit(arguments: Sequence[Argument]) -> str:
    unit = arguments[0].constant_value()
    if not isinstance(unit, str) or unit.lower() not in {*TO_DAYS, *TO_SECONDS}:
        known = ", ".join([*TO_DAYS, *TO_SECONDS])
        raise BindError(BAD_ARGUMENTS, f"dateTrunc takes one of {known}, not {unit!r}")
    return unit.lower()


def _trunc_type(arguments: Sequence[Argument]) -> DataType:
    unit = _unit(arguments)
    if unit in TO_DAYS:
        return DATE
    if isinstance(arguments[1].type, DateType) and unit != "day":
        raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, f"a Date has no {unit}")
    return DATETIME_TYPE


def _trunc(call: Call) -> Column:
    unit = str(call.constant_value(0)).lower()
    if unit in TO_DAYS:
        return numeric(DATE, TO_DAYS[unit](day_numbers(call.columns[1])))
    step, values = TO_SECONDS[unit], second_numbers(call.columns[1])
    return numeric(DATETIME_TYPE, np.minimum(values // step * step, MAX_SECOND))


FIRST_MONDAY, FIRST_YEAR = 4, 1900
MONTHS = {"month": 1, "quarter": 3, "year": 12}


def _interval(arguments: Sequence[Argument]) -> tuple[int, str]:
    """Return how many of which unit an interval has."""
    amount, unit = (argument.constant_value() for argument in arguments[1:])
    if not isinstance(amount, int) or unit not in {*TO_DAYS, *TO_SECONDS}:
        message = "the second argument is an interval such as INTERVAL 15 MINUTE"
        raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message)
    if amount < 1:
        raise BindError(ARGUMENT_OUT_OF_BOUND, f"an interval of {amount} has no start")
    return amount, str(unit)


def _interval_type(arguments: Sequence[Argument]) -> DataType:
    _, unit = _interval(arguments)
    if unit in TO_DAYS:
        return DATE
    if isinstance(arguments[0].type, DateType) and unit != "day":
        raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, f"a Date has no {unit}")
    return DATETIME_TYPE


def _interval_start(call: Call) -> Column:
    """Return the start, counting hours in the day, months from 1900, years from 0, all else 1970."""
    amount, unit = int(str(call.constant_value(1))), str(call.constant_value(2))
    if unit in TO_SECONDS:
        step, values = amount * TO_SECONDS[unit], second_numbers(call.columns[0])
        midnights = values // SECONDS_PER_DAY * SECONDS_PER_DAY if unit == "hour" else 0 * values
        starts = midnights + (values - midnights) // step * step
        return numeric(DATETIME_TYPE, np.minimum(starts, MAX_SECOND))
    days = day_numbers(call.columns[0])
    if unit == "week":
        step = 7 * amount
        start = (days - FIRST_MONDAY) // step * step + FIRST_MONDAY
    else:
        date, step = civil(days), amount * MONTHS[unit]
        origin = 0 if unit == "year" else FIRST_YEAR
        months = ((date.year - origin) * 12 + date.month - 1) // step * step
        start = days_from_civil(origin + months // 12, months % 12 + 1, np.ones_like(months))
    return numeric(DATE, np.clip(start, 0, MAX_DAY))


def _declare(
    name: str,
    result: DataType,
    kernel: Kernel,
    help_text: str,
    *,
    needs_time: bool = False,
    has_mode: bool = False,
    aliases: tuple[str, ...] = (),
) -> ScalarFunction:
    """Declare one function of this file."""
    mode = (Arg("mode", BOOL, is_optional=True, is_constant=True),) if has_mode else ()
    return ScalarFunction(
        name=name,
        family="date",
        args=(Arg("time" if needs_time else "date", DATETIME if needs_time else TEMPORAL), *mode),
        result=result,
        kernel=kernel,
        help=help_text,
        example=f"SELECT {name}(toDateTime('2020-02-29 12:34:56'))",
        aliases=aliases,
        is_case_insensitive=bool(aliases),
    )


STEPS = (
    ("toStartOfHour", 3600, "hour"),
    ("toStartOfMinute", 60, "minute"),
    ("toStartOfFiveMinutes", 300, "five minutes"),
    ("toStartOfTenMinutes", 600, "ten minutes"),
    ("toStartOfFifteenMinutes", 900, "quarter of an hour"),
    ("timeSlot", 1800, "half hour"),
)

FUNCTIONS: tuple[ScalarFunction, ...] = (
    _declare("toStartOfYear", DATE, _to_day(TO_DAYS["year"]), "The first day of the year."),
    _declare("toStartOfQuarter", DATE, _to_day(TO_DAYS["quarter"]), "The quarter's first day."),
    _declare("toStartOfMonth", DATE, _to_day(month_start), "The first day of the month."),
    _declare(
        "toLastDayOfMonth",
        DATE,
        _to_day(month_end),
        "The last day of the month.",
        aliases=("LAST_DAY",),
    ),
    _declare("toMonday", DATE, _to_day(monday), "The Monday of the week."),
    _declare(
        "toStartOfWeek",
        DATE,
        _week_start,
        "The first day of the week: Sunday, or Monday in an odd mode.",
        has_mode=True,
    ),
    _declare(
        "toLastDayOfWeek",
        DATE,
        _week_end,
        "The last day of the week: Saturday, or Sunday in an odd mode.",
        has_mode=True,
    ),
    _declare("toStartOfDay", DATETIME_TYPE, _start_of_day, "The day's first second."),
    *(
        _declare(name, DATETIME_TYPE, _to_step(step), f"The start of the {unit}.", needs_time=True)
        for name, step, unit in STEPS
    ),
    ScalarFunction(
        name="toStartOfInterval",
        family="date",
        args=(
            Arg("date", TEMPORAL),
            Arg("amount", INTEGER, is_constant=True),
            Arg("unit", STRING, is_constant=True),
        ),
        result=_interval_type,
        kernel=_interval_start,
        help="The start of the interval; its amount and unit are written as INTERVAL 15 MINUTE.",
        example="SELECT toStartOfInterval(toDateTime('2020-02-29 12:34:56'), INTERVAL 15 MINUTE)",
    ),
    ScalarFunction(
        name="dateTrunc",
        family="date",
        args=(Arg("unit", STRING, is_constant=True), Arg("date", TEMPORAL)),
        result=_trunc_type,
        kernel=_trunc,
        help="The start of the year, quarter, month, week, day, hour, minute or second.",
        example="SELECT dateTrunc('month', toDate('2020-02-29'))",
        aliases=("DATE_TRUNC",),
        is_case_insensitive=True,
    ),
)
