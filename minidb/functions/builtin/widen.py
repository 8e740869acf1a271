"""To a wider type without loss: what `common_type` promises every column can do."""

from __future__ import annotations

import numpy as np

from minidb.columns import (
    ArrayColumn,
    Column,
    FixedStringColumn,
    NullableColumn,
    NumericColumn,
    TupleColumn,
    WideColumn,
    default_column,
)
from minidb.columns.text import render_text
from minidb.errors import InternalError
from minidb.functions.builtin.kit import cut, numbers, strings
from minidb.functions.cast_decimals import to_decimal
from minidb.types import (
    ArrayType,
    BoolType,
    DataType,
    DateTimeType,
    DateType,
    DecimalType,
    EnumType,
    IntType,
    NothingType,
    NullableType,
    StringType,
    TupleType,
    numpy_dtype,
    without_null,
)

SECONDS_PER_DAY = np.uint32(86_400)


def widen(column: Column, target: DataType) -> Column:
    """Return `column` as `target`, which holds all values of its type.

    Parameters
    ----------
    column : Column
        Of any type.
    target : DataType
        What `minidb.types.promotion.common_type` gave for the column's type and others.

    Raises
    ------
    InternalError
        When `target` is not wider than the column's type.
    """
    if column.type == target:
        return column
    if isinstance(without_null(column.type), NothingType):
        return default_column(target, len(column))
    match target, column:
        case NullableType(inner=inner), NullableColumn():
            return NullableColumn(target, widen(column.inner, inner), column.is_null)
        case NullableType(inner=inner), _:
            not_null = np.broadcast_to(np.False_, len(column))
            return NullableColumn(target, widen(column, inner), not_null)
        case ArrayType(element=element), ArrayColumn():
            whole = column.compact()
            return ArrayColumn(target, whole.offsets, widen(whole.child, element))
        case TupleType(elements=elements), TupleColumn():
            pairs = zip(column.children, elements, strict=True)
            return TupleColumn(target, tuple(widen(c, t) for c, t in pairs), len(column))
        case StringType(), NumericColumn(type=EnumType()):
            return render_text(column)
        case StringType(), FixedStringColumn():
            return _without_padding(column)
        case IntType(is_wide=True), _:
            return _to_wide(column, target)
        case DecimalType(), _:
            return to_decimal(column, target)
        case BoolType(), NumericColumn():
            return NumericColumn(target, (numbers(column) != 0).astype(np.uint8))
        case DateTimeType(), NumericColumn(type=DateType()):
            return NumericColumn(target, numbers(column).astype(np.uint32) * SECONDS_PER_DAY)
        case _, NumericColumn():
            return NumericColumn(target, numbers(column).astype(numpy_dtype(target)))
        case _:
            raise InternalError(f"{column.type.name} does not widen to {target.name}")


def _without_padding(column: FixedStringColumn) -> Column:
    """Cut the zero bytes at the end, as ClickHouse does when it casts to String."""
    is_text = column.data != 0
    width = column.type.width
    last = width - np.argmax(is_text[:, ::-1], axis=1)
    lengths = np.where(is_text.any(axis=1), last, 0)
    return cut(strings(column), np.arange(len(column), dtype=np.int64) * width, lengths)


def _to_wide(column: Column, target: IntType) -> Column:
    """Extend integers to more lanes, with their sign."""
    if isinstance(column, WideColumn):
        lanes, is_signed = column.lanes, column.type.is_signed
    else:
        values = numbers(column)
        is_signed = values.dtype.kind == "i"
        lanes = values.astype(np.uint64)[:, None]
    top = lanes[:, -1].astype(np.int64) >> 63 if is_signed else np.zeros(len(lanes), np.int64)
    extended = np.empty((len(lanes), target.n_lanes), np.uint64)
    extended[:, : lanes.shape[1]] = lanes
    extended[:, lanes.shape[1] :] = top.astype(np.uint64)[:, None]
    return WideColumn(target, extended)
