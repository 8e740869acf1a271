"""Taking the NULL mask off a column and putting one on."""

from __future__ import annotations

import numpy as np

from minidb.columns.base import BoolArray, Column
from minidb.columns.make import concat_columns, default_column
from minidb.columns.nested import NullableColumn
from minidb.types import NullableType
from minidb.types.family import can_be_nullable


def split_nulls(column: Column) -> tuple[Column, BoolArray | None]:
    """Return the values without their mask, and the mask (None when the type has no NULL)."""
    if isinstance(column, NullableColumn):
        return column.inner, column.is_null
    return column, None


def without_nulls(column: Column) -> Column:
    """Return the values, the type's default in place of NULL."""
    values, is_null = split_nulls(column)
    if is_null is None or not is_null.any():
        return values
    return _with_defaults(values, is_null)


def with_nulls(values: Column, is_null: BoolArray | None) -> Column:
    """Put a mask on a column; masks add up when it has one already.

    Parameters
    ----------
    values : Column, n rows
        Any column; an Array or Tuple, which cannot hold NULL, becomes its default there.
    is_null : ndarray of bool, shape (n,), optional
        True where the result is NULL; None leaves `values` as it is.
    """
    if is_null is None:
        return values
    if isinstance(values, NullableColumn):
        return NullableColumn(values.type, values.inner, values.is_null | is_null)
    if not can_be_nullable(values.type):
        return _with_defaults(values, is_null)
    return NullableColumn(NullableType(values.type), values, is_null)


def _with_defaults(values: Column, where: BoolArray) -> Column:
    """Return `values` with the type's default on some rows."""
    if not where.any():
        return values
    together = concat_columns(values.type, [values, default_column(values.type, 1)])
    return together.take(np.where(where, len(values), np.arange(len(values))))


def null_mask(column: Column) -> BoolArray:
    """Return which rows are NULL, bool, shape (n,)."""
    if isinstance(column, NullableColumn):
        return column.is_null
    return np.zeros(len(column), dtype=np.bool_)
