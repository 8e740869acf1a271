"""Reading Date and DateTime from text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from minidb.columns.base import BoolArray
from minidb.columns.no_numpy_way import split_moments
from minidb.columns.numeric import NumericColumn
from minidb.columns.strings import StringColumn
from minidb.columns.text_layout import Bytes, padded_matrix
from minidb.types import DateTimeType, DateType

Ints = NDArray[np.int64]
MAX_DAY = 65_535
MAX_SECOND = (1 << 32) - 1
SECONDS_PER_DAY = 86_400
DATE_WIDTH = 10
DATETIME_WIDTH = 19
# A text of digits alone is a number of seconds when it is at least this long.
MIN_TIMESTAMP_DIGITS = 5
MAX_TIMESTAMP_DIGITS = 10


def parse_dates(strings: StringColumn) -> tuple[NumericColumn, BoolArray]:
    """Read ``2020-01-31`` and its relatives; a time behind the date is left out.

    A day past the end of its month counts into the next one; a date outside the type becomes
    its nearest end, and one with an impossible month or day 1970-01-01.
    """
    days, ok = np.zeros(len(strings), np.int64), np.zeros(len(strings), np.bool_)
    lengths = strings.lengths
    for rows in (lengths == DATE_WIDTH, lengths == DATETIME_WIDTH):
        chosen = np.flatnonzero(rows)
        matrix = padded_matrix(strings.take(chosen), DATETIME_WIDTH)
        read, days[chosen] = _read_date(matrix)
        ok[chosen] = read & (_is_time(matrix) | (lengths[chosen] == DATE_WIDTH))
    odd = np.flatnonzero(~ok)
    if len(odd):
        parts, read = split_moments(strings.take(odd).to_bytes())
        ok[odd] = read
        days[odd] = _day_numbers(parts[:, 0], parts[:, 1], parts[:, 2])
    return NumericColumn(DateType(), np.clip(days, 0, MAX_DAY).astype(np.uint16)), ok


def parse_datetimes(strings: StringColumn) -> tuple[NumericColumn, BoolArray]:
    """Read ``2020-01-31 12:00:00``, a date alone, or a number of seconds since 1970."""
    seconds, ok = np.zeros(len(strings), np.int64), np.zeros(len(strings), np.bool_)
    chosen = np.flatnonzero(strings.lengths == DATETIME_WIDTH)
    matrix = padded_matrix(strings.take(chosen), DATETIME_WIDTH)
    read, days = _read_date(matrix)
    ok[chosen] = read & _is_time(matrix)
    hour, minute, second = (_two_digits(matrix, at) for at in (11, 14, 17))
    seconds[chosen] = days * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second
    odd = np.flatnonzero(~ok)
    if len(odd):
        seconds[odd], ok[odd] = _read_odd_datetimes(strings.take(odd))
    return NumericColumn(DateTimeType(), np.clip(seconds, 0, MAX_SECOND).astype(np.uint32)), ok


def _read_odd_datetimes(strings: StringColumn) -> tuple[Ints, BoolArray]:
    parts, ok = split_moments(strings.to_bytes())
    days = _day_numbers(parts[:, 0], parts[:, 1], parts[:, 2])
    seconds = days * SECONDS_PER_DAY + parts[:, 3:] @ np.array([3600, 60, 1])
    matrix = padded_matrix(strings, MAX_TIMESTAMP_DIGITS)
    lengths = strings.lengths
    is_inside = np.arange(MAX_TIMESTAMP_DIGITS) < lengths[:, None]
    is_number = (_is_digit(matrix) | ~is_inside).all(axis=1)
    is_number &= (lengths >= MIN_TIMESTAMP_DIGITS) & (lengths <= MAX_TIMESTAMP_DIGITS)
    # Eight digits are a date.
    is_number &= ~ok
    value = np.zeros(len(strings), np.int64)
    for j in range(MAX_TIMESTAMP_DIGITS):
        value = np.where(is_inside[:, j], value * 10 + matrix[:, j] - ord("0"), value)
    return np.where(is_number, value, seconds), ok | is_number


def _is_digit(matrix: Bytes) -> BoolArray:
    return (matrix >= ord("0")) & (matrix <= ord("9"))


def _two_digits(matrix: Bytes, at: int) -> Ints:
    pair = matrix[:, at : at + 2].astype(np.int64) - ord("0")
    result: Ints = pair[:, 0] * 10 + pair[:, 1]
    return result


def _read_date(matrix: Bytes) -> tuple[BoolArray, Ints]:
    """Read ``YYYY-MM-DD`` with any sign between the numbers."""
    is_digit = _is_digit(matrix)
    ok: BoolArray = np.all(is_digit[:, [0, 1, 2, 3, 5, 6, 8, 9]], axis=1)
    ok &= ~np.any(is_digit[:, [4, 7]], axis=1)
    year = _two_digits(matrix, 0) * 100 + _two_digits(matrix, 2)
    return ok, _day_numbers(year, _two_digits(matrix, 5), _two_digits(matrix, 8))


def _is_time(matrix: Bytes) -> BoolArray:
    """Tell which rows of 19 bytes hold `` HH:MM:SS`` behind the date."""
    is_digit = _is_digit(matrix)
    is_between = (matrix[:, 10] == ord(" ")) | (matrix[:, 10] == ord("T"))
    is_colon: BoolArray = np.all(matrix[:, [13, 16]] == ord(":"), axis=1)
    digits: BoolArray = np.all(is_digit[:, [11, 12, 14, 15, 17, 18]], axis=1)
    found: BoolArray = digits & is_between & is_colon
    return found


def _day_numbers(year: Ints, month: Ints, day: Ints) -> Ints:
    """Return days since 1970-01-01, 0 for an impossible month or day."""
    is_possible = (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    months = np.where(is_possible, (year - 1970) * 12 + month - 1, 0)
    first = months.astype("M8[M]").astype("M8[D]").astype(np.int64)
    result: Ints = np.where(is_possible, first + day - 1, 0)
    return result
