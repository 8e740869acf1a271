"""A join is the pairs that its condition keeps, whatever the types of its keys."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import example, given
from hypothesis import strategies as st

from minidb.optimizer.conditions import compares_bytes
from minidb.types import (
    BoolType,
    DataType,
    DateTimeType,
    DateType,
    FixedStringType,
    FloatType,
    IntType,
    NullableType,
    StringType,
)
from tests.strategies.queries import small_values
from tests.support.engine import rows, run, session_at

NUMBERS: tuple[DataType, ...] = (
    *(IntType(bits, signed) for bits in (8, 32, 64, 128, 256) for signed in (False, True)),
    FloatType(32),
    FloatType(64),
    BoolType(),
)
FAMILIES: tuple[tuple[DataType, ...], ...] = (
    NUMBERS,
    (StringType(), FixedStringType(2), FixedStringType(3)),
    (DateType(), DateTimeType()),
)


@st.composite
def key_pairs(draw: st.DrawFn) -> tuple[list[DataType], list[list[object]]]:
    family = draw(st.sampled_from(FAMILIES))
    types = [draw(st.sampled_from(family)) for _ in range(2)]
    types = [NullableType(t) if draw(st.booleans()) else t for t in types]
    return types, [draw(st.lists(small_values(t), max_size=6)) for t in types]


@given(key_pairs())
@example(([FloatType(64)] * 2, [[float("nan"), 0.0, -0.0]] * 2))
@example(([NullableType(IntType(8, False))] * 2, [[None, 1]] * 2))
@example(([StringType(), FixedStringType(3)], [["a", "a\0", "a\0\0"], ["a\0\0"]]))
@example(([IntType(64, True), IntType(64, False)], [[-1, 1], [2**64 - 1, 1]]))
@example(([IntType(64, True), FloatType(64)], [[2**53 + 1], [2.0**53]]))
def test_equal_keys_join_as_equals_compares(drawn: tuple[Sequence[DataType], list[list]]):
    types, values = drawn
    with session_at() as session:
        for name, data_type, column in zip("tu", types, values, strict=True):
            run(session, f"CREATE TABLE {name} (i UInt8, {name}k {data_type.name})")
            session.insert_rows(f"INSERT INTO {name} VALUES", list(enumerate(column)))
        by_comparing = "SELECT t.i, u.i FROM t, u WHERE tk = uk SETTINGS disabled_rules = 'all'"
        expected = rows(session, by_comparing)
        queries = [
            "SELECT t.i, u.i FROM t, u WHERE tk = uk",
            "SELECT t.i, u.i FROM t CROSS JOIN u WHERE uk = tk AND 1",
        ]
        if compares_bytes(*types):
            # The keys of ON compare bytes, as in ClickHouse: NaN is NaN there.
            queries.append("SELECT t.i, u.i FROM t JOIN u ON tk = uk")
            queries.append("SELECT t.i, u.i FROM t JOIN u ON uk = tk SETTINGS max_block_size = 2")
        for sql in queries:
            assert rows(session, sql) == expected, (sql, types)
