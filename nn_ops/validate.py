"""What a network must be before minidb writes, reads or runs it."""

from __future__ import annotations

import math
import re

import numpy as np
from numpy.typing import NDArray

from nn_ops.conventions import has_tail_bits, n_words
from nn_ops.errors import (
    NN_NOT_CONNECTED,
    NN_NOT_FINITE,
    NN_SHAPE_MISMATCH,
    ExtensionError,
)
from nn_ops.geometry import ImageShape, Window
from nn_ops.graph import (
    Add,
    AveragePool,
    BatchNorm,
    Conv,
    Input,
    Kind,
    Linear,
    MaxPool,
    Network,
    Node,
    Normalize,
    Sign,
    Thermometer,
    fan_in_of,
    output_kind,
    output_shape,
)
from nn_ops.magnitudes import largest_value
from nn_ops.manifest import invalid

MAX_SIZE = 1 << 20
"""The largest height, width, channel or filter count that a network may name."""
MAX_VALUES = 1 << 24
"""The most values of one image, at any node."""
MAX_PIXEL = (1 << 16) - 1
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,99}")
"""What a node may be called; tensors, tables and columns have its name in theirs."""
IMAGE_NAME = "pixels"
"""What stages call the image; among the nodes only the input may have this name."""


def check_network(network: Network) -> None:
    """Raise unless every part of `network` fits the others.

    Whether a sign of 0 can occur is found when the network is lowered (`nn_ops.lower`).

    Parameters
    ----------
    network : Network

    Raises
    ------
    ExtensionError
        The message names the first part that does not fit. NN_NOT_CONNECTED for two nodes of one
        name, and for a node that reads what does not stand before it or that no other reads;
        NN_SHAPE_MISMATCH for shapes and fan-ins that disagree; NN_NOT_FINITE for a parameter, or a
        value that an image can lead to, that is infinite or not a number; NN_MODEL_INVALID else.
    """
    _check_names(network)
    shapes: dict[str, ImageShape] = {}
    kinds: dict[str, Kind] = {}
    largest: dict[str, float] = {}
    for node in network.nodes:
        _check_kinds(node, tuple(kinds[name] for name in node.inputs))
        before = tuple(shapes[name] for name in node.inputs)
        shapes[node.name] = _checked_shape(node, before)
        kinds[node.name] = output_kind(node, tuple(kinds[name] for name in node.inputs))
        _check_parameters(node, before)
        reach = largest_value(node, tuple(largest[name] for name in node.inputs), before)
        if not math.isfinite(reach):
            raise _not_finite(f"the values of node {node.name!r} overflow")
        largest[node.name] = reach
    _check_end(network, shapes, kinds)


def _check_names(network: Network) -> None:
    """Raise unless the nodes form a graph without cycles from one input to one output."""
    if not network.nodes or not isinstance(network.nodes[0], Input):
        raise _not_connected("the first node is not the input")
    seen: set[str] = set()
    read: set[str] = set()
    for node in network.nodes:
        if not NAME.fullmatch(node.name):
            raise invalid(f"{node.name[:100]!r} is no name of a node")
        if node.name in seen:
            raise _not_connected(f"two nodes are called {node.name!r}")
        if isinstance(node, Input) and seen:
            raise _not_connected(f"node {node.name!r} is a second input")
        if node.name == IMAGE_NAME and seen:
            raise _not_connected(f"only the input may be called {IMAGE_NAME!r}")
        for name in node.inputs:
            if name not in seen:
                raise _not_connected(
                    f"node {node.name!r} reads {name[:100]!r}, which does not stand before it"
                )
        seen.add(node.name)
        read.update(node.inputs)
    for node in network.nodes[:-1]:
        if node.name not in read:
            raise _not_connected(f"no node reads {node.name!r}")


