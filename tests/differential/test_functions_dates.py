"""Date functions give what ClickHouse gives, types and values."""

from __future__ import annotations

import datetime
from itertools import product

import pytest

from minidb.errors import MiniDBError
from minidb.functions.builtin import builtin_functions
from tests.support.call import Input, constant, run, scalar_functions
from tests.support.oracle import Case, differences, error_code

FUNCTIONS = scalar_functions(builtin_functions())

EPOCH = datetime.date(1970, 1, 1)
DAYS = [0, 1, 2, 3, 4, 10, 31, 58, 59, 364, 365, 789, 790, 11_016, 11_017, 18_321, 18_322, 18_628, 20_000, 47_540, 47_541, 65_379, 65_534, 65_535]  # fmt: skip
SECONDS = [0, 1, 59, 60, 299, 3_599, 3_600, 43_199, 43_200, 86_399, 86_400, 951_782_399, 951_782_400, 10**9, 1_582_979_696, 1_583_020_799, 1_609_459_199, 2**31 - 1, 2**31, 4_107_542_400, 2**32 - 86_400, 2**32 - 2, 2**32 - 1, 1_230_768_000]  # fmt: skip


def moment(seconds: int) -> datetime.datetime:
    return datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)


DATES = Input("Date", [EPOCH + datetime.timedelta(days=day) for day in DAYS])
TIMES = Input("DateTime", [moment(second) for second in SECONDS])
NULLS = Input("Nullable(Date)", [None if day % 3 else EPOCH + datetime.timedelta(days=day) for day in DAYS])  # fmt: skip
AMOUNTS = Input("Int32", [0, 1, -1, 2, 11, 12, 13, -12, -13, 28, 29, 30, 31, 100, -100, 365, 366, 1000, -1000, 4, 5, -5, 7, -7])  # fmt: skip


def agree(cases: list[Case]) -> None:
    found = differences(cases, FUNCTIONS)
    assert not found, "\n".join(found)


PARTS = ("toYear", "toQuarter", "toMonth", "toDayOfMonth", "toDayOfYear", "toDayOfWeek", "toUnixTimestamp",
         "toYYYYMM", "toYYYYMMDD", "toYYYYMMDDhhmmss", "toISOWeek", "toISOYear", "toRelativeYearNum",
         "toRelativeMonthNum", "toRelativeWeekNum", "toRelativeDayNum", "toStartOfYear", "toStartOfQuarter",
         "toStartOfMonth", "toLastDayOfMonth", "toMonday", "toStartOfWeek", "toLastDayOfWeek", "toStartOfDay",
         "monthName")  # fmt: skip
CLOCK = ("toHour", "toMinute", "toSecond", "toStartOfHour", "toStartOfMinute", "toStartOfFiveMinutes",
         "toStartOfTenMinutes", "toStartOfFifteenMinutes", "timeSlot", "toRelativeHourNum",
         "toRelativeMinuteNum", "toRelativeSecondNum")  # fmt: skip
MOVES = [f"{verb}{unit}" for verb in ("add", "subtract") for unit in ("Years", "Quarters", "Months", "Weeks", "Days", "Hours", "Minutes", "Seconds")]  # fmt: skip


def test_parts_and_starts_agree():
    cases = [Case(name, (column,)) for name, column in product(PARTS, (DATES, TIMES, NULLS))]
    cases += [Case(name, (TIMES,)) for name in CLOCK]
    cases += [Case("toDayOfWeek", (DATES, constant("UInt8", mode))) for mode in range(5)]
    cases += [Case("toStartOfWeek", (TIMES, constant("UInt8", mode))) for mode in (0, 1)]
    cases += [Case("toLastDayOfWeek", (DATES, constant("UInt8", mode))) for mode in (0, 1)]
    agree(cases)


