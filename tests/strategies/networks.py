"""Hypothesis strategies for signs, batch norms and small binarized networks."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from nn_ops.batch_norm import BatchNorm
from nn_ops.conventions import pack_signs
from nn_ops.errors import ExtensionError
from nn_ops.geometry import ImageShape
from nn_ops.network import ConvLayer, Layer, LinearLayer, Network
from nn_ops.threshold import fold

BIT_WIDTHS = (1, 2, 7, 63, 64, 65, 127, 128, 129)


@st.composite
def sign_matrices(
    draw: st.DrawFn, n_rows: int | None = None, n_bits: int | None = None
) -> NDArray[np.int8]:
    """Draw a matrix of ±1, its width at the edges of a word more often than not."""
    rows = draw(st.integers(1, 5)) if n_rows is None else n_rows
    width = n_bits or draw(st.sampled_from(BIT_WIDTHS) | st.integers(1, 200))
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    share = draw(st.sampled_from([0.0, 0.1, 0.5, 1.0]))
    return np.where(generator.random((rows, width)) < share, 1, -1).astype(np.int8)


@st.composite
def batch_norms(draw: st.DrawFn, filters: int) -> BatchNorm:
    """Draw a batch norm with gammas of both signs and of 0, and now and then a variance of 0."""

    def vector(values: st.SearchStrategy[float]) -> NDArray[np.float64]:
        return np.array(draw(st.lists(values, min_size=filters, max_size=filters)))

    gammas = st.floats(-3, 3, allow_subnormal=False) | st.just(0.0)
    return BatchNorm(
        bias=vector(st.floats(-1, 1, allow_subnormal=False)),
        gamma=vector(gammas),
        beta=vector(st.floats(-2, 2, allow_subnormal=False)),
        mean=vector(st.floats(-20, 20, allow_subnormal=False)),
        variance=vector(st.floats(0, 100, allow_subnormal=False)),
        eps=draw(st.sampled_from([1e-5, 1e-4, 1e-3])),
    )


@st.composite
def certain_batch_norms(draw: st.DrawFn, filters: int, fan_in: int) -> BatchNorm:
    """Draw a batch norm that `fold` accepts for sums of `fan_in` bits."""
    return draw(batch_norms(filters).filter(lambda norm: _is_certain(fan_in, norm)))


def _is_certain(fan_in: int, norm: BatchNorm) -> bool:
    try:
        fold(fan_in, norm)
    except ExtensionError:
        return False
    return True


@st.composite
def networks(draw: st.DrawFn) -> Network:
    """Draw a small valid network: none to two convolutions, one or two linear layers."""
    image = ImageShape(draw(st.integers(3, 6)), draw(st.integers(3, 6)), 1)
    thresholds = tuple(sorted(draw(st.sets(st.integers(0, 15), min_size=1, max_size=4))))
    shape = ImageShape(image.height, image.width, len(thresholds))
    layers: list[Layer] = []
    for number in range(draw(st.integers(0, 2))):
        conv = draw(conv_layers(f"conv{number + 1}", shape))
        layers.append(conv)
        shape = conv.output
    n_classes = draw(st.integers(1, 4))
    if draw(st.booleans()):
        hidden = draw(linear_layers("hidden", shape.size, draw(st.integers(1, 5)), is_last=False))
        layers.append(hidden)
        shape = hidden.output
    layers.append(draw(linear_layers("last", shape.size, n_classes, is_last=True)))
    return Network(
        name=draw(st.text(max_size=5)),
        image=image,
        max_pixel=16,
        thresholds=thresholds,
        layers=tuple(layers),
        classes=tuple(str(number) for number in range(n_classes)),
        training={"seed": draw(st.integers(0, 9))},
    )


@st.composite
def conv_layers(draw: st.DrawFn, name: str, shape: ImageShape) -> ConvLayer:
    """Draw a convolution that fits `shape`, of any stride, padding and pool."""
    kernel = draw(st.integers(1, min(3, shape.height, shape.width)))
    padding = draw(st.integers(0, kernel - 1))
    stride = draw(st.integers(1, 2))
    least = min(shape.height, shape.width)
    room = (least + 2 * padding - kernel) // stride + 1
    filters, fan_in = draw(st.integers(1, 4)), kernel * kernel * shape.channels
    return ConvLayer(
        name=name,
        input=shape,
        filters=filters,
        kernel=kernel,
        stride=stride,
        padding=padding,
        pool=draw(st.integers(1, min(2, room))),
        words=pack_signs(draw(sign_matrices(filters, fan_in))),
        norm=draw(certain_batch_norms(filters, fan_in)),
    )


@st.composite
def linear_layers(
    draw: st.DrawFn, name: str, in_features: int, out_features: int, *, is_last: bool
) -> LinearLayer:
    """Draw a linear layer of the given size."""
    return LinearLayer(
        name=name,
        in_features=in_features,
        out_features=out_features,
        words=pack_signs(draw(sign_matrices(out_features, in_features))),
        norm=draw(certain_batch_norms(out_features, in_features)),
        is_last=is_last,
    )


@st.composite
def images(draw: st.DrawFn, network: Network) -> NDArray[np.uint8]:
    """Draw none to three images of the network's size."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    n_images = draw(st.integers(0, 3))
    pixels = generator.integers(0, network.max_pixel + 1, (n_images, network.image.size))
    return pixels.astype(np.uint8)
