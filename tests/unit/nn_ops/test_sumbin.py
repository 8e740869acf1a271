"""sumbin against plain loops: by place and in input order, cut into updates at random."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidb.columns import NumericColumn, column_from_values
from minidb.errors import ARGUMENT_OUT_OF_BOUND, ValueExecutionError
from minidb.types import BoolType, DataType, IntType
from nn_ops.lookup import LOOKUP
from nn_ops.sumbin import SUMBIN
from tests.strategies.aggregates import MAX_GROUPS, grouped_rows, run

UINT8 = IntType(8, False)
INTEGERS = st.sampled_from(
    [BoolType(), *(IntType(b, s) for b in (8, 64, 256) for s in (False, True))]
)


def bits_of(data_type: DataType) -> st.SearchStrategy[object]:
    return st.booleans() if isinstance(data_type, BoolType) else st.integers(0, 1)


@given(grouped_rows(st.tuples(INTEGERS), bits_of, max_rows=60))
def test_bits_in_input_order_first_most_significant(case):
    columns, groups, cuts = case
    words = [0] * MAX_GROUPS
    for bit, group in zip(columns[0].to_pylist(), groups, strict=True):
        words[group] = words[group] << 1 | int(bit)
    assert run(SUMBIN, columns, groups, MAX_GROUPS, cuts).to_pylist() == words


@given(grouped_rows(st.tuples(INTEGERS), bits_of, max_rows=60), st.data())
def test_bits_by_place_in_any_row_order(case, data):
    columns, groups, cuts = case
    n_rows = len(groups)
    low_places = data.draw(st.sampled_from([UINT8, IntType(16, True), IntType(256, True)]))
    places = data.draw(st.lists(st.integers(0, 255), min_size=n_rows, max_size=n_rows))
    words = [0] * MAX_GROUPS
    for bit, place, group in zip(columns[0].to_pylist(), places, groups, strict=True):
        words[group] |= int(bit) << place
    both = [columns[0], column_from_values(low_places, places)]
    assert run(SUMBIN, both, groups, MAX_GROUPS, cuts).to_pylist() == words


def test_the_vectors_of_the_specification():
    for data_type in (UINT8, IntType(256, False)):
        bits = column_from_values(data_type, [1, 0, 1, 1])
        turned = column_from_values(data_type, [1, 1, 0, 1])
        assert run(SUMBIN, [bits], [0] * 4, 1).to_pylist() == [11]
        assert run(SUMBIN, [bits], [0] * 4, 1, [2]).to_pylist() == [11]
        assert run(SUMBIN, [turned], [0] * 4, 1).to_pylist() == [13]


@pytest.mark.parametrize("n_rows", [1, 63, 64, 65, 128, 255, 256])
def test_words_of_every_width(n_rows):
    bits = np.random.default_rng(n_rows).integers(0, 2, n_rows).astype(np.uint8)
    expected = int("".join(map(str, bits)), 2)
    column = NumericColumn(UINT8, bits)
    assert run(SUMBIN, [column], [0] * n_rows, 1, [n_rows // 3]).to_pylist() == [expected]
    places = NumericColumn(UINT8, np.arange(n_rows - 1, -1, -1).astype(np.uint8))
    assert run(SUMBIN, [column, places], [0] * n_rows, 1).to_pylist() == [expected]


def test_groups_that_come_mixed():
    groups = [2, 0, 2, 1, 0, 2]
    column = column_from_values(UINT8, [1, 1, 0, 1, 0, 1])
    assert run(SUMBIN, [column], groups, 4, [3]).to_pylist() == [0b10, 0b1, 0b101, 0]


@pytest.mark.parametrize("cuts", [[], [100], [256]])
def test_a_257th_row_is_refused(cuts):
    ones = NumericColumn(UINT8, np.ones(257, np.uint8))
    with pytest.raises(ValueExecutionError, match="at most 256 rows") as caught:
        run(SUMBIN, [ones], [0] * 257, 1, cuts)
    assert caught.value.code == ARGUMENT_OUT_OF_BOUND


@pytest.mark.parametrize(
    ("data_type", "value"),
    [(UINT8, 2), (IntType(8, True), -1), (IntType(256, False), 1 << 64), (IntType(128, True), -1)],
)
def test_other_values_than_bits_are_refused(data_type, value):
    column = column_from_values(data_type, [0, 1, value])
    for columns in ([column], [column, column_from_values(UINT8, [0, 1, 2])]):
        with pytest.raises(ValueExecutionError, match=f"bit from 0 to 1, got {value}") as caught:
            run(SUMBIN, columns, [0, 0, 0], 1)
        assert caught.value.code == ARGUMENT_OUT_OF_BOUND


@pytest.mark.parametrize(
    ("data_type", "place"), [(IntType(16, False), 256), (IntType(8, True), -1)]
)
def test_places_outside_the_word_are_refused(data_type, place):
    columns = [column_from_values(UINT8, [0]), column_from_values(data_type, [place])]
    with pytest.raises(ValueExecutionError, match="place from 0 to 255"):
        run(SUMBIN, columns, [0], 1)


def test_the_name_is_read_in_any_case():
    assert SUMBIN.is_case_insensitive
    assert not LOOKUP.is_case_insensitive
