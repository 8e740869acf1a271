"""cnn3 and the mnist net: three convolutions and two linear layers with pools and ReLU.

::

    cnn3    3 -> 16   3x3, border 0             max pool 2x2
    mnist   1 -> 16   3x3, no border    sign    max pool 2x2
    then    batch norm    conv 3x3, stride 2, border 0 -> 32    ReLU    max pool 2x2
            batch norm    conv 3x3, stride 2, border 0 -> 64    ReLU    max pool 2x2
            batch norm    linear 64 -> 256                      ReLU    linear 256 -> classes

The last layer takes the reals that ReLU leaves; every other takes signs, and the first pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from nn_ops.geometry import Window
from quant.binarize import BinActive
from quant.networks.family import (
    Family,
    Layers,
    check_depth,
    input_layers,
    size_after,
    square,
)
from quant.networks.options import Options
from quant.networks.parts import Flatten, PositiveNorm2d, chain
from quant.regimes import Regime, Step, falling

FILTERS = 16
FEATURES = 256
EPS = 1e-4
HALVING, POOL = square(3, 2, 1), square(2, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallOptions(Options):
    """Arguments of cnn3 and mnist.

    Attributes
    ----------
    depth : int
        Convolutions; each after the first has twice the filters.
    padding : int
        Border of the first convolution.
    first_sign : bool
        Whether a sign follows the first convolution.
    positive_scales : bool
        Whether the scales of batch norms over images are kept at 0.01 or above.
    real_weights : bool
        As in the original: only activations are binary, so the network cannot be exported.
    dead_first_layer : bool
        As in the original: the sign after the first convolution lets no gradient through.
    """

    depth: int = 3
    padding: int = 1
    first_sign: bool = False
    positive_scales: bool = True
    real_weights: bool = False
    dead_first_layer: bool = False


def build(options: SmallOptions) -> nn.Module:
    """Return the network."""
    check_depth(options.depth, 1, "the first convolution")
    make, first = _Maker(options), square(3, 1, options.padding)
    filters = options.scaled(FILTERS)
    layers = input_layers(options)
    layers["conv1"] = make.conv(options.channels, filters, first, binary_input=False)
    if options.first_sign:
        estimator = "none" if options.dead_first_layer else "masked"
        layers["sign1"] = BinActive(options.zero, estimator)  # type: ignore[arg-type]  # one of two
    layers["pool1"] = nn.MaxPool2d(2)
    size = size_after(POOL, size_after(first, options.image_size))
    for number in range(2, options.depth + 1):
        layers[f"norm{number}"] = _norm(options, filters)
        _add_sign(layers, options, f"sign{number}")
        layers[f"conv{number}"] = make.conv(filters, 2 * filters, HALVING)
        layers[f"relu{number}"] = nn.ReLU()
        layers[f"pool{number}"] = nn.MaxPool2d(2)
        size, filters = size_after(POOL, size_after(HALVING, size)), 2 * filters
    features = options.scaled(FEATURES)
    layers["norm"] = _norm(options, filters)
    _add_sign(layers, options, "sign")
    layers["flatten"] = Flatten()
    layers["linear1"] = make.linear(filters * size * size, features)
    layers["relu"] = nn.ReLU()
    layers["linear2"] = make.linear(features, options.classes, binary_input=False)
    return chain(layers)


class _Maker:
    """Makes the layers with weights: binarized, unless they are to be real."""

    def __init__(self, options: SmallOptions) -> None:
        self.binarized, self.is_real = Layers(options), options.real_weights

    def conv(
        self, inputs: int, outputs: int, window: Window, *, binary_input: bool = True
    ) -> nn.Module:
        """Return a convolution."""
        if self.is_real:
            return nn.Conv2d(inputs, outputs, window.kernel, window.stride, window.padding)
        return self.binarized.conv(inputs, outputs, window, binary_input=binary_input)

    def linear(self, inputs: int, outputs: int, *, binary_input: bool = True) -> nn.Module:
        """Return a linear layer."""
        if self.is_real:
            return nn.Linear(inputs, outputs)
        return self.binarized.linear(inputs, outputs, binary_input=binary_input)


def _norm(options: SmallOptions, features: int) -> nn.Module:
    if options.positive_scales:
        return PositiveNorm2d(features, eps=EPS)
    return nn.BatchNorm2d(features, eps=EPS)


def _add_sign(layers: dict[str, nn.Module], options: SmallOptions, name: str) -> None:
    """Add the sign that a binarized layer would take of its input itself."""
    if options.real_weights:
        layers[name] = BinActive(options.zero)


def regime(options: SmallOptions) -> Regime:
    """Return the optimizer and rate by epoch."""
    return falling(Step(0, "Adam", 1e-2), {40: 1e-3, 80: 1e-4})


CNN3 = Family(SmallOptions(), build, regime)
MNIST = Family(
    SmallOptions(channels=1, image_size=28, padding=0, first_sign=True, positive_scales=False),
    build,
    regime,
)
