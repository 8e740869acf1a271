"""Text read as a DateTime: by a template, or in one of the usual forms."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np

from minidb.columns import BoolArray, Column, NumericColumn, with_nulls
from minidb.errors import CANNOT_PARSE_DATETIME, NotSupportedError, ValueExecutionError
from minidb.functions.arguments import STRING, Arg
from minidb.functions.builtin.calendar import MAX_SECOND, SECONDS_PER_DAY
from minidb.functions.builtin.kit import Ints, strings
from minidb.functions.declaration import Argument, Call, ResultRule, ScalarFunction
from minidb.functions.no_numpy_way import readable, rows_to_numbers
from minidb.types import DataType, DateTimeType, nullable

EPOCH = datetime.date(1970, 1, 1).toordinal()
DATETIME = DateTimeType()
UNREAD = -1
FLAGS = re.IGNORECASE | re.ASCII
MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
LONG_MONTHS = (
    *("january", "february", "march", "april", "may", "june", "july", "august"),
    *("september", "october", "november", "december"),
)
WEEKDAYS = "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
SHORT_WEEKDAYS = "mon|tue|wed|thu|fri|sat|sun"
ZONES = ("", "UTC", "Etc/UTC", "GMT")
DEFAULT_TEMPLATE = "%Y-%m-%d %H:%i:%s"

CODES: Mapping[str, str] = {
    "Y": r"(?P<year>\d{4})",
    "y": r"(?P<short>\d\d)",
    "m": r"(?P<month>\d\d)",
    "c": r"(?P<month>\d{1,2})",
    "b": f"(?P<name>{'|'.join(MONTHS)})",
    "M": f"(?P<name>{'|'.join(LONG_MONTHS)})",
    "d": r"(?P<day>\d\d)",
    "e": r"(?P<day> ?\d{1,2})",
    "j": r"(?P<of_year>\d{3})",
    "a": f"(?:{SHORT_WEEKDAYS})",
    "W": f"(?:{WEEKDAYS})",
    "H": r"(?P<hour>\d\d)",
    "k": r"(?P<hour> ?\d{1,2})",
    "h": r"(?P<twelve>\d\d)",
    "I": r"(?P<twelve>\d\d)",
    "l": r"(?P<twelve> ?\d{1,2})",
    "i": r"(?P<minute>\d\d)",
    "s": r"(?P<second>\d\d)",
    "S": r"(?P<second>\d\d)",
    "p": "(?P<half>am|pm)",
    "n": "\n",
    "t": "\t",
    "%": "%",
}
LONG_CODES = {"D": "%m/%d/%y", "F": "%Y-%m-%d", "r": "%h:%i %p", "R": "%H:%i", "T": "%H:%i:%s"}
ALIASES = {"parseDateTime": ("TO_UNIXTIME",), "parseDateTimeOrNull": ("str_to_date",)}
TOKEN = re.compile(r"%(.?)|[^%]+", re.DOTALL)
LIMITS = {"month": 12, "hour": 23, "minute": 59, "second": 59}

TIME = (
    r"(?P<hour>\d{1,2}):(?P<minute>\d\d?)(?::(?P<second>\d\d?)(?:\.\d+)?)?(?: *(?P<half>[ap]m))?"
    r"(?: *(?:z|utc|gmt|(?P<sign>[-+])(?P<zone_hours>\d\d):?(?P<zone_minutes>\d\d)?))?"
)
NAME = f"(?P<name>{'|'.join(LONG_MONTHS)}|{'|'.join(MONTHS)})"
WEEKDAY = rf"(?:(?:{WEEKDAYS}|{SHORT_WEEKDAYS}),? +)?"
DATES = (
    r"(?P<year>\d{4})(?P<mark>[-/.])(?P<month>\d\d?)(?P=mark)(?P<day>\d\d?)",
    r"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)",
    r"(?P<first>\d\d?)(?P<mark>[-/.])(?P<other>\d\d?)(?P=mark)(?:(?P<year>\d{4})|(?P<short>\d\d))",
    rf"{WEEKDAY}(?P<day>\d\d?)[- ]{NAME}[- ](?P<year>\d{{4}})",
    rf"{WEEKDAY}{NAME} (?P<day>\d\d?),? (?P<year>\d{{4}})",
)
FORMS = (
    *(re.compile(f" *{date}(?:(?: +|t){TIME})? *", FLAGS) for date in DATES),
    re.compile(
        r" *(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)t?"
        r"(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d) *",
        FLAGS,
    ),
    re.compile(r" *(?P<stamp>\d{9,10}) *", FLAGS),
)


def pattern_of(template: str) -> str:
    """Return the regular expression of a template such as ``%Y-%m-%d``.

    Raises
    ------
    NotSupportedError
        NOT_IMPLEMENTED for a code that is not read, or one that stands there twice.
    """
    parts = []
    for token in TOKEN.finditer(template):
        code = token.group(1)
        if code is None:
            parts.append(re.escape(token.group()))
        elif code in LONG_CODES:
            parts.append(pattern_of(LONG_CODES[code]))
        elif code in CODES:
            parts.append(CODES[code])
        else:
            raise NotSupportedError(f"parseDateTime does not read '%{code}'")
    return "".join(parts)


def _compiled(template: str) -> re.Pattern[str]:
    try:
        found = re.compile(pattern_of(template), FLAGS)
    except re.error as error:
        message = "parseDateTime reads each part of a date once"
        raise NotSupportedError(message) from error
    if re.search("%[aW]", template) and not {"year", "short", "day", "of_year"} & set(
        found.groupindex
    ):
        raise NotSupportedError("parseDateTime does not read a weekday without a date")
    return found


def _number(found: Mapping[str, str | None], name: str, default: int) -> int:
    value = found.get(name)
    return default if value is None else int(value)


def _hour(found: Mapping[str, str | None]) -> int:
    """Return the hour of the day; -1 if it is none of a twelve-hour clock."""
    half = (found.get("half") or "").lower()
    if "twelve" in found:
        hour = _number(found, "twelve", 12)
        if not 1 <= hour <= 12:
            return UNREAD
        return hour % 12 + 12 * (half == "pm")
    hour = _number(found, "hour", 0)
    if half:
        return hour % 12 + 12 * (half == "pm") if hour <= 12 else hour
    return hour


def _seconds(found: Mapping[str, str | None], *, day_first: bool = True) -> int:
    """Return the seconds since 1970 of what was found, which may lie before.

    Raises ValueError for a day that the calendar does not have.
    """
    year = _number(found, "year", 0)
    if found.get("short") is not None:
        short = _number(found, "short", 0)
        year = short + (1900 if short >= 70 else 2000)
    month, day = _number(found, "month", 1), _number(found, "day", 1)
    if found.get("name"):
        month = MONTHS.index(str(found["name"])[:3].lower()) + 1
    if found.get("first"):
        first, other = _number(found, "first", 1), _number(found, "other", 1)
        day, month = (first, other) if day_first else (other, first)
        if month > 12:
            day, month = month, day
    if not year:
        year = 2000 if {"month", "name", "day", "of_year"} & found.keys() else 1970
    date = datetime.date(year, month, day).toordinal() - EPOCH
    if "of_year" in found:
        of_year = _number(found, "of_year", 1)
        date = datetime.date(year, 1, 1).toordinal() - EPOCH + of_year - 1
        if datetime.date.fromordinal(date + EPOCH).year != year:
            raise ValueError(of_year)
    time = _hour(found) * 3600 + _number(found, "minute", 0) * 60 + _number(found, "second", 0)
    zone = _number(found, "zone_hours", 0) * 3600 + _number(found, "zone_minutes", 0) * 60
    return date * SECONDS_PER_DAY + time - (-zone if found.get("sign") == "-" else zone)


def _read_by(pattern: re.Pattern[str], value: bytes) -> int:
    """Return the seconds of a text in the form of a template, -1 where it has another."""
    match = pattern.fullmatch(readable(value))
    if match is None:
        return UNREAD
    found = match.groupdict()
    in_range = all(_number(found, name, 0) <= limit for name, limit in LIMITS.items())
    if not in_range or _hour(found) < 0:
        return UNREAD
    try:
        seconds = _seconds(found)
    except ValueError:
        return UNREAD
    return seconds if 0 <= seconds <= MAX_SECOND else UNREAD


def _read_usual(value: bytes, *, day_first: bool) -> int:
    """Return the seconds of a text in one of the usual forms, -1 where it has none."""
    text = readable(value)
    match = next(filter(None, (form.fullmatch(text) for form in FORMS)), None)
    if match is None:
        return UNREAD
    found = match.groupdict()
    if "stamp" in found:
        return _number(found, "stamp", 0)
    try:
        seconds = _seconds(found, day_first=day_first)
    except ValueError:
        return UNREAD
    return max(seconds, 0) if seconds <= MAX_SECOND else UNREAD


def _template(call: Call) -> str:
    found = call.constant_value(1)
    return found if isinstance(found, str) else DEFAULT_TEMPLATE


def _by_template(call: Call) -> Ints:
    read = partial(_read_by, _compiled(_template(call)))
    return rows_to_numbers([strings(call.columns[0])], read, np.dtype(np.int64))


def _by_form(call: Call, *, day_first: bool) -> Ints:
    read = partial(_read_usual, day_first=day_first)
    return rows_to_numbers([strings(call.columns[0])], read, np.dtype(np.int64))


def _check_zone(argument: Argument) -> None:
    zone = argument.constant_value()
    if zone is not None and zone not in ZONES:
        raise NotSupportedError(f"there is one time zone, UTC; not {zone!r}")


def _result(arguments: Sequence[Argument], *, has_template: bool, result: DataType) -> DataType:
    for zone in arguments[2 if has_template else 1 :]:
        _check_zone(zone)
    if has_template and len(arguments) > 1:
        template = arguments[1].constant_value()
        _compiled(template if isinstance(template, str) else DEFAULT_TEMPLATE)
    return result


def _kernel(call: Call, *, read: Callable[[Call], Ints], ending: str) -> Column:
    found = read(call)
    failed: BoolArray = found < 0
    if failed.any() and not ending:
        shown = strings(call.columns[0]).slice(0, call.n_rows).to_pylist()[int(failed.argmax())]
        message = f"cannot read {shown!r} as a DateTime"
        raise ValueExecutionError(CANNOT_PARSE_DATETIME, message)
    values = NumericColumn(DATETIME, np.where(failed, 0, found).astype(np.uint32))
    return with_nulls(values, failed) if ending == "OrNull" else values


def _declare(
    name: str, ending: str, what: str, shown: str, read: Callable[[Call], Ints]
) -> ScalarFunction:
    has_template = name == "parseDateTime"
    result: DataType = nullable(DATETIME) if ending == "OrNull" else DATETIME
    rule: ResultRule = partial(_result, has_template=has_template, result=result)
    template = (Arg("template", STRING, is_optional=True, is_constant=True),) * has_template
    otherwise = {"": "", "OrNull": "; NULL where it is none", "OrZero": "; 0 where it is none"}
    return ScalarFunction(
        name=name + ending,
        family="date",
        args=(
            Arg("text", STRING),
            *template,
            Arg("zone", STRING, is_optional=True, is_constant=True),
        ),
        result=rule,
        kernel=partial(_kernel, read=read, ending=ending),
        help=what + otherwise[ending] + ".",
        example=f"SELECT toString({name}{ending}({shown}))",
        aliases=ALIASES.get(name + ending, ()),
        is_case_insensitive=name + ending in ALIASES,
        can_fail=not ending,
    )


READERS: tuple[tuple[str, str, str, Callable[[Call], Ints]], ...] = (
    (
        "parseDateTime",
        "Text read as a DateTime by a template: %Y year, %m month, %d day, %H hour, %i minute",
        "'04 Jan 2021 23:12', '%d %b %Y %H:%i'",
        _by_template,
    ),
    (
        "parseDateTimeBestEffort",
        "Text in one of the usual forms read as a DateTime",
        "'Sat, 18 Aug 2018 07:22:16 GMT'",
        partial(_by_form, day_first=True),
    ),
    (
        "parseDateTimeBestEffortUS",
        "As parseDateTimeBestEffort, with the month before the day",
        "'02/03/2020 10:11 PM'",
        partial(_by_form, day_first=False),
    ),
)

FUNCTIONS: tuple[ScalarFunction, ...] = tuple(
    _declare(name, ending, what, shown, read)
    for name, what, shown, read in READERS
    for ending in ("", "OrNull", "OrZero")
)
