"""Texts beside constants: LIKE and equality on the bytes agree with a search row by row."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from minidb import connect
from minidb.columns import StringColumn
from minidb.functions.builtin.search import occurrences
from minidb.functions.compare_numbers import equal_constant_text

TEXTS = st.lists(st.text("ab\0", max_size=8).map(str.encode), max_size=12)


@given(TEXTS, st.text("ab\0", max_size=4).map(str.encode))
def test_equal_texts_have_the_same_bytes(values, wanted):
    column = StringColumn.from_bytes([b"in front", *values]).slice(1, len(values) + 1)
    assert equal_constant_text(column, wanted).tolist() == [value == wanted for value in values]


@given(TEXTS, st.text("ab\0", min_size=1, max_size=3).map(str.encode))
def test_occurrences_lie_within_one_row(values, wanted):
    column = StringColumn.from_bytes(values)
    expected = [
        start + place
        for start, value in zip(column.offsets.tolist(), values, strict=False)
        for place in range(len(value))
        if value.startswith(wanted, place)
    ]
    assert occurrences(column, wanted).tolist() == expected


@pytest.fixture(scope="module")
def connection():
    return connect(":memory:")


@given(st.lists(st.text("ab", max_size=7), min_size=1, max_size=10), st.text("ab%_", max_size=6))
@example(["ab", "aab", "aba"], "ab%ab")
@example(["aba", "abab"], "%ab%ba")
@example(["a", "", "aa"], "a%a")
@example(["ba", "a"], "%%a%")
def test_like_matches_as_a_regular_expression_does(connection, values, pattern):
    listed = ", ".join(f"'{value}'" for value in values)
    answer = connection.execute(
        f"SELECT value LIKE '{pattern}', value NOT ILIKE '{pattern.upper()}'"
        f" FROM (SELECT arrayJoin([{listed}]) AS value)"
    ).rows()
    form = re.compile(pattern.replace("%", ".*").replace("_", "."))
    expected = [form.fullmatch(value) is not None for value in values]
    assert [bool(row[0]) for row in answer] == expected
    assert [not row[1] for row in answer] == expected


def test_items_of_zero_bytes_differ_by_their_length():
    column = StringColumn.from_bytes([b"a", b"a\0", b"a\0\0", b"", b"\0"])
    assert np.flatnonzero(equal_constant_text(column, b"a\0")).tolist() == [1]
    assert np.flatnonzero(equal_constant_text(column, b"\0")).tolist() == [4]
    assert np.flatnonzero(equal_constant_text(column, b"")).tolist() == [3]
