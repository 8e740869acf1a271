"""Hypothesis strategies for small networks as graphs, with every kind of node, and their images."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from nn_ops.conventions import pack_bits
from nn_ops.geometry import ImageShape, Window
from nn_ops.graph import (
    Add,
    AveragePool,
    BatchNorm,
    Conv,
    Floats,
    Hardtanh,
    Input,
    Kind,
    Linear,
    MaxPool,
    Network,
    Node,
    Normalize,
    Relu,
    Sign,
    Thermometer,
    Weights,
    output_kind,
    output_shape,
)

AFTER_SIGNS = ("block", "block", "block", "conv", "max_pool", "average_pool", "batch_norm")
AFTER_REALS = (
    *("batch_norm", "batch_norm", "sign", "sign", "hardtanh", "relu", "max_pool"),
    *("average_pool", "conv", "add"),
)


class Builder:
    """Draws one node after the other; each reads the one before it.

    Parameters
    ----------
    draw : callable
        Hypothesis' own; it decides the structure, and the seed of the parameters.
    """

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.random = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
        self.nodes: list[Node] = []
        self.shapes: dict[str, ImageShape] = {}
        self.kinds: dict[str, Kind] = {}
        self.is_certain = False
        """Whether no value of the last node is exactly 0 but by a rare accident."""

    @property
    def last(self) -> str:
        """The name of the last node."""
        return self.nodes[-1].name

    @property
    def shape(self) -> ImageShape:
        """The shape that the last node gives."""
        return self.shapes[self.last]

    @property
    def kind(self) -> Kind:
        """The kind of image that the last node gives."""
        return self.kinds[self.last]

    def append(self, node: Node) -> None:
        """Put a node behind the others."""
        self.shapes[node.name] = output_shape(node, tuple(self.shapes[n] for n in node.inputs))
        self.kinds[node.name] = output_kind(node, tuple(self.kinds[n] for n in node.inputs))
        self.nodes.append(node)

    def name(self, kind: str) -> str:
        """Return a new name for a node."""
        return f"{kind}{len(self.nodes)}"

    def start(self) -> None:
        """Append the input, and what makes signs or reals of pixels."""
        integers = st.integers
        shape = ImageShape(
            *(self.draw(integers(2, 6)) for _ in range(2)), self.draw(integers(1, 3))
        )
        max_pixel = self.draw(st.sampled_from([1, 16, 255]))
        self.append(Input("pixels", shape, max_pixel))
        kind = self.draw(st.sampled_from(["thermometer", "normalize", "normalize", "none"]))
        if kind == "thermometer":
            levels = self.draw(st.sets(integers(0, max_pixel - 1), min_size=1, max_size=3))
            self.append(Thermometer("encode", "pixels", tuple(sorted(levels))))
        elif kind == "normalize":
            mean = tuple(self.random.uniform(0.3, 0.6, shape.channels).tolist())
            std = tuple(self.random.uniform(0.2, 0.4, shape.channels).tolist())
            self.append(Normalize("normalize", "pixels", mean, std))
            self.is_certain = True
        else:
            self.conv()

    def step(self) -> None:
        """Append a node that fits the last one."""
        kinds = AFTER_SIGNS if self.kind == "signs" else AFTER_REALS
        getattr(self, self.draw(st.sampled_from(kinds)))()

    def weights(self, filters: int, fan_in: int) -> Weights:
        """Draw signs, and now and then a mask."""
        bits = self.random.random((filters, fan_in)) < 0.5
        if not self.draw(st.sampled_from([False, False, True])):
            return Weights(pack_bits(bits))
        mask = self.random.random((filters, fan_in)) < 0.6
        return Weights(pack_bits(bits & mask), pack_bits(mask))

    def bias(self, filters: int) -> Floats | None:
        """Draw a bias; over reals there is always one, as rounding would decide ties."""
        has_bias = self.kind != "signs" or self.draw(st.booleans())
        self.is_certain = has_bias
        return self.random.uniform(-1, 1, filters) if has_bias else None

    def conv(self) -> None:
        """Append a convolution."""
        shape, integers = self.shape, st.integers
        groups = self.draw(st.sampled_from([n for n in (1, 2, 3) if shape.channels % n == 0]))
        filters = groups * self.draw(integers(1, 3))
        window = self.window(max_padding=2)
        fan_in = window.taps * shape.channels // groups
        padding_value = self.draw(st.sampled_from([0, 0, -1])) if self.kind == "signs" else 0
        weights, bias = self.weights(filters, fan_in), self.bias(filters)
        name = self.name("conv")
        self.append(Conv(name, self.last, window, filters, weights, bias, groups, padding_value))

    def block(self) -> None:
        """Append a convolution of signs and what leads back to signs: limits can hold it all."""
        self.conv()
        steps = ("max_pool", "batch_norm", "hardtanh", "relu")
        chosen = self.draw(st.lists(st.sampled_from(steps), max_size=3, unique=True))
        for step in (*chosen, "sign"):
            getattr(self, step)()

    def window(self, max_padding: int, max_dilation: int = 2) -> Window:
        """Draw a window that fits the last shape."""
        sides = []
        for cells in (self.shape.height, self.shape.width):
            kernel = self.draw(st.integers(1, min(3, cells)))
            padding = self.draw(st.integers(0, min(max_padding, kernel - 1)))
            fits = kernel > 1 and cells + 2 * padding > 2 * (kernel - 1)
            dilation = self.draw(st.integers(1, max_dilation if fits else 1))
            sides.append((kernel, self.draw(st.integers(1, 2)), padding, dilation))
        kernels, strides, paddings, dilations = zip(*sides, strict=True)
        return Window(kernels, strides, paddings, dilations)

    def linear(self, features: int) -> None:
        """Append a linear layer."""
        weights, bias = self.weights(features, self.shape.size), self.bias(features)
        self.append(Linear(self.name("linear"), self.last, features, weights, bias))

    def max_pool(self) -> None:
        """Append a max pool, its windows overlapping or not."""
        window = self.window(max_padding=1)
        self.append(MaxPool(self.name("pool"), self.last, window))

    def average_pool(self) -> None:
        """Append an average pool."""
        window = self.window(max_padding=0, max_dilation=1)
        self.append(AveragePool(self.name("mean"), self.last, window))
        self.is_certain = False

    def batch_norm(self) -> None:
        """Append a batch norm with gammas of both signs, and now and then of 0."""
        channels = self.shape.channels
        gamma = self.random.uniform(0.3, 1.5, channels) * self.random.choice([-1, 1], channels)
        gamma[self.random.random(channels) < 0.1] = 0.0
        values = (
            *(gamma, self.random.normal(0, 0.5, channels)),
            *(self.random.normal(0, 2, channels), self.random.uniform(0.5, 9, channels)),
        )
        eps = self.draw(st.sampled_from([1e-5, 1e-4]))
        self.append(BatchNorm(self.name("norm"), self.last, *values, eps))
        self.is_certain = True

    def sign(self) -> None:
        """Append a sign; where a 0 is likely its sign is +1."""
        zero = self.draw(st.integers(0, 1)) if self.is_certain else 1
        self.append(Sign(self.name("sign"), self.last, zero))

    def hardtanh(self) -> None:
        """Append a Hardtanh."""
        self.append(Hardtanh(self.name("hardtanh"), self.last))

    def relu(self) -> None:
        """Append a ReLU."""
        self.append(Relu(self.name("relu"), self.last))
        self.is_certain = False

    def add(self) -> None:
        """Append the sum with an earlier image of the same shape, if there is one."""
        others = [
            node.name
            for node in self.nodes[:-1]
            if self.shapes[node.name] == self.shape and self.kinds[node.name] != "pixels"
        ]
        if not others:
            self.batch_norm()
            return
        sides = [self.last, self.draw(st.sampled_from(others))]
        left, right = self.draw(st.permutations(sides))
        self.append(Add(self.name("add"), left, right))
        self.is_certain = False


@st.composite
def graphs(draw: st.DrawFn, max_steps: int = 7) -> Network:
    """Draw a small valid network whose nodes are of any kinds."""
    builder = Builder(draw)
    builder.start()
    for _ in range(draw(st.integers(0, max_steps))):
        builder.step()
    n_classes = draw(st.integers(1, 4))
    builder.linear(n_classes)
    if draw(st.booleans()):
        builder.batch_norm()
    return Network(
        name=draw(st.text(max_size=5)),
        nodes=tuple(builder.nodes),
        classes=tuple(str(number) for number in range(n_classes)),
        training={"seed": draw(st.integers(0, 9))},
    )


@st.composite
def graph_images(draw: st.DrawFn, network: Network, max_images: int = 3) -> NDArray[np.uint8]:
    """Draw none to a few images of the network's size, shape (n, height, width, channels)."""
    generator = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    shape, n_images = network.image.shape, draw(st.integers(0, max_images))
    size = (n_images, shape.height, shape.width, shape.channels)
    return generator.integers(0, network.image.max_pixel + 1, size).astype(np.uint8)
