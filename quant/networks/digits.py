"""The digits network: two binarized convolutions and one binarized linear layer.

::

    8x8 pixels --thermometer--> 8x8x5 of ±1
      conv1  3x3, border -1, 5 -> 64    max pool 2x2    batch norm    sign      4x4x64
      conv2  3x3, no border, 64 -> 128                  batch norm    sign      2x2x128
      linear 512 -> 10                                  batch norm              logits
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from quant.binarize import BinarizeConv2d, BinarizeLinear, binarize_activation


@dataclass(frozen=True, slots=True)
class DigitsShape:
    """The sizes that were chosen on the validation split.

    Attributes
    ----------
    thresholds : tuple of int
        Channel c of the input is +1 where the pixel is above the c-th threshold, else -1.
    filters1, filters2 : int
        Filters of the two convolutions.
    """

    thresholds: tuple[int, ...] = (1, 4, 7, 10, 13)
    filters1: int = 64
    filters2: int = 128


class DigitsNetwork(nn.Module):
    """Images of 8x8 pixels to ten logits, every weight and activation ±1.

    Parameters
    ----------
    shape : DigitsShape
    """

    def __init__(self, shape: DigitsShape) -> None:
        super().__init__()
        self.shape = shape
        self.conv1 = BinarizeConv2d(len(shape.thresholds), shape.filters1, 3, padding=1)
        self.norm1 = nn.BatchNorm2d(shape.filters1)
        self.conv2 = BinarizeConv2d(shape.filters1, shape.filters2, 3)
        self.norm2 = nn.BatchNorm2d(shape.filters2)
        self.linear = BinarizeLinear(shape.filters2 * 4, 10)
        self.norm3 = nn.BatchNorm1d(10)

    def forward(self, images: Tensor) -> Tensor:
        """Return logits (n, 10) of images (n, 8, 8) with pixels 0..16."""
        x = thermometer(images, self.shape.thresholds)
        x = functional.max_pool2d(self.conv1(x), 2)
        x = binarize_activation(self.norm1(x))
        x = binarize_activation(self.norm2(self.conv2(x)))
        x = x.permute(0, 2, 3, 1).flatten(1)  # (row, column, channel): the order of packed words
        logits: Tensor = self.norm3(self.linear(x))
        return logits


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
    levels = torch.tensor(thresholds, dtype=images.dtype)[None, :, None, None]
    above = images[:, None] > levels
    return above.to(images.dtype) * 2 - 1
