"""Hypothesis strategies for windows, packed images and convolutions of signs by signs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from nn_ops.conventions import pack_bits, pack_signs
from nn_ops.geometry import BorderClasses, ImageShape, Window, border_classes
from nn_ops.graph import Weights
from nn_ops.limits import Limits, Terms
from nn_ops.program import Product, SignProductStage

CHANNELS = (1, 2, 3, 8, 24, 63, 64, 65, 72, 128, 160)


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """A product beside the signs that it was made from, and images for it.

    Attributes
    ----------
    product : Product
    signs : ndarray of int8, shape (n, height, width, channels)
        The images, +1 and -1.
    weights : ndarray of int8, shape (filters, kernel rows, kernel columns, channels // groups)
        +1 and -1, and 0 where pruned.
    """

    product: Product
    signs: NDArray[np.int8]
    weights: NDArray[np.int8]

    @property
    def images(self) -> NDArray[np.uint64]:
        """The images, packed."""
        return pack_signs(self.signs)


@st.composite
def windows(draw: st.DrawFn, max_kernel: int = 4) -> Window:
    """Draw a window of any kernel, stride, padding and dilation, often with unequal sides."""

    def pair(low: int, high: int) -> tuple[int, int]:
        return draw(st.integers(low, high)), draw(st.integers(low, high))

    return Window(pair(1, max_kernel), pair(1, 3), pair(0, 2), pair(1, 2))


@st.composite
def shapes_for(draw: st.DrawFn, window: Window, channels: int) -> ImageShape:
    """Draw the shape of an image into which a window fits."""
    sizes = []
    for kernel, padding, dilation in zip(
        window.kernel, window.padding, window.dilation, strict=True
    ):
        least = max(1, dilation * (kernel - 1) + 1 - 2 * padding)
        sizes.append(draw(st.integers(least, least + 5)))
    return ImageShape(sizes[0], sizes[1], channels)


def terms(
    weights: NDArray[np.int8], window: Window, shape: ImageShape, padding_value: int
) -> tuple[BorderClasses, Terms]:
    """Return the classes and terms of unpacked weights, as the definitions have them."""
    plain = Window(window.kernel)
    classes = (
        border_classes(window, shape.height, shape.width)
        if padding_value == 0
        else BorderClasses(
            np.zeros(np.prod(window.output_size(shape.height, shape.width)), dtype=np.intp),
            plain.cells_inside(*window.kernel),
        )
    )
    by_tap = weights.reshape(len(weights), window.taps, -1)
    counted = np.count_nonzero(by_tap, axis=2) @ classes.inside.T
    lost = np.count_nonzero(by_tap == 1, axis=2) @ ~classes.inside.T
    return classes, Terms(
        counted.T.astype(np.int32), np.ascontiguousarray(counted + 2 * lost, np.int32).T
    )


def product_of(
    weights: NDArray[np.int8],
    window: Window,
    shape: ImageShape,
    groups: int,
    padding_value: int = 0,
) -> Product:
    """Return the product of unpacked weights of +1, -1 and 0."""
    classes, its_terms = terms(weights, window, shape, padding_value)
    flat = weights.reshape(len(weights), -1)
    mask = None if np.all(flat) else pack_bits(flat != 0)
    output = ImageShape(*window.output_size(shape.height, shape.width), len(weights))
    return Product(
        window,
        shape,
        output,
        groups,
        padding_value,
        Weights(pack_bits(flat == 1), mask),
        classes,
        its_terms,
    )


@st.composite
def cases(draw: st.DrawFn, n_images: int | None = None) -> Case:
    """Draw a convolution: groups, masks, both values of the border, one filter or many."""
    window = draw(windows())
    groups = draw(st.sampled_from((1, 1, 1, 2, 3)))
    per_group = draw(st.sampled_from(CHANNELS if groups == 1 else CHANNELS[:8]))
    shape = draw(shapes_for(window, per_group * groups))
    filters = groups * draw(st.sampled_from((1, 3, 8, 13, 65)))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    signs, weights = (
        np.where(generator.random(size) < draw(st.sampled_from((0.0, 0.2, 0.5, 1.0))), 1, -1)
        for size in (
            (
                n_images or draw(st.sampled_from((1, 2, 5))),
                shape.height,
                shape.width,
                shape.channels,
            ),
            (filters, *window.kernel, per_group),
        )
    )
    weights = weights * draw(masks(weights.shape))
    padding_value = draw(st.sampled_from((0, -1)))
    product = product_of(weights.astype(np.int8), window, shape, groups, padding_value)
    return Case(product, signs.astype(np.int8), weights.astype(np.int8))


@st.composite
def masks(draw: st.DrawFn, shape: tuple[int, ...]) -> NDArray[np.int8]:
    """Draw which weights count: all, some bits, or whole runs of 64 along a filter."""
    kind = draw(st.sampled_from(("all", "bits", "runs", "filters")))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    size, fan_in = shape[0], int(np.prod(shape[1:]))
    share = draw(st.sampled_from((0.1, 0.5, 0.9)))
    if kind == "bits":
        counts = generator.random((size, fan_in)) < share
    elif kind == "runs":
        runs = generator.random((size, -(-fan_in // 64))) < share
        counts = np.repeat(runs, 64, axis=1)[:, :fan_in]
    elif kind == "filters":
        counts = np.repeat(generator.random((size, 1)) < share, fan_in, axis=1)
    else:
        counts = np.ones((size, fan_in), dtype=np.bool_)
    return counts.astype(np.int8).reshape(shape)


@st.composite
def stages(draw: st.DrawFn) -> tuple[Case, SignProductStage]:
    """Draw a stage with limits of both polarities, some never or always met, and maybe a pool."""
    case = draw(cases())
    product = case.product
    fan_in = product.window.taps * product.input.channels // product.groups
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    limit = generator.integers(-1, fan_in + 2, product.terms.base.shape)
    polarity = generator.choice([1, -1], product.output.channels)
    pool = None
    output = product.output
    if draw(st.booleans()):
        kernel = min(draw(st.integers(1, 3)), output.height), min(3, output.width)
        padding = min(draw(st.integers(0, 1)), kernel[0] // 2), min(1, kernel[1] // 2)
        pool = Window(kernel, (draw(st.integers(1, 2)), 2), padding)
        output = ImageShape(*pool.output_size(output.height, output.width), output.channels)
    limits = Limits(limit.astype(np.int32), polarity.astype(np.int8))
    stage = SignProductStage("conv", ("before",), output, "signs", ("conv",), product, limits, pool)
    return case, stage
