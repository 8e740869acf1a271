"""A trained digits network as minidb's network data, ready for the model file."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from nn_ops.conventions import pack_signs
from nn_ops.digits import HEIGHT, MAX_PIXEL, N_CLASSES, WIDTH
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
from nn_ops.network import as_layers
from nn_ops.validate import check_network
from quant.binarize import BACKGROUND, BinarizeConv2d, BinarizeLinear
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
        be 0, NN_MODEL_INVALID when a parameter is not finite.
    """
    layers = (network.conv1, network.conv2, network.linear)
    norms = (network.norm1, network.norm2, network.norm3)
    (words1, bias1), (words2, bias2), (words3, bias3) = (_layer(layer) for layer in layers)
    border = (network.conv1.padding, network.conv1.padding)
    exported = Network(
        name="digits",
        nodes=(
            Input("pixels", ImageShape(HEIGHT, WIDTH, 1), MAX_PIXEL),
            Thermometer("encode", "pixels", network.shape.thresholds),
            Conv(
                "conv1",
                "encode",
                Window((3, 3), padding=border),
                len(bias1),
                words1,
                bias1,
                padding_value=int(BACKGROUND),
            ),
            MaxPool("pool1", "conv1", Window((2, 2), (2, 2))),
            _norm("norm1", "pool1", norms[0]),
            Sign("sign1", "norm1"),
            Conv("conv2", "sign1", Window((3, 3)), len(bias2), words2, bias2),
            _norm("norm2", "conv2", norms[1]),
            Sign("sign2", "norm2"),
            Linear("linear", "sign2", len(bias3), words3, bias3),
            _norm("norm3", "linear", norms[2]),
        ),
        classes=tuple(str(digit) for digit in range(N_CLASSES)),
        training=training,
    )
    check_network(exported)
    for layer in as_layers(exported).layers[:-1]:
        layer.limits()
    return exported


<<<<<<< HEAD
def _conv(
    name: str, shape: ImageShape, conv: BinarizeConv2d, norm: nn.BatchNorm2d, pool: int
) -> ConvLayer:
    weight = _array(conv.weight)
    filters, _, kernel, _ = weight.shape
    patches = np.moveaxis(weight, 1, -1).reshape(filters, -1)  # (kh, kw, channel), channel fastest
    return ConvLayer(
        name=name,
        input=shape,
        filters=filters,
        kernel=kernel,
        stride=1,
        padding=conv.padding[0],
        pool=pool,
        words=pack_signs(np.sign(patches)),
        norm=_norm(norm, conv.bias),
    )


def _linear(name: str, linear: BinarizeLinear, norm: nn.BatchNorm1d) -> LinearLayer:
    weight = _array(linear.weight)
    return LinearLayer(
        name=name,
        in_features=weight.shape[1],
        out_features=weight.shape[0],
        words=pack_signs(np.sign(weight)),
        norm=_norm(norm, linear.bias),
        is_last=True,
    )


def _norm(norm: nn.BatchNorm1d | nn.BatchNorm2d, bias: Tensor | None) -> BatchNorm:
=======
def _layer(layer: BinarizeConv2d | BinarizeLinear) -> tuple[Weights, Floats]:
    """Return the packed signs of a layer, its channels fastest, and its bias."""
    weight = _array(layer.weight)
    patches = np.moveaxis(weight, 1, -1).reshape(len(weight), -1)
    return Weights(pack_signs(np.sign(patches))), _array(layer.bias)


def _norm(name: str, before: str, norm: nn.BatchNorm1d | nn.BatchNorm2d) -> BatchNorm:
>>>>>>> a9fb3ba (nn_ops: model files hold the graph (version 2))
    assert norm.running_mean is not None  # both exist in every norm that tracks statistics
    assert norm.running_var is not None
    assert bias is not None  # the digits network's layers have one
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
