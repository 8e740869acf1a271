"""A trained digits network as minidb's network data, ready for the model file."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from nn_ops.conventions import pack_bits, pack_signs
from nn_ops.digits import MAX_PIXEL
from nn_ops.geometry import ImageShape, Window
from nn_ops.graph import (
    BatchNorm,
    Conv,
    Floats,
    Input,
    JsonValue,
    Linear,
    MaxPool,
    Network,
    Sign,
    Thermometer,
    Weights,
)
from nn_ops.lower import lower
from nn_ops.validate import check_network
from quant.binarize import BACKGROUND, Binarized, flat_places
from quant.networks.digits import DigitsNetwork


def export_digits(network: DigitsNetwork, training: Mapping[str, JsonValue]) -> Network:
    """Return the network as data: signs packed, parameters in double precision.

    Parameters
    ----------
    network : DigitsNetwork
        In double precision, its batch statistics final.
    training : mapping
        How it came about; kept in the model file.

    Returns
    -------
    Network

    Raises
    ------
    ExtensionError
        NN_NOT_BINARY when a latent weight is exactly 0, NN_SIGN_OF_ZERO when an activation could
        be 0, NN_NOT_FINITE when a parameter is not finite.
    """
    side = network.shape.image_size
    layers = (network.conv1, network.conv2, network.linear)
    norms = (network.norm1, network.norm2, network.norm3)
    (words1, bias1), (words2, bias2), (words3, bias3) = (_layer(layer) for layer in layers)
    exported = Network(
        name="digits",
        nodes=(
            Input("pixels", ImageShape(side, side, network.shape.channels), MAX_PIXEL),
            Thermometer("encode", "pixels", network.shape.thresholds),
            Conv(
                "conv1",
                "encode",
                Window((3, 3), padding=network.conv1.padding),
                len(words1.words),
                words1,
                bias1,
                padding_value=int(BACKGROUND),
            ),
            MaxPool("pool1", "conv1", Window((2, 2), (2, 2))),
            _norm("norm1", "pool1", norms[0]),
            Sign("sign1", "norm1", network.shape.zero),
            Conv("conv2", "sign1", Window((3, 3)), len(words2.words), words2, bias2),
            _norm("norm2", "conv2", norms[1]),
            Sign("sign2", "norm2", network.shape.zero),
            Linear("linear", "sign2", len(words3.words), words3, bias3),
            _norm("norm3", "linear", norms[2]),
        ),
        classes=tuple(str(digit) for digit in range(network.shape.classes)),
        training=training,
    )
    check_network(exported)
    lower(exported)  # refuses what has no certain sign
    return exported


def _layer(layer: Binarized) -> tuple[Weights, Floats | None]:
    """Return the packed signs of a layer, with a mask where it was pruned, and its bias."""
    signs = layer.flat_signs()
    bias = None if layer.bias is None else _array(layer.bias)
    if layer.mask is None:
        return Weights(pack_signs(signs)), bias
    mask = flat_places(layer.mask).cpu().numpy()
    return Weights(pack_signs(np.where(mask, signs, -1)), pack_bits(mask)), bias


def _norm(name: str, before: str, norm: nn.BatchNorm1d | nn.BatchNorm2d) -> BatchNorm:
    assert norm.running_mean is not None  # both exist in every norm that tracks statistics
    assert norm.running_var is not None
    return BatchNorm(
        name,
        before,
        gamma=_array(norm.weight),
        beta=_array(norm.bias),
        mean=_array(norm.running_mean),
        variance=_array(norm.running_var),
        eps=norm.eps,
    )


def _array(tensor: Tensor) -> NDArray[np.float64]:
    return tensor.detach().double().numpy().copy()
