"""lookup, predictionFilter and the sumbin family in SQL give what plain loops give."""

from __future__ import annotations

import math
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minidb
from minidb.dbapi import Connection
from minidb.types import IntType
from nn_ops.reference import words

FEW = settings(max_examples=settings().max_examples // 3)
"""Each example is a table and several statements."""

INTEGERS = st.builds(IntType, st.sampled_from([8, 16, 32, 64, 128, 256]), st.booleans())
METHODS = ("popcount", "table8x8", "table16")


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    with minidb.connect() as opened:
        yield opened


def fill(connection: Connection, columns: str, rows: list[tuple[object, ...]]) -> None:
    """Make the table t anew."""
    connection.execute("DROP TABLE IF EXISTS t")
    connection.execute(f"CREATE TABLE t ({columns}) ENGINE = Memory")
    connection.insert_rows("INSERT INTO t VALUES", rows)


def values_of(data_type: IntType) -> st.SearchStrategy[int]:
    edges = [0, 1, data_type.minimum, data_type.maximum]
    return st.sampled_from(edges) | st.integers(data_type.minimum, data_type.maximum)


@FEW
@given(st.data(), INTEGERS, INTEGERS)
def test_lookup(connection, data, left, right):
    pairs = st.tuples(values_of(left), values_of(right))
    rows = data.draw(st.lists(pairs, min_size=1, max_size=8))
    fill(connection, f"a {left.name}, b {right.name}", rows)
    n_bits = max(left.bits, right.bits)
    expected = [(words.lookup(a, b, n_bits), words.lookup(a, 0, left.bits)) for a, b in rows]
    for method in METHODS:
        sql = f"SELECT lookup(a, b), lookup(a) FROM t SETTINGS lookup_method = '{method}'"
        assert connection.execute(sql).rows() == expected


@FEW
@given(st.data(), INTEGERS)
def test_prediction_filter(connection, data, word):
    n_words = data.draw(st.integers(0, 5))
    row = st.lists(values_of(word), min_size=n_words, max_size=n_words)
    limit = st.integers(-2, n_words * word.bits)
    rows = data.draw(st.lists(st.tuples(row, row, limit), min_size=1, max_size=6))
    fill(connection, f"a Array({word.name}), b Array({word.name}), k Int32", rows)
    expected = [words.prediction_filter(a, b, k, word.bits) for a, b, k in rows]
    for method in METHODS:
        sql = "SELECT predictionFilter(a, b, k), predictionFilterWords(a, b, k) FROM t"
        found = connection.execute(f"{sql} SETTINGS lookup_method = '{method}'").rows()
        assert found == expected


@FEW
@given(st.data())
def test_sumbin_in_any_row_order_and_any_batches(connection, data):
    places = st.integers(0, 255)
    rows = data.draw(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 1), places), max_size=30))
    expected = {
        group: words.sumbin_placed([row[1:] for row in rows if row[0] == group], 256)
        for group, _, _ in rows
    }
    for some in (rows, data.draw(st.permutations(rows))):
        fill(connection, "g UInt8, bit UInt8, place UInt16", some)
        block = data.draw(st.sampled_from([1, 2, 7, 65_536]))
        buffer = data.draw(st.sampled_from([1, 100, 1 << 20]))
        sql = (
            "SELECT g, sumbin(bit, place) FROM t GROUP BY g SETTINGS "
            f"max_block_size = {block}, aggregation_buffer_bytes = {buffer}"
        )
        assert dict(connection.execute(sql).rows()) == expected
        merged = (
            "SELECT g, sumbinMerge(s) FROM (SELECT g, sumbinState(bit, place) AS s FROM t "
            "GROUP BY g, place % 3) GROUP BY g"
        )
        assert dict(connection.execute(merged).rows()) == expected


@FEW
@given(st.data(), INTEGERS)
def test_sumbin_in_input_order(connection, data, word):
    bits = data.draw(st.lists(st.integers(0, 1), min_size=1, max_size=100))
    fill(connection, f"bit {word.name}", [(bit,) for bit in bits])
    packed = words.sumbin_in_order(bits)
    last = packed % (1 << word.bits)
    is_negative = word.is_signed and last >> (word.bits - 1)
    expected = (packed, last - (1 << word.bits) if is_negative else last)
    for block in (1, 7, 65_536):
        sql = (
            f"SELECT sumbin(bit), sumbinWithOverflow(bit) FROM t SETTINGS max_block_size = {block}"
        )
        assert connection.execute(sql).rows() == [expected]


@FEW
@given(st.data(), INTEGERS)
def test_sumbin_as_the_published_code_has_it(connection, data, word):
    values = data.draw(st.lists(values_of(word), min_size=1, max_size=40))
    fill(connection, f"x {word.name}", [(value,) for value in values])
    expected = words.sumbin_original(values, word.bits, word.is_signed)
    sql = (
        "SELECT sumbin(x), sumbinWithOverflow(x) FROM t SETTINGS sumbin_compatibility = 'smartlite'"
    )
    assert connection.execute(sql).rows() == [(expected, expected)]


@FEW
@given(st.lists(st.floats(-1e100, 1e100), min_size=1, max_size=40))
def test_sumbin_kahan(connection, values):
    fill(connection, "x Float64", [(value,) for value in values])
    (found,) = connection.execute("SELECT sumbinKahan(x) FROM t").rows()[0]
    assert found == math.fsum(values)
    # Kahan's own method is near it, by the size of the terms.
    size = sum(map(abs, values))
    assert abs(words.sumbin_kahan(values) - found) <= 4 * math.ulp(size)
