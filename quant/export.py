"""A trained digits network as minidb's network data, ready for the model file."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from nn_ops.batch_norm import BatchNorm
from nn_ops.conventions import pack_signs
from nn_ops.digits import HEIGHT, MAX_PIXEL, N_CLASSES, WIDTH
from nn_ops.geometry import ImageShape
from nn_ops.network import ConvLayer, JsonValue, LinearLayer, Network
from nn_ops.validate import check_network
from quant.binarize import BinarizeConv2d, BinarizeLinear
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
    image = ImageShape(HEIGHT, WIDTH, 1)
    thresholds = network.shape.thresholds
    encoded = ImageShape(HEIGHT, WIDTH, len(thresholds))
    conv1 = _conv("conv1", encoded, network.conv1, network.norm1, pool=2)
    conv2 = _conv("conv2", conv1.output, network.conv2, network.norm2, pool=1)
    exported = Network(
        name="digits",
        image=image,
        max_pixel=MAX_PIXEL,
        thresholds=thresholds,
        layers=(conv1, conv2, _linear("linear", network.linear, network.norm3)),
        classes=tuple(str(digit) for digit in range(N_CLASSES)),
        training=training,
    )
    check_network(exported)
    return exported


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
    assert norm.running_mean is not None  # both exist in every norm that tracks statistics
    assert norm.running_var is not None
    assert bias is not None  # the digits network's layers have one
    return BatchNorm(
        bias=_array(bias),
        gamma=_array(norm.weight),
        beta=_array(norm.bias),
        mean=_array(norm.running_mean),
        variance=_array(norm.running_var),
        eps=norm.eps,
    )


def _array(tensor: Tensor) -> NDArray[np.float64]:
    return tensor.detach().double().numpy().copy()
