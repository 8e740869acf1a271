"""Hypothesis strategies for data types, their Python values, and columns of every type."""

from __future__ import annotations

import datetime
import decimal
import uuid
from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from minidb.columns import Batch, Column, NullableColumn, column_from_values, concat_columns
from minidb.types import (
    ArrayType,
    BitsType,
    BoolType,
    DataType,
    DateTimeType,
    DateType,
    DecimalType,
    EnumType,
    FixedStringType,
    FloatType,
    IntType,
    MapType,
    NullableType,
    StringType,
    TupleType,
    UUIDType,
    map_of,
)

MAX_ROWS = 12
KEY_TYPES = (StringType(), IntType(16, True), DateType(), UUIDType())
BIT_WIDTHS = (1, 7, 63, 64, 65, 128, 200)

INTEGER_TYPES = tuple(
    IntType(bits, is_signed) for bits in (8, 16, 32, 64, 128, 256) for is_signed in (False, True)
)
DECIMAL_TYPES = tuple(DecimalType(p, s) for p, s in ((9, 2), (15, 2), (18, 18), (38, 10), (76, 5)))
ENUM_TYPES = (
    EnumType(8, (("it's", -128), ("", 0), ("a\tb", 5), ("имя", 127))),
    EnumType(16, (("x", 300),)),
)
SIMPLE_TYPES: tuple[DataType, ...] = (
    *INTEGER_TYPES,
    BoolType(),
    FloatType(32),
    FloatType(64),
    StringType(),
    DateType(),
    DateTimeType(),
    *DECIMAL_TYPES,
    *ENUM_TYPES,
    UUIDType(),
)
# One of each, for tests that go through all types one by one.
EVERY_TYPE: tuple[DataType, ...] = (
    *SIMPLE_TYPES,
    FixedStringType(1),
    FixedStringType(20),
    *(BitsType(n_bits) for n_bits in BIT_WIDTHS),
    *(NullableType(t) for t in (*SIMPLE_TYPES, FixedStringType(5), BitsType(65))),
    ArrayType(IntType(8, False)),
    ArrayType(StringType()),
    ArrayType(ArrayType(NullableType(IntType(256, True)))),
    TupleType((IntType(16, True), StringType())),
    map_of(StringType(), IntType(8, False)),
    map_of(IntType(16, True), ArrayType(NullableType(StringType()))),
    TupleType((ArrayType(BitsType(65)), NullableType(FloatType(32))), ("a", "b")),
)

FIRST_SECOND = datetime.datetime(1970, 1, 1)
LAST_SECOND = datetime.datetime(2106, 2, 7, 6, 28, 15)


def simple_types() -> st.SearchStrategy[DataType]:
    """Types that hold one value without parts: what Nullable can be put around."""
    return st.one_of(
        st.sampled_from(SIMPLE_TYPES),
        st.integers(1, 40).map(FixedStringType),
        st.sampled_from(BIT_WIDTHS).map(BitsType),
    )


def data_types(max_leaves: int = 4) -> st.SearchStrategy[DataType]:
    """All types that a table's column can have, nested ones among them."""
    leaves = st.one_of(simple_types(), simple_types().map(NullableType))
    return st.recursive(
        leaves,
        lambda inner: st.one_of(
            inner.map(ArrayType),
            st.tuples(st.sampled_from(KEY_TYPES), inner).map(lambda pair: map_of(*pair)),
            st.lists(inner, min_size=1, max_size=3).map(lambda types: TupleType(tuple(types))),
            st.dictionaries(element_names(), inner, min_size=1, max_size=3).map(_named_tuple),
        ),
        max_leaves=max_leaves,
    )


def element_names() -> st.SearchStrategy[str]:
    """Names of a tuple's elements: mostly plain, some that only backticks can hold."""
    odd = ("a b", "1x", "it's", "back`tick", "back\\slash", "a,b", "Array(", "имя", "\n")
    return st.one_of(st.sampled_from(("a", "b", "c", "date", "UInt8")), st.sampled_from(odd))


def _named_tuple(types: dict[str, DataType]) -> DataType:
    return TupleType(tuple(types.values()), tuple(types))


def values_of(data_type: DataType) -> st.SearchStrategy[object]:
    """Python values of a type, in the form of `Column.to_pylist`; edges come often."""
    match data_type:
        case NullableType(inner=inner):
            return st.one_of(st.none(), values_of(inner))
        case MapType(key=key, value=value):
            return st.dictionaries(values_of(key), values_of(value), max_size=3)
        case ArrayType(element=element):
            return st.lists(values_of(element), max_size=4)
        case TupleType(elements=elements):
            return st.tuples(*map(values_of, elements))
        case IntType(minimum=low, maximum=high):
            edges = [low, low + 1, -1, 0, 1, 127, 128, high - 1, high]
            edges = [edge for edge in edges if low <= edge <= high]
            return st.one_of(st.sampled_from(edges), st.integers(low, high))
        case DecimalType(precision=precision, scale=scale):
            top = 10**precision - 1
            edges = st.sampled_from([-top, -1, 0, 1, min(top, 10**scale), top])
            return st.one_of(edges, st.integers(-top, top)).map(lambda v: decimal_of(v, scale))
        case EnumType(entries=entries):
            return st.sampled_from([text for text, _ in entries])
        case UUIDType():
            return st.uuids(allow_nil=True)
        case BoolType():
            return st.booleans()
        case FloatType(bits=bits):
            return st.floats(width=32 if bits == 32 else 64)
        case StringType():
            return st.one_of(st.text(max_size=20), st.binary(max_size=20).map(text_or_bytes))
        case FixedStringType(width=width):
            return st.binary(max_size=width).map(lambda raw: text_or_bytes(raw.ljust(width, b"\0")))
        case DateType():
            return st.dates(datetime.date(1970, 1, 1), datetime.date(2149, 6, 6))
        case DateTimeType():
            return st.datetimes(FIRST_SECOND, LAST_SECOND).map(
                lambda t: t.replace(microsecond=0, fold=0)
            )
        case BitsType(n_bits=n_bits):
            return st.integers(0, (1 << n_bits) - 1).map(lambda v: f"{v:0{n_bits}b}")
        case _:
            raise AssertionError(f"no values of {data_type.name}")