def test_truncation_agrees():
    units = ("year", "quarter", "month", "week", "day", "hour", "minute", "second", "MONTH")
    cases = [Case("dateTrunc", (constant("String", unit), TIMES)) for unit in units]
    cases += [Case("dateTrunc", (constant("String", unit), DATES)) for unit in units[:5]]
    agree(cases)


def test_moves_agree():
    cases = [
        Case(name, (column, AMOUNTS)) for name, column in product(MOVES, (DATES, TIMES, NULLS))
    ]
    cases += [Case(name, (DATES, constant("Float64", -1.9))) for name in MOVES]
    agree(cases)


def test_differences_agree():
    units = ("year", "quarter", "month", "week", "day", "hour", "minute", "second", "dd", "yyyy", "m", "mi")  # fmt: skip
    late = Input("Date", [*DATES.values[5:], *DATES.values[:5]])
    pairs = ((DATES, late), (TIMES, late), (late, TIMES), (NULLS, DATES), (TIMES, TIMES))
    agree([Case("dateDiff", (constant("String", u), *pair)) for u, pair in product(units, pairs)])


def test_making_dates_agrees():
    years = Input("Int32", [2020, 2021, 1970, 1969, 2149, 2150, 2000, 2100, 0, -1, 3000, 2106])
    months = Input("Int16", [2, 2, 1, 12, 6, 1, 12, 2, 13, 1, 0, 2])
    days = Input("Int16", [29, 29, 1, 31, 6, 1, 31, 31, 1, 0, 1, 7])
    clock = [Input("Int8", [0, 23, 24, 0, 5, 6, 59, 12, 1, 2, 3, 6])] * 3
    agree(
        [
            Case("makeDate", (years, months, days)),
            Case("makeDate", (constant("UInt16", 2020), Input("Int32", [0, 1, 59, 60, 61, 365, -1]))),
            Case("makeDate", (constant("Float64", 2020.7), constant("UInt8", 2), days)),
            Case("makeDateTime", (years, months, days, *clock)),
            Case("fromUnixTimestamp", (Input("Int64", [0, -1, 10**9, 2**32 - 1, 2**32, 2**63 - 1]),)),
        ]
    )  # fmt: skip


def test_formats_agree():
    template = "%Y-%m-%d %H:%i:%S|%a|%b|%c|%C|%D|%e|%f|%F|%G|%g|%h|%I|%j|%k|%l|%M|%p|%Q|%r|%R|%s|%T|%u|%V|%w|%W|%y|%%|é"  # fmt: skip
    cases = [
        Case("formatDateTime", (column, constant("String", text)))
        for column, text in product((DATES, TIMES, NULLS), (template, "", "x", "%n%t"))
    ]
    cases.append(Case("formatDateTime", (TIMES, constant("String", "%z"))))
    names = ("year", "quarter", "month", "dayofyear", "day", "week", "weekday", "hour", "minute", "second")  # fmt: skip
    cases += [Case("dateName", (constant("String", name), TIMES)) for name in names]
    agree(cases)


@pytest.mark.parametrize(
    ("sql", "name", "inputs"),
    [
        ("dateDiff('foo', toDate(1), toDate(2))", "dateDiff", (constant("String", "foo"), DATES, DATES)),
        ("formatDateTime(toDate(1), '%E')", "formatDateTime", (DATES, constant("String", "%E"))),
        ("formatDateTime(toDate(1), 'x%')", "formatDateTime", (DATES, constant("String", "x%"))),
        ("dateTrunc('hour', toDate(1))", "dateTrunc", (constant("String", "hour"), DATES)),
        ("dateTrunc('foo', toDate(1))", "dateTrunc", (constant("String", "foo"), DATES)),
        ("dateName('foo', toDate(1))", "dateName", (constant("String", "foo"), DATES)),
    ],
)  # fmt: skip
def test_errors_have_the_same_code(sql, name, inputs):
    with pytest.raises(MiniDBError) as error:
        run(FUNCTIONS[name], *inputs)
    assert error.value.code.number == error_code(f"SELECT {sql}")
