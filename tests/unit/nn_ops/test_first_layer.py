"""Pixels or reals times signs, against loops whose sums are rounded once."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product as product_of

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn_ops import first_layer
from nn_ops.errors import NN_SHAPE_MISMATCH, ExtensionError
from nn_ops.first_layer import real_product, signs_of_weights
from nn_ops.geometry import ImageShape
from nn_ops.graph import Normalize
from nn_ops.program import RealProductStage
from tests.strategies import layers


def loops(values, stage: RealProductStage) -> dict[tuple[int, ...], float]:
    """Return each sum by image, row, column and filter: normalize, then pad, then multiply."""
    product, normalize = stage.product, stage.normalize
    shape, width = product.input, product.input.channels // product.groups
    signs = signs_of_weights(product)
    rows, columns = product.window.sources(shape.height, shape.width)
    sums = {}
    for place in np.ndindex(len(values), len(rows), len(columns), product.output.channels):
        image, row, column, number = place
        group, own = divmod(number, product.output.channels // product.groups)
        terms = [float(stage.bias[number])]
        cells = [(y, x) for y in rows[row] for x in columns[column]]
        for (tap, (y, x)), channel in product_of(enumerate(cells), range(width)):
            if not (0 <= y < shape.height and 0 <= x < shape.width):
                continue
            at = group * width + channel
            value = float(values[image, y, x, at])
            if normalize is not None:
                value = (value / stage.max_pixel - normalize.mean[at]) / normalize.std[at]
            terms.append(value * int(signs[group, tap, channel, own]))
        sums[place] = math.fsum(terms)
    return sums


def assert_exact(values, stage: RealProductStage) -> None:
    found = real_product(values, stage)
    output = stage.product.output
    assert found.shape == (len(values), output.height, output.width, output.channels)
    for place, expected in loops(values, stage).items():
        assert abs(found[place] - expected) <= 1e-11 * (1 + abs(expected))


@given(st.data())
def test_pixels_are_normalized_and_then_padded(data: st.DataObject) -> None:
    stage = data.draw(layers.real_product_stages())
    generator = data.draw(layers.generators())
    shape = stage.product.input
    size = (data.draw(st.integers(0, 2)), shape.height, shape.width, shape.channels)
    assert_exact(generator.integers(0, 256, size).astype(np.uint8), stage)


@given(st.data())
def test_reals_are_taken_as_they_are(data: st.DataObject) -> None:
    stage = replace(data.draw(layers.real_product_stages()), normalize=None)
    generator = data.draw(layers.generators())
    shape = stage.product.input
    size = (data.draw(st.integers(0, 2)), shape.height, shape.width, shape.channels)
    assert_exact(np.maximum(generator.uniform(-2, 2, size), 0), stage)
    assert_exact(generator.integers(0, 256, size).astype(np.uint8), stage)


@given(st.data())
def test_small_blocks_give_the_same(data: st.DataObject) -> None:
    stage = data.draw(layers.real_product_stages())
    shape = stage.product.input
    size = (3, shape.height, shape.width, shape.channels)
    pixels = data.draw(layers.generators()).integers(0, 256, size).astype(np.uint8)
    whole = real_product(pixels, stage)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(first_layer, "BLOCK_BYTES", 1)
        assert np.array_equal(real_product(pixels, stage), whole)


@pytest.mark.parametrize("greatest", [2**8 - 1, 2**24 // 784, 2**24 // 784 + 1, 2**31])
def test_large_sums_are_exact(greatest: int) -> None:
    shape = ImageShape(28, 28, 1)
    stage = layers.linear_stage(np.ones((2, 784), np.bool_), shape)
    stage = replace(stage, normalize=Normalize("n", "i", (0.0,), (1.0,)), max_pixel=1)
    pixels = np.full((1, 28, 28, 1), greatest, np.int64)
    pixels[0, 0, 0, 0] -= 1
    assert real_product(pixels, stage).ravel().tolist() == [784 * greatest - 1] * 2


def test_large_negative_sums_are_exact() -> None:
    shape = ImageShape(2, 2, 1)
    stage = layers.linear_stage(np.ones((1, 4), np.bool_), shape)
    values = np.full((1, 2, 2, 1), -(2**24), np.int64)
    values[0, 0, 0, 0] -= 1
    assert real_product(values, stage).item() == -(2**26) - 1


@pytest.mark.parametrize("shape", [(1, 4, 4), (1, 4, 4, 2), (1, 5, 4, 1)])
def test_images_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    stage = layers.linear_stage(np.ones((2, 16), np.bool_), ImageShape(4, 4, 1))
    with pytest.raises(ExtensionError) as caught:
        real_product(np.zeros(shape), stage)
    assert caught.value.code == NN_SHAPE_MISMATCH
