"""A binarized network as data: a graph of nodes from pixels to logits.

A node names the nodes it reads. What flows between them is one of three kinds of image:
``pixels`` (integers from 0), ``signs`` (+1 or -1, one bit each) and ``reals`` (float64). Each has
the shape (row, column, channel), the channel fastest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from nn_ops.conventions import Words
from nn_ops.errors import InternalError
from nn_ops.geometry import ImageShape, Window

Floats: TypeAlias = NDArray[np.float64]
Kind: TypeAlias = Literal["pixels", "signs", "reals"]
JsonValue: TypeAlias = bool | int | float | str | list["JsonValue"] | dict[str, "JsonValue"] | None


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """The packed signs of a layer, one row per filter.

    Attributes
    ----------
    words : ndarray of uint64, shape (filters, n_words(fan_in))
        In the order kernel row, kernel column, channel; pruned places and tail bits are 0.
    mask : ndarray of uint64, same shape, or None
        Bit 1 where the weight counts, 0 where it was pruned; None when all count.
    """

    words: Words
    mask: Words | None = None


@dataclass(frozen=True, slots=True)
class Input:
    """The pixels: integers from 0 to `max_pixel`."""

    kind: ClassVar[str] = "input"
    name: str
    shape: ImageShape
    max_pixel: int

    @property
    def inputs(self) -> tuple[str, ...]:
        """No node comes before it."""
        return ()


@dataclass(frozen=True, slots=True, eq=False)
class OneInput:
    """What every node with one input has: its own name, and that input's.

    It has no equality to pass on: layers of two networks may have the same names.
    """

    name: str
    input: str

    @property
    def inputs(self) -> tuple[str, ...]:
        """The node read."""
        return (self.input,)


@dataclass(frozen=True, slots=True)
class Thermometer(OneInput):
    """Pixels to signs, several channels for one: +1 where the pixel is above the threshold.

    Attributes
    ----------
    thresholds : tuple of int
        Channel ``c * len(thresholds) + t`` of the output compares channel c with threshold t.
    """

    kind: ClassVar[str] = "thermometer"
    thresholds: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Normalize(OneInput):
    """Pixels to reals: ``(pixel / max_pixel - mean[c]) / std[c]``."""

    kind: ClassVar[str] = "normalize"
    mean: tuple[float, ...]
    std: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Sign(OneInput):
    """Reals to signs.

    Attributes
    ----------
    zero : 0 or 1
        The sign of an exact zero: 0 as `torch.sign` has it, which no bit can hold and which is
        therefore refused where it can occur; or +1.
    """

    kind: ClassVar[str] = "sign"
    zero: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Conv(OneInput):
    """A convolution with weights of +1 and -1, then a real bias.

    Attributes
    ----------
    window : Window
    filters, groups : int
        Filter f reads the channels of group ``f // (filters // groups)``.
    weights : Weights
        The fan-in is ``window.taps * channels // groups``.
    bias : ndarray of float64, shape (filters,), or None
    padding_value : 0 or -1
        What stands in the border: nothing at all, as in PyTorch, or -1 (signs only).
    """

    kind: ClassVar[str] = "conv"
    window: Window
    filters: int
    weights: Weights
    bias: Floats | None = None
    groups: int = 1
    padding_value: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Linear(OneInput):
    """A linear layer with weights of +1 and -1 over the flattened input, then a real bias.

    The input is flattened by row, column, channel: it is a convolution whose window is the image.
    """

    kind: ClassVar[str] = "linear"
    features: int
    weights: Weights
    bias: Floats | None = None


@dataclass(frozen=True, slots=True)
class MaxPool(OneInput):
    """The greatest value of each window, channel by channel; border cells do not take part."""

    kind: ClassVar[str] = "max_pool"
    window: Window


@dataclass(frozen=True, slots=True)
class AveragePool(OneInput):
    """The mean of each window, channel by channel; the window has no padding."""

    kind: ClassVar[str] = "average_pool"
    window: Window


@dataclass(frozen=True, slots=True, eq=False)
class BatchNorm(OneInput):
    """``(x - mean) / sqrt(variance + eps) * gamma + beta``, channel by channel.

    Attributes
    ----------
    gamma, beta, mean, variance : ndarray of float64, shape (channels,)
    eps : float

    Notes
    -----
    Evaluated as PyTorch does in eval mode: ``x * scale + offset``.
    """

    kind: ClassVar[str] = "batch_norm"
    gamma: Floats
    beta: Floats
    mean: Floats
    variance: Floats
    eps: float

    @property
    def scale(self) -> Floats:
        """``gamma * (1 / sqrt(variance + eps))``, shape (channels,)."""
        return self.gamma * (1.0 / np.sqrt(self.variance + self.eps))

    @property
    def offset(self) -> Floats:
        """``beta - mean * scale``, shape (channels,)."""
        return self.beta - self.mean * self.scale


@dataclass(frozen=True, slots=True)
class Hardtanh(OneInput):
    """``min(max(x, -1), 1)``."""

    kind: ClassVar[str] = "hardtanh"


@dataclass(frozen=True, slots=True)
class Relu(OneInput):
    """``max(x, 0)``."""

    kind: ClassVar[str] = "relu"


@dataclass(frozen=True, slots=True)
class Add:
    """The sum of two images of reals, cell by cell: a residual connection."""

    kind: ClassVar[str] = "add"
    name: str
    left: str
    right: str

    @property
    def inputs(self) -> tuple[str, ...]:
        """The two nodes read."""
        return (self.left, self.right)


Node: TypeAlias = (
    Input
    | Thermometer
    | Normalize
    | Sign
    | Conv
    | Linear
    | MaxPool
    | AveragePool
    | BatchNorm
    | Hardtanh
    | Relu
    | Add
)


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """A binarized network from pixels to logits.

    Attributes
    ----------
    name : str
    nodes : tuple of Node
        In an order in which each reads only what stands before it; the first is the Input, the
        last one's output are the logits, one channel of one cell per class.
    classes : tuple of str
        The names of the logits.
    training : mapping
        How the network came about: seed, epochs, command, accuracies. JSON values.
    """

    name: str
    nodes: tuple[Node, ...]
    classes: tuple[str, ...]
    training: Mapping[str, JsonValue]

    @property
    def image(self) -> Input:
        """The node that takes the pixels."""
        first = self.nodes[0]
        if not isinstance(first, Input):
            raise InternalError("a network that was not checked: its first node takes no pixels")
        return first


def output_shape(node: Node, inputs: tuple[ImageShape, ...]) -> ImageShape:
    """Return the shape of what a node gives.

    Parameters
    ----------
    node : Node
    inputs : tuple of ImageShape
        The shapes of what it reads.

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH when its window does not fit.
    """
    match node:
        case Input(shape=shape):
            return shape
        case Thermometer(thresholds=thresholds):
            (before,) = inputs
            return ImageShape(before.height, before.width, before.channels * len(thresholds))
        case Conv(window=window, filters=filters):
            (before,) = inputs
            return ImageShape(*window.output_size(before.height, before.width), filters)
        case Linear(features=features):
            return ImageShape(1, 1, features)
        case MaxPool(window=window) | AveragePool(window=window):
            (before,) = inputs
            return ImageShape(*window.output_size(before.height, before.width), before.channels)
        case _:
            return inputs[0]


def output_kind(node: Node, inputs: tuple[Kind, ...]) -> Kind:
    """Return what kind of image a node gives, from the kinds that it reads."""
    match node:
        case Input():
            return "pixels"
        case Thermometer() | Sign():
            return "signs"
        case MaxPool():
            return inputs[0]
        case _:
            return "reals"


def shapes_of(network: Network) -> dict[str, ImageShape]:
    """Return the shape of every node's output, by the node's name.

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH when a window does not fit.
    """
    shapes: dict[str, ImageShape] = {}
    for node in network.nodes:
        shapes[node.name] = output_shape(node, tuple(shapes[name] for name in node.inputs))
    return shapes


def kinds_of(network: Network) -> dict[str, Kind]:
    """Return the kind of every node's output, by the node's name."""
    kinds: dict[str, Kind] = {}
    for node in network.nodes:
        kinds[node.name] = output_kind(node, tuple(kinds[name] for name in node.inputs))
    return kinds


def fan_in_of(node: Conv | Linear, before: ImageShape) -> int:
    """Return how many weights one filter of a layer has, over an input of shape `before`."""
    if isinstance(node, Linear):
        return before.size
    return node.window.taps * before.channels // node.groups
