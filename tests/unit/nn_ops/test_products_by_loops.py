"""The packed product and its patches find what plain loops find, however the work is split."""

from __future__ import annotations

import numpy as np
import pytest
from bitarray import bitarray
from hypothesis import given
from hypothesis import strategies as st

from nn_ops import binary_conv, reshape, sparse_product
from nn_ops.conventions import pack_bits, unpack_bits
from nn_ops.geometry import ImageShape, Window
from nn_ops.graph import Weights
from nn_ops.limits import Limits
from nn_ops.program import Product, SignProductStage
from nn_ops.reference import signs, words
from tests.strategies import layers


def plain(packed: np.ndarray, channels: int) -> list[bitarray]:
    """Return packed images as the reference has them."""
    return [bitarray(image.ravel().tolist()) for image in unpack_bits(packed, channels)]


def random_images(generator: np.random.Generator, n: int, shape: ImageShape) -> np.ndarray:
    """Return packed images."""
    size = (n, shape.height, shape.width, shape.channels)
    return pack_bits(generator.random(size) < 0.5)


def split(data: st.DataObject, patch: pytest.MonkeyPatch) -> None:
    """Split the work as a far greater layer would be."""
    patch.setattr(binary_conv, "POSITIONS_AT_ONCE", data.draw(st.sampled_from([1, 7, 8192])))
    patch.setattr(binary_conv, "BOUNDS_AT_ONCE", data.draw(st.sampled_from([1, 50, 1 << 18])))


def loops(product: Product, image: bitarray) -> np.ndarray:
    """Return an image's sums, shape (positions, filters)."""
    fan_in = product.window.taps * product.input.channels // product.groups
    filters, mask = words.unpack(product.weights.words, fan_in), product.weights.mask
    masks = None if mask is None else words.unpack(mask, fan_in)
    sums = signs.conv(
        image,
        product.input,
        product.window,
        filters,
        masks,
        product.groups,
        product.padding_value,
    )
    return np.array(sums).reshape(-1, len(filters))


@pytest.mark.parametrize(("groups", "width"), [(2, 65), (3, 130), (2, 64), (5, 13), (1, 70)])
@pytest.mark.parametrize("rows", [None, slice(1, 3), slice(2, 4)])
def test_patches_of_groups_and_of_some_rows(groups: int, width: int, rows: slice | None) -> None:
    check_patches(groups, width, Window((3, 2), (1, 2), (1, 1), (1, 2)), rows)


def test_patches_of_rows_that_end_in_the_border() -> None:
    check_patches(1, 3, Window((3, 1), padding=(2, 0)), slice(3, 6))


def check_patches(groups: int, width: int, window: Window, rows: slice | None) -> None:
    """Compare the patches of some rows of positions."""
    shape = ImageShape(4, 3, groups * width)
    images = random_images(np.random.default_rng(groups * width), 2, shape)
    columns = reshape.patch_columns(images, shape, window, groups, rows)
    down, along = window.output_size(shape.height, shape.width)
    taken = range(down)[rows or slice(None)]
    fan_in = window.taps * width
    for group in range(groups):
        found = words.unpack(np.ascontiguousarray(columns[group].T), fan_in)
        expected = []
        for image in plain(images, shape.channels):
            patches = signs.im2col(image, shape, window, groups)[group]
            for row in taken:
                expected += patches[row * along : (row + 1) * along]
        assert found == expected


def test_few_patches_of_many_pruned_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sparse_product, "TILE_WORDS", 10)
    generator = np.random.default_rng(4)
    kept = np.repeat(generator.random((5, 20)) < 0.6, 64, axis=1)
    kept &= generator.random(kept.shape) < 0.9
    plus = (generator.random(kept.shape) < 0.5) & kept
    weights = Weights(pack_bits(plus), pack_bits(kept))
    product = layers.product_of(weights, ImageShape(1, 1, 20 * 64), Window((1, 1)))
    images = random_images(generator, 3, product.input)
    sums = product.terms.base - 2 * binary_conv.distances(images, product)
    for row, image in enumerate(plain(images, product.input.channels)):
        assert np.array_equal(sums[row], loops(product, image))


@given(st.data())
def test_sums(data: st.DataObject) -> None:
    product = data.draw(layers.products())
    n_images = data.draw(st.integers(1, 3))
    images = random_images(data.draw(layers.generators()), n_images, product.input)
    with pytest.MonkeyPatch.context() as patch:
        split(data, patch)
        distances = binary_conv.distances(images, product)
    sums = product.terms.base[product.classes.of_position] - 2 * distances
    for row, image in enumerate(plain(images, product.input.channels)):
        assert np.array_equal(sums[row], loops(product, image))


@given(st.data())
def test_decided_and_pooled_signs(data: st.DataObject) -> None:
    product = data.draw(layers.products())
    generator = data.draw(layers.generators())
    filters, classes = product.output.channels, len(product.classes.inside)
    limits = Limits(
        generator.integers(-1, product.terms.base.max() + 2, (classes, filters)).astype(np.int32),
        generator.choice([-1, 1], filters).astype(np.int8),
    )
    pool = data.draw(st.none() | layers.pools(product.output))
    output = product.output
    if pool is not None:
        output = ImageShape(*pool.output_size(output.height, output.width), filters)
    stage = SignProductStage(
        "sign", ("pixels",), output, "signs", ("conv", "sign"), product, limits, pool
    )
    images = random_images(generator, 2, product.input)
    with pytest.MonkeyPatch.context() as patch:
        split(data, patch)
        found = binary_conv.sign_conv(images, stage)
    base = product.terms.base[product.classes.of_position]
    for row, image in enumerate(plain(images, product.input.channels)):
        distances = (base - loops(product, image)) // 2
        bits = bitarray()
        for border, counts in zip(product.classes.of_position, distances.tolist(), strict=True):
            bits += signs.decide(counts, limits.limit[border].tolist(), limits.polarity.tolist())
        if pool is not None:
            bits = signs.pool(bits, product.output, pool, limits.polarity.tolist())
        assert plain(found, filters)[row] == bits
