"""predictionFilter against the full count, and how much less it reads."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import minidb
from minidb.columns import ArrayColumn, NumericColumn
from minidb.errors import ILLEGAL_TYPE_OF_ARGUMENT
from minidb.functions.declaration import Call
from minidb.settings import default_settings
from minidb.types import ArrayType, IntType
from nn_ops.errors import NN_SHAPE_MISMATCH
from nn_ops.prediction_filter import PREDICTION_FILTER, PREDICTION_FILTER_WORDS
from nn_ops.settings import SETTINGS
from tests.support.call import Input, run

UINT64, INT64 = IntType(64, False), IntType(64, True)


def by_definition(left: list[int], right: list[int], limit: int, n_bits: int) -> tuple[int, int]:
    """Return the answer and the words read, as the definition says."""
    count, mask = 0, (1 << n_bits) - 1
    for read, (one, two) in enumerate(zip(left, right, strict=True)):
        if count > limit:
            return 0, read
        count += ((one ^ two) & mask).bit_count()
    return int(count <= limit), 0 if limit < 0 else len(left)


@given(
    st.data(),
    st.sampled_from([(8, False), (8, True), (32, True), (64, False), (128, True), (256, False)]),
)
def test_random_words(data, kind):
    word = IntType(*kind)
    rows = data.draw(
        st.lists(
            st.integers(0, 4).flatmap(
                lambda n: st.tuples(
                    *[st.lists(st.integers(word.minimum, word.maximum), min_size=n, max_size=n)]
                    * 2,
                    st.integers(-2, n * word.bits + 2),
                )
            ),
            min_size=1,
            max_size=6,
        )
    )
    name = f"Array({word.name})"
    left, right, limits = zip(*rows, strict=True)
    given_ = (Input(name, left), Input(name, right), Input("Int64", limits))
    expected = [by_definition(*row, word.bits) for row in rows]
    assert run(PREDICTION_FILTER, *given_).to_pylist() == [answer for answer, _ in expected]
    assert run(PREDICTION_FILTER_WORDS, *given_).to_pylist() == [read for _, read in expected]


def test_a_hundred_thousand_random_cases():
    n_rows, n_words = 100_000, 16
    generator = np.random.default_rng(7)
    left = generator.integers(0, 1 << 63, (n_rows, n_words), dtype=np.uint64)
    # Rows differ in a share of their bits that is their own.
    share = generator.random((n_rows, 1))
    flips = generator.random((n_rows, n_words)) < share
    right = left ^ np.where(flips, generator.integers(0, 1 << 63, left.shape, np.uint64), 0)
    limits = generator.integers(-1, n_words * 40, n_rows)
    full = np.bitwise_count(left ^ right).sum(axis=1, dtype=np.int64)
    columns = [array_column(words) for words in (left, right)]
    found, read = (
        f.kernel(
            Call(
                (*columns, NumericColumn(INT64, limits)),
                n_rows,
                UINT64,
                (None,) * 3,
                default_settings(SETTINGS),
            )
        )
        for f in (PREDICTION_FILTER, PREDICTION_FILTER_WORDS)
    )
    assert np.array_equal(found.values, full <= limits)
    by_word = np.bitwise_count(left ^ right).cumsum(axis=1, dtype=np.int64)
    has_passed = by_word > limits[:, None]
    first = np.where(has_passed.any(axis=1), has_passed.argmax(axis=1) + 1, n_words)
    assert np.array_equal(read.values, np.where(limits < 0, 0, first))
    average = read.values.mean() / n_words
    assert 0.5 < average < 0.9, average


def array_column(words: np.ndarray) -> ArrayColumn:
    """Return rows of words as arrays."""
    n_rows, n_words = words.shape
    offsets = np.arange(n_rows + 1, dtype=np.int64) * n_words
    return ArrayColumn(ArrayType(UINT64), offsets, NumericColumn(UINT64, words.reshape(-1)))


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (
            "predictionFilter(6, 4, 1), predictionFilter(6, 4, 0), predictionFilterWords(6, 4, 0)",
            (1, 0, 1),
        ),
        ("predictionFilter([1, 3], [0, 0], 2), predictionFilter([], [], 0)", (0, 1)),
        ("predictionFilter([1], [1], -1), predictionFilterWords([1], [1], -1)", (0, 0)),
        ("predictionFilter([1], [0], NULL), predictionFilter([1], [0], toNullable(1))", (None, 1)),
        ("predictionFilter([18446744073709551615], [0], 18446744073709551615)", (1,)),
    ],
)
@pytest.mark.parametrize("method", ["popcount", "table8x8", "table16"])
def test_in_sql(sql, expected, method):
    with minidb.connect() as connection:
        connection.execute(f"SET lookup_method = '{method}'")
        assert connection.execute(f"SELECT {sql}").rows() == [expected]


def test_a_constant_array_stands_there_once():
    with minidb.connect() as connection:
        sql = "SELECT sum(predictionFilter([number, number], [5, 5], {limit})) FROM numbers(100)"
        for limit in (0, "toNullable(1)", "if(number = 3, NULL, 2)"):
            found = connection.execute(sql.format(limit=limit)).scalar()
            bound = {0: 0, "toNullable(1)": 1}.get(limit, 2)
            rows = [n for n in range(100) if not (bound == 2 and n == 3)]
            assert found == sum(2 * (n ^ 5).bit_count() <= bound for n in rows)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("predictionFilter([1, 2], [1], 3)", NN_SHAPE_MISMATCH),
        ("predictionFilter([1, 2], 1, 3)", ILLEGAL_TYPE_OF_ARGUMENT),
        ("predictionFilter(['a'], ['b'], 3)", ILLEGAL_TYPE_OF_ARGUMENT),
        ("predictionFilter([1], [1], 1.5)", ILLEGAL_TYPE_OF_ARGUMENT),
        ("predictionFilter([1, NULL], [1, 2], 1)", ILLEGAL_TYPE_OF_ARGUMENT),
    ],
)
def test_bad_input(call, code):
    with minidb.connect() as connection, pytest.raises(minidb.Error) as caught:
        connection.execute(f"SELECT {call}")
    assert caught.value.code == code
    assert caught.value.hint
    assert caught.value.span is not None
