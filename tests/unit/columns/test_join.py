"""Joining against two nested loops, on every type."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from minidb.columns import NumericColumn, column_from_values
from minidb.columns import key_index as key_index_module
from minidb.columns.join import JoinTable, match_pairs
from minidb.types import FloatType, IntType, NullableType, StringType
from tests.strategies.key_columns import identity, key_columns


def model_pairs(left, right) -> list[tuple[int, int]]:
    left_rows = list(zip(*(c.to_pylist() for c in left), strict=True))
    right_rows = list(zip(*(c.to_pylist() for c in right), strict=True))
    return [
        (i, j)
        for i, a in enumerate(left_rows)
        for j, b in enumerate(right_rows)
        if None not in a and None not in b and identity(a) == identity(b)
    ]


@given(key_columns(n_sides=2, max_columns=2))
def test_pairs_are_those_of_two_loops(sides):
    left, right = sides
    table = JoinTable(right)
    found = [rows.tolist() for rows in table.probe(left)]
    expected = model_pairs(left, right)
    assert list(zip(*found, strict=True)) == expected
    counts = [sum(i == row for i, _ in expected) for row in range(len(left[0]))]
    assert table.count_matches(left).tolist() == counts
    assert table.nbytes >= 0


@given(key_columns(n_sides=2, max_columns=2))
def test_pairs_do_not_depend_on_the_hash(sides):
    left, right = sides
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(key_index_module, "hash_rows", lambda keys: np.zeros(keys.n_rows, np.uint64))
        patch.setattr(key_index_module, "MIN_DIRECT_RANGE", 0)
        patch.setattr(key_index_module, "DIRECT_RANGE_PER_ROW", 0)
        if len(left) == 1 and not isinstance(left[0].type, StringType):
            return  # the hash of a single word has to be one to one
        found = [rows.tolist() for rows in match_pairs(left, right)]
    assert list(zip(*found, strict=True)) == model_pairs(left, right)


@pytest.mark.parametrize("scale", [1, 2**40 + 1])
@pytest.mark.parametrize("repeats", [1, 3])
def test_large_joins_match_a_dictionary(scale, repeats):
    rng = np.random.default_rng(11)
    right = np.tile(rng.permutation(2_000) * scale, repeats)
    left = rng.integers(0, 4_000, 10_000) * scale
    int64 = IntType(64, True)
    left_rows, right_rows = match_pairs([NumericColumn(int64, left)], [NumericColumn(int64, right)])
    assert (left[left_rows] == right[right_rows]).all()
    assert len(left_rows) == int(np.isin(left, right).sum()) * repeats
    order = np.lexsort((right_rows, left_rows))
    assert (order == np.arange(len(order))).all()


def test_keys_beyond_the_table_match_nothing():
    limits = IntType(64, True)
    right = column_from_values(limits, [5, 6, 9])
    left = column_from_values(limits, [4, 10, limits.minimum, limits.maximum, 9, 7])
    assert [rows.tolist() for rows in match_pairs([left], [right])] == [[4], [2]]


def test_null_matches_nothing_not_even_null():
    column = column_from_values(NullableType(IntType(8, False)), [None, 1, None])
    plain = column_from_values(IntType(8, False), [1, 0])
    assert [r.tolist() for r in match_pairs([column], [column])] == [[1], [1]]
    assert [r.tolist() for r in match_pairs([column], [plain])] == [[1], [0]]
    assert [r.tolist() for r in match_pairs([plain], [column])] == [[0], [1]]


def test_nan_matches_nan_and_the_zeros_differ():
    column = column_from_values(FloatType(64), [0.0, -0.0, float("nan")])
    assert [r.tolist() for r in match_pairs([column], [column])] == [[0, 1, 2], [0, 1, 2]]


def test_an_empty_side_has_no_matches():
    column = column_from_values(StringType(), ["a"])
    assert [len(r) for r in match_pairs([column], [column.slice(0, 0)])] == [0, 0]
    assert [len(r) for r in match_pairs([column.slice(0, 0)], [column])] == [0, 0]
