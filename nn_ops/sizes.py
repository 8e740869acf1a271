"""The sizes of a network of the seed."""

from __future__ import annotations

from dataclasses import dataclass

IMAGENET_MEAN = (0.485, 0.456, 0.406)
IMAGENET_STD = (0.229, 0.224, 0.225)


@dataclass(frozen=True, slots=True)
class Size:
    """What a family leaves open.

    Attributes
    ----------
    image : int
        Side of the image, in pixels.
    classes : int
    widths : tuple of int
        Filters of the convolutions and features of the linear layers but the last, or filters of
        the stages.
    mean, std : tuple of float
        Per channel, of pixels from 0 to 1.
    blocks : tuple of int
        Of a ResNet: how many blocks each stage has.
    is_bottleneck : bool
        Whether its blocks have three convolutions, 1x1, 3x3 and 1x1.
    has_large_stem : bool
        Whether its first convolution is 7x7 with stride 2 and a pool, as for images of 224 pixels.
    """

    image: int
    classes: int
    widths: tuple[int, ...]
    mean: tuple[float, ...] = IMAGENET_MEAN
    std: tuple[float, ...] = IMAGENET_STD
    blocks: tuple[int, ...] = ()
    is_bottleneck: bool = False
    has_large_stem: bool = False
