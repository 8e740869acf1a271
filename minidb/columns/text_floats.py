"""Floats as ClickHouse writes them: the shortest digits, 0.000001 and 1e20 without exponent."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from minidb.columns.base import BoolArray
from minidb.columns.strings import StringColumn
from minidb.columns.text_layout import Bytes, Ints, byte_matrix, padded_matrix, text_from_matrix

WIDTH = 40
FIRST_SCIENTIFIC = 21
LAST_SMALL_FIXED = -6
MAX_DIGITS = 17
ZERO, POINT, PLUS, MINUS, EXPONENT = (ord(sign) for sign in "0.+-e")


def render_floats(values: NDArray[Any]) -> StringColumn:
    """Return the shortest text that reads back as the same Float32 or Float64."""
    if not len(values):
        return StringColumn(np.zeros(1, np.int64), np.zeros(0, np.uint8))
    # NumPy finds the shortest digits; it only sets other limits for the exponent form.
    matrix = byte_matrix(values.astype(f"S{WIDTH}"))
    keep = matrix != 0
    _drop_zero_fraction(matrix, keep)
    has_exponent = (matrix == EXPONENT).any(axis=1)
    if has_exponent.any():
        rows = np.flatnonzero(has_exponent)
        matrix[rows], keep[rows] = _rewritten(matrix[rows])
    return text_from_matrix(matrix, keep)


def _drop_zero_fraction(matrix: Bytes, keep: BoolArray) -> None:
    """Leave out a ``.0`` at the end."""
    lengths = keep.sum(axis=1)
    rows = np.arange(len(matrix))
    is_whole = (matrix[rows, lengths - 1] == ZERO) & (matrix[rows, lengths - 2] == POINT)
    whole = rows[is_whole]
    keep[whole, lengths[whole] - 1] = False
    keep[whole, lengths[whole] - 2] = False


def _rewritten(matrix: Bytes) -> tuple[Bytes, BoolArray]:
    """Rewrite texts in exponent form, each as its exponent asks."""
    at = (matrix == EXPONENT).argmax(axis=1)
    columns = np.arange(WIDTH)
    is_tail = columns > at[:, None]
    exponent = _exponents(matrix, is_tail)
    is_digit = (matrix >= ZERO) & (matrix <= ord("9"))
    is_mantissa = is_digit & ~is_tail & (columns < at[:, None])
    digits = padded_matrix(text_from_matrix(matrix, is_mantissa), MAX_DIGITS)
    n_digits = is_mantissa.sum(axis=1)
    sign = matrix[:, 0] == MINUS
    inside = np.clip(exponent, LAST_SMALL_FIXED, FIRST_SCIENTIFIC)
    fixed, kept = _fixed_form(digits, n_digits, inside, sign)
    shown = (matrix != 0) & (matrix != PLUS) & ~_leading_zeros(matrix, at)
    is_fixed = (exponent >= LAST_SMALL_FIXED) & (exponent < FIRST_SCIENTIFIC)
    return (
        np.where(is_fixed[:, None], fixed, matrix),
        np.where(is_fixed[:, None], kept, shown),
    )


def _exponents(matrix: Bytes, is_tail: BoolArray) -> Ints:
    """Read the number behind the ``e``."""
    value = np.zeros(len(matrix), np.int64)
    for j in range(WIDTH):
        is_digit = is_tail[:, j] & (matrix[:, j] >= ZERO) & (matrix[:, j] <= ord("9"))
        value = np.where(is_digit, value * 10 + matrix[:, j] - ZERO, value)
    is_below = ((matrix == MINUS) & is_tail).any(axis=1)
    return np.where(is_below, -value, value)


def _leading_zeros(matrix: Bytes, at: NDArray[np.intp]) -> BoolArray:
    """Mark the zero that NumPy puts before an exponent of one digit: ``e-07``."""
    rows = np.arange(len(matrix))
    marked = np.zeros(matrix.shape, np.bool_)
    marked[rows, at + 2] = matrix[rows, at + 2] == ZERO
    return marked


def _fixed_form(
    digits: Bytes, n_digits: NDArray[np.intp], exponent: Ints, sign: BoolArray
) -> tuple[Bytes, BoolArray]:
    """Write digits without exponent: 123000 from 1.23e+05, 0.000012 from 1.2e-05."""
    columns = np.arange(WIDTH)
    n_rows = len(digits)
    is_small = exponent < 0
    # The digits follow the sign, and for small numbers also "0." and some zeros.
    lead = sign + np.where(is_small, 1 - exponent, 0)
    point = sign + np.where(is_small, 1, exponent + 1)
    source = columns - lead[:, None]
    source -= ~is_small[:, None] & (columns > point[:, None])
    is_digit = (source >= 0) & (source < n_digits[:, None])
    taken = np.take_along_axis(digits, np.clip(source, 0, MAX_DIGITS - 1), axis=1)
    text = np.where(is_digit, taken, np.uint8(ZERO))
    text[np.arange(n_rows), point] = POINT
    text[sign, 0] = MINUS
    n_behind = np.maximum(n_digits - exponent - 1, 0)
    n_large = point + np.where(n_behind > 0, 1 + n_behind, 0)
    n_shown = np.where(is_small, lead + n_digits, n_large)
    return text, columns < n_shown[:, None]
