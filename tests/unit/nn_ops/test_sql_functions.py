"""The networks' SQL functions beside the operators: arguments, rows of other lengths, bad input."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest

import minidb
from minidb.dbapi import Connection
from minidb.errors import (
    ILLEGAL_COLUMN,
    ILLEGAL_TYPE_OF_ARGUMENT,
    MEMORY_LIMIT_EXCEEDED,
    NUMBER_OF_ARGUMENTS_DOESNT_MATCH,
    ErrorCode,
)
from nn_ops.errors import (
    NN_NOT_BINARY,
    NN_NOT_FINITE,
    NN_PATCHES_DISAGREE,
    NN_PIXEL_OUT_OF_RANGE,
    NN_SHAPE_MISMATCH,
    NN_SIGN_OF_ZERO,
)


@pytest.fixture(scope="module")
def connection() -> Iterator[Connection]:
    with minidb.connect() as opened:
        opened.execute("CREATE TABLE filters (id UInt8, words Array(UInt64))")
        opened.execute("INSERT INTO filters VALUES (1, [2]), (0, [13])")
        yield opened


FOLD = "nnFoldBatchNorm(nnTerms([[13]], [2, 2, 1], 2), {}, {}, [0.5], [0], {}, {})"

REFUSED: list[tuple[str, ErrorCode]] = [
    ("nnPackBits([0, 2])", NN_NOT_BINARY),
    ("nnPackBits([0, nan])", NN_NOT_BINARY),
    ("nnPackSigns([1, 0])", NN_NOT_BINARY),
    ("nnPackSigns([nan])", NN_NOT_BINARY),
    ("nnPackMask([nan])", NN_NOT_FINITE),
    ("nnUnpackBits([1], 65)", NN_SHAPE_MISMATCH),
    ("nnUnpackBits([8], 3)", NN_SHAPE_MISMATCH),
    ("nnUnpackSigns([1], -1)", NN_SHAPE_MISMATCH),
    ("nnPackImage([1, -1], [2, 2, 1])", NN_SHAPE_MISMATCH),
    ("nnPackImage([1, -1], [2, 1])", NN_SHAPE_MISMATCH),
    ("nnPackImage([1, -1], [2, 1, 0])", NN_SHAPE_MISMATCH),
    ("nnPackImage([1, -1], [65535, 65535, 65535])", NN_SHAPE_MISMATCH),
    ("nnUnpackImage([3, 0], [2, 1, 1])", NN_SHAPE_MISMATCH),
    ("nnThermometer([1, 2], [2, 1, 1], [])", NN_SHAPE_MISMATCH),
    ("nnThermometer([1, 2], [2, 1, 1], [inf])", NN_SHAPE_MISMATCH),
    ("nnDistance([1], [1, 2])", NN_SHAPE_MISMATCH),
    ("nnMaskedDot([1], [1], [1, 2])", NN_SHAPE_MISMATCH),
    ("nnIm2col([1, 0, 1, 1], [2, 2, 1], 3)", NN_SHAPE_MISMATCH),
    ("nnIm2col([1, 0, 1, 1], [2, 2, 1], 0)", NN_SHAPE_MISMATCH),
    ("nnIm2col([1, 0, 1, 1], [2, 2, 1], 2, 0)", NN_SHAPE_MISMATCH),
    ("nnIm2col([1, 0, 1, 1], [2, 2, 1], [2, 2, 2])", NN_SHAPE_MISMATCH),
    ("nnIm2col([1, 0, 1, 1], [2, 2, 1], 2, 1, 60000)", NN_SHAPE_MISMATCH),
    ("nnIm2col([1, 0, 1, 1], [2, 2, 1], 2, 1, 0, 1, 2)", NN_SHAPE_MISMATCH),
    ("nnRecoverImage([[3], [0]], [1, 3, 1], [1, 2])", NN_PATCHES_DISAGREE),
    ("nnRecoverImage([[3], [0, 1]], [1, 3, 1], [1, 2])", NN_SHAPE_MISMATCH),
    ("nnBinaryConv2d([1, 0, 1, 1], [[1, 2]], [2, 2, 1], 2)", NN_SHAPE_MISMATCH),
    ("nnBinaryConv2d([1, 0, 1, 1], [[1], [1, 2]], [2, 2, 1], 2)", NN_SHAPE_MISMATCH),
    ("nnBinaryConv2d([1, 0, 1, 1], [[16]], [2, 2, 1], 2)", NN_SHAPE_MISMATCH),
    ("nnBinaryConv2d([1, 0, 1, 1], [], [2, 2, 1], 2)", NN_SHAPE_MISMATCH),
    ("nnBinaryConv2d([1, 0, 1], [[1]], [2, 2, 1], 2)", NN_SHAPE_MISMATCH),
    ("nnBinaryConv2d([1, 0, 1, 1], [[1]], [2, 2, 1], 2, 1, 0, 1, 1, 1)", NN_SHAPE_MISMATCH),
    ("nnBinaryConv2d([1, 0, 1, 1], [[1]], [2, 2, 1], 2, 1, 0, 1, 1, 0, [])", NN_SHAPE_MISMATCH),
    ("nnBinaryLinear([5], [[5]], 65)", NN_SHAPE_MISMATCH),
    ("nnBinaryLinear([5], [[5]], 3, [[7], [7]])", NN_SHAPE_MISMATCH),
    ("nnSignLinear([5], [[5]], ([[0], [0]], [1]), 3)", NN_SHAPE_MISMATCH),
    ("nnSignLinear([5], [[5]], ([[0]], [2]), 3)", NN_SHAPE_MISMATCH),
    (FOLD.format("[0.1]", "[1]", "[-1]", "1e-5"), NN_SHAPE_MISMATCH),
    (FOLD.format("[0.1]", "[nan]", "[1]", "1e-5"), NN_NOT_FINITE),
    (FOLD.format("[0.1]", "[1, 2]", "[1]", "1e-5"), NN_SHAPE_MISMATCH),
    (FOLD.format("[0.1]", "[0]", "[1]", "nan"), NN_NOT_FINITE),
    (FOLD.replace("0.5", "0").format("[0]", "[1]", "[1]", "1e-5"), NN_SIGN_OF_ZERO),
    ("nnFoldBatchNorm(([[4]], [[3]]), [0], [1], [0], [0], [1], 0)", NN_SHAPE_MISMATCH),
    ("nnMaxPool([1, 2, 3, nan], [2, 2, 1], 2)", NN_NOT_FINITE),
    ("nnMaxPool([1, 2, 3], [2, 2, 1], 2)", NN_SHAPE_MISMATCH),
    ("nnMaxPoolSigns([1, 0, 0, 0], [2, 2, 1], 2, 2, 0, 1, [1, 1])", NN_SHAPE_MISMATCH),
    ("nnAveragePool([1, 2, 3, 4], [2, 2, 1], 3)", NN_SHAPE_MISMATCH),
    ("nnPixelConv2d([256], [[1]], 255, [0], [1], [1, 1, 1], 1)", NN_PIXEL_OUT_OF_RANGE),
    ("nnPixelConv2d([1], [[1]], 255, [0], [0], [1, 1, 1], 1)", NN_SHAPE_MISMATCH),
    ("nnPixelConv2d([1], [[1]], 255, [0, 1], [1], [1, 1, 1], 1)", NN_SHAPE_MISMATCH),
    ("nnRealConv2d([nan], [[1]], [1, 1, 1], 1)", NN_NOT_FINITE),
    ("nnRealConv2d([inf, -inf], [[3]], [1, 1, 2], 1)", NN_NOT_FINITE),
    ("nnAffine([1, 2, 3], [1, 2], [0, 0])", NN_SHAPE_MISMATCH),
    ("nnAffine([1, 2], [], [])", NN_SHAPE_MISMATCH),
    ("nnClamp([1], 2, 1)", NN_SHAPE_MISMATCH),
    ("nnAdd([1], [1, 2])", NN_SHAPE_MISMATCH),
    ("nnAdd([inf], [-inf])", NN_NOT_FINITE),
    ("nnSigns([1, 0], [2, 1, 1])", NN_SIGN_OF_ZERO),
    ("nnLogSoftmax([1, nan])", NN_NOT_FINITE),
    ("nnLogSoftmax([inf, inf])", NN_NOT_FINITE),
    ("nnArgMax([])", NN_SHAPE_MISMATCH),
    ("nnArgMax([nan, 1])", NN_NOT_FINITE),
    ("nnUnpackBits([-1], 64)", ILLEGAL_TYPE_OF_ARGUMENT),
    ("nnPackBits(['1'])", ILLEGAL_TYPE_OF_ARGUMENT),
    ("nnPackBits([1, NULL])", ILLEGAL_TYPE_OF_ARGUMENT),
    ("nnPixelConv2d([0.5], [[1]], 255, [0], [1], [1, 1, 1], 1)", ILLEGAL_TYPE_OF_ARGUMENT),
    ("nnSignLinear([5], [[5]], (1, 2), 3)", ILLEGAL_TYPE_OF_ARGUMENT),
    ("nnUnpackBits([1], materialize(1))", ILLEGAL_COLUMN),
    ("nnUnpackBits([1])", NUMBER_OF_ARGUMENTS_DOESNT_MATCH),
]


@pytest.mark.parametrize(("call", "code"), REFUSED, ids=[call for call, _ in REFUSED])
def test_bad_input_is_refused_with_a_place(connection, call, code):
    for tail in ("", "FROM numbers(3)"):
        with pytest.raises(minidb.Error) as caught:
            connection.execute(f"SELECT 1, {call} {tail}").rows()
        assert caught.value.code == code
        assert caught.value.span is not None
        assert caught.value.hint or code.number < 11_000
        assert caught.value.span.start >= len("SELECT 1, ")


def test_what_a_column_holds_is_refused_too(connection):
    with pytest.raises(minidb.Error) as caught:
        connection.execute("SELECT nnPackSigns([1, 2 - number]) FROM numbers(3)").rows()
    assert caught.value.code == NN_NOT_BINARY
    assert caught.value.hint


def test_rows_of_several_lengths(connection):
    sql = "SELECT nnPackBits(arrayMap(i -> i % 3 = 0, range(number * 31 % 130))) FROM numbers(50)"
    expected = []
    for number in range(50):
        bits = [int(i % 3 == 0) for i in range(number * 31 % 130)]
        word = sum(bit << place for place, bit in enumerate(bits))
        expected.append([word >> at & (2**64 - 1) for at in range(0, len(bits), 64)])
    assert [row[0] for row in connection.execute(sql)] == expected
    sql = "SELECT nnArgMax(arrayMap(i -> i * (10 - i), range(number + 1))) FROM numbers(12)"
    found = [row[0] for row in connection.execute(sql)]
    assert found == [min(number, 5) for number in range(12)]


def test_constants_and_columns_mix(connection):
    sql = "SELECT nnAdd([number, 1], [10, 20]), nnAdd([1], [2]) FROM numbers(3)"
    assert connection.execute(sql).rows() == [([10 + n, 21], [3]) for n in range(3)]
    assert connection.execute("SELECT nnPackBits([1, 1]) FROM numbers(2)").rows() == [([3],)] * 2


def test_no_rows_and_null(connection):
    assert connection.execute("SELECT nnPackBits([number]) FROM numbers(0)").rows() == []
    assert connection.execute("SELECT nnPackBits(NULL), nnUnpackBits([1], NULL)").rows() == [
        (None, None)
    ]


def test_weights_come_from_a_table(connection):
    weights = "(SELECT groupArray(words) FROM (SELECT words FROM filters ORDER BY id))"
    call = "nnBinaryConv2d([1, 0, 1, number % 2], {}, [2, 2, 1], 2)"
    by_table = connection.execute(f"SELECT {call.format(weights)} FROM numbers(4)").rows()
    written = connection.execute(f"SELECT {call.format('[[13], [2]]')} FROM numbers(4)").rows()
    assert by_table == written == [([2 + 2 * (n % 2), -2 - 2 * (n % 2)],) for n in range(4)]


def test_sizes_are_numbers_arrays_or_tuples(connection):
    calls = ["2, 1, 1", "[2, 2], [1, 1], [1, 1]", "(2, 2), (1, 1), (1, 1)", "[2], [1], (1, 1)"]
    found = {
        str(connection.execute(f"SELECT nnIm2col([1, 0, 1, 1], [2, 2, 1], {call})").scalar())
        for call in calls
    }
    assert len(found) == 1


def test_the_rows_of_im2col_that_the_specification_names(connection):
    """One channel, 2x2 values 1 2 / 3 4 by sign of (value - 2.5), a kernel of 2 and padding of 1."""
    image = "nnPackImage([-1, -1, 1, 1], [2, 2, 1])"
    patches = connection.execute(f"SELECT nnIm2col({image}, [2, 2, 1], 2, 1, 1)").scalar()
    assert len(patches) == 9
    assert patches[4] == [0b1100]  # the whole image
    assert patches[8] == [0b0001]  # its last pixel, first in the patch
    assert patches[0] == [0b0000]  # its first pixel, last in the patch


def test_the_specification_on_a_pool_under_a_falling_batch_norm(connection):
    """Sums 3, -5, -1 and 1, and a limit of 2 from above: the AND of 0, 1, 1, 1 is 0; OR gives 1."""
    sql = "SELECT nnMaxPoolSigns([0, 1, 1, 1], [2, 2, 1], 2, 2, 0, 1, [{}])"
    assert connection.execute(sql.format(-1)).scalar() == [0]
    assert connection.execute(sql.format(1)).scalar() == [1]


def test_the_specification_on_a_folded_limit(connection):
    """V = 9 and t = 0.5: +1 iff D <= 4, or for a falling batch norm iff D >= 5."""
    sql = "SELECT nnFoldBatchNorm(([[9, 9]], [[9, 9]]), [0, 0], [1, -1], [0, 0], [0.5, 0.5], [1, 1], 0)"
    assert connection.execute(sql).scalar() == ([[4, 5]], [1, -1])


def test_an_activation_before_the_batch_norm(connection):
    """ReLU makes all sums below 0 equal: with beta above gamma * mean, every sum gives +1."""
    sql = "SELECT nnFoldBatchNorm(([[5]], [[5]]), [0], [1], [0.5], [0], [1], 0, 0{})"
    assert connection.execute(sql.format("")).scalar() == ([[2]], [1])
    limits, polarity = connection.execute(sql.format(", 'relu'")).scalar()
    assert limits[0][0] >= 5
    assert polarity == [1]


def test_memory_is_asked_for_before_it_is_taken(connection):
    sql = (
        "SELECT sum(length(nnUnpackSigns(x, 6400))) FROM "
        "(SELECT arrayMap(i -> i + number, range(100)) AS x FROM numbers(6000)) "
        "SETTINGS max_memory_usage = '{}'"
    )
    with pytest.raises(minidb.Error) as caught:
        connection.execute(sql.format("20M")).rows()
    assert caught.value.code == MEMORY_LIMIT_EXCEEDED
    assert connection.execute(sql.format("0")).scalar() == 6400 * 6_000


def test_a_column_of_images_is_one_batch(connection):
    generator = np.random.default_rng(3)
    images = np.where(generator.random((300, 64)) < 0.5, 1, -1)
    connection.execute("CREATE TABLE images (id UInt32, x Array(Int8))")
    connection.insert_rows(
        "INSERT INTO images VALUES", [(i, x.tolist()) for i, x in enumerate(images)]
    )
    sql = "SELECT nnBinaryLinear(nnPackSigns(x), [[255], [0]], 64) FROM images ORDER BY id"
    weights = np.where(np.arange(64) < 8, 1, -1)
    expected = [[int(x @ weights), int(-x.sum())] for x in images]
    assert [row[0] for row in connection.execute(sql)] == expected
