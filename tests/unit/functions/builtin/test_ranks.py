"""Ranks order and equate the values of every type."""

from __future__ import annotations

import random

import numpy as np
import pytest

from minidb.columns import column_from_values
from minidb.functions.builtin.ranks import equal_rows, rank
from minidb.types.names import parse_type

NAN = float("nan")


def ranks(type_name, values):
    return rank(column_from_values(parse_type(type_name), values)).tolist()


@pytest.mark.parametrize(
    ("type_name", "values", "expected"),
    [
        ("UInt8", [], []),
        ("UInt8", [3, 1, 3], [1, 0, 1]),
        ("Float64", [NAN, 1.0, NAN, -0.0, 0.0], [3, 2, 3, 0, 0]),
        ("Nullable(Int8)", [None, 5, None], [1, 0, 1]),
        ("String", ["b", "", "a\0", "a", "ab"], [4, 0, 2, 1, 3]),
        ("FixedString(2)", ["b", "a", "b"], [1, 0, 1]),
        ("Int128", [-1, 2**100, -(2**127), 0], [1, 3, 0, 2]),
        ("UInt256", [2**255, 0, 2**64], [2, 0, 1]),
        ("Array(UInt8)", [[2], [], [1, 5], [1], [1, 5]], [4, 0, 2, 1, 2]),
        ("Tuple(UInt8, String)", [(1, "b"), (0, "z"), (1, "a")], [2, 0, 1]),
        ("Tuple()", [(), ()], [0, 0]),
        ("Bits(3)", ["100", "001", "100"], [0, 2, 0]),
    ],
)
def test_a_rank_counts_the_smaller_rows(type_name, values, expected):
    assert ranks(type_name, values) == expected


def test_long_texts_are_ranked_as_python_sorts_bytes():
    chance = random.Random(3)
    values = [bytes(chance.choices(b"ab\0", k=chance.randrange(40))) for _ in range(300)]
    expected = [sum(other < value for other in values) for value in values]
    assert ranks("String", values) == expected


def test_by_bits_0_and_minus_0_differ():
    column = column_from_values(parse_type("Float64"), [0.0, -0.0, NAN, NAN])
    zero, minus_zero, *nans = rank(column, by_bits=True).tolist()
    assert zero != minus_zero
    assert nans[0] == nans[1]


def test_null_equals_null_and_nothing_else():
    kind = parse_type("Nullable(Int8)")
    left = column_from_values(kind, [None, None, 0, 1])
    right = column_from_values(kind, [None, 0, None, 1])
    assert equal_rows(left, right).tolist() == [True, False, False, True]
    assert equal_rows(left, right).dtype == np.bool_
