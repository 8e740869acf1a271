"""lookup against Python's own integers, for every pair of widths and kinds."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minidb
from minidb.columns import (
    BitsColumn,
    Column,
    FixedStringColumn,
    NumericColumn,
    WideColumn,
    column_from_values,
    constant_column,
)
from minidb.errors import ILLEGAL_TYPE_OF_ARGUMENT, BindError
from minidb.functions.declaration import Argument, Call
from minidb.settings import default_settings
from minidb.types import BitsType, BoolType, FixedStringType, IntType, StringType, numpy_dtype
from nn_ops.lookup import BLOCK_ROWS, LOOKUP
from nn_ops.lookup_tables import table_8x8, table_16
from nn_ops.settings import LOOKUP_METHOD
from tests.strategies.key_columns import values

INTEGERS = [IntType(b, s) for b in (8, 16, 32, 64, 128, 256) for s in (False, True)]


METHODS = LOOKUP_METHOD.choices
SETTINGS = {
    method: default_settings((LOOKUP_METHOD,)).with_changes({"lookup_method": method})
    for method in METHODS
}


def lookup(*columns: Column) -> Column:
    """Return the counts, which all methods agree on."""
    result = LOOKUP.result([Argument(column.type) for column in columns])
    n_rows, constants = len(columns[0]), (None,) * len(columns)
    by_method = [
        LOOKUP.kernel(Call(columns, n_rows, result, constants, SETTINGS[method]))
        for method in METHODS
    ]
    for found in by_method:
        assert found.type == result
        assert len(found) == n_rows
        assert np.array_equal(found.values, by_method[0].values)
    return by_method[0]


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
    assert result([Argument(BitsType(65_535))]) == IntType(16, False)
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


def test_every_pair_of_bytes():
    pairs = np.arange(65_536)
    left, right = (
        NumericColumn(IntType(8, False), x.astype(np.uint8)) for x in (pairs >> 8, pairs & 255)
    )
    expected = [(pair >> 8 ^ pair & 255).bit_count() for pair in pairs.tolist()]
    assert lookup(left, right).to_pylist() == expected
    assert lookup(left).to_pylist() == [(pair >> 8).bit_count() for pair in pairs.tolist()]


WORDS = [*INTEGERS[1:], FixedStringType(5), FixedStringType(32), BitsType(200)]


@pytest.mark.parametrize("data_type", WORDS, ids=lambda t: t.name)
def test_a_hundred_thousand_random_pairs(data_type):
    n_rows = 100_000
    n_bytes = {FixedStringType: lambda t: t.width, BitsType: lambda t: 25}.get(
        type(data_type), lambda t: t.bits // 8
    )(data_type)
    left, right = np.random.default_rng(n_bytes).integers(
        0, 256, (2, n_rows, n_bytes), dtype=np.uint8
    )
    left[:3], right[:3] = 0, 255  # all bits differ
    expected = np.unpackbits(left ^ right, axis=1).sum(axis=1)
    found = lookup(words_column(data_type, left), words_column(data_type, right))
    assert np.array_equal(found.values, expected)
    ones = lookup(words_column(data_type, left))
    assert np.array_equal(ones.values, np.unpackbits(left, axis=1).sum(axis=1))


def words_column(data_type: object, octets: np.ndarray) -> Column:
    """Return rows of bytes, least significant first, as a column."""
    match data_type:
        case FixedStringType():
            return FixedStringColumn(data_type, octets)
        case BitsType():
            padded = np.zeros((len(octets), 32), np.uint8)
            padded[:, : octets.shape[1]] = octets
            return BitsColumn(data_type, padded.view("<u8"))
        case IntType(bits=bits) if bits > 64:
            return WideColumn(data_type, octets.view("<u8"))
        case _:
            return NumericColumn(data_type, octets.view(numpy_dtype(data_type)).ravel())


def test_the_tables_lie_in_one_piece_and_cannot_be_changed():
    for table, make in ((table_8x8(), table_8x8), (table_16(), table_16)):
        assert table is make()
        assert table.nbytes == 65_536
        assert table.flags.c_contiguous
        with pytest.raises(ValueError, match="read-only"):
            table[0] = 1
    assert table_8x8()[0b1100, 0b1010] == 2
    assert table_16()[0b1011] == 3


def test_the_setting_and_the_table_of_tables():
    with minidb.connect() as connection:
        shown = "SELECT method, bytes, is_built FROM system.lookup_tables WHERE is_used"
        for method, size in (("table8x8", 65_536), ("table16", 65_536), ("popcount", 0)):
            sql = f"SELECT sum(lookup(number, 5)) FROM numbers(70000) SETTINGS lookup_method = '{method}'"
            assert connection.execute(sql).scalar() == sum(
                (n ^ 5).bit_count() for n in range(70_000)
            )
            connection.execute(f"SET lookup_method = '{method}'")
            assert connection.execute(shown).rows() == [(method, size, bool(size))]
        with pytest.raises(minidb.Error, match="takes 'popcount' or 'table8x8' or 'table16'"):
            connection.execute("SET lookup_method = 'guess'")
