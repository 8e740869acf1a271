"""Layers of signs by signs: sizes, batches, limits, what is kept between calls."""

from __future__ import annotations

import gc
import weakref
from functools import partial

import numpy as np
import pytest

from nn_ops import binary_conv
from nn_ops.conventions import pack_signs, unpack_bits
from nn_ops.derived import Derived
from nn_ops.errors import ExtensionError
from nn_ops.geometry import ImageShape, Window
from nn_ops.limits import Limits
from nn_ops.program import Product, SignProductStage
from nn_ops.reshape import im2col, recover
from tests.strategies.products import Case, product_of
from tests.support.plain_products import pooled_by_numpy, sums_by_numpy, sums_of_kernel


def random_signs(shape: tuple[int, ...], seed: int) -> np.ndarray:
    return np.random.default_rng(seed).choice(np.array([-1, 1], dtype=np.int8), shape)


def random_case(
    shape: ImageShape, window: Window, filters: int, groups: int = 1, n: int = 2, seed: int = 0
) -> Case:
    signs = random_signs((n, shape.height, shape.width, shape.channels), seed)
    weights = random_signs((filters, *window.kernel, shape.channels // groups), seed + 1)
    return Case(product_of(weights, window, shape, groups), signs, weights)


def stage_of(product: Product, limits: Limits, pool: Window | None = None) -> SignProductStage:
    output = product.output
    if pool is not None:
        output = ImageShape(*pool.output_size(output.height, output.width), output.channels)
    return SignProductStage("conv", ("x",), output, "signs", ("conv",), product, limits, pool)


GRID = [(stride, pad) for stride in (1, 2, 3, 4) for pad in (0, 1, 2, 3)]
"""Strides and paddings; the images are not square, and both ways have their own."""


@pytest.mark.parametrize("kernel", range(1, 12))
def test_sums_and_inverse_over_the_grid_of_windows(kernel: int):
    shape = ImageShape(kernel + 4, kernel + 7, (3, 64, 80, 1)[kernel % 4])
    for stride, pad in GRID:
        window = Window((kernel, kernel), (stride, (stride + 1) // 2), (pad, 3 - pad))
        case = random_case(shape, window, filters=5, seed=stride)
        assert np.array_equal(sums_of_kernel(case), sums_by_numpy(case))
        patches = im2col(case.images, shape, window)
        rows, columns = window.sources(shape.height, shape.width)
        if len(set(rows.flat) & set(range(shape.height))) < shape.height:
            with pytest.raises(ExtensionError, match="no patch holds"):
                recover(patches, shape, window)
        elif set(range(shape.width)) <= set(columns.flat):
            assert np.array_equal(recover(patches, shape, window), case.images)


def test_a_linear_layer_is_a_window_as_large_as_the_image():
    shape = ImageShape(4, 4, 72)
    for n in (1, 2, 64):
        case = random_case(shape, Window((4, 4)), filters=100, n=n)
        expected = case.signs.reshape(n, -1).astype(int) @ case.weights.reshape(100, -1).T
        assert np.array_equal(sums_of_kernel(case)[:, 0], expected)


def test_a_fan_in_beyond_sixteen_bits():
    shape = ImageShape(1, 1, 66_000)
    case = random_case(shape, Window((1, 1)), filters=2)
    case.signs[...], case.weights[0], case.weights[1] = 1, -1, 1
    product = product_of(case.weights, case.product.window, shape, 1)
    counts = binary_conv.distances(pack_signs(case.signs), product)
    assert counts[0, 0].tolist() == [66_000, 0]
    never, always = np.full((1, 2), -1), np.full((1, 2), 66_000)
    for limit, polarity, bit in (
        (never, 1, 0),
        (always, 1, 1),
        (always + 1, -1, 0),
        (never, -1, 1),
    ):
        limits = Limits(limit.astype(np.int32), np.full(2, polarity, dtype=np.int8))
        signs = binary_conv.sign_conv(pack_signs(case.signs), stage_of(product, limits))
        assert np.all(unpack_bits(signs, 2) == bit)


@pytest.mark.parametrize("filters", [1, 7, 8, 9, 64, 70, 300])
@pytest.mark.parametrize("n", [1, 3])
@pytest.mark.parametrize("bounds", [0, 1 << 18])
def test_filters_that_fill_no_word(
    filters: int, n: int, bounds: int, monkeypatch: pytest.MonkeyPatch
):
    """More filters than positions, or fewer: the product is laid out one way or the other.

    Bounds are kept for each row of a small output, and once for equal rows of a big one.
    """
    monkeypatch.setattr(binary_conv, "BOUNDS_AT_ONCE", bounds)
    case = random_case(ImageShape(5, 6, 10), Window((3, 3), padding=(1, 1)), filters, n=n)
    product = case.product
    generator = np.random.default_rng(3)
    limits = Limits(
        generator.integers(30, 60, product.terms.base.shape).astype(np.int32),
        generator.choice(np.array([-1, 1], dtype=np.int8), filters),
    )
    counts = binary_conv.distances(case.images, product)
    limit = limits.limit[product.classes.of_position]
    bits = np.where(limits.polarity > 0, counts <= limit, counts >= limit)
    found = binary_conv.sign_conv(case.images, stage_of(product, limits))
    assert np.array_equal(unpack_bits(found, filters).reshape(bits.shape), bits)
    pool = Window((3, 3), (2, 2), (1, 1))
    found = binary_conv.sign_conv(case.images, stage_of(product, limits, pool))
    pooled = pooled_by_numpy(bits.reshape(n, 5, 6, filters), pool, limits.polarity)
    assert np.array_equal(unpack_bits(found, filters), pooled)


@pytest.mark.parametrize("positions", [1, 5, 10, 20, 30, 1000])
@pytest.mark.parametrize("bounds", [0, 1 << 18])
def test_a_batch_is_taken_some_images_or_rows_at_a_time(
    positions: int, bounds: int, monkeypatch: pytest.MonkeyPatch
):
    for window in (Window((3, 3), padding=(4, 1)), Window((2, 1), (2, 1), (0, 0), (3, 1))):
        case = random_case(ImageShape(6, 5, 20), window, filters=6, n=7)
        product = case.product
        counts = (product.terms.base[product.classes.of_position] - sums_by_numpy(case)) // 2
        limit = np.random.default_rng(1).integers(-1, 100, product.terms.base.shape)
        limits = Limits(limit.astype(np.int32), np.ones(6, dtype=np.int8))
        monkeypatch.setattr(binary_conv, "POSITIONS_AT_ONCE", positions)
        monkeypatch.setattr(binary_conv, "BOUNDS_AT_ONCE", bounds)
        assert np.array_equal(binary_conv.distances(case.images, product), counts)
        signs = binary_conv.sign_conv(case.images, stage_of(product, limits))
        bits = counts <= limit[product.classes.of_position]
        assert np.array_equal(unpack_bits(signs, 6).reshape(bits.shape), bits)


def test_no_images_give_no_signs():
    case = random_case(ImageShape(3, 3, 5), Window((2, 2)), filters=3, n=1)
    limits = Limits(np.zeros((1, 3), dtype=np.int32), np.ones(3, dtype=np.int8))
    none = case.images[:0]
    assert binary_conv.distances(none, case.product).shape == (0, 4, 3)
    assert binary_conv.sign_conv(none, stage_of(case.product, limits)).shape == (0, 2, 2, 1)


def test_images_of_another_shape_are_refused():
    case = random_case(ImageShape(3, 3, 65), Window((2, 2)), filters=3)
    limits = Limits(np.zeros((1, 3), dtype=np.int32), np.ones(3, dtype=np.int8))
    stage = stage_of(case.product, limits)
    for images in (case.images[:, :2], case.images[..., :1], case.images[0]):
        for run in (
            partial(binary_conv.distances, product=case.product),
            partial(binary_conv.sign_conv, stage=stage),
        ):
            with pytest.raises(ExtensionError) as refused:
                run(images)
            assert refused.value.code.name == "NN_SHAPE_MISMATCH"


def test_what_is_derived_lives_as_long_as_its_layer():
    made = []

    def make(product: Product) -> str:
        made.append(product.groups)
        return "derived"

    derived = Derived(make)
    product = random_case(ImageShape(3, 3, 5), Window((2, 2)), filters=3).product
    assert [derived(product), derived(product), made] == ["derived", "derived", [1]]
    alive = weakref.ref(product)
    binary_conv.distances(np.zeros((1, 3, 3, 1), dtype=np.uint64), product)
    del product
    gc.collect()
    assert alive() is None
