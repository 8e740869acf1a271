"""Binarized layers: real latent weights, ±1 in the forward pass, straight-through gradients."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional

BACKGROUND = -1.0
"""The padding value of a binarized convolution: a named -1, never the zero of `torch`."""


class SignWithMask(torch.autograd.Function):
    """The sign of an activation; its gradient passes where ``|x| < 1`` and is zero elsewhere.

    Notes
    -----
    Forward is `torch.sign`, so an exact 0 stays 0. Backward is the straight-through estimator
    with the hard-tanh mask, strict at ±1 [1]_.

    References
    ----------
    .. [1] I. Hubara et al., "Binarized Neural Networks", NeurIPS 2016, section 2.3.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """Return the sign of `x` and remember `x` for the mask."""
        ctx.save_for_backward(x)
        return torch.sign(x)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        """Return the gradient, zero where the activation was saturated."""
        (x,) = ctx.saved_tensors
        result: Tensor = gradients[0] * (x.abs() < 1).to(gradients[0].dtype)
        return result


class SignStraight(torch.autograd.Function):
    """The sign of a latent weight; its gradient passes unchanged.

    Notes
    -----
    Latent weights are kept in [-1, 1] by clamping after each step. A mask that is strict at 1 would
    freeze every weight that once reached the edge, so weights carry none.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor) -> Tensor:
        """Return the sign of `x`."""
        return torch.sign(x)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        """Return the gradient as it came."""
        return gradients[0]


def binarize_activation(x: Tensor) -> Tensor:
    """Return the sign of `x` with the masked straight-through gradient.

    Parameters
    ----------
    x : Tensor, floating point, any shape

    Returns
    -------
    Tensor, same dtype and shape
        -1, +1, or 0 where `x` is exactly 0.
    """
    result: Tensor = SignWithMask.apply(x)  # type: ignore[no-untyped-call]  # torch has no types here
    return result


def binarize_weight(x: Tensor) -> Tensor:
    """Return the sign of latent weights with the unmasked straight-through gradient.

    Parameters
    ----------
    x : Tensor, floating point, any shape, values in [-1, 1]

    Returns
    -------
    Tensor, same dtype and shape
    """
    result: Tensor = SignStraight.apply(x)  # type: ignore[no-untyped-call]  # torch has no types here
    return result


class BinarizeConv2d(nn.Module):
    """A convolution with ±1 weights, a real bias, and a border of -1.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size : int
        Side of the square kernel, in pixels.
    padding : int
        Width of the border of `BACKGROUND` put around the image, in pixels.
    """

    def __init__(
        self, in_channels: int, out_channels: int, kernel_size: int, padding: int = 0
    ) -> None:
        super().__init__()
        self.padding = padding
        shape = (out_channels, in_channels, kernel_size, kernel_size)
        self.weight = nn.Parameter(torch.empty(shape).uniform_(-1.0, 1.0))
        self.bias = nn.Parameter(torch.zeros(out_channels))

    def forward(self, x: Tensor) -> Tensor:
        """Return the sums plus bias; `x` is (n, channels, height, width) of ±1."""
        if self.padding:
            x = functional.pad(x, (self.padding,) * 4, value=BACKGROUND)
        return functional.conv2d(x, binarize_weight(self.weight), self.bias)


class BinarizeLinear(nn.Module):
    """A fully connected layer with ±1 weights and a real bias.

    Parameters
    ----------
    in_features, out_features : int
    """

    def __init__(self, in_features: int, out_features: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(out_features, in_features).uniform_(-1.0, 1.0))
        self.bias = nn.Parameter(torch.zeros(out_features))

    def forward(self, x: Tensor) -> Tensor:
        """Return the sums plus bias; `x` is (n, in_features) of ±1."""
        return functional.linear(x, binarize_weight(self.weight), self.bias)


def clamp_latent_weights(network: nn.Module) -> None:
    """Clamp the latent weights and biases of every binarized layer to [-1, 1], in place.

    Parameters
    ----------
    network : nn.Module
        Call this after each optimizer step.
    """
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, BinarizeConv2d | BinarizeLinear):
                module.weight.clamp_(-1.0, 1.0)
                module.bias.clamp_(-1.0, 1.0)
