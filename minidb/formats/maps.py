"""Map columns taken apart into keys and values, and put together."""

from __future__ import annotations

from minidb.columns import ArrayColumn, Column, IndexArray, TupleColumn
from minidb.errors import InternalError
from minidb.types import MapType, TupleType


def map_sides(column: ArrayColumn) -> tuple[Column, Column]:
    """Return the keys and the values of all pairs of a map column."""
    if not isinstance(column.child, TupleColumn):
        raise InternalError("a map holds pairs")
    keys, values = column.child.children
    return keys, values


def map_of_sides(
    data_type: MapType, offsets: IndexArray, keys: Column, values: Column
) -> ArrayColumn:
    """Return the map column of pairs; `offsets` are as those of an array."""
    pairs = TupleColumn(TupleType((keys.type, values.type)), (keys, values), len(keys))
    return ArrayColumn(data_type, offsets, pairs)
