"""Conversion that tells which values kept their meaning."""

from __future__ import annotations

import numpy as np

from minidb.columns import (
    BoolArray,
    Column,
    FixedStringColumn,
    NumericColumn,
    StringColumn,
    default_column,
)
from minidb.columns.text import parse_text
from minidb.functions.cast import cast_column, check_cast, to_text
from minidb.functions.cast_decimals import decimals_exactly, whole_numbers_of
from minidb.functions.cast_numbers import numbers_of
from minidb.functions.compare_numbers import EQUALS, compare_numbers
from minidb.types import (
    BoolType,
    DataType,
    DateTimeType,
    DateType,
    DecimalType,
    FloatType,
    IntType,
    is_number,
    is_numeric,
    is_string_like,
)


def cast_exactly(column: Column, target: DataType) -> tuple[Column, BoolArray]:
    """Convert every value of a column without Nullable.

    Parameters
    ----------
    column : Column, n rows
        The values.
    target : DataType
        A type without Nullable around it.

    Returns
    -------
    column : Column, n rows
        The values of type `target`, any legal one where the conversion is not exact.
    exact : ndarray of bool, shape (n,)
        Whether a number kept its value, and a text was read whole and fits.

    Raises
    ------
    BindError
        TYPE_MISMATCH when there is no such conversion.
    """
    if column.type == target:
        return column, np.ones(len(column), np.bool_)
    check_cast(column.type, target)
    if isinstance(column, StringColumn | FixedStringColumn) and not is_string_like(target):
        return parse_text(to_text(column), target, is_strict=True)
    if isinstance(target, DecimalType) and is_numeric(column.type):
        return decimals_exactly(column, target)
    if is_numeric(column.type) and isinstance(target, IntType | FloatType | BoolType):
        return _numbers_exactly(column, target)
    if is_number(column.type) and isinstance(target, DateType | DateTimeType):
        stored = IntType(16 if isinstance(target, DateType) else 32, False)
        values, exact = _numbers_exactly(column, stored)
        return NumericColumn(target, numbers_of(values)), exact
    return cast_column(column, target), np.ones(len(column), np.bool_)


def _numbers_exactly(
    column: Column, target: IntType | FloatType | BoolType
) -> tuple[Column, BoolArray]:
    """Convert numbers there and compare; NaN fits every float and no integer."""
    exact = np.ones(len(column), np.bool_)
    if isinstance(column.type, FloatType) and not isinstance(target, FloatType):
        exact = np.isfinite(numbers_of(column))
        if not exact.all():
            column = NumericColumn(column.type, np.where(exact, numbers_of(column), 0))
    if not len(column):
        return default_column(target, 0), exact
    if isinstance(column.type, DecimalType) and isinstance(target, IntType):
        whole, fits = whole_numbers_of(column, column.type, target)
        return whole, fits & compare_numbers(EQUALS, column, whole)
    converted = cast_column(column, target)
    same = compare_numbers(EQUALS, column, converted)
    if isinstance(column.type, FloatType) and isinstance(target, FloatType):
        same |= np.isnan(numbers_of(column))
    return converted, exact & same
