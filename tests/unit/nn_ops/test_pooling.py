"""Pools of packed signs and of reals, against loops over windows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn_ops.conventions import pack_signs, unpack_signs
from nn_ops.errors import NN_SHAPE_MISMATCH, ExtensionError
from nn_ops.geometry import ImageShape, Window
from nn_ops.pooling import (
    average_pool,
    average_pool_signs,
    max_pool_reals,
    max_pool_signs,
    pool_decided,
)
from tests.strategies import layers

SMALL = ImageShape(2, 2, 3)


def drawn(data: st.DataObject, *, has_padding: bool = True):
    """Return a shape, a window with a cell of the image at each place, and random images."""
    shape = data.draw(layers.image_shapes())
    window = data.draw(layers.pools(shape))
    if not has_padding:
        window = Window(
            (min(window.kernel[0], shape.height), min(window.kernel[1], shape.width)), window.stride
        )
    size = (data.draw(st.integers(0, 3)), shape.height, shape.width, shape.channels)
    return shape, window, data.draw(layers.generators()).integers(-5, 6, size).astype(np.float64)


def windowed(images, window: Window, shape: ImageShape, reduce):
    """Return `reduce` of the values of each window that lie inside, by loops."""
    down, along = window.output_size(shape.height, shape.width)
    rows, columns = window.sources(shape.height, shape.width)
    found = np.empty((len(images), down, along, images.shape[3]))
    for row, column in np.ndindex(down, along):
        cells = [
            images[:, y, x]
            for y in rows[row]
            for x in columns[column]
            if 0 <= y < shape.height and 0 <= x < shape.width
        ]
        found[:, row, column] = reduce(np.stack(cells))
    return found


@given(st.data())
def test_the_greatest_sign_and_real_of_each_window(data: st.DataObject) -> None:
    shape, window, images = drawn(data)
    expected = windowed(images, window, shape, lambda cells: cells.max(0))
    assert np.array_equal(max_pool_reals(images, window, shape), expected)
    signs = np.where(images > 2, 1, -1)
    expected = windowed(signs, window, shape, lambda cells: cells.max(0))
    pooled = max_pool_signs(pack_signs(signs), window, shape)
    assert np.array_equal(unpack_signs(pooled, shape.channels), expected)


@given(st.data())
def test_decisions_pool_as_the_sums_they_decide(data: st.DataObject) -> None:
    shape, window, sums = drawn(data)
    generator = data.draw(layers.generators())
    polarity = generator.choice([-1, 1], shape.channels)
    limit = generator.integers(-6, 6, shape.channels) + 0.5
    sums_pooled = windowed(sums, window, shape, lambda cells: cells.max(0))
    decided = pack_signs(np.where(polarity * (sums - limit) > 0, 1, -1))
    expected = pack_signs(np.where(polarity * (sums_pooled - limit) > 0, 1, -1))
    assert np.array_equal(pool_decided(decided, window, shape, polarity), expected)


def test_spec_vector_of_a_negative_gamma() -> None:
    sums = np.array([3, -5, -1, 1]).reshape(1, 2, 2, 1)
    decided = pack_signs(np.where(sums < 2, 1, -1))
    window, shape = Window((2, 2)), ImageShape(2, 2, 1)
    assert pool_decided(decided, window, shape, np.array([-1])).item() == 0
    assert pool_decided(decided, window, shape, np.array([1])).item() == 1


@given(st.data())
def test_the_mean_of_each_window(data: st.DataObject) -> None:
    shape, window, images = drawn(data, has_padding=False)
    expected = windowed(images, window, shape, lambda cells: cells.sum(0) / window.taps)
    assert np.array_equal(average_pool(images, window, shape), expected)
    signs = np.where(images > 0, 1, -1)
    expected = windowed(signs, window, shape, lambda cells: cells.sum(0) / window.taps)
    assert np.array_equal(average_pool_signs(pack_signs(signs), window, shape), expected)


def test_an_average_pool_has_no_padding() -> None:
    with pytest.raises(ExtensionError) as caught:
        average_pool(np.zeros((1, 2, 2, 3)), Window((2, 2), padding=(1, 1)), SMALL)
    assert caught.value.code == NN_SHAPE_MISMATCH


@pytest.mark.parametrize(
    "window",
    [Window((2, 2), padding=(1, 1), dilation=(3, 3)), Window((1, 1), padding=(1, 0))],
)
def test_a_window_in_the_border_alone_is_refused(window: Window) -> None:
    with pytest.raises(ExtensionError) as caught:
        max_pool_reals(np.zeros((1, 2, 2, 3)), window, SMALL)
    assert caught.value.code == NN_SHAPE_MISMATCH


@pytest.mark.parametrize("shape", [(1, 2, 2), (1, 2, 3, 3), (1, 2, 2, 2)])
def test_images_of_another_shape_are_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(ExtensionError) as caught:
        max_pool_reals(np.zeros(shape), Window((2, 2)), SMALL)
    assert caught.value.code == NN_SHAPE_MISMATCH
    with pytest.raises(ExtensionError) as caught:
        max_pool_signs(np.zeros(shape, np.uint64), Window((2, 2)), SMALL)
    assert caught.value.code == NN_SHAPE_MISMATCH
