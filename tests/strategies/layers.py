"""Hypothesis strategies for windows, packed weights and what follows a layer's sums."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from nn_ops.conventions import pack_bits
from nn_ops.geometry import ImageShape, Window
from nn_ops.graph import BatchNorm, Hardtanh, Normalize, Relu, Weights
from nn_ops.limits import Step, Terms, terms_of
from nn_ops.program import Product, RealProductStage

N_CHANNELS = (1, 2, 3, 7, 16, 32, 63, 64, 65, 130)


def generators() -> st.SearchStrategy[np.random.Generator]:
    """Draw a generator of random numbers: an array of them costs one choice."""
    return st.integers(0, 2**32 - 1).map(np.random.default_rng)


@st.composite
def image_shapes(draw: st.DrawFn, channels: int | None = None) -> ImageShape:
    """Draw the shape of a small image, not square more often than not."""
    return ImageShape(
        draw(st.integers(1, 7)),
        draw(st.integers(1, 7)),
        channels or draw(st.sampled_from(N_CHANNELS)),
    )


@st.composite
def windows(draw: st.DrawFn, shape: ImageShape, *, is_pool: bool = False) -> Window:
    """Draw a window that fits `shape`; that of a pool has less padding than half its kernel."""
    axes = []
    for cells in (shape.height, shape.width):
        kernel = draw(st.integers(1, 4))
        padding = draw(st.integers(0, kernel // 2 if is_pool else 3))
        room = max(cells + 2 * padding, 1)
        kernel = min(kernel, room)
        padding = min(padding, kernel // 2) if is_pool else padding
        kernel = min(kernel, cells + 2 * padding)
        most = (cells + 2 * padding - 1) // (kernel - 1) if kernel > 1 else 3
        dilation = draw(st.integers(1, min(most, 3)))
        axes.append((kernel, draw(st.integers(1, 3)), padding, dilation))
    down, along = axes
    kernel, stride, padding, dilation = zip(down, along, strict=True)
    return Window(kernel, stride, padding, dilation)


@st.composite
def weights(draw: st.DrawFn, filters: int, fan_in: int) -> Weights:
    """Draw packed weights; in a third of the cases some are pruned, in some filters all."""
    generator = draw(generators())
    plus = generator.random((filters, fan_in)) < draw(st.sampled_from([0.0, 0.5, 0.9, 1.0]))
    if draw(st.integers(0, 2)):
        return Weights(pack_bits(plus))
    kept = generator.random((filters, fan_in)) < generator.choice([0.0, 0.3, 0.9], (filters, 1))
    return Weights(pack_bits(plus & kept), pack_bits(kept))


def values(
    draw: st.DrawFn, size: int, low: float, high: float, special: tuple[float, ...] = (0.0,)
) -> NDArray[np.float64]:
    """Draw real parameters, now and then one of `special`."""
    generator = draw(generators())
    found = generator.uniform(low, high, size)
    is_special = generator.random(size) < draw(st.sampled_from([0.0, 0.2, 0.5]))
    return np.where(is_special, generator.choice(np.array(special), size), found)


@st.composite
def biases(draw: st.DrawFn, filters: int) -> NDArray[np.float64] | None:
    """Draw a layer's bias, or none."""
    return None if draw(st.booleans()) else values(draw, filters, -1, 1, (0.0, -1.0, 0.5))


@st.composite
def batch_norms(draw: st.DrawFn, channels: int, name: str = "norm") -> BatchNorm:
    """Draw a batch norm node with gammas of both signs and 0, and variances down to 0."""
    return BatchNorm(
        name,
        "before",
        values(draw, channels, -3, 3, (0.0, 1.0, -1.0)),
        values(draw, channels, -2, 2),
        values(draw, channels, -9, 9, (0.0, 1.0, -2.0, 3.0)),
        values(draw, channels, 0.1, 50, (0.0, 1.0)),
        draw(st.sampled_from([1e-5, 1e-4, 1e-3])),
    )


