"""128- and 256-bit arithmetic over lanes equals Python's integers."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidb.columns import ints_to_lanes, lanes_to_ints
from minidb.columns import wide_math as wide
from minidb.types import IntType
from tests.strategies.columns import values_of

TYPES = tuple(IntType(bits, is_signed) for bits in (128, 256) for is_signed in (False, True))


@st.composite
def operands(draw):
    """A type and two columns of it, as Python integers."""
    kind = draw(st.sampled_from(TYPES))
    rows = draw(st.lists(st.tuples(values_of(kind), values_of(kind)), min_size=1, max_size=8))
    return kind, [a for a, _ in rows], [b for _, b in rows]


def wrapped(kind: IntType, value: int) -> int:
    """Return a value modulo 2**bits, in the range of the type."""
    low = value % (1 << kind.bits)
    return low - (1 << kind.bits) if low > kind.maximum else low


@given(operands())
def test_sums_and_products_wrap_around(rows):
    kind, a, b = rows
    left, right = ints_to_lanes(kind, a), ints_to_lanes(kind, b)
    for compute, exact in (
        (wide.add_lanes, int.__add__),
        (wide.subtract_lanes, int.__sub__),
        (wide.multiply_lanes, int.__mul__),
    ):
        expected = [wrapped(kind, exact(x, y)) for x, y in zip(a, b, strict=True)]
        assert lanes_to_ints(kind, compute(left, right)) == expected
    assert lanes_to_ints(kind, wide.negate_lanes(left)) == [wrapped(kind, -x) for x in a]


@given(operands(), st.integers(0, 300))
def test_shifts_by_any_amount(rows, amount):
    kind, a, _ = rows
    lanes, amounts = ints_to_lanes(kind, a), np.full(len(a), amount, np.uint64)
    left = wide.shift_left_lanes(lanes, amounts)
    right = wide.shift_right_lanes(lanes, amounts, kind.is_signed)
    assert lanes_to_ints(kind, left) == [wrapped(kind, x << amount) for x in a]
    assert lanes_to_ints(kind, right) == [x >> amount for x in a]


@given(operands())
def test_order_and_equality(rows):
    kind, a, b = rows
    left, right = ints_to_lanes(kind, a), ints_to_lanes(kind, b)
    less = wide.less_lanes(left, right, kind.is_signed)
    assert less.tolist() == [x < y for x, y in zip(a, b, strict=True)]
    equal = wide.equal_lanes(left, right)
    assert equal.tolist() == [x == y for x, y in zip(a, b, strict=True)]


@given(operands())
def test_nearest_float(rows):
    kind, a, _ = rows
    assert wide.lanes_to_float(ints_to_lanes(kind, a), kind.is_signed).tolist() == list(
        map(float, a)
    )


@pytest.mark.parametrize("kind", TYPES)
def test_ties_of_floats_go_to_even(kind):
    values = [(1 << 54) + 2, (1 << 54) + 6, (1 << 100) + (1 << 47), (1 << 100) + (1 << 47) + 1]
    lanes = ints_to_lanes(kind, values)
    assert wide.lanes_to_float(lanes, kind.is_signed).tolist() == list(map(float, values))


@given(st.lists(st.floats(-(2.0**254), 2.0**254), min_size=1, max_size=8))
def test_floats_are_cut_to_whole_numbers(values):
    kind = IntType(256, True)
    lanes = wide.lanes_from_float(np.array(values), kind.n_lanes)
    assert lanes_to_ints(kind, lanes) == [math.trunc(v) for v in values]


def test_broadcast_lanes_are_read_and_not_written():
    kind = IntType(256, False)
    one = np.broadcast_to(ints_to_lanes(kind, [kind.maximum])[0], (3, 4))
    assert lanes_to_ints(kind, wide.add_lanes(one, one)) == [kind.maximum - 1] * 3
    assert lanes_to_ints(kind, wide.multiply_lanes(one, one)) == [1] * 3
    assert lanes_to_ints(kind, one) == [kind.maximum] * 3


@pytest.mark.parametrize("n_lanes", [2, 4])
def test_empty_lanes_stay_empty(n_lanes):
    none = np.zeros((0, n_lanes), np.uint64)
    assert wide.add_lanes(none, none).shape == (0, n_lanes)
    assert wide.multiply_lanes(none, none).shape == (0, n_lanes)
    assert wide.shift_left_lanes(none, np.zeros(0, np.uint64)).shape == (0, n_lanes)
    assert wide.lanes_to_float(none, True).shape == (0,)
