"""Columns with few distinct values and many awkward ones, for grouping, joining and sorting."""

from __future__ import annotations

import datetime
import math
import struct

from hypothesis import strategies as st

from minidb.columns import Column, column_from_values
from minidb.types import (
    ArrayType,
    BitsType,
    BoolType,
    DataType,
    DateType,
    FixedStringType,
    FloatType,
    IntType,
    NullableType,
    StringType,
    TupleType,
)
from minidb.types.family import can_be_nullable

SCALARS: tuple[DataType, ...] = (
    BoolType(),
    DateType(),
    FloatType(32),
    FloatType(64),
    StringType(),
    FixedStringType(3),
    FixedStringType(17),
    BitsType(5),
    BitsType(65),
    *(IntType(bits, signed) for bits in (8, 16, 64, 128, 256) for signed in (False, True)),
)
FLOATS = (0.0, -0.0, 1.0, -1.5, math.nan, math.inf, -math.inf, 1e30)
TEXTS = ("", "a", "a\0", "a\0\0", "b", "ab", "abcdefg", "abcdefgh", "abcdefgh\0", "abcdefghi", "é")


def types() -> st.SearchStrategy[DataType]:
    """Return types of every family, some nested and some Nullable."""
    scalar = st.sampled_from(SCALARS)
    nested = st.recursive(
        scalar,
        lambda inner: st.one_of(
            st.builds(ArrayType, inner),
            st.lists(inner, min_size=1, max_size=3).map(lambda t: TupleType(tuple(t))),
            inner.filter(can_be_nullable).map(NullableType),
        ),
        max_leaves=4,
    )
    return st.one_of(scalar, nested)


def values(data_type: DataType) -> st.SearchStrategy[object]:
    """Return values of a type, mostly from a small set at its limits."""
    match data_type:
        case NullableType(inner=inner):
            return st.one_of(st.none(), values(inner))
        case ArrayType(element=element):
            return st.lists(values(element), max_size=3)
        case TupleType(elements=elements):
            return st.tuples(*(values(element) for element in elements))
        case BoolType():
            return st.booleans()
        case DateType():
            return st.sampled_from([datetime.date(1970, 1, 1), datetime.date(2149, 6, 6)])
        case FloatType():
            return st.sampled_from(FLOATS)
        case StringType():
            return st.sampled_from(TEXTS)
        case FixedStringType(width=width):
            fitting = [text for text in TEXTS if len(text.encode()) <= width]
            return st.sampled_from(fitting)
        case BitsType(n_bits=n):
            return st.sampled_from(["0" * n, "1" * n, "1" + "0" * (n - 1), "0" * (n - 1) + "1"])
        case IntType(minimum=low, maximum=high):
            return st.sampled_from([low, high, low + 1, high - 1, 0, 1, high // 2, high // 3])
    raise AssertionError(data_type)


@st.composite
def key_columns(
    draw: st.DrawFn, max_columns: int = 3, max_rows: int = 30, n_sides: int = 1
) -> list[list[Column]]:
    """Return for each side a list of columns of one length; the sides share their types."""
    column_types = draw(st.lists(types(), min_size=1, max_size=max_columns))
    sides = []
    for _ in range(n_sides):
        n_rows = draw(st.integers(0, max_rows))
        sides.append(
            [
                column_from_values(t, draw(st.lists(values(t), min_size=n_rows, max_size=n_rows)))
                for t in column_types
            ]
        )
    return sides


def identity(value: object) -> object:
    """Return a hashable form that is equal where grouping says equal."""
    if isinstance(value, float):
        return "nan" if math.isnan(value) else struct.pack("d", value)
    if isinstance(value, list | tuple):
        return tuple(identity(item) for item in value)
    return value
