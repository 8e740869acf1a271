"""Small modules that networks are made of; each is one node of the database's graph."""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn
from torch.nn import functional


class Thermometer(nn.Module):
    """Pixels to ±1, several channels for one: +1 where the pixel is above the threshold.

    Parameters
    ----------
    thresholds : tuple of int
        Channel ``c * len(thresholds) + t`` of the output compares channel c with threshold t.
    """

    def __init__(self, thresholds: tuple[int, ...]) -> None:
        super().__init__()
        self.thresholds = thresholds

    def forward(self, pixels: Tensor) -> Tensor:
        """Return signs (n, channels * thresholds, h, w) of pixels (n, channels, h, w)."""
        levels = torch.tensor(self.thresholds, dtype=pixels.dtype, device=pixels.device)
        above = pixels[:, :, None] > levels[:, None, None]
        return (above.to(pixels.dtype) * 2 - 1).flatten(1, 2)


class Normalize(nn.Module):
    """Pixels to reals: ``(pixel / max_pixel - mean[c]) / std[c]``.

    Parameters
    ----------
    max_pixel : int
    mean, std : tuple of float
        One for each channel.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, max_pixel: int, mean: tuple[float, ...], std: tuple[float, ...]) -> None:
        super().__init__()
        self.max_pixel = max_pixel
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float64), persistent=False)
        self.register_buffer("std", torch.tensor(std, dtype=torch.float64), persistent=False)

    def forward(self, pixels: Tensor) -> Tensor:
        """Return reals of the shape (n, channels, h, w) of the pixels."""
        mean, std = self.mean.to(pixels.dtype), self.std.to(pixels.dtype)
        return (pixels / self.max_pixel - mean[:, None, None]) / std[:, None, None]


class Flatten(nn.Module):
    """Images to rows of values in the order (row, column, channel): that of packed words."""

    def forward(self, x: Tensor) -> Tensor:
        """Return (n, height * width * channels) of (n, channels, height, width)."""
        return x.permute(0, 2, 3, 1).flatten(1)


class Residual(nn.Module):
    """The sum of two ways from one input.

    Parameters
    ----------
    body : nn.Module
    shortcut : nn.Module
        `nn.Identity` where the input itself is added.
    """

    def __init__(self, body: nn.Module, shortcut: nn.Module) -> None:
        super().__init__()
        self.body, self.shortcut = body, shortcut

    def forward(self, x: Tensor) -> Tensor:
        """Return the sum of both ways."""
        total: Tensor = self.body(x) + self.shortcut(x)
        return total


class Idle(nn.Module):
    """A module that is kept and counted, but not used: the input passes as it is.

    Parameters
    ----------
    kept : nn.Module
    """

    def __init__(self, kept: nn.Module) -> None:
        super().__init__()
        self.kept = kept

    def forward(self, x: Tensor) -> Tensor:
        """Return the input."""
        return x


class PositiveNorm2d(nn.BatchNorm2d):
    """A batch norm whose scale stays at or above `least`, clamped at each step of training.

    Parameters
    ----------
    features : int
    eps : float
    least : float
    """

    def __init__(self, features: int, eps: float = 1e-5, least: float = 0.01) -> None:
        super().__init__(features, eps=eps)
        self.least = least

    def forward(self, x: Tensor) -> Tensor:
        """Return the normalized input; in eval mode nothing changes, so a frozen one stays."""
        if not self.training:
            scale = self.weight.clamp(min=self.least)
            return functional.batch_norm(
                x, self.running_mean, self.running_var, scale, self.bias, eps=self.eps
            )
        with torch.no_grad():
            self.weight.clamp_(min=self.least)
        return super().forward(x)


def chain(layers: dict[str, nn.Module]) -> nn.Sequential:
    """Return the layers one after another, under their names."""
    return nn.Sequential(OrderedDict(layers))
