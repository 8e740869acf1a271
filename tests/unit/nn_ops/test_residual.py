"""What is done to columns of reals, cell by cell."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn_ops.conventions import pack_signs, unpack_bits, unpack_signs
from nn_ops.errors import NN_MODEL_INVALID, NN_SHAPE_MISMATCH, NN_SIGN_OF_ZERO, ExtensionError
from nn_ops.residual import add, affine, argmax, clamp, log_softmax, signs_of, sums_of
from tests.strategies import layers

REALS = np.array([[-2.0, -1.0, -0.5, 0.5, 1.0, 3.0]]).reshape(1, 1, 2, 3)


@given(st.data())
def test_sums_are_base_minus_twice_the_distance(data: st.DataObject) -> None:
    product = data.draw(layers.products())
    filters, positions = product.output.channels, product.output.cells
    bias = layers.values(data.draw, filters, -1, 1)
    generator = data.draw(layers.generators())
    distances = generator.integers(0, 200, (2, positions, filters)).astype(np.uint8)
    found = sums_of(distances, product, bias).reshape(2, positions, filters)
    for place in np.ndindex(found.shape):
        base = int(product.terms.base[product.classes.of_position[place[1]], place[2]])
        assert found[place] == base - 2 * int(distances[place]) + bias[place[2]]


def test_distances_of_another_shape_are_refused() -> None:
    stage = layers.linear_stage(np.ones((2, 4), np.bool_), layers.ImageShape(2, 2, 1))
    for shape in [(1, 2), (1, 1, 3), (1, 4, 2)]:
        with pytest.raises(ExtensionError) as caught:
            sums_of(np.zeros(shape, np.int32), stage.product, np.zeros(2))
        assert caught.value.code == NN_SHAPE_MISMATCH


def test_affine_rounds_the_product_first() -> None:
    scale, offset = np.array([0.1, 3.0, -1.0]), np.array([0.2, 0.0, 1.0])
    found = affine(REALS, scale, offset)
    for place in np.ndindex(REALS.shape):
        channel = place[3]
        product = float(REALS[place]) * float(scale[channel])
        assert found[place] == product + float(offset[channel])


def test_clamps() -> None:
    assert clamp(REALS, -1.0, 1.0).ravel().tolist() == [-1, -1, -0.5, 0.5, 1, 1]
    assert clamp(REALS, 0.0, None).ravel().tolist() == [0, 0, 0, 0.5, 1, 3]


def test_add_repeats_nothing() -> None:
    assert add(REALS, REALS).ravel().tolist() == (2 * REALS).ravel().tolist()
    with pytest.raises(ExtensionError) as caught:
        add(REALS, REALS[..., :1])
    assert caught.value.code == NN_SHAPE_MISMATCH


@pytest.mark.parametrize("zero", [0, 1])
def test_signs_of_reals(zero: int) -> None:
    reals = np.linspace(-1, 1, 130).reshape(1, 1, 1, 130)
    assert np.array_equal(signs_of(reals, zero), pack_signs(np.sign(reals)))


def test_the_sign_of_zero_is_what_the_network_says() -> None:
    reals = np.array([[1.0, 0.0], [-0.0, -1.0]]).reshape(1, 2, 1, 2)
    assert unpack_signs(signs_of(reals, 1), 2).ravel().tolist() == [1, 1, 1, -1]
    with pytest.raises(ExtensionError, match="image 0, row 0, column 0, channel 1") as caught:
        signs_of(reals, 0)
    assert caught.value.code == NN_SIGN_OF_ZERO


@pytest.mark.parametrize("zero", [0, 1])
def test_what_is_no_number_has_no_sign(zero: int) -> None:
    reals = np.array([1.0, np.nan, 0.0]).reshape(1, 1, 3, 1)
    with pytest.raises(ExtensionError, match="column 1") as caught:
        signs_of(reals, zero)
    assert caught.value.code == NN_MODEL_INVALID


def test_an_infinite_value_has_a_sign() -> None:
    reals = np.array([np.inf, -np.inf]).reshape(1, 1, 1, 2)
    assert unpack_bits(signs_of(reals, 0), 2).ravel().tolist() == [True, False]


@pytest.mark.parametrize("shift", [0.0, 1e4, -1e4])
def test_log_softmax(shift: float) -> None:
    found = log_softmax(np.array([[1.0, 2.0, 4.0]]) + shift)[0]
    total = math.exp(1) + math.exp(2) + math.exp(4)
    expected = [math.log(math.exp(x) / total) for x in (1, 2, 4)]
    assert found.tolist() == pytest.approx(expected, abs=1e-11)
    assert log_softmax(np.empty((0, 3))).shape == (0, 3)


def test_of_equal_logits_the_first_is_the_greatest() -> None:
    assert argmax(np.array([[1.0, 3.0, 3.0], [0.0, 0.0, 0.0], [0.0, -1.0, 2.0]])).tolist() == [
        1,
        0,
        2,
    ]
