"""Maps as text such as ``{'a':1,'b':2}``, and back by way of their pairs."""

from __future__ import annotations

import numpy as np

from minidb.columns.base import BoolArray, Column
from minidb.columns.nested import ArrayColumn
from minidb.columns.no_numpy_way import Parse, pairs_of_maps, parse_nested
from minidb.columns.strings import StringColumn
from minidb.columns.text_layout import join_columns, join_elements, repeated_text
from minidb.types import ArrayType, MapType


def render_maps(column: ArrayColumn, keys: StringColumn, values: StringColumn) -> StringColumn:
    """Return the text of each map; `keys` and `values` are the texts of all pairs."""
    colons = repeated_text(b":", len(keys))
    text = join_elements(column.offsets, join_columns([keys, colons, values]))
    # Joined as an array, a row has brackets; braces take their place.
    data = np.array(text.data)
    data[text.offsets[:-1]] = ord("{")
    data[text.offsets[1:] - 1] = ord("}")
    return StringColumn(text.offsets, data)


def parse_maps(
    strings: StringColumn, data_type: MapType, parse: Parse, *, is_strict: bool
) -> tuple[Column, BoolArray]:
    """Read maps: their text as that of an array of tuples, which is then read."""
    pairs = StringColumn.from_bytes(pairs_of_maps(strings.to_bytes()))
    whole = ArrayType(data_type.element)
    found, ok = parse_nested(pairs, whole, parse, is_strict=is_strict)
    if isinstance(found, ArrayColumn):
        found = ArrayColumn(data_type, found.offsets, found.child)
    return found, ok
