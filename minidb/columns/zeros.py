"""One zero: grouping takes 0.0 and -0.0 for the same value, joins and sets do not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from minidb.columns.base import Column
from minidb.columns.nested import ArrayColumn, NullableColumn, TupleColumn
from minidb.columns.numeric import NumericColumn


def with_one_zero(columns: Sequence[Column]) -> tuple[Column, ...]:
    """Return the columns with 0.0 in place of every -0.0, also inside arrays and tuples.

    Columns without a negative zero are returned as they are.
    """
    return tuple(_one_zero(column) for column in columns)


def _one_zero(column: Column) -> Column:
    """Return one column with a single zero."""
    match column:
        case NumericColumn(values=values) if values.dtype.kind == "f":
            if not (np.signbit(values) & (values == 0)).any():
                return column
            return replace(column, values=np.where(values == 0, np.zeros_like(values), values))
        case NullableColumn(inner=inner):
            found = _one_zero(inner)
            return column if found is inner else replace(column, inner=found)
        case ArrayColumn(child=child):
            found = _one_zero(child)
            return column if found is child else replace(column, child=found)
        case TupleColumn(children=children):
            parts = with_one_zero(children)
            is_same = all(a is b for a, b in zip(parts, children, strict=True))
            return column if is_same else replace(column, children=parts)
        case _:
            return column
