"""Making columns: empty and constant ones, defaults, and one column out of several."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from minidb.columns.base import Column
from minidb.columns.bits import BitsColumn
from minidb.columns.nested import ArrayColumn, NullableColumn, TupleColumn
from minidb.columns.numeric import NumericColumn
from minidb.columns.states import StateColumn, states_without_rows
from minidb.columns.strings import FixedStringColumn, StringColumn
from minidb.columns.wide import WideColumn
from minidb.errors import InternalError
from minidb.types import (
    AggregateStateType,
    ArrayType,
    BitsType,
    DataType,
    DecimalType,
    EnumType,
    FixedStringType,
    IntType,
    NullableType,
    StringType,
    TupleType,
    UUIDType,
    numpy_dtype,
)

C = TypeVar("C", bound=Column)


def default_column(data_type: DataType, n_rows: int) -> Column:
    """Return `n_rows` times the type's default: 0, empty text, empty array, NULL."""
    match data_type:
        case NullableType(inner=inner):
            mask = np.broadcast_to(np.True_, n_rows)
            return NullableColumn(data_type, default_column(inner, n_rows), mask)
        case ArrayType(element=element):
            return ArrayColumn(data_type, np.zeros(n_rows + 1, np.int64), empty_column(element))
        case TupleType(elements=elements):
            children = tuple(default_column(element, n_rows) for element in elements)
            return TupleColumn(data_type, children, n_rows)
        case AggregateStateType():
            return states_without_rows(data_type, n_rows)
        case StringType():
            return StringColumn(np.zeros(n_rows + 1, np.int64), np.zeros(0, np.uint8))
        case FixedStringType(width=width):
            return FixedStringColumn(data_type, np.broadcast_to(np.uint8(0), (n_rows, width)))
        case BitsType(n_words=n_words):
            return BitsColumn(data_type, np.broadcast_to(np.uint64(0), (n_rows, n_words)))
        case IntType(is_wide=True, n_lanes=n_lanes) | DecimalType(is_wide=True, n_lanes=n_lanes):
            return WideColumn(data_type, np.broadcast_to(np.uint64(0), (n_rows, n_lanes)))
        case UUIDType():
            return WideColumn(data_type, np.broadcast_to(np.uint64(0), (n_rows, 2)))
        case EnumType(entries=entries):
            first = np.array(entries[0][1], numpy_dtype(data_type))
            return NumericColumn(data_type, np.broadcast_to(first, n_rows))
        case _:
            zero = np.zeros((), numpy_dtype(data_type))
            return NumericColumn(data_type, np.broadcast_to(zero, n_rows))


def empty_column(data_type: DataType) -> Column:
    """Return a column of no rows."""
    return default_column(data_type, 0)


def constant_column(one: Column, n_rows: int) -> Column:
    """Repeat a column of one row `n_rows` times, without memory where the layout allows it."""
    match one:
        case NumericColumn(type=data_type, values=values):
            return NumericColumn(data_type, np.broadcast_to(values[0], n_rows))
        case WideColumn(type=wide_type, lanes=lanes):
            return WideColumn(wide_type, np.broadcast_to(lanes[0], (n_rows, lanes.shape[1])))
        case BitsColumn(type=bits_type, words=words):
            return BitsColumn(bits_type, np.broadcast_to(words[0], (n_rows, words.shape[1])))
        case FixedStringColumn(type=fixed_type, data=data):
            return FixedStringColumn(fixed_type, np.broadcast_to(data[0], (n_rows, data.shape[1])))
        case NullableColumn(type=null_type, inner=inner, is_null=is_null):
            mask = np.broadcast_to(is_null[0], n_rows)
            return NullableColumn(null_type, constant_column(inner, n_rows), mask)
        case TupleColumn(type=tuple_type, children=children):
            repeated = tuple(constant_column(child, n_rows) for child in children)
            return TupleColumn(tuple_type, repeated, n_rows)
        case StringColumn():
            text = one.compact().data.tobytes()
            offsets = np.arange(n_rows + 1, dtype=np.int64) * len(text)
            return StringColumn(offsets, np.frombuffer(text * n_rows, np.uint8))
        case _:
            return one.take(np.zeros(n_rows, dtype=np.intp))


def concat_columns(data_type: DataType, columns: Sequence[Column]) -> Column:
    """Put columns of `data_type` one after another.

    Raises
    ------
    InternalError
        When a column's class does not fit the type.
    """
    present = [column for column in columns if len(column)]
    if len(present) <= 1:
        return present[0] if present else empty_column(data_type)
    n_rows = sum(map(len, present))
    match present[0]:
        case NumericColumn():
            return NumericColumn(
                data_type, np.concatenate([_as(c, NumericColumn).values for c in present])
            )
        case WideColumn(type=wide_type):
            return WideColumn(
                wide_type, np.concatenate([_as(c, WideColumn).lanes for c in present])
            )
        case BitsColumn(type=bits_type):
            return BitsColumn(
                bits_type, np.concatenate([_as(c, BitsColumn).words for c in present])
            )
        case FixedStringColumn(type=fixed_type):
            data = np.concatenate([_as(c, FixedStringColumn).data for c in present])
            return FixedStringColumn(fixed_type, data)
        case StringColumn():
            strings = [_as(c, StringColumn).compact() for c in present]
            data = np.concatenate([c.data for c in strings])
            return StringColumn(_concat_offsets([c.offsets for c in strings]), data)
        case StateColumn(type=state_type):
            rows = concat_columns(StringType(), [_as(c, StateColumn).rows for c in present])
            return StateColumn(state_type, _as(rows, StringColumn))
        case ArrayColumn(type=array_type):
            arrays = [_as(c, ArrayColumn).compact() for c in present]
            child = concat_columns(array_type.element, [c.child for c in arrays])
            return ArrayColumn(array_type, _concat_offsets([c.offsets for c in arrays]), child)
        case TupleColumn(type=tuple_type):
            tuples = [_as(c, TupleColumn) for c in present]
            children = tuple(
                concat_columns(element, [t.children[i] for t in tuples])
                for i, element in enumerate(tuple_type.elements)
            )
            return TupleColumn(tuple_type, children, n_rows)
        case NullableColumn(type=null_type):
            nullables = [_as(c, NullableColumn) for c in present]
            inner = concat_columns(null_type.inner, [c.inner for c in nullables])
            return NullableColumn(null_type, inner, np.concatenate([c.is_null for c in nullables]))
        case other:
            raise InternalError(f"cannot concatenate {type(other).__name__}")


def _as(column: Column, kind: type[C]) -> C:
    """Return `column`, which has to be of class `kind`."""
    if not isinstance(column, kind):
        raise InternalError(f"expected {kind.__name__}, got {type(column).__name__}")
    return column


def _concat_offsets(parts: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    """Join offset arrays that each begin at 0."""
    base, pieces = 0, [np.zeros(1, np.int64)]
    for offsets in parts:
        pieces.append(offsets[1:] + base)
        base += int(offsets[-1])
    return np.concatenate(pieces)
