"""lookup against Python's own integers, for every pair of widths and kinds."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidb.columns import Column, column_from_values, constant_column
from minidb.errors import ILLEGAL_TYPE_OF_ARGUMENT, BindError
from minidb.functions.declaration import Argument, Call
from minidb.settings import Settings
from minidb.types import BitsType, BoolType, FixedStringType, IntType, StringType
from nn_ops.lookup import BLOCK_ROWS, LOOKUP
from tests.strategies.key_columns import values

INTEGERS = [IntType(b, s) for b in (8, 16, 32, 64, 128, 256) for s in (False, True)]


def lookup(*columns: Column) -> Column:
    result = LOOKUP.result([Argument(column.type) for column in columns])
    n_rows = len(columns[0])
    found = LOOKUP.kernel(Call(columns, n_rows, result, (None,) * len(columns), Settings({})))
    assert found.type == result
    assert len(found) == n_rows
    return found


def count(number: int, n_bits: int) -> int:
    return (number & ((1 << n_bits) - 1)).bit_count()


@pytest.mark.parametrize(("left", "right"), list(product([*INTEGERS, BoolType()], INTEGERS)))
def test_integers_of_all_widths(left, right):
    sizes = [t.bits if isinstance(t, IntType) else 8 for t in (left, right)]
    edges = [
        [0, 1, 3, t.minimum, t.maximum, t.maximum // 3] if isinstance(t, IntType) else [0, 1]
        for t in (left, right)
    ]
    rows = list(product(*edges))
    a = column_from_values(left, [row[0] for row in rows])
    b = column_from_values(right, [row[1] for row in rows])
    expected = [count(int(x) ^ int(y), max(sizes)) for x, y in rows]
    assert lookup(a, b).to_pylist() == expected
    assert lookup(b, a).to_pylist() == expected
    assert lookup(a).to_pylist() == [count(int(x), sizes[0]) for x, _ in rows]
    assert lookup(a, b).type == IntType(8 if max(sizes) <= 128 else 16, False)


@given(st.data(), st.sampled_from([1, 3, 8, 16, 17, 40]))
def test_fixed_strings(data, width):
    texts = st.lists(st.binary(min_size=width, max_size=width), min_size=1, max_size=5)
    a, b = data.draw(texts), data.draw(texts)
    n = min(len(a), len(b))
    columns = [column_from_values(FixedStringType(width), side[:n]) for side in (a, b)]
    expected = [
        (int.from_bytes(x, "big") ^ int.from_bytes(y, "big")).bit_count()
        for x, y in zip(a[:n], b[:n], strict=True)
    ]
    assert lookup(*columns).to_pylist() == expected


@given(st.data(), st.sampled_from([1, 63, 64, 65, 144, 300]))
def test_bits(data, n_bits):
    bits_type = BitsType(n_bits)
    rows = data.draw(st.lists(st.tuples(values(bits_type), values(bits_type)), max_size=6))
    a, b = ([row[i] for row in rows] for i in (0, 1))
    columns = [column_from_values(bits_type, side) for side in (a, b)]
    expected = [sum(x != y for x, y in zip(*row, strict=True)) for row in rows]
    assert lookup(*columns).to_pylist() == expected


def test_the_vectors_of_the_specification():
    wide = IntType(256, False)
    ones = column_from_values(wide, [(1 << 256) - 1])
    zero, one, three = (column_from_values(wide, [v]) for v in (0, 1, 3))
    byte = column_from_values(IntType(8, False), [1])
    assert lookup(zero, zero).to_pylist() == [0]
    assert lookup(one, three).to_pylist() == [1]
    assert lookup(ones, zero).to_pylist() == lookup(zero, ones).to_pylist() == [256]
    assert lookup(byte, three).to_pylist() == [1]


def test_constants_and_many_blocks():
    wide = IntType(256, False)
    n_rows = 2 * BLOCK_ROWS + 3
    numbers = column_from_values(IntType(32, False), list(range(n_rows)))
    constant = constant_column(column_from_values(wide, [1 << 255]), n_rows)
    expected = [row.bit_count() + 1 for row in range(n_rows)]
    assert lookup(numbers, constant).to_pylist() == expected
    assert lookup(constant, numbers).to_pylist() == expected


def test_result_types_follow_the_width():
    result = LOOKUP.result
    assert result([Argument(IntType(128, True))]) == IntType(8, False)
    assert result([Argument(BitsType(128))]) == IntType(8, False)
    assert result([Argument(BitsType(129))]) == IntType(16, False)
    assert result([Argument(FixedStringType(8_192))]) == IntType(32, False)
    found = lookup(column_from_values(BitsType(70_000), ["1" * 70_000]))
    assert found.values.dtype == np.uint32
    assert found.to_pylist() == [70_000]


@pytest.mark.parametrize(
    "types",
    [
        (FixedStringType(2), FixedStringType(3)),
        (BitsType(8), BitsType(9)),
        (BitsType(8), IntType(8, False)),
        (FixedStringType(1), IntType(8, False)),
    ],
)
def test_words_of_different_kinds_are_refused(types):
    with pytest.raises(BindError) as caught:
        LOOKUP.result([Argument(t) for t in types])
    assert caught.value.code == ILLEGAL_TYPE_OF_ARGUMENT


def test_text_and_floats_are_not_words():
    assert not LOOKUP.args[0].kind.accepts(StringType())
