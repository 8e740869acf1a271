"""A split whose images are one array in memory."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from quant.datasets import Rows

Transform: TypeAlias = Callable[[Tensor, torch.Generator | None], Tensor]
"""From pixels, float32 (n, channels, h, w), to pixels; without a generator, nothing is random."""


class ArraySplit:
    """Images of one array, transformed batch by batch.

    Parameters
    ----------
    pixels : ndarray of uint8, shape (n, height, width, channels)
    labels : ndarray of integers, shape (n,)
    transform : callable, optional
    """

    def __init__(
        self,
        pixels: NDArray[np.uint8],
        labels: NDArray[np.integer],
        transform: Transform | None = None,
    ) -> None:
        self._pixels = pixels
        self._labels = labels.astype(np.int64)
        self._transform = transform

    def __len__(self) -> int:
        """Return how many images there are."""
        return len(self._labels)

    def batch(self, rows: Rows, generator: torch.Generator | None) -> tuple[Tensor, Tensor]:
        """Return some of the images; see `Split`."""
        chosen = self._pixels[rows].transpose(0, 3, 1, 2)
        pixels = torch.from_numpy(np.ascontiguousarray(chosen)).float()
        if self._transform is not None:
            pixels = self._transform(pixels, generator)
        return pixels, torch.from_numpy(self._labels[rows])