def _check_kinds(node: Node, before: tuple[Kind, ...]) -> None:
    """Raise when a node reads an image of a kind that it cannot take."""
    match node:
        case Input() | Linear():
            return
        case Thermometer() | Normalize():
            allowed: tuple[Kind, ...] = ("pixels",)
        case Sign():
            allowed = ("reals",)
        case Conv(padding_value=padding_value):
            if padding_value not in (0, -1):
                raise invalid(f"the padding value of node {node.name!r} is neither 0 nor -1")
            allowed = ("pixels", "signs", "reals") if padding_value == 0 else ("signs",)
        case _:
            allowed = ("signs", "reals")
    for kind in before:
        if kind not in allowed:
            raise invalid(f"node {node.name!r} reads {kind}, expected {' or '.join(allowed)}")


def _checked_shape(node: Node, before: tuple[ImageShape, ...]) -> ImageShape:
    """Return the shape of what a node gives; the sizes that it names are checked."""
    match node:
        case Input(shape=shape):
            _check_sizes(node, shape.height, shape.width, shape.channels)
        case Linear(features=features):
            _check_sizes(node, features)
        case Conv():
            _check_sizes(node, node.filters, node.groups)
            _check_window(node, node.window)
        case MaxPool() | AveragePool():
            _check_window(node, node.window)
        case Add() if before[0] != before[1]:
            raise _mismatch(node, f"adds {_text(before[0])} and {_text(before[1])}")
    try:
        found = output_shape(node, before)
    except ExtensionError as error:
        raise _mismatch(node, error.message) from error
    if not 1 <= found.size <= MAX_VALUES:
        raise invalid(f"node {node.name!r} gives more than {MAX_VALUES} values")
    if isinstance(node, MaxPool):
        _check_pool(node, before[0])
    return found


def _check_pool(node: MaxPool, before: ImageShape) -> None:
    """Raise when a window lies in the border alone, where there is no greatest value.

    With a padding of half the kernel at most, that is so only where there is one position.
    """
    sizes = (before.height, before.width)
    for places, cells in zip(node.window.sources(*sizes), sizes, strict=True):
        if not ((places >= 0) & (places < cells)).any():
            raise _mismatch(node, "has a window in the border alone")


def _check_window(node: Conv | MaxPool | AveragePool, window: Window) -> None:
    _check_sizes(node, *window.kernel, *window.stride, *window.dilation)
    for padding, kernel in zip(window.padding, window.kernel, strict=True):
        if not 0 <= padding <= MAX_SIZE:
            raise invalid(f"node {node.name!r} has a padding outside 0..{MAX_SIZE}")
        if isinstance(node, MaxPool) and padding > kernel // 2:
            raise invalid(f"node {node.name!r} has a padding above half of its kernel")
    if isinstance(node, AveragePool) and (window.padding != (0, 0) or window.dilation != (1, 1)):
        raise invalid(f"node {node.name!r} is an average pool with padding or dilation")


def _check_sizes(node: Node, *sizes: int) -> None:
    if not all(1 <= size <= MAX_SIZE for size in sizes):
        raise invalid(f"node {node.name!r} has a size outside 1..{MAX_SIZE}")


def _check_parameters(node: Node, before: tuple[ImageShape, ...]) -> None:
    match node:
        case Input(max_pixel=max_pixel) if not 1 <= max_pixel <= MAX_PIXEL:
            raise invalid(f"the greatest pixel of node {node.name!r} is not in 1..{MAX_PIXEL}")
        case Sign(zero=zero) if zero not in (0, 1):
            raise invalid(f"the sign of 0 of node {node.name!r} is neither 0 nor 1")
        case Thermometer(thresholds=thresholds):
            if not thresholds or list(thresholds) != sorted(set(thresholds)):
                raise invalid(f"the thresholds of node {node.name!r} are not a rising list")
            if thresholds[0] < 0 or thresholds[-1] >= MAX_PIXEL:
                raise invalid(f"the thresholds of node {node.name!r} are outside 0..{MAX_PIXEL}")
        case Normalize():
            _check_normalize(node, before[0].channels)
        case Conv() | Linear():
            _check_weights(node, before[0])
        case BatchNorm():
            _check_norm(node, before[0].channels)


