"""States: any split of the rows, merged in any order, gives what the whole gives; and bytes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidb.columns import Column, column_from_values
from minidb.columns.row_bytes import decode_rows, encode_rows
from minidb.columns.strings import StringColumn
from minidb.database import build_registry
from minidb.errors import MiniDBError, NotSupportedError
from minidb.functions.combinators.build import Builder, Built
from minidb.functions.combinators.names import read_name
from minidb.settings import Settings
from minidb.types.names import parse_type
from tests.strategies.columns import columns

REGISTRY = build_registry([]).functions
SETTINGS = Settings({})
N_GROUPS = 3
ROWS = st.lists(
    st.tuples(
        st.integers(0, N_GROUPS - 1),
        st.integers(0, 3),
        st.one_of(st.none(), st.integers(-4, 300)),
        st.integers(-1000, 1000),
        st.lists(st.integers(0, 9), max_size=3),
        st.text("ab", max_size=2),
    ),
    max_size=30,
)
TYPES = {
    "i": parse_type("Int64"),
    "n": parse_type("Nullable(Int16)"),
    "a": parse_type("Array(UInt8)"),
    "s": parse_type("String"),
}
# Those whose result does not depend on the order of the rows.
CALLS = {
    "count": "i", "sum": "i", "sumWithOverflow": "n", "avg": "n", "min": "s", "max": "i",
    "maxOrNull": "n", "minOrDefault": "n", "uniqExact": "s", "uniq": "is", "sumArray": "a",
    "sumForEach": "a", "countIf": "", "sumDistinct": "n", "uniqArray": "a", "median": "i",
    "quantileExact": "n", "stddevPop": "i", "covarSamp": "ii", "corr": "in", "groupBitXor": "i",
    "groupBitAnd": "i", "maxArrayOrNull": "a", "sumOrNull": "n", "minArray": "a",
    "quantilesExact": "i", "maxForEach": "a",
}  # fmt: skip


def built(name: str, letters: str) -> tuple[Built, bool]:
    found = read_name(REGISTRY, name)
    assert found is not None
    types = [TYPES[letter] for letter in letters]
    if name.endswith("If"):
        types.append(parse_type("UInt8"))
    parameters = (0.25, 0.75) if name == "quantilesExact" else ()
    return Builder(REGISTRY).build(found, types, parameters), name.endswith("If")


def arguments(letters: str, has_condition: bool, rows: list[tuple[object, ...]]) -> list[Column]:
    places = {"n": 2, "i": 3, "a": 4, "s": 5}
    found = [column_from_values(TYPES[x], [row[places[x]] for row in rows]) for x in letters]
    if has_condition:
        flags = [row[3] > 0 for row in rows]
        found.append(column_from_values(parse_type("UInt8"), flags))
    return found


def groups_of(rows: list[tuple[object, ...]]) -> np.ndarray:
    return np.array([row[0] for row in rows], np.intp)


def close(left: object, right: object) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        both_nan = math.isnan(left) and math.isnan(right)
        return both_nan or math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-7)
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(close, left, right))
    return left == right


@pytest.mark.parametrize("name", CALLS)
@given(rows=ROWS, order=st.permutations(range(4)))
def test_states_merge_in_any_order(name, rows, order):
    letters = CALLS[name]
    aggregate, has_condition = built(name, letters)
    whole = aggregate.make(SETTINGS)
    whole.update(arguments(letters, has_condition, rows), groups_of(rows), N_GROUPS)
    merged = aggregate.make(SETTINGS)
    for part in order:
        some = [row for row in rows if row[1] == part]
        one = aggregate.make(SETTINGS)
        one.update(arguments(letters, has_condition, some), groups_of(some), N_GROUPS)
        kept = encode_rows(one.save(N_GROUPS))
        # Two states of one group come in one call, as they may in a GROUP BY.
        states = decode_rows(merged.state_type, kept)
        merged.merge(states, np.arange(N_GROUPS), N_GROUPS)
    left, right = whole.finish(N_GROUPS), merged.finish(N_GROUPS)
    assert left.type == right.type == aggregate.result
    assert all(map(close, left.to_pylist(), right.to_pylist()))


@given(rows=ROWS)
def test_many_states_of_a_group_come_at_once(rows):
    aggregate, _ = built("stddevPop", "i")
    whole, parts = aggregate.make(SETTINGS), aggregate.make(SETTINGS)
    whole.update(arguments("i", False, rows), groups_of(rows), N_GROUPS)
    parts.update(arguments("i", False, rows), np.arange(len(rows)), len(rows))
    merged = aggregate.make(SETTINGS)
    merged.merge(parts.save(len(rows)), groups_of(rows), N_GROUPS)
    left, right = whole.finish(N_GROUPS).to_pylist(), merged.finish(N_GROUPS).to_pylist()
    assert all(map(close, left, right))


@given(columns())
def test_bytes_of_rows_give_the_rows_back(column):
    again = decode_rows(column.type, encode_rows(column))
    assert again.type == column.type
    assert repr(again.to_pylist()) == repr(column.to_pylist())


@pytest.mark.parametrize("raw", [b"\x01", b"\x05\0\0\0ab", b"\0\0\0\0x"])
def test_broken_bytes_are_refused(raw):
    rows = StringColumn(np.array([0, len(raw)]), np.frombuffer(raw, np.uint8))
    with pytest.raises(MiniDBError) as broken:
        decode_rows(parse_type("String"), rows)
    assert broken.value.code.name == "INCORRECT_DATA"


def test_types_of_states_are_read_back():
    for name in (
        "AggregateFunction(sum, UInt64)",
        "AggregateFunction(quantile(0.5), Nullable(Float64))",
        "Array(AggregateFunction(groupArray(3), Array(String)))",
        "AggregateFunction(count)",
    ):
        assert parse_type(name).name == name


def test_every_builtin_keeps_its_states():
    for function in REGISTRY.aggregates():
        try:
            aggregate = Builder(REGISTRY).build(
                read_name(REGISTRY, function.name),
                [TYPES["i"] for arg in function.args if not arg.is_optional],
                (0.5,) * sum(not p.is_optional for p in function.parameters),
            )
            aggregate.make(SETTINGS).save(2)
        except NotSupportedError as error:
            raise AssertionError(function.name) from error
        except MiniDBError:
            continue  # takes other types
