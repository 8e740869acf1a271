"""alexnet_binary: five convolutions with overlapping pools, then three linear layers.

::

    3 -> 192   11x11, stride 4    pool 3/2    batch norm    hard tanh
      -> 576   5x5                pool 3/2    batch norm    hard tanh
      -> 1152 -> 768 -> 256       3x3, pool 3/2 after the last; batch norm, hard tanh after each
    linear 9216 -> 4096 -> 4096 -> classes, batch norm
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from nn_ops.geometry import Window
from quant.networks.family import (
    Family,
    Layers,
    check_depth,
    input_layers,
    size_after,
    square,
)
from quant.networks.options import Options
from quant.networks.parts import chain
from quant.networks.vgg import add_linear
from quant.regimes import Regime, Step, falling

N_OTHERS = 5
"""Layers with weights that are no 3x3 convolution."""
FEATURES = 4096
POOL = square(3, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlexNetOptions(Options):
    """Arguments of alexnet_binary.

    Attributes
    ----------
    depth : int
        Layers with weights; all but five are 3x3 convolutions.
    factor : int
        Filters, as a multiple of 64, 192, 384 and 256; the last convolution has 256.
    """

    classes: int = 1000
    image_size: int = 224
    depth: int = 8
    factor: int = 3


def build(options: AlexNetOptions) -> nn.Module:
    """Return the network."""
    check_depth(options.depth, 6, "three linear layers and three convolutions")
    make, size, channels = Layers(options), options.image_size, options.channels
    layers = input_layers(options)
    plan = convolutions(options)
    for number, (count, window) in enumerate(plan, start=1):
        layers[f"conv{number}"] = make.conv(channels, count, window, binary_input=number > 1)
        size = size_after(window, size)
        if number in {1, 2, len(plan)}:
            layers[f"pool{number}"] = nn.MaxPool2d(3, 2)
            size = size_after(POOL, size)
        layers[f"norm{number}"] = nn.BatchNorm2d(count)
        layers[f"tanh{number}"] = nn.Hardtanh()
        channels = count
    add_linear(layers, make, channels * size * size, options.scaled(FEATURES), options)
    layers["norm"] = nn.BatchNorm1d(options.classes)
    return chain(layers)


def convolutions(options: AlexNetOptions) -> list[tuple[int, Window]]:
    """Return filters and window of each convolution."""
    n_square = options.depth - N_OTHERS
    inner = [384 * options.factor, *[256 * options.factor] * max(n_square - 2, 0)]
    counts = [64 * options.factor, 192 * options.factor, *inner[: n_square - 1], 256]
    windows = [square(11, 4, 2), square(5, 1, 2), *[square(3, 1, 1)] * n_square]
    return [(options.scaled(count), window) for count, window in zip(counts, windows, strict=True)]


def regime(options: AlexNetOptions) -> Regime:
    """Return the optimizer and rate by epoch."""
    return falling(Step(0, "Adam", 5e-3), {20: 1e-3, 30: 5e-4, 35: 1e-4, 40: 1e-5})


ALEXNET = Family(AlexNetOptions(), build, regime)
