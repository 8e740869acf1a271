"""vgg_cifar10_binary: three stages of 3x3 convolutions, then three linear layers.

::

    each convolution:  conv 3x3, border 0    [max pool 2x2 at the end of a stage]    batch norm    hard tanh
    3 -> 384 -> 384 | -> 768 -> 768 | -> 1536 -> 512 | linear 8192 -> 1024 -> 1024 -> classes
"""

from __future__ import annotations

from dataclasses import dataclass

from torch import nn

from quant.networks.family import (
    Family,
    Layers,
    check_depth,
    input_layers,
    size_after,
    square,
)
from quant.networks.options import Options
from quant.networks.parts import Flatten, chain
from quant.regimes import Regime, Step, falling

N_LINEAR = 3
STAGES = (128, 256, 512)
LAST_FILTERS = 512
FEATURES = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class VggOptions(Options):
    """Arguments of vgg_cifar10_binary.

    Attributes
    ----------
    depth : int
        Layers with weights: three linear ones, and as many convolutions in each of three stages.
    factor : int
        Filters of the stages, as a multiple of 128, 256 and 512; the last convolution has 512.
    """

    depth: int = 9
    factor: int = 3


def build(options: VggOptions) -> nn.Module:
    """Return the network."""
    check_depth(options.depth, 6, "three linear layers and one convolution in each stage")
    make = Layers(options)
    layers = input_layers(options)
    per_stage = (options.depth - N_LINEAR) // len(STAGES)
    filters = [options.scaled(stage * options.factor) for stage in STAGES for _ in range(per_stage)]
    filters[-1] = options.scaled(LAST_FILTERS)
    channels, size = options.channels, options.image_size
    for number, count in enumerate(filters, start=1):
        is_first = number == 1
        layers[f"conv{number}"] = make.conv(
            channels, count, square(3, 1, 1), binary_input=not is_first
        )
        if number % per_stage == 0:
            layers[f"pool{number}"] = nn.MaxPool2d(2)
            size = size_after(square(2, 2), size)
        layers[f"norm{number}"] = nn.BatchNorm2d(count)
        layers[f"tanh{number}"] = nn.Hardtanh()
        channels = count
    add_linear(layers, make, channels * size * size, options.scaled(FEATURES), options)
    layers["norm"] = nn.BatchNorm1d(options.classes, affine=False)
    return chain(layers)


def add_linear(
    layers: dict[str, nn.Module], make: Layers, inputs: int, features: int, options: Options
) -> None:
    """Add three linear layers; batch norm and hard tanh follow the first two."""
    layers["flatten"] = Flatten()
    for number in (1, 2):
        layers[f"linear{number}"] = make.linear(inputs, features)
        layers[f"linear_norm{number}"] = nn.BatchNorm1d(features)
        layers[f"linear_tanh{number}"] = nn.Hardtanh()
        inputs = features
    layers["linear3"] = make.linear(inputs, options.classes)


def regime(options: VggOptions) -> Regime:
    """Return the optimizer and rate by epoch."""
    rates = {40: 1e-3, 80: 5e-4, 100: 1e-4, 120: 5e-5, 140: 1e-5}
    return falling(Step(0, "Adam", 5e-3, betas=(0.9, 0.999)), rates)


VGG_CIFAR10 = Family(VggOptions(), build, regime)
