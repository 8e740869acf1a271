"""Dates as text in a form of one's own: formatDateTime, dateName and monthName."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import numpy as np

from minidb.columns import Column, StringColumn
from minidb.columns.text import render_integers
from minidb.columns.text_layout import join_columns, repeated_text, text_from_ascii
from minidb.errors import BAD_ARGUMENTS, BindError
from minidb.functions.arguments import STRING, TEMPORAL, Arg
from minidb.functions.builtin.calendar import (
    SECONDS_PER_DAY,
    civil,
    iso_week,
    second_numbers,
    weekday,
)
from minidb.functions.builtin.date_parts import day_of_year
from minidb.functions.builtin.kit import TEXT, Ints, strings
from minidb.functions.declaration import Argument, Call, ScalarFunction
from minidb.types import DataType

MONTHS = np.array(
    [
        *(b"January", b"February", b"March", b"April", b"May", b"June", b"July", b"August"),
        *(b"September", b"October", b"November", b"December"),
    ]
)
WEEKDAYS = np.array(
    [b"Monday", b"Tuesday", b"Wednesday", b"Thursday", b"Friday", b"Saturday", b"Sunday"]
)
HALVES = np.array([b"AM", b"PM"])
TWO_DIGITS = np.array([b"%02d" % number for number in range(100)])
THREE_DIGITS = np.array([b"%03d" % number for number in range(367)])

Render = Callable[[Ints], StringColumn]


def _two(part: Callable[[Ints], Ints]) -> Render:
    """Return the rendering of a part with two digits."""
    return lambda seconds: text_from_ascii(TWO_DIGITS[part(seconds)])


def _name(
    names: np.ndarray[tuple[int], np.dtype[np.bytes_]], part: Callable[[Ints], Ints]
) -> Render:
    """Return the rendering of a part by its name."""
    return lambda seconds: text_from_ascii(names[part(seconds)])


def _plain(part: Callable[[Ints], Ints]) -> Render:
    """Return the rendering of a part with as many digits as it has."""
    return lambda seconds: render_integers(part(seconds))


def _days(seconds: Ints) -> Ints:
    return seconds // SECONDS_PER_DAY


def _year(seconds: Ints) -> Ints:
    return civil(_days(seconds)).year


def _month(seconds: Ints) -> Ints:
    return civil(_days(seconds)).month


def _day(seconds: Ints) -> Ints:
    return civil(_days(seconds)).day


def _weekday(seconds: Ints) -> Ints:
    return weekday(_days(seconds))


def _hour(seconds: Ints) -> Ints:
    return seconds // 3600 % 24


def _half_hour(seconds: Ints) -> Ints:
    """Return the hour of a twelve-hour clock, 1 to 12."""
    return (_hour(seconds) + 11) % 12 + 1


def _fixed(text: bytes) -> Render:
    return lambda seconds: repeated_text(text, len(seconds))


CODES: dict[str, Render] = {
    "a": _name(np.array([name[:3] for name in WEEKDAYS]), _weekday),
    "b": _name(np.array([name[:3] for name in MONTHS]), lambda s: _month(s) - 1),
    "c": _two(_month),
    "C": _two(lambda s: _year(s) // 100),
    "d": _two(_day),
    "e": _plain(_day),
    "f": _fixed(b"000000"),
    "g": _two(lambda s: iso_week(_days(s))[0] % 100),
    "G": _plain(lambda s: iso_week(_days(s))[0]),
    "h": _two(_half_hour),
    "H": _two(_hour),
    "i": _two(lambda s: s // 60 % 60),
    "I": _two(_half_hour),
    "j": lambda s: text_from_ascii(THREE_DIGITS[day_of_year(_days(s))]),
    "k": _two(_hour),
    "l": _two(_half_hour),
    "m": _two(_month),
    "M": _name(MONTHS, lambda s: _month(s) - 1),
    "n": _fixed(b"\n"),
    "p": _name(HALVES, lambda s: _hour(s) // 12),
    "Q": _plain(lambda s: (_month(s) + 2) // 3),
    "s": _two(lambda s: s % 60),
    "S": _two(lambda s: s % 60),
    "t": _fixed(b"\t"),
    "u": _plain(lambda s: _weekday(s) + 1),
    "V": _two(lambda s: iso_week(_days(s))[1]),
    "w": _plain(lambda s: (_weekday(s) + 1) % 7),
    "W": _name(WEEKDAYS, _weekday),
    "y": _two(lambda s: _year(s) % 100),
    "Y": _plain(_year),
    "z": _fixed(b"+0000"),
    "%": _fixed(b"%"),
}
LONG_CODES = {"D": "%m/%d/%y", "F": "%Y-%m-%d", "r": "%h:%i %p", "R": "%H:%i", "T": "%H:%i:%s"}

_TOKEN = re.compile(r"%(.?)|[^%]+", re.DOTALL)


def format_parts(template: str) -> list[bytes | Render]:
    """Take a template such as ``%Y-%m`` apart into texts and renderings.

    Raises
    ------
    BindError
        BAD_ARGUMENTS for a code that is not known, or a percent sign at the end.
    """
    parts: list[bytes | Render] = []
    for token in _TOKEN.finditer(template):
        code = token.group(1)
        if code is None:
            parts.append(token.group().encode("utf-8", "surrogateescape"))
        elif code in LONG_CODES:
            parts.extend(format_parts(LONG_CODES[code]))
        elif code in CODES:
            parts.append(CODES[code])
        elif code:
            raise BindError(BAD_ARGUMENTS, f"formatDateTime has no '%{code}'")
        else:
            raise BindError(BAD_ARGUMENTS, "a '%' ends the template", hint="write '%%' for a sign")
    return parts


def _format_type(arguments: Sequence[Argument]) -> DataType:
    template = arguments[1].constant_value()
    format_parts(template if isinstance(template, str) else "")
    return TEXT


def _format(call: Call) -> Column:
    seconds, constant = second_numbers(call.columns[0]), call.constants[1]
    raw = strings(constant).to_bytes()[0] if constant is not None else b""
    parts = format_parts(raw.decode("utf-8", "surrogateescape"))
    rendered = [
        repeated_text(part, call.n_rows) if isinstance(part, bytes) else part(seconds)
        for part in parts
    ]
    return join_columns(rendered) if rendered else repeated_text(b"", call.n_rows)


NAMES: dict[str, Render] = {
    "year": CODES["Y"],
    "quarter": CODES["Q"],
    "month": CODES["M"],
    "dayofyear": _plain(lambda s: day_of_year(_days(s))),
    "day": _plain(_day),
    "week": _plain(lambda s: iso_week(_days(s))[1]),
    "weekday": CODES["W"],
    "hour": _plain(_hour),
    "minute": _plain(lambda s: s // 60 % 60),
    "second": _plain(lambda s: s % 60),
}


def _name_type(arguments: Sequence[Argument]) -> DataType:
    part = arguments[0].constant_value()
    if not isinstance(part, str) or part.lower() not in NAMES:
        raise BindError(BAD_ARGUMENTS, f"dateName takes one of {', '.join(NAMES)}, not {part!r}")
    return TEXT


def _date_name(call: Call) -> Column:
    render = NAMES[str(call.constant_value(0)).lower()]
    return render(second_numbers(call.columns[1]))


FUNCTIONS: tuple[ScalarFunction, ...] = (
    ScalarFunction(
        name="formatDateTime",
        family="date",
        args=(Arg("date", TEMPORAL), Arg("template", STRING, is_constant=True)),
        result=_format_type,
        kernel=_format,
        help="The date by a template: %Y year, %m month, %d day, %H hour, %i minute, %s second.",
        example="SELECT formatDateTime(toDateTime('2020-02-29 12:34:56'), '%d.%m.%Y %H:%i')",
        aliases=("DATE_FORMAT",),
        is_case_insensitive=True,
    ),
    ScalarFunction(
        name="dateName",
        family="date",
        args=(Arg("part", STRING, is_constant=True), Arg("date", TEMPORAL)),
        result=_name_type,
        kernel=_date_name,
        help="A part of the date as text; month and weekday by name.",
        example="SELECT dateName('weekday', toDate('2020-02-29'))",
        is_case_insensitive=True,
    ),
    ScalarFunction(
        name="monthName",
        family="date",
        args=(Arg("date", TEMPORAL),),
        result=TEXT,
        kernel=lambda call: CODES["M"](second_numbers(call.columns[0])),
        help="The name of the month.",
        example="SELECT monthName(toDate('2020-02-29'))",
        is_case_insensitive=True,
    ),
)
