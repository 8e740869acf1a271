"""Reading Date and DateTime from text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from minidb.columns.base import BoolArray, IndexArray
from minidb.columns.no_numpy_way import split_moments
from minidb.columns.numeric import NumericColumn
from minidb.columns.strings import StringColumn
from minidb.columns.text_layout import Bytes, padded_matrix
from minidb.types import DateTimeType, DateType

Ints = NDArray[np.int64]
MAX_DAY = 65_535
MAX_SECOND = (1 << 32) - 1
SECONDS_PER_DAY = 86_400
MAX_DIGIT = 9
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
        if not len(chosen):
            continue
        matrix = _rows_of_bytes(strings, chosen, DATETIME_WIDTH)
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
    matrix = _rows_of_bytes(strings, chosen, DATETIME_WIDTH)
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
    is_digit = (matrix - np.uint8(ord("0"))) <= MAX_DIGIT
    is_number: BoolArray = np.all(is_digit | ~is_inside, axis=1)
    is_number &= (lengths >= MIN_TIMESTAMP_DIGITS) & (lengths <= MAX_TIMESTAMP_DIGITS)
    # Eight digits are a date.
    is_number &= ~ok
    value = np.zeros(len(strings), np.int64)
    for j in range(MAX_TIMESTAMP_DIGITS):
        value = np.where(is_inside[:, j], value * 10 + matrix[:, j] - ord("0"), value)
    return np.where(is_number, value, seconds), ok | is_number


def _rows_of_bytes(strings: StringColumn, chosen: IndexArray, width: int) -> Bytes:
    """Return `width` bytes from the start of each chosen text, places outermost in memory."""
    starts = strings.offsets[:-1][chosen]
    matrix = np.empty((width, len(chosen)), np.uint8)
    last = max(len(strings.data) - 1, 0)
    for place in range(width):
        # What lies behind a shorter text is never looked at.
        matrix[place] = strings.data[np.minimum(starts + place, last)]
    return matrix.T


def _digit_rows(matrix: Bytes, places: tuple[int, ...]) -> BoolArray:
    """Tell which rows hold digits at all of these places."""
    result = np.ones(len(matrix), np.bool_)
    for place in places:
        # Bytes below "0" wrap around to large numbers.
        result &= (matrix[:, place] - np.uint8(ord("0"))) <= MAX_DIGIT
    return result


def _two_digits(matrix: Bytes, at: int) -> Ints:
    tens, ones = matrix[:, at].astype(np.int64), matrix[:, at + 1].astype(np.int64)
    return tens * 10 + ones - 11 * ord("0")


def _read_date(matrix: Bytes) -> tuple[BoolArray, Ints]:
    """Read ``YYYY-MM-DD`` with any sign between the numbers."""
    ok = _digit_rows(matrix, (0, 1, 2, 3, 5, 6, 8, 9))
    ok &= ~_digit_rows(matrix, (4,)) & ~_digit_rows(matrix, (7,))
    year = _two_digits(matrix, 0) * 100 + _two_digits(matrix, 2)
    return ok, _day_numbers(year, _two_digits(matrix, 5), _two_digits(matrix, 8))


def _is_time(matrix: Bytes) -> BoolArray:
    """Tell which rows of 19 bytes hold `` HH:MM:SS`` behind the date."""
    ok = _digit_rows(matrix, (11, 12, 14, 15, 17, 18))
    ok &= (matrix[:, 10] == ord(" ")) | (matrix[:, 10] == ord("T"))
    ok &= (matrix[:, 13] == ord(":")) & (matrix[:, 16] == ord(":"))
    return ok


def _day_numbers(year: Ints, month: Ints, day: Ints) -> Ints:
    """Return days since 1970-01-01, 0 for an impossible month or day."""
    is_possible = (month >= 1) & (month <= 12) & (day >= 1) & (day <= 31)
    months = np.where(is_possible, (year - 1970) * 12 + month - 1, 0)
    first = months.astype("M8[M]").astype("M8[D]").astype(np.int64)
    result: Ints = np.where(is_possible, first + day - 1, 0)
    return result
