"""Random small distortions of images: rotation, scale, shear and shift."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional


@dataclass(frozen=True, slots=True)
class Distortion:
    """The largest distortion to either side; each image draws uniformly below it.

    Attributes
    ----------
    rotation_degrees : float
    shift_pixels : float
        Along each axis.
    stretch : float
        Relative change of size along each axis, and the shear.
    """

    rotation_degrees: float = 10.0
    shift_pixels: float = 0.7
    stretch: float = 0.1


def distort(images: Tensor, distortion: Distortion, generator: torch.Generator) -> Tensor:
    """Return each image under its own random affine map, with bilinear sampling.

    Parameters
    ----------
    images : Tensor of float32, shape (n, height, width)
        0 is the background.
    distortion : Distortion
    generator : torch.Generator
        The only source of randomness.

    Returns
    -------
    Tensor of float32, shape (n, height, width)
    """
    n, height, width = images.shape

    def draw(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator) * 2 - 1

    angle = draw(n) * math.radians(distortion.rotation_degrees)
    scale = 1 + draw(n, 2) * distortion.stretch
    shear = draw(n) * distortion.stretch
    pixel = torch.tensor([2.0 / width, 2.0 / height])
    shift = draw(n, 2) * distortion.shift_pixels * pixel
    cosine, sine = torch.cos(angle), torch.sin(angle)
    rows = [
        torch.stack([cosine * scale[:, 0], shear - sine, shift[:, 0]], dim=1),
        torch.stack([sine, cosine * scale[:, 1], shift[:, 1]], dim=1),
    ]
    grid = functional.affine_grid(
        torch.stack(rows, dim=1), [n, 1, height, width], align_corners=False
    )
    return functional.grid_sample(images[:, None], grid, align_corners=False)[:, 0]
