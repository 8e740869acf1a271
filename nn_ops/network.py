"""A binarized network as data: layers, shapes, packed weights and parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from nn_ops import graph
from nn_ops.batch_norm import BatchNorm, Floats
from nn_ops.conventions import Words, n_words
from nn_ops.errors import InternalError
from nn_ops.geometry import ImageShape
from nn_ops.threshold import Limits, fold


@dataclass(frozen=True, slots=True, eq=False)
class ConvLayer:
    """A binarized convolution: conv, max pool, batch norm, sign, in this order.

    Attributes
    ----------
    name : str
    input : ImageShape
    filters : int
    kernel : int
        Side of the square kernel, in pixels.
    stride : int
        In pixels, along both axes.
    padding : int
        Width of the border, in pixels; its value is -1, so every sum has the same fan-in.
    pool : int
        Side and stride of the max pool's window; 1 is none.
    words : ndarray of uint64, shape (filters, n_words)
        The packed signs, each filter in the order kernel row, kernel column, channel.
    norm : BatchNorm
    """

    name: str
    input: ImageShape
    filters: int
    kernel: int
    stride: int
    padding: int
    pool: int
    words: Words
    norm: BatchNorm

    @property
    def fan_in(self) -> int:
        """V: bits per patch and filter."""
        return self.kernel * self.kernel * self.input.channels

    @property
    def n_words(self) -> int:
        """64-bit words per patch and filter."""
        return n_words(self.fan_in)

    @property
    def conv_output(self) -> ImageShape:
        """The shape before the max pool."""
        extra = 2 * self.padding - self.kernel
        return ImageShape(
            (self.input.height + extra) // self.stride + 1,
            (self.input.width + extra) // self.stride + 1,
            self.filters,
        )

    @property
    def output(self) -> ImageShape:
        """The shape after the max pool."""
        before = self.conv_output
        return ImageShape(before.height // self.pool, before.width // self.pool, self.filters)

    def limits(self) -> Limits:
        """Return when each filter answers +1, on the smallest D of the pool's window.

        Raises
        ------
        ExtensionError
            NN_SIGN_OF_ZERO when an attainable sum has no certain sign.
        """
        return fold(self.fan_in, self.norm)


@dataclass(frozen=True, slots=True, eq=False)
class LinearLayer:
    """A binarized linear layer; its input is flattened by row, column, channel.

    Attributes
    ----------
    name : str
    in_features, out_features : int
    words : ndarray of uint64, shape (out_features, n_words)
    norm : BatchNorm
    is_last : bool
        The last layer gives logits; any other gives signs.
    """

    name: str
    in_features: int
    out_features: int
    words: Words
    norm: BatchNorm
    is_last: bool

    @property
    def fan_in(self) -> int:
        """V: bits per row and filter."""
        return self.in_features

    @property
    def n_words(self) -> int:
        """64-bit words per row and filter."""
        return n_words(self.in_features)

    @property
    def output(self) -> ImageShape:
        """The shape of the answer: one pixel, `out_features` channels."""
        return ImageShape(1, 1, self.out_features)

    def limits(self) -> Limits:
        """Return when each feature is +1.

        Raises
        ------
        ExtensionError
            NN_SIGN_OF_ZERO when an attainable sum has no certain sign.
        """
        return fold(self.fan_in, self.norm)


Layer: TypeAlias = ConvLayer | LinearLayer
JsonValue: TypeAlias = bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"] | None


@dataclass(frozen=True, slots=True, eq=False)
class Logits:
    """``logit[c] = s[c] * scale[c] + shift[c]`` for the last layer's integer sums s.

    Attributes
    ----------
    scale, shift : ndarray of float64, shape (classes,)
        ``scale = gamma * (1 / sqrt(variance + eps))`` and
        ``shift = (bias - mean) * scale + beta``; PyTorch's own order of rounding differs by a few
        units in the last place.
    """

    scale: Floats
    shift: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """A binarized network from pixels to logits.

    Attributes
    ----------
    name : str
    image : ImageShape
        The shape of the pixels that go in; one channel.
    max_pixel : int
        Pixels are 0 to this.
    thresholds : tuple of int
        The first layer sees one channel per threshold: +1 where the pixel is above it, else -1.
    layers : tuple of Layer
        Each one's input is the output before it; the last is a LinearLayer.
    classes : tuple of str
        The names of the logits.
    training : mapping
        How the network came about: seed, epochs, command, accuracies. JSON values.
    """

    name: str
    image: ImageShape
    max_pixel: int
    thresholds: tuple[int, ...]
    layers: tuple[Layer, ...]
    classes: tuple[str, ...]
    training: Mapping[str, JsonValue]

    @property
    def encoded(self) -> ImageShape:
        """The shape of the bits that enter the first layer."""
        return ImageShape(self.image.height, self.image.width, len(self.thresholds))

    @property
    def last(self) -> LinearLayer:
        """The layer that gives the logits."""
        layer = self.layers[-1]
        if not isinstance(layer, LinearLayer):
            raise InternalError("a network that was not checked: its last layer is not linear")
        return layer

    def logits(self) -> Logits:
        """Return what turns the last layer's sums into logits."""
        norm = self.last.norm
        scale = norm.scale
        return Logits(scale, (norm.bias - norm.mean) * scale + norm.beta)


def as_layers(network: graph.Network) -> Network:
    """Return the digits network's graph as layers.

    Parameters
    ----------
    network : graph.Network
        Pixels, thermometer, then convolutions, pools, batch norms and signs in this order.
    """
    nodes = {node.name: node for node in network.nodes}
    (encode,) = (node for node in network.nodes if isinstance(node, graph.Thermometer))
    shapes = graph.shapes_of(network)
    layers: list[Layer] = []
    norms = [node for node in network.nodes if isinstance(node, graph.BatchNorm)]
    for norm in norms:
        before = nodes[norm.input]
        pool = 1
        if isinstance(before, graph.MaxPool):
            pool, before = before.window.kernel[0], nodes[before.input]
        if not isinstance(before, graph.Conv | graph.Linear):
            raise InternalError("only the digits network has layers")
        bias = before.bias if before.bias is not None else np.zeros(len(before.weights.words))
        values = (bias, norm.gamma, norm.beta, norm.mean, norm.variance, norm.eps)
        folded = BatchNorm(*values)
        shape, words = shapes[before.input], before.weights.words
        if isinstance(before, graph.Linear):
            is_last = norm is norms[-1]
            layers.append(
                LinearLayer(before.name, shape.size, before.features, words, folded, is_last)
            )
        else:
            window = before.window
            sides = window.kernel[0], window.stride[0], window.padding[0]
            layers.append(
                ConvLayer(before.name, shape, before.filters, *sides, pool, words, folded)
            )
    return Network(
        name=network.name,
        image=network.image.shape,
        max_pixel=network.image.max_pixel,
        thresholds=encode.thresholds,
        layers=tuple(layers),
        classes=network.classes,
        training=network.training,
    )