def _check_normalize(node: Normalize, channels: int) -> None:
    for part, values in (("mean", node.mean), ("std", node.std)):
        if len(values) != channels:
            raise _mismatch(node, f"has {len(values)} values of {part} for {channels} channels")
        if not all(math.isfinite(value) for value in values):
            raise _not_finite(f"the {part} of node {node.name!r} holds a value that is not finite")
    if min(node.std) <= 0:
        raise invalid(f"the std of node {node.name!r} is not above 0")


def _check_weights(node: Conv | Linear, before: ImageShape) -> None:
    name = node.name
    filters = node.filters if isinstance(node, Conv) else node.features
    if isinstance(node, Conv) and (before.channels % node.groups or filters % node.groups):
        raise _mismatch(
            node, f"has {node.groups} groups for {before.channels} channels and {filters} filters"
        )
    fan_in = fan_in_of(node, before)
    expected = (filters, n_words(fan_in))
    words, mask = node.weights.words, node.weights.mask
    for part, found in (("words", words), ("mask", mask)):
        if found is None:
            continue
        if found.dtype != np.uint64 or found.shape != expected:
            raise _mismatch(
                node,
                f"has {part} {found.dtype} {found.shape}, expected uint64 {expected}: "
                f"{filters} filters with a fan-in of {fan_in}",
            )
        if has_tail_bits(found, fan_in):
            raise invalid(f"the {part} of node {name!r} have bits beyond the {fan_in} in use")
    if mask is not None and np.any(words & ~mask):
        raise invalid(f"the words of node {name!r} have a bit where the mask has none")
    if node.bias is not None:
        _check_vector(node, "bias", node.bias, filters)


def _check_norm(node: BatchNorm, channels: int) -> None:
    _check_vector(node, "gamma", node.gamma, channels)
    _check_vector(node, "beta", node.beta, channels)
    _check_vector(node, "mean", node.mean, channels)
    _check_vector(node, "variance", node.variance, channels)
    if not math.isfinite(node.eps):
        raise _not_finite(f"the eps of node {node.name!r} is not finite")
    if node.eps <= 0:
        raise invalid(f"the eps of node {node.name!r} is not above 0")
    if np.any(node.variance < 0):
        raise invalid(f"the variance of node {node.name!r} holds a negative value")


def _check_vector(node: Node, part: str, vector: NDArray[np.float64], length: int) -> None:
    if vector.dtype != np.float64 or vector.shape != (length,):
        found = f"{vector.dtype} {vector.shape}"
        raise _mismatch(node, f"has a {part} of {found}, expected float64 ({length},)")
    if not np.all(np.isfinite(vector)):
        raise _not_finite(f"the {part} of node {node.name!r} holds a value that is not finite")


def _check_end(network: Network, shapes: dict[str, ImageShape], kinds: dict[str, Kind]) -> None:
    last = network.nodes[-1].name
    if kinds[last] != "reals":
        raise invalid(f"the last node gives {kinds[last]}, expected logits")
    if shapes[last] != ImageShape(1, 1, len(network.classes)):
        raise ExtensionError(
            NN_SHAPE_MISMATCH,
            f"{len(network.classes)} classes are named for {_text(shapes[last])} logits",
        )
    if len(set(network.classes)) != len(network.classes):
        raise invalid("two classes have one name")


def _text(shape: ImageShape) -> str:
    return f"{shape.height}x{shape.width}x{shape.channels}"


def _mismatch(node: Node, what: str) -> ExtensionError:
    return ExtensionError(
        NN_SHAPE_MISMATCH,
        f"node {node.name!r} {what}"
        if what.startswith(("has", "adds"))
        else f"node {node.name!r}: {what}",
        hint="docs/model_format.md says what each part must be",
    )


def _not_connected(what: str) -> ExtensionError:
    return ExtensionError(
        NN_NOT_CONNECTED,
        f"the network is no graph from pixels to logits: {what}",
        hint="each node reads nodes that stand before it, and each but the last is read",
    )


def _not_finite(what: str) -> ExtensionError:
    return ExtensionError(NN_NOT_FINITE, what, hint="train or export the network again")
