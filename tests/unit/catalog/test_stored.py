"""Which granules a range of values leaves to read."""

from __future__ import annotations

import pytest

from minidb.catalog.relation import Bounds
from minidb.catalog.stored import granule_runs, is_greater, is_less, matching_granules
from minidb.columns import Batch, column_from_values
from minidb.storage import ColumnDef, MemoryStore, TableDef
from minidb.types import FloatType, IntType, NullableType, StringType

KEY = ("default", "t")


def part_of(data_type, values, granule_rows: int = 2):
    store = MemoryStore()
    column = column_from_values(data_type, values)
    with store.begin() as transaction:
        transaction.create_table(TableDef(*KEY, (ColumnDef("c", data_type),)))
        transaction.append(*KEY, Batch((column,), len(values)), granule_rows)
        transaction.commit()
    return store.snapshot().tables[KEY].parts[0]


def bounds(data_type, low, high) -> dict[str, Bounds]:
    ends = [None if end is None else column_from_values(data_type, [end]) for end in (low, high)]
    return {"c": Bounds(*ends)}


@pytest.mark.parametrize(
    ("low", "high", "kept"),
    [
        (None, None, [1, 1, 1]),
        (3, None, [0, 1, 1]),
        (None, 2, [1, 0, 0]),
        (2, 3, [1, 1, 0]),
        (6, None, [0, 0, 1]),
        (7, None, [0, 0, 0]),
        (4, 3, [0, 1, 0]),
    ],
)
@pytest.mark.parametrize("data_type", [IntType(8, True), IntType(256, False), FloatType(64)])
def test_granules_outside_the_range_are_left_out(data_type, low, high, kept):
    part = part_of(data_type, [1, 2, 3, 4, 5, 6])
    assert list(matching_granules(part, bounds(data_type, low, high))) == list(map(bool, kept))


def test_granules_of_nulls_and_nans_never_match():
    part = part_of(NullableType(IntType(8, False)), [None, None, 1, None])
    assert list(matching_granules(part, bounds(IntType(8, False), 0, None))) == [False, True]
    part = part_of(FloatType(64), [float("nan")] * 2 + [1.0, float("nan")])
    assert list(matching_granules(part, bounds(FloatType(64), None, 5.0))) == [False, True]


def test_texts_are_bounded_by_their_first_bytes():
    part = part_of(StringType(), ["a", "b" * 300, "c", "d" * 300])
    assert list(matching_granules(part, bounds(StringType(), "b" * 299, "b" * 301))) == [
        True,
        False,
    ]
    assert list(matching_granules(part, bounds(StringType(), "d" * 301, None))) in (
        [False, True],
        [False, False],
    )


def test_runs_join_neighbours_and_are_cut_to_size():
    part = part_of(IntType(8, True), [1, 1, 9, 9, 1, 1, 1, 1, 1, 1])
    low = bounds(IntType(8, True), None, 5)
    assert list(granule_runs(part, low, 2)) == [range(1), range(2, 4), range(4, 5)]
    assert list(granule_runs(part, low, 9)) == [range(1), range(2, 5)]
    assert list(granule_runs(part, bounds(IntType(8, True), 50, None), 9)) == []


def test_comparing_with_one_value():
    column = column_from_values(StringType(), ["a", "b", "c"])
    limit = column_from_values(StringType(), ["b"])
    assert list(is_less(column, limit)) == [True, False, False]
    assert list(is_greater(column, limit)) == [False, False, True]
    assert list(is_less(column.slice(0, 0), limit)) == []