def decimal_of(value: int, scale: int) -> decimal.Decimal:
    """Return a whole number over 10**scale, without rounding."""
    return decimal.Decimal((int(value < 0), tuple(map(int, str(abs(value)))), -scale))


def text_or_bytes(raw: bytes) -> str | bytes:
    """Return what `Column.to_pylist` shows for these bytes."""
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw


@st.composite
def columns_of(
    draw: st.DrawFn, data_type: DataType, min_rows: int = 0, max_rows: int = MAX_ROWS
) -> Column:
    """Columns of one type; some are slices of longer ones, so their arrays hold more than shows."""
    n_rows = draw(st.integers(min_rows, max_rows))
    before, after = draw(st.sampled_from([(0, 0), (0, 0), (1, 0), (0, 2), (2, 1)]))
    total = before + n_rows + after
    values = draw(st.lists(values_of(data_type), min_size=total, max_size=total))
    whole = column_from_values(data_type, values)
    return whole.slice(before, before + n_rows) if before or after else whole


@st.composite
def columns(draw: st.DrawFn, min_rows: int = 0, max_rows: int = MAX_ROWS) -> Column:
    """Columns of any type."""
    return draw(columns_of(draw(data_types()), min_rows, max_rows))


@st.composite
def batches_of(
    draw: st.DrawFn, types: Sequence[DataType], min_rows: int = 0, max_rows: int = MAX_ROWS
) -> Batch:
    """Batches with one column of each of `types`."""
    n_rows = draw(st.integers(min_rows, max_rows))
    return Batch(tuple(draw(columns_of(t, n_rows, n_rows)) for t in types), n_rows)


@st.composite
def batches(draw: st.DrawFn, min_rows: int = 0, max_rows: int = MAX_ROWS) -> Batch:
    """Batches of one to four columns of any types."""
    types = draw(st.lists(data_types(), min_size=1, max_size=4))
    return draw(batches_of(types, min_rows, max_rows))


def same_values(left: Column, right: Column) -> bool:
    """Whether two columns show the same values: NaN equals NaN, and -0.0 is not 0.0."""
    return left.type == right.type and repr(left.to_pylist()) == repr(right.to_pylist())


def same_batches(left: Batch, right: Batch) -> bool:
    """Whether two batches have the same rows."""
    if left.n_rows != right.n_rows or len(left.columns) != len(right.columns):
        return False
    return all(map(same_values, left.columns, right.columns))


def sample_column(data_type: DataType, n_rows: int) -> Column:
    """Return the same column each time: a few fixed values of the type, repeated."""
    few = column_from_values(data_type, sample_values(data_type))
    pieces = [few] * (n_rows // len(few) + 1)
    return concat_columns(data_type, pieces).slice(0, n_rows)


def sample_values(data_type: DataType) -> list[object]:
    """Return three values of the type: a default, one at an edge, one in between."""
    match data_type:
        case NullableType(inner=inner):
            return [None, *sample_values(inner)[1:]]
        case MapType(key=key, value=value):
            pairs = list(zip(sample_values(key), sample_values(value), strict=True))
            return [{}, dict(pairs[:2]), dict(pairs[1:])]
        case ArrayType(element=element):
            found = sample_values(element)
            return [[], found, found[:1]]
        case TupleType(elements=elements):
            return list(zip(*map(sample_values, elements), strict=True))
        case IntType(minimum=low, maximum=high):
            return [0, high, low + 5]
        case DecimalType(precision=precision, scale=scale):
            return [decimal_of(v, scale) for v in (0, 10**precision - 1, -(10**precision) // 7)]
        case EnumType(entries=entries):
            return [entries[0][0], entries[-1][0], entries[len(entries) // 2][0]]
        case UUIDType():
            return [uuid.UUID(int=n) for n in (0, (1 << 128) - 1, 1 << 64)]
        case BoolType():
            return [False, True, True]
        case FloatType():
            return [0.0, float("nan"), -1.5]
        case StringType():
            return ["", "a longer text than a prefix", b"\xff\0"]
        case FixedStringType(width=width):
            return [text_or_bytes(raw.ljust(width, b"\0")) for raw in (b"", b"\xff" * width, b"z")]
        case DateType():
            return [FIRST_SECOND.date(), datetime.date(2149, 6, 6), datetime.date(2026, 11, 23)]
        case DateTimeType():
            return [FIRST_SECOND, LAST_SECOND, datetime.datetime(2026, 11, 23, 7, 30)]
        case BitsType(n_bits=n_bits):
            return ["0" * n_bits, "1" * n_bits, "10" * (n_bits // 2) + "1" * (n_bits % 2)]
        case _:
            raise AssertionError(f"no values of {data_type.name}")


def null_count(column: Column) -> int:
    """Return how many rows are NULL."""
    return int(np.count_nonzero(column.is_null)) if isinstance(column, NullableColumn) else 0
