"""What is done to batches of images before they enter a network; pixels stay whole numbers."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from quant.datasets.arrays import Transform


def cropped_and_flipped(padding: int) -> Transform:
    """Return the usual transform of small colour images.

    Training: each image is shifted by at most `padding` pixels along each axis, black moves in, and
    half of them are mirrored. Evaluation: nothing.

    Parameters
    ----------
    padding : int
    """

    def transform(pixels: Tensor, generator: torch.Generator | None) -> Tensor:
        if generator is None:
            return pixels
        return _flip(_crop(pixels, padding, generator), generator)

    return transform


def resized(size: int, then: Transform | None = None) -> Transform:
    """Return a transform that brings square images to `size` rows and columns, then does the rest.

    Parameters
    ----------
    size : int
    then : callable, optional
    """

    def transform(pixels: Tensor, generator: torch.Generator | None) -> Tensor:
        if pixels.shape[-1] != size:
            pixels = functional.interpolate(
                pixels, (size, size), mode="bilinear", antialias=True
            ).round()
        return pixels if then is None else then(pixels, generator)

    return transform


def _crop(pixels: Tensor, padding: int, generator: torch.Generator) -> Tensor:
    """Return each image's own window of its padded self."""
    n_images, _, height, width = pixels.shape
    padded = functional.pad(pixels, (padding,) * 4)
    shifts = torch.randint(0, 2 * padding + 1, (2, n_images, 1), generator=generator)
    rows = (shifts[0] + torch.arange(height))[:, :, None]
    columns = (shifts[1] + torch.arange(width))[:, None, :]
    images = torch.arange(n_images)[:, None, None]
    # Index arrays around a slice come first: (n, h, w, channels).
    return padded[images, :, rows, columns].permute(0, 3, 1, 2).contiguous()


def _flip(pixels: Tensor, generator: torch.Generator) -> Tensor:
    """Mirror half of the images, left to right."""
    is_mirrored = torch.rand(len(pixels), generator=generator) < 0.5
    return torch.where(is_mirrored[:, None, None, None], pixels.flip(-1), pixels)
