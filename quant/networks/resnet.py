"""resnet_binary: residual networks for images of CIFAR's and of ImageNet's size.

::

    cifar     conv 3x3 -> 80             sign    batch norm    hard tanh
    imagenet  conv 7x7, stride 2 -> 64   sign    max pool 3/2  batch norm    hard tanh
    block     conv  norm  tanh  conv  [norm  tanh  conv]  + input (or 1x1 conv, norm)   norm   tanh
    end       average pool over the image, batch norm, hard tanh, linear, batch norm

Convolutions have no bias. What a block adds is real; its convolutions take the signs of their input.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from torch import nn

from nn_ops.geometry import Window
from quant.binarize import BinActive, BinarizeConv2d
from quant.errors import QUANT_BAD_OPTION, ExtensionError, unknown_name
from quant.networks.family import (
    Family,
    Layers,
    check_depth,
    input_layers,
    size_after,
    square,
)
from quant.networks.options import Options
from quant.networks.parts import Flatten, Idle, Residual, chain
from quant.regimes import Regime, Step, falling

CIFAR_CHANNELS = (16, 32, 64)
IMAGENET_CHANNELS = (64, 128, 256, 512)
IMAGENET_BLOCKS = {
    18: (2, 2, 2, 2), 34: (3, 4, 6, 3), 50: (3, 4, 6, 3), 101: (3, 4, 23, 3), 152: (3, 8, 36, 3),
}  # fmt: skip
FIRST_BOTTLENECK = 50
EXPANSION = 4
"""A bottleneck block's output has so many times the channels of its inner convolution."""
LEAST_BLOCKS = 2
POOL = square(3, 2, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResNetOptions(Options):
    """Arguments of resnet_binary.

    Attributes
    ----------
    layout : 'cifar' or 'imagenet'
    depth : int
        cifar: ``6 n + 2``, n blocks in each stage, rounded down and at least 2.
        imagenet: 18 or 34 of basic blocks, 50, 101 or 152 of bottlenecks.
    inflate : int
        cifar: channels of the stages, as a multiple of 16, 32 and 64.
    dead_first_layer : bool
        As in the original: the sign after the first convolution lets no gradient through.
    idle_last_norm : bool
        As in the original: the last block ends with its sum; its batch norm is there, but unused.
    """

    layout: str = "cifar"
    depth: int = 18
    inflate: int = 5
    dead_first_layer: bool = False
    idle_last_norm: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """The sizes of one network: the first convolution, and channels and blocks of each stage."""

    first: Window
    has_pool: bool
    channels: tuple[int, ...]
    blocks: tuple[int, ...]
    expansion: int


def plan_of(options: ResNetOptions) -> Plan:
    """Return the sizes that the arguments mean.

    Raises
    ------
    ExtensionError
        QUANT_UNKNOWN_NAME for the layout, QUANT_BAD_OPTION for the depth.
    """
    if options.layout == "cifar":
        check_depth(options.depth, 8, "6 n + 2 for n blocks in each of three stages")
        n_blocks = max((options.depth - 2) // 6, LEAST_BLOCKS)
        channels = tuple(options.scaled(count * options.inflate) for count in CIFAR_CHANNELS)
        return Plan(square(3, 1, 1), False, channels, (n_blocks,) * 3, 1)
    if options.layout != "imagenet":
        raise unknown_name("layout of resnet_binary", options.layout, ("cifar", "imagenet"))
    if options.depth not in IMAGENET_BLOCKS:
        depths = ", ".join(map(str, IMAGENET_BLOCKS))
        message = f"for images of ImageNet's size the depth is one of {depths}, not {options.depth}"
        raise ExtensionError(QUANT_BAD_OPTION, message)
    channels = tuple(options.scaled(count) for count in IMAGENET_CHANNELS)
    expansion = EXPANSION if options.depth >= FIRST_BOTTLENECK else 1
    return Plan(square(7, 2, 3), True, channels, IMAGENET_BLOCKS[options.depth], expansion)


def build(options: ResNetOptions) -> nn.Module:
    """Return the network."""
    plan, make = plan_of(options), Layers(options)
    layers, size = _first_layers(options, plan, make)
    channels = plan.channels[0]
    for stage, (width, n_blocks) in enumerate(zip(plan.channels, plan.blocks, strict=True), 1):
        for number in range(1, n_blocks + 1):
            stride = 2 if stage > 1 and number == 1 else 1
            outputs = width * plan.expansion
            way = f"block{stage}_{number}"
            layers[way] = _block(make, channels, width, stride, plan.expansion)
            layers[f"{way}_norm"] = nn.BatchNorm2d(outputs)
            layers[f"{way}_tanh"] = nn.Hardtanh()
            channels, size = outputs, size_after(square(3, stride, 1), size)
    if options.idle_last_norm:
        del layers[f"{way}_tanh"]
        layers[f"{way}_norm"] = Idle(layers[f"{way}_norm"])
    layers["pool"] = nn.AvgPool2d(size)
    layers["flatten"] = Flatten()
    layers["norm"] = nn.BatchNorm1d(channels)
    layers["tanh"] = nn.Hardtanh()
    layers["linear"] = make.linear(channels, options.classes)
    layers["linear_norm"] = nn.BatchNorm1d(options.classes)
    network = chain(layers)
    _start_convolutions(network)
    return network


def _first_layers(
    options: ResNetOptions, plan: Plan, make: Layers
) -> tuple[dict[str, nn.Module], int]:
    """Return what stands before the blocks, and the rows of its image."""
    layers, count = input_layers(options), plan.channels[0]
    layers["conv1"] = make.conv(options.channels, count, plan.first, bias=False, binary_input=False)
    layers["sign1"] = BinActive(options.zero, "none" if options.dead_first_layer else "masked")
    size = size_after(plan.first, options.image_size)
    if plan.has_pool:
        layers["pool1"] = nn.MaxPool2d(3, 2, 1)
        size = size_after(POOL, size)
    layers["norm1"] = nn.BatchNorm2d(count)
    layers["tanh1"] = nn.Hardtanh()
    return layers, size


def _block(make: Layers, inputs: int, width: int, stride: int, expansion: int) -> Residual:
    """Return a block up to its sum: two 3x3 convolutions, or 1x1, 3x3 and 1x1."""
    outputs = width * expansion
    if expansion == 1:
        windows = [(width, square(3, stride, 1)), (width, square(3, 1, 1))]
    else:
        windows = [(width, square(1)), (width, square(3, stride, 1)), (outputs, square(1))]
    body: dict[str, nn.Module] = {}
    channels = inputs
    for number, (count, window) in enumerate(windows, start=1):
        body[f"conv{number}"] = make.conv(channels, count, window, bias=False)
        if number < len(windows):
            body[f"norm{number}"] = nn.BatchNorm2d(count)
            body[f"tanh{number}"] = nn.Hardtanh()
        channels = count
    shortcut: nn.Module = nn.Identity()
    if stride != 1 or inputs != outputs:
        conv = make.conv(inputs, outputs, square(1, stride), bias=False)
        shortcut = chain({"conv": conv, "norm": nn.BatchNorm2d(outputs)})
    return Residual(chain(body), shortcut)


def _start_convolutions(network: nn.Module) -> None:
    """Draw the latent weights of convolutions as the original does."""
    for module in network.modules():
        if isinstance(module, BinarizeConv2d):
            filters, _, *kernel = module.weight.shape
            nn.init.normal_(module.weight, 0.0, math.sqrt(2.0 / (math.prod(kernel) * filters)))


def regime(options: ResNetOptions) -> Regime:
    """Return the optimizer and rate by epoch."""
    if options.layout == "cifar":
        return falling(Step(0, "Adam", 5e-3), {101: 1e-3, 142: 5e-4, 184: 1e-4, 220: 1e-5})
    first = Step(0, "SGD", 0.1, momentum=0.9, weight_decay=1e-4)
    return falling(first, {30: 1e-2, 60: 1e-3, 90: 1e-4})


RESNET = Family(ResNetOptions(), build, regime)
