"""Functions of words in SQL find what plain loops find, whatever the order of the rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import minidb
from nn_ops.reference import words

FEW = settings(max_examples=25)
WIDTHS = (8, 16, 32, 64, 128, 256)


@pytest.fixture(scope="module")
def connection() -> minidb.Connection:
    return minidb.connect()


def types() -> st.SearchStrategy[tuple[int, bool]]:
    """Draw the width of an integer type, and whether it has a sign."""
    return st.tuples(st.sampled_from(WIDTHS), st.booleans())


def named(kind: tuple[int, bool]) -> str:
    """Return the type's name."""
    return f"{'Int' if kind[1] else 'UInt'}{kind[0]}"


def integers(kind: tuple[int, bool]) -> st.SearchStrategy[int]:
    """Draw values of an integer type, those at its ends more often than not."""
    n_bits, is_signed = kind
    least, greatest = (
        (-(2 ** (n_bits - 1)), 2 ** (n_bits - 1) - 1) if is_signed else (0, 2**n_bits - 1)
    )
    return st.sampled_from([least, greatest, 0, 1]) | st.integers(least, greatest)


def typed(kind: tuple[int, bool], value: int) -> str:
    """Return a value as SQL."""
    return f"to{named(kind)}('{value}')"


def answers(connection: minidb.Connection, query: str) -> list[tuple[object, ...]]:
    """Return a query's rows."""
    cursor = connection.cursor()
    cursor.execute(query)
    return [tuple(row) for row in cursor.fetchall()]


@FEW
@given(st.data(), types(), types())
def test_lookup(connection, data, left, right) -> None:
    pairs = data.draw(st.lists(st.tuples(integers(left), integers(right)), min_size=1, max_size=4))
    wider = max(left[0], right[0])
    for method in ("popcount", "table8x8", "table16"):
        for one, other in pairs:
            query = (
                f"SELECT lookup({typed(left, one)}, {typed(right, other)}), "
                f"lookup({typed(left, one)}) SETTINGS lookup_method = '{method}'"
            )
            expected = (words.lookup(one, other, wider), words.lookup(one, 0, left[0]))
            assert answers(connection, query) == [expected]


@FEW
@given(st.data(), types())
def test_prediction_filter(connection, data, kind) -> None:
    n_words = data.draw(st.integers(1, 4))
    rows = [data.draw(st.lists(integers(kind), min_size=n_words, max_size=n_words)) for _ in "ab"]
    limit = data.draw(st.integers(-1, n_words * kind[0]))
    left, right = (", ".join(typed(kind, value) for value in row) for row in rows)
    arguments = f"[{left}], [{right}], {limit}"
    query = f"SELECT predictionFilter({arguments}), predictionFilterWords({arguments})"
    assert answers(connection, query) == [words.prediction_filter(*rows, limit, kind[0])]


@FEW
@given(st.data(), st.integers(0, 40), st.sampled_from([1, 2, 7, 1024]))
def test_sumbin_by_place(connection, data, n_rows, rows_at_a_time) -> None:
    generator = np.random.default_rng(data.draw(st.integers(0, 2**32 - 1)))
    rows = [
        (int(group), int(bit), int(place))
        for group, bit, place in generator.integers(0, (3, 2, 256), (n_rows, 3))
    ]
    expected = {}
    for group in {row[0] for row in rows}:
        own = [(bit, place) for number, bit, place in rows if number == group]
        expected[group] = words.sumbin_placed(own, 256)
    table = values(rows)
    query = (
        f"SELECT g, sumbin(b, p) FROM {table} GROUP BY g ORDER BY g "
        f"SETTINGS max_block_size = {rows_at_a_time}"
    )
    assert answers(connection, query) == sorted(expected.items())


def values(rows: list[tuple[int, ...]]) -> str:
    """Return a table of groups, bits and places."""
    if not rows:
        return "(SELECT 0 AS g, 0 AS b, 0 AS p WHERE 0)"
    text = ", ".join(f"({group}, {bit}, {place})" for group, bit, place in rows)
    return f"VALUES('g UInt8, b UInt8, p UInt8', {text})"


@FEW
@given(st.data(), types())
def test_sumbin_in_order_and_as_the_original_has_it(connection, data, kind) -> None:
    bits = data.draw(st.lists(st.integers(0, 1), min_size=1, max_size=60))
    text = ", ".join(typed(kind, bit) for bit in bits)
    query = f"SELECT sumbin(b) FROM (SELECT arrayJoin([{text}]) AS b)"
    assert answers(connection, query) == [(words.sumbin_in_order(bits),)]
    numbers = data.draw(st.lists(integers(kind), min_size=1, max_size=8))
    text = ", ".join(typed(kind, number) for number in numbers)
    query = (
        f"SELECT sumbin(b) FROM (SELECT arrayJoin([{text}]) AS b) "
        "SETTINGS sumbin_compatibility = 'smartlite'"
    )
    assert answers(connection, query) == [(words.sumbin_original(numbers, *kind),)]
