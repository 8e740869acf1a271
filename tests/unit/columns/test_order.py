"""Sorting against Python's sort with ClickHouse's rules for NULL and NaN."""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidb.columns import NumericColumn, StringColumn, column_from_values
from minidb.columns.order import SortKey, is_sorted, sort_permutation, top_n_permutation
from minidb.errors import InternalError
from minidb.types import ArrayType, FloatType, IntType, NullableType, StringType
from tests.strategies.key_columns import key_columns


def rank(value: object) -> int:
    """Return 0 for a value, 1 for NaN, 2 for NULL."""
    if value is None:
        return 2
    return int(isinstance(value, float) and math.isnan(value))


def compare(a: object, b: object, missing_greatest: bool) -> int:
    """Compare two values as one ascending sort key does."""
    if rank(a) or rank(b):
        difference = rank(a) - rank(b)
        return difference if missing_greatest else -difference
    if isinstance(a, list | tuple):
        for x, y in zip(a, b, strict=False):
            if found := compare(x, y, missing_greatest):
                return found
        return len(a) - len(b)
    if isinstance(a, str):
        a, b = a.encode(), b.encode()
    return (a > b) - (a < b)


def model_order(columns, directions) -> list[int]:
    rows = list(zip(*(c.to_pylist() for c in columns), strict=True))

    def compare_rows(i: int, j: int) -> int:
        for a, b, (descending, nulls_first) in zip(rows[i], rows[j], directions, strict=True):
            found = compare(a, b, nulls_first == descending)
            if found:
                return -found if descending else found
        return 0

    return sorted(range(len(rows)), key=functools.cmp_to_key(compare_rows))


@given(key_columns(), st.data())
def test_the_order_is_the_stable_one(sides, data):
    (columns,) = sides
    directions = data.draw(
        st.lists(
            st.tuples(st.booleans(), st.booleans()),
            min_size=len(columns),
            max_size=len(columns),
        )
    )
    keys = [SortKey(c, *d) for c, d in zip(columns, directions, strict=True)]
    expected = model_order(columns, directions)
    assert sort_permutation(keys).tolist() == expected
    assert is_sorted(keys) == (expected == list(range(len(expected))))
    n = data.draw(st.integers(0, len(expected) + 1))
    assert top_n_permutation(keys, n).tolist() == expected[:n]


@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("span", [5, 2**20, 2**63 - 1])
def test_large_integer_sorts_match_numpy(span, descending):
    values = np.random.default_rng(3).integers(-span, span, 10_000)
    values[5_000:] = values[:5_000]
    key = SortKey(NumericColumn(IntType(64, True), values), descending)
    expected = np.argsort(~values if descending else values, kind="stable")
    assert (sort_permutation([key]) == expected).all()
    assert (top_n_permutation([key], 17) == expected[:17]).all()


def test_large_float_sorts_are_stable():
    values = np.round(np.random.default_rng(4).normal(size=20_000), 2)
    key = SortKey(NumericColumn(FloatType(64), values))
    assert (sort_permutation([key]) == np.argsort(values, kind="stable")).all()


def test_text_with_a_long_common_beginning():
    rng = np.random.default_rng(5)
    texts = [b"a beginning of many bytes " + str(v).encode() for v in rng.integers(0, 99, 2_000)]
    key = SortKey(StringColumn.from_bytes(texts))
    expected = sorted(range(len(texts)), key=texts.__getitem__)
    assert sort_permutation([key]).tolist() == expected
    assert top_n_permutation([key], 9).tolist() == expected[:9]


def test_one_very_long_text_among_short_ones():
    texts = ["b", "a" * 20_000, "a" * 20_000 + "\0", "a"]
    key = SortKey(column_from_values(StringType(), texts))
    assert sort_permutation([key]).tolist() == [3, 1, 2, 0]


def test_nan_and_null_stand_last_unless_told_otherwise():
    column = column_from_values(NullableType(FloatType(64)), [math.nan, 1.0, None, -math.inf])
    orders = {
        (d, f): sort_permutation([SortKey(column, d, f)]).tolist()
        for d in (False, True)
        for f in (False, True)
    }
    assert orders == {
        (False, False): [3, 1, 0, 2],
        (True, False): [1, 3, 0, 2],
        (False, True): [2, 0, 3, 1],
        (True, True): [2, 0, 1, 3],
    }


def test_the_zeros_are_equal_and_empty_arrays_least():
    zeros = column_from_values(FloatType(32), [0.0, -0.0, 0.0])
    assert sort_permutation([SortKey(zeros)]).tolist() == [0, 1, 2]
    arrays = column_from_values(ArrayType(IntType(8, True)), [[0], [], [-1, 5], [-1]])
    assert sort_permutation([SortKey(arrays)]).tolist() == [1, 3, 2, 0]


def test_no_keys_are_refused():
    with pytest.raises(InternalError):
        sort_permutation([])
