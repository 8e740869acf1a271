"""A network's graph, node by node, image by image, in the arithmetic that PyTorch would do.

Nothing of the lowering is shared: signs are multiplied as they are, and every batch norm, clamp and
pool is done where the graph has it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from bitarray import bitarray
from numpy.typing import NDArray

from nn_ops.errors import NN_SHAPE_MISMATCH, ExtensionError
from nn_ops.geometry import ImageShape, Window
from nn_ops.graph import (
    Add,
    AveragePool,
    BatchNorm,
    Conv,
    Floats,
    Hardtanh,
    Input,
    Linear,
    MaxPool,
    Network,
    Node,
    Normalize,
    Relu,
    Sign,
    Thermometer,
    fan_in_of,
    shapes_of,
)
from nn_ops.reference import reals, signs
from nn_ops.reference.words import unpack

Image: TypeAlias = bitarray | list[float]
"""Signs, or numbers, by row, column, channel."""


def run(network: Network, pixels: NDArray[np.integer]) -> Floats:
    """Run a network.

    Parameters
    ----------
    network : Network
    pixels : ndarray of an integer dtype, shape (n, ...)
        Each image by row, column, channel.

    Returns
    -------
    ndarray of float64, shape (n, classes)
        The logits.

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH when the images are not of the network's size or a window does not fit;
        NN_SIGN_OF_ZERO when a value without a sign occurs.
    """
    logits = np.empty((len(pixels), len(network.classes)))
    for row, image in enumerate(pixels):
        logits[row] = trace(network, image.ravel().tolist())[network.nodes[-1].name]
    return logits


def trace(network: Network, pixels: Sequence[int]) -> dict[str, Image]:
    """Return what every node of a network gives for one image.

    Parameters
    ----------
    network : Network
    pixels : sequence of int
        By row, column, channel.

    Returns
    -------
    dict of str to bitarray or list of float
        By the node's name: signs as bits, pixels and reals as numbers.

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH and NN_SIGN_OF_ZERO as for `run`.
    """
    shape = network.image.shape
    if len(pixels) != shape.size:
        raise ExtensionError(
            NN_SHAPE_MISMATCH,
            f"network {network.name!r} takes images of {shape.size} pixels, found {len(pixels)}",
        )
    shapes = shapes_of(network)
    found: dict[str, Image] = {}
    for node in network.nodes:
        if isinstance(node, Input):
            found[node.name] = [float(pixel) for pixel in pixels]
            continue
        inputs = [found[name] for name in node.inputs]
        found[node.name] = evaluate(node, inputs, shapes[node.inputs[0]], network.image.max_pixel)
    return found


def evaluate(node: Node, inputs: Sequence[Image], shape: ImageShape, max_pixel: int) -> Image:
    """Return what one node gives.

    Parameters
    ----------
    node : Node
        Any but the Input.
    inputs : sequence of bitarray or list of float
        What it reads.
    shape : ImageShape
        Of the first of them.
    max_pixel : int

    Raises
    ------
    ExtensionError
        NN_SIGN_OF_ZERO when a value without a sign occurs.
    """
    image = inputs[0]
    numbers = values_of(image)
    match node:
        case Thermometer(thresholds=thresholds):
            return signs.thermometer([int(value) for value in numbers], thresholds)
        case Normalize(mean=mean, std=std):
            return reals.normalize([int(value) for value in numbers], max_pixel, mean, std)
        case Sign(zero=zero):
            return reals.signs_of(numbers, zero)
        case Conv() | Linear():
            return product(node, image, shape)
        case MaxPool(window=window):
            if isinstance(image, bitarray):
                return signs.pool(image, shape, window)
            return reals.max_pool(image, shape, window)
        case AveragePool(window=window):
            if isinstance(image, bitarray):
                return signs.average_pool(image, shape, window)
            return reals.average_pool(image, shape, window)
        case BatchNorm():
            return reals.batch_norm(numbers, node.scale.tolist(), node.offset.tolist())
        case Hardtanh():
            return reals.hardtanh(numbers)
        case Relu():
            return reals.relu(numbers)
        case Add():
            return reals.add(numbers, values_of(inputs[1]))
        case Input():
            return numbers


def values_of(image: Image) -> list[float]:
    """Return an image's numbers; of signs, +1 and -1."""
    if isinstance(image, bitarray):
        return [1.0 if bit else -1.0 for bit in image]
    return image


def product(node: Conv | Linear, image: Image, shape: ImageShape) -> list[float]:
    """Return the sums of a convolution or linear layer, its bias added.

    Parameters
    ----------
    node : Conv or Linear
    image : bitarray or list of float
        What it reads.
    shape : ImageShape
        Of that.
    """
    fan_in = fan_in_of(node, shape)
    filters = unpack(node.weights.words, fan_in)
    masks = None if node.weights.mask is None else unpack(node.weights.mask, fan_in)
    window, groups, padding_value = Window((shape.height, shape.width)), 1, 0
    if isinstance(node, Conv):
        window, groups, padding_value = node.window, node.groups, node.padding_value
    if isinstance(image, bitarray):
        counted = signs.conv(image, shape, window, filters, masks, groups, padding_value)
        sums = [float(total) for total in counted]
    else:
        sums = reals.conv(image, shape, window, filters, masks, groups)
    return sums if node.bias is None else reals.add_bias(sums, node.bias.tolist())
