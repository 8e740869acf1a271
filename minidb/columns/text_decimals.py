"""Decimals as text, and back: whole numbers with a point among their digits."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from minidb.columns.base import BoolArray, Column
from minidb.columns.no_numpy_way import parse_decimals_one_by_one, render_decimals_one_by_one
from minidb.columns.numeric import NumericColumn
from minidb.columns.strings import StringColumn
from minidb.columns.text_layout import padded_matrix, text_from_matrix
from minidb.columns.wide import WideColumn
from minidb.columns.wide_math import lanes_from_narrow
from minidb.types import DecimalType, numpy_dtype

INT64_DIGITS = 18
# Texts up to this length are read side by side; longer ones are rare and read alone.
MAX_WIDTH = 40
POINT, ZERO, MINUS, PLUS = (ord(sign) for sign in ".0-+")


def one_word(column: WideColumn) -> NDArray[np.int64] | None:
    """Return signed wide values as int64 if all of them fit."""
    low = np.ascontiguousarray(column.lanes[:, 0]).view(np.int64)
    sign = (low >> 63).view(np.uint64)
    return low if (column.lanes[:, 1:] == sign[:, None]).all() else None


def render_decimals(column: NumericColumn | WideColumn, data_type: DecimalType) -> StringColumn:
    """Return Decimals as text without zeros at the end, as ClickHouse shows them."""
    if isinstance(column, WideColumn):
        found = one_word(column)
        if found is None or data_type.scale > INT64_DIGITS:
            return render_decimals_one_by_one(column.lanes, data_type)
        values: NDArray[Any] = found
    else:
        values = column.values
    is_below = values < 0
    rest = values.astype(np.int64).view(np.uint64)
    rest = np.where(is_below, np.negative(rest), rest)
    scale = data_type.scale
    width = max(len(str(int(rest.max(initial=0)))), scale + 1)
    # One row per place: a sign, the whole digits, the point, the others.
    digits = np.empty((width, len(values)), np.uint8)
    for place in reversed(range(width)):
        higher = rest // np.uint64(10)
        digits[place] = (rest - higher * np.uint64(10)).astype(np.uint8)
        rest = higher
    n_whole = width - scale
    started = np.logical_or.accumulate(digits != 0, axis=0)
    started[n_whole - 1 :] = True
    kept = [is_below[None, :], started[:n_whole]]
    shown = [np.full((1, len(values)), MINUS, np.uint8), digits[:n_whole] + np.uint8(ZERO)]
    if scale:
        behind = digits[n_whole:]
        needed = np.logical_or.accumulate((behind != 0)[::-1], axis=0)[::-1]
        kept += [needed[:1], needed]
        shown += [np.full((1, len(values)), POINT, np.uint8), behind + np.uint8(ZERO)]
    matrix, keep = np.concatenate(shown), np.concatenate(kept)
    # With a sign in front, a lone zero still shows: -0.05.
    return text_from_matrix(np.ascontiguousarray(matrix.T), np.ascontiguousarray(keep.T))


def parse_decimals(
    strings: StringColumn, data_type: DecimalType, *, is_strict: bool
) -> tuple[Column, BoolArray]:
    """Read numbers with an optional sign, point and exponent; digits past the scale are cut off.

    Parameters
    ----------
    strings : StringColumn, n rows
        The texts.
    data_type : DecimalType
        The type wanted.
    is_strict : bool
        Whether the precision bounds the digits, or only the stored width, as in CAST.
    """
    precision = data_type.precision if is_strict else data_type.widest_precision
    ok = np.zeros(len(strings), np.bool_)
    values = np.zeros(len(strings), np.int64)
    width = min(int(strings.lengths.max(initial=0)), MAX_WIDTH)
    if width:
        values, ok = _parse_plain(padded_matrix(strings, width), strings.lengths, data_type.scale)
    ok &= strings.lengths <= width
    if precision < INT64_DIGITS:
        limit = 10**precision
        ok &= (values > -limit) & (values < limit)
    rows = np.flatnonzero(~ok)
    if not len(rows) and not data_type.is_wide:
        return NumericColumn(data_type, values.astype(numpy_dtype(data_type))), ok
    lanes = lanes_from_narrow(np.where(ok, values, 0), data_type.n_lanes)
    if len(rows):
        texts = strings.take(rows).to_bytes()
        found, read = parse_decimals_one_by_one(texts, data_type, precision)
        lanes[rows], ok[rows] = found, read
    if data_type.is_wide:
        return WideColumn(data_type, lanes), ok
    narrow = lanes[:, 0].view(np.int64) if data_type.bits == 64 else lanes[:, 0].astype(np.int32)
    return NumericColumn(data_type, narrow.astype(numpy_dtype(data_type), copy=False)), ok


def _parse_plain(
    matrix: NDArray[np.uint8], lengths: NDArray[np.int64], scale: int
) -> tuple[NDArray[np.int64], BoolArray]:
    """Read texts of a sign, digits and a point whose value has at most 18 digits."""
    n_rows, width = matrix.shape
    places = np.ascontiguousarray(matrix.T)
    is_minus = places[0] == MINUS
    has_sign = is_minus | (places[0] == PLUS)
    ok = lengths > has_sign
    values = np.zeros(n_rows, np.int64)
    n_digits = np.zeros(n_rows, np.int64)
    n_behind = np.zeros(n_rows, np.int64)
    n_significant = np.zeros(n_rows, np.int64)
    has_point = np.zeros(n_rows, np.bool_)
    for place in range(width):
        byte = places[place]
        digit = byte - np.uint8(ZERO)
        is_digit = digit <= 9
        is_inside = lengths > place
        is_point = (byte == POINT) & ~has_point
        is_sign = has_sign if place == 0 else False
        ok &= is_digit | is_point | is_sign | ~is_inside
        is_used = is_digit & is_inside & (~has_point | (n_behind < scale))
        values = np.where(is_used, values * 10 + digit, values)
        n_significant += is_used & (values != 0)
        n_behind += is_used & has_point
        n_digits += is_digit & is_inside
        has_point |= is_point & is_inside
    missing = scale - n_behind
    ok &= (n_digits > 0) & (n_significant + missing <= INT64_DIGITS)
    powers = np.array([10**n for n in range(INT64_DIGITS + 1)], np.int64)
    values *= powers[np.where(ok, missing, 0)]
    return np.where(is_minus, -values, values), ok