@st.composite
def chains(draw: st.DrawFn, filters: int) -> tuple[Step, ...]:
    """Draw what is done to sums before the sign: none to three steps."""
    steps: list[Step] = []
    for number in range(draw(st.integers(0, 3))):
        match draw(st.sampled_from(["norm", "norm", "hardtanh", "relu"])):
            case "norm":
                steps.append(draw(batch_norms(filters, f"step{number}")))
            case "hardtanh":
                steps.append(Hardtanh(f"step{number}", "before"))
            case _:
                steps.append(Relu(f"step{number}", "before"))
    return tuple(steps)


@st.composite
def terms(draw: st.DrawFn, filters: int) -> Terms:
    """Draw how many terms the sums of up to three border classes have."""
    generator = draw(generators())
    shape = (draw(st.integers(1, 3)), filters)
    count = generator.integers(0, draw(st.sampled_from([1, 4, 9, 70])) + 1, shape)
    on_border = generator.integers(0, 5, shape)
    return Terms(count.astype(np.int32), (count + 2 * on_border).astype(np.int32))


@st.composite
def products(draw: st.DrawFn, *, most_channels: int = 130) -> Product:
    """Draw the geometry and weights of a convolution."""
    groups = draw(st.sampled_from([1, 1, 2, 3]))
    width = draw(st.sampled_from([w for w in N_CHANNELS if w * groups <= most_channels]))
    filters = groups * draw(st.integers(1, 3))
    shape = draw(image_shapes(channels=groups * width))
    window = draw(windows(shape))
    padding_value = draw(st.sampled_from([0, 0, -1]))
    own = draw(weights(filters, window.taps * width))
    return product_of(own, shape, window, groups, padding_value)


def product_of(
    own: Weights, shape: ImageShape, window: Window, groups: int = 1, padding_value: int = 0
) -> Product:
    """Return a product with its terms."""
    filters = len(own.words)
    classes, found = terms_of(own, shape, window, groups, filters, padding_value)
    output = ImageShape(*window.output_size(shape.height, shape.width), filters)
    return Product(window, shape, output, groups, padding_value, own, classes, found)


@st.composite
def real_product_stages(draw: st.DrawFn) -> RealProductStage:
    """Draw a first layer over normalized pixels of up to 6 channels."""
    drawn = draw(products(most_channels=6))
    product = product_of(drawn.weights, drawn.input, drawn.window, drawn.groups)
    channels, filters = product.input.channels, product.output.channels
    means = values(draw, channels, -0.5, 1.0)
    stds = values(draw, channels, 0.1, 1.0, (0.25, 1.0))
    return real_stage(
        product,
        values(draw, filters, -1, 1),
        Normalize("normalize", "input", tuple(means.tolist()), tuple(stds.tolist())),
    )


def real_stage(
    product: Product, bias: NDArray[np.float64], normalize: Normalize | None
) -> RealProductStage:
    """Return a stage of its own."""
    return RealProductStage(
        name="conv",
        inputs=("pixels",),
        output=product.output,
        kind="reals",
        nodes=("conv",),
        product=product,
        bias=bias,
        normalize=normalize,
        max_pixel=255,
    )


def linear_stage(plus: NDArray[np.bool_], shape: ImageShape) -> RealProductStage:
    """Return a linear layer over reals, without a bias."""
    product = product_of(Weights(pack_bits(plus)), shape, Window((shape.height, shape.width)))
    return real_stage(product, np.zeros(len(plus)), None)


@st.composite
def pools(draw: st.DrawFn, shape: ImageShape) -> Window:
    """Draw a pool that PyTorch accepts too: a cell of the image under each of its positions."""
    window = draw(windows(shape, is_pool=True))
    if window.cells_inside(shape.height, shape.width).any(axis=1).all():
        return window
    return Window((1, 1), window.stride)
