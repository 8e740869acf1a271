"""The digits network: two binarized convolutions and one binarized linear layer.

::

    8x8 pixels --thermometer--> 8x8x5 of ±1
      conv1  3x3, border -1, 5 -> 64    max pool 2x2    batch norm    sign      4x4x64
      conv2  3x3, no border, 64 -> 128                  batch norm    sign      2x2x128
      linear 512 -> 10                                  batch norm              logits
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from torch import Tensor, nn

from quant.binarize import BACKGROUND, BinarizeConv2d, BinarizeLinear, binarized_layers
from quant.errors import QUANT_BAD_OPTION, ExtensionError
from quant.estimators import generator_for
from quant.networks.family import Family
from quant.networks.options import Options
from quant.networks.parts import Flatten, Thermometer
from quant.regimes import Regime, Step, falling

MAX_PIXEL = 16
SMALLEST = 6
"""Rows of the smallest image that both convolutions and the pool fit into."""


@dataclass(frozen=True, slots=True)
class DigitsShape:
    """The sizes; the defaults were chosen on the validation split.

    Attributes
    ----------
    thresholds : tuple of int
        Channel c of the input is +1 where the pixel is above the c-th threshold, else -1.
    filters1, filters2 : int
        Filters of the two convolutions.
    image_size, channels : int
        Of the pixels.
    classes : int
    zero : 0 or 1
        The sign of an exact zero.
    """

    thresholds: tuple[int, ...] = (1, 4, 7, 10, 13)
    filters1: int = 64
    filters2: int = 128
    image_size: int = 8
    channels: int = 1
    classes: int = 10
    zero: int = 0


class DigitsNetwork(nn.Sequential):
    """Images of 8x8 pixels to ten logits, every weight and activation ±1.

    Parameters
    ----------
    shape : DigitsShape
    """

    conv1: BinarizeConv2d
    conv2: BinarizeConv2d
    linear: BinarizeLinear
    norm1: nn.BatchNorm2d
    norm2: nn.BatchNorm2d
    norm3: nn.BatchNorm1d

    def __init__(self, shape: DigitsShape) -> None:
        planes, zero = shape.channels * len(shape.thresholds), shape.zero
        left = shape.image_size // 2 - 2
        layers: dict[str, nn.Module] = {
            "thermometer": Thermometer(shape.thresholds),
            "conv1": BinarizeConv2d(
                planes, shape.filters1, 3, padding=1, padding_value=BACKGROUND,
                binary_input=False, zero=zero, spread=1.0,
            ),
            "pool1": nn.MaxPool2d(2),
            "norm1": nn.BatchNorm2d(shape.filters1),
            "conv2": BinarizeConv2d(shape.filters1, shape.filters2, 3, zero=zero, spread=1.0),
            "norm2": nn.BatchNorm2d(shape.filters2),
            "flatten": Flatten(),
            "linear": BinarizeLinear(
                shape.filters2 * left * left, shape.classes, zero=zero, spread=1.0
            ),
            "norm3": nn.BatchNorm1d(shape.classes),
        }  # fmt: skip
        super().__init__(OrderedDict(layers))
        self.shape = shape

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (n, classes) of pixels (n, channels, h, w); or (n, h, w) of one channel."""
        x = images[:, None] if images.dim() == 3 else images
        for layer in self:
            x = layer(x)
        return x


def thermometer(images: Tensor, thresholds: tuple[int, ...]) -> Tensor:
    """Return one plane of ±1 per threshold: +1 where the pixel is above it.

    Parameters
    ----------
    images : Tensor, floating point, shape (n, height, width)
    thresholds : tuple of int

    Returns
    -------
    Tensor, dtype of `images`, shape (n, len(thresholds), height, width)
    """
    planes: Tensor = Thermometer(thresholds)(images[:, None])
    return planes


@dataclass(frozen=True, slots=True, kw_only=True)
class DigitsOptions(Options):
    """Arguments of the digits network; it takes pixels, so mean and deviation do not matter.

    Attributes
    ----------
    thresholds : tuple of int
        Of the pixels; by default five between 0 and `max_pixel`.
    """

    channels: int = 1
    image_size: int = 8
    max_pixel: int = MAX_PIXEL
    thresholds: tuple[int, ...] = ()


def build(options: DigitsOptions) -> nn.Module:
    """Return the network."""
    shape = DigitsShape()
    scale = (options.max_pixel or MAX_PIXEL) / MAX_PIXEL
    if options.image_size < SMALLEST:
        message = f"the digits network needs images of {SMALLEST}x{SMALLEST} pixels or more"
        raise ExtensionError(QUANT_BAD_OPTION, message)
    network = DigitsNetwork(
        DigitsShape(
            options.thresholds or tuple(round(level * scale) for level in shape.thresholds),
            options.scaled(shape.filters1),
            options.scaled(shape.filters2),
            options.image_size,
            options.channels,
            options.classes,
            options.zero,
        )
    )
    if options.stochastic:
        generator = generator_for(0)
        for _, layer in binarized_layers(network):
            layer.generator = generator
    return network


def regime(options: DigitsOptions) -> Regime:
    """Return the optimizer and rate by epoch."""
    return falling(Step(0, "Adam", 5e-3), {60: 2e-3, 100: 5e-4, 130: 1e-4})


DIGITS = Family(DigitsOptions(), build, regime)
