"""What a network must be before minidb writes, reads or runs it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nn_ops.batch_norm import BatchNorm
from nn_ops.conventions import has_tail_bits
from nn_ops.errors import NN_MODEL_INVALID, ExtensionError
from nn_ops.geometry import ImageShape
from nn_ops.network import ConvLayer, LinearLayer, Network

MAX_SIZE = 1 << 20
"""The largest height, width, channel or filter count that a network may name."""


def check_network(network: Network) -> None:
    """Raise unless every part of `network` fits the others.

    Parameters
    ----------
    network : Network

    Raises
    ------
    ExtensionError
        NN_MODEL_INVALID names the first part that does not fit, NN_SIGN_OF_ZERO a filter whose
        answer is not certain.
    """
    _check_ends(network)
    shape = network.encoded
    for place, layer in enumerate(network.layers):
        is_last = place == len(network.layers) - 1
        if isinstance(layer, ConvLayer):
            _check_conv(layer, shape)
        else:
            _check_linear(layer, shape, is_last)
        _check_words(layer)
        _check_norm(layer.name, layer.norm, len(layer.words))
        _check_range(layer.name, layer.norm, layer.fan_in)
        if not is_last:
            layer.limits()
        shape = layer.output
    if shape.channels != len(network.classes):
        raise invalid(f"{len(network.classes)} classes are named for {shape.channels} logits")


def invalid(what: str) -> ExtensionError:
    """Return the error for a network whose parts do not fit."""
    return ExtensionError(
        NN_MODEL_INVALID,
        f"the network is not valid: {what}",
        hint="docs/model_format.md says what each part must be",
    )


def _check_ends(network: Network) -> None:
    image, thresholds = network.image, network.thresholds
    _check_sizes("the image", image.height, image.width, image.channels)
    if image.channels != 1:
        raise invalid(f"the image has {image.channels} channels, expected 1")
    if not thresholds or list(thresholds) != sorted(set(thresholds)):
        raise invalid("the thresholds are not a rising list")
    if thresholds[0] < 0 or thresholds[-1] >= network.max_pixel:
        raise invalid(f"the thresholds are not within 0..{network.max_pixel - 1}")
    if not network.layers or not isinstance(network.layers[-1], LinearLayer):
        raise invalid("the last layer is not linear")
    names = [layer.name for layer in network.layers]
    if len(set(names)) != len(names):
        raise invalid("two layers have one name")
    if len(set(network.classes)) != len(network.classes):
        raise invalid("two classes have one name")


def _check_sizes(what: str, *sizes: int) -> None:
    if not all(1 <= size <= MAX_SIZE for size in sizes):
        raise invalid(f"{what} has a size outside 1..{MAX_SIZE}")


def _check_conv(layer: ConvLayer, shape: ImageShape) -> None:
    name = layer.name
    _check_sizes(name, layer.filters, layer.kernel, layer.stride, layer.pool)
    if layer.input != shape:
        raise invalid(f"{name} takes {layer.input}, but what comes before gives {shape}")
    if not 0 <= layer.padding < layer.kernel:
        raise invalid(f"{name} has padding {layer.padding}, expected 0 to {layer.kernel - 1}")
    before = layer.conv_output
    if before.height < layer.pool or before.width < layer.pool:
        raise invalid(f"{name} has no room for its kernel and pool")


def _check_linear(layer: LinearLayer, shape: ImageShape, is_last: bool) -> None:
    name = layer.name
    _check_sizes(name, layer.in_features, layer.out_features)
    if layer.in_features != shape.size:
        raise invalid(f"{name} takes {layer.in_features} values, but {shape.size} come before it")
    if layer.is_last != is_last:
        raise invalid(f"{name} is at the wrong place: logits come last, and only there")


def _check_words(layer: ConvLayer | LinearLayer) -> None:
    filters = layer.filters if isinstance(layer, ConvLayer) else layer.out_features
    expected = (filters, layer.n_words)
    if layer.words.dtype != np.uint64 or layer.words.shape != expected:
        found = f"{layer.words.dtype} {layer.words.shape}"
        raise invalid(f"the words of {layer.name} are {found}, expected uint64 {expected}")
    if has_tail_bits(layer.words, layer.fan_in):
        raise invalid(f"the words of {layer.name} have bits beyond the {layer.fan_in} in use")


def _check_norm(name: str, norm: BatchNorm, filters: int) -> None:
    vectors: dict[str, NDArray[np.float64]] = {
        "bias": norm.bias,
        "gamma": norm.gamma,
        "beta": norm.beta,
        "mean": norm.mean,
        "variance": norm.variance,
    }
    for part, vector in vectors.items():
        if vector.dtype != np.float64 or vector.shape != (filters,):
            found = f"{vector.dtype} {vector.shape}"
            raise invalid(f"the {part} of {name} is {found}, expected float64 ({filters},)")
        if not np.all(np.isfinite(vector)):
            raise invalid(f"the {part} of {name} holds a value that is not finite")
    if not (np.isfinite(norm.eps) and norm.eps > 0):
        raise invalid(f"the eps of {name} is {norm.eps}, expected a finite value above 0")
    if np.any(norm.variance < 0):
        raise invalid(f"the variance of {name} holds a negative value")


def _check_range(name: str, norm: BatchNorm, fan_in: int) -> None:
    """Raise when the greatest sums or a step on the way to their values leave float64."""
    with np.errstate(over="ignore", invalid="ignore"):
        reach = (fan_in + np.abs(norm.bias)) * np.abs(norm.scale) + np.abs(norm.offset)
    if not np.all(np.isfinite(reach)):
        raise invalid(f"the batch norm of {name} overflows")
