"""The definitions, on the vectors that can be checked by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from bitarray import bitarray

from nn_ops.conventions import pack_signs
from nn_ops.errors import NN_MODEL_INVALID, NN_SIGN_OF_ZERO, ExtensionError, InternalError
from nn_ops.geometry import ImageShape, Window
from nn_ops.graph import BatchNorm, Relu
from nn_ops.reference import reals, signs, words
from nn_ops.reference.fold import fold


def norm(gamma: float, mean: float) -> BatchNorm:
    """Return a batch norm of one filter whose deviation is 1."""
    one = np.ones(1)
    return BatchNorm("norm", "conv", gamma * one, 0.0 * one, mean * one, 0.75 * one, 0.25)


def test_bit_i_is_bit_i_of_word_i_over_64() -> None:
    numbers = np.full((1, 66), -1)
    numbers[0, [1, 65]] = 1
    (bits,) = words.unpack(pack_signs(numbers), 66)
    assert bits.find(1) == 1
    assert bits.count(1) == 2
    assert words.pack(bits) == [2, 2]


@pytest.mark.parametrize(
    ("left", "right", "n_bits", "found"),
    [(0, 0, 64, 0), (1, 3, 256, 1), (2**256 - 1, 0, 256, 256), (-1, 0, 8, 8), (-1, 1, 256, 255)],
)
def test_lookup(left: int, right: int, n_bits: int, found: int) -> None:
    assert words.lookup(left, right, n_bits) == words.lookup(right, left, n_bits) == found


def test_a_prediction_filter_stops_once_the_limit_is_passed() -> None:
    assert words.prediction_filter([0b1010], [0b0101], 4, 4) == (True, 1)
    assert words.prediction_filter([0b1010], [0b0101], 3, 4) == (False, 1)
    assert words.prediction_filter([0b11, 0, 1], [0, 0, 0], 1, 2) == (False, 1)
    assert words.prediction_filter([0b11, 0, 1], [0, 0, 0], 2, 2) == (False, 3)
    assert words.prediction_filter([0b11, 0, 1], [0, 0, 0], 3, 2) == (True, 3)
    assert words.prediction_filter([0], [0], -1) == (False, 0)


def test_sumbin_by_place_takes_any_order() -> None:
    rows = [(1, 0), (0, 1), (1, 2), (1, 3)]
    assert words.sumbin_placed(rows, 256) == words.sumbin_placed(rows[::-1], 256) == 13
    for wrong in [(2, 0), (1, 256), (1, -1)]:
        with pytest.raises(InternalError):
            words.sumbin_placed([wrong], 256)


def test_sumbin_in_order_and_as_the_original_has_it() -> None:
    values = [1, 0, 1, 1]
    assert words.sumbin_in_order(values) == 11
    assert words.sumbin_in_order(values[::-1]) == 13
    assert words.sumbin_original(values, 256, False) == 11
    assert words.sumbin_original(values[::-1], 256, False) == 13
    assert words.sumbin_original(values, 8, False) == 3
    assert words.sumbin_original([1] * 256, 8, False) == 0
    assert words.sumbin_original([1] * 128, 8, True) == -128
    assert words.sumbin_original([3, 1], 128, False) == 7
    assert words.sumbin_original([1] * 200, 128, False) == 2**128 - 1


def test_sumbin_kahan_loses_little() -> None:
    values = [1e16, 1.0, 1.0, -1e16]
    assert words.sumbin_kahan(values) == math.fsum(values) == 2.0
    tenths = [0.1] * 1000
    assert abs(words.sumbin_kahan(tenths) - math.fsum(tenths)) <= math.ulp(100.0)


def test_spec_vectors_of_a_product_with_zeros() -> None:
    vectors = [
        ([1, 0, -1, 1, -1], [1, 1, 0, -1, -1], 3, 1),
        ([1, 1, -1, -1], [1, -1, 1, -1], 4, 0),
        ([0, 0], [1, 1], 0, 0),
        ([-1, 1, 1], [1, 1, 1], 3, 1),
    ]
    for inputs, kernel, count, total in vectors:
        counts = bitarray([a != 0 and w != 0 for a, w in zip(inputs, kernel, strict=True)])
        assert counts.count(1) == count
        image, row = bitarray([a > 0 for a in inputs]), bitarray([w > 0 for w in kernel])
        assert signs.linear(image, [row], [counts]) == [total]


def test_spec_vector_of_im2col() -> None:
    shape, window = ImageShape(2, 2, 1), Window((2, 2), padding=(1, 1))
    cells = signs.positions_of(window, shape)
    assert len(cells) == 9
    assert cells[0] == [None, None, None, 0]
    assert cells[4] == [0, 1, 2, 3]
    assert cells[8] == [3, None, None, None]
    image = bitarray("1001")
    ((first, *_, last),) = signs.im2col(image, shape, window)
    assert (first, last) == (bitarray("0001"), bitarray("1000"))


def test_a_border_of_minus_1_has_terms() -> None:
    shape, window = ImageShape(1, 1, 1), Window((3, 3), padding=(1, 1))
    plus = [bitarray("111111111")]
    assert signs.conv(bitarray("1"), shape, window, plus) == [1]
    assert signs.conv(bitarray("1"), shape, window, plus, padding_value=-1) == [-7]


def test_patches_that_leave_out_a_cell_have_no_inverse() -> None:
    shape, window = ImageShape(1, 3, 1), Window((1, 1), stride=(1, 2))
    patches = signs.im2col(bitarray("101"), shape, window)
    with pytest.raises(InternalError):
        signs.recover(patches, shape, window)


def test_spec_vector_of_a_pool_with_a_negative_gamma() -> None:
    shape, window = ImageShape(2, 2, 1), Window((2, 2))
    assert signs.pool(bitarray("0111"), shape, window, [-1]) == bitarray("0")
    assert signs.pool(bitarray("0111"), shape, window) == bitarray("1")
    assert signs.average_pool(bitarray("0111"), shape, window) == [0.5]


def test_a_first_layer_normalizes_and_then_pads() -> None:
    values = reals.normalize([0, 255], 255, [0.5], [0.25])
    assert values == [-2.0, 2.0]
    shape, window = ImageShape(1, 2, 1), Window((1, 3), padding=(0, 1))
    # The weights are +1, -1, +1 around each pixel; outside there is 0, not -2.
    assert reals.conv(values, shape, window, [bitarray("101")]) == [2.0 + 2.0, -2.0 - 2.0]


def test_spec_vectors_of_the_fold() -> None:
    assert fold(9, 9, 0, 0.0, [norm(1.0, 0.5)], 0) == (4, 1)
    assert fold(9, 9, 0, 0.0, [norm(-1.0, 0.5)], 0) == (5, -1)
    assert fold(6, 6, 0, 0.0, [norm(1.0, 0.5)], 0) == (2, 1)
    assert fold(8, 8, 0, 0.0, [], 0) is None
    assert fold(8, 8, 0, 0.0, [Relu("relu", "conv")], 1) == (8, 1)


def test_the_sign_of_zero_is_what_the_network_says() -> None:
    assert reals.signs_of([0.0, -1.0], 1) == bitarray("10")
    with pytest.raises(ExtensionError) as caught:
        reals.signs_of([0.0, -1.0], 0)
    assert caught.value.code == NN_SIGN_OF_ZERO


def test_what_is_no_number_has_no_sign() -> None:
    with pytest.raises(ExtensionError) as caught:
        reals.signs_of([1.0, math.nan], 1)
    assert caught.value.code == NN_MODEL_INVALID


def test_an_average_pool_has_no_padding() -> None:
    shape, window = ImageShape(2, 2, 1), Window((2, 2), padding=(1, 1))
    with pytest.raises(InternalError):
        reals.average_pool([0.0] * 4, shape, window)
    with pytest.raises(InternalError):
        signs.average_pool(bitarray("0000"), shape, window)
