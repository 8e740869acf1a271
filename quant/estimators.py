"""Signs with a gradient: deterministic and stochastic, by straight-through estimators."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor


def sign_of(x: Tensor, zero: int = 0) -> Tensor:
    """Return the signs of `x`, without a gradient of their own.

    Parameters
    ----------
    x : Tensor, floating point, any shape
    zero : 0 or 1
        The sign of an exact zero: 0 as `torch.sign` has it, or +1.

    Returns
    -------
    Tensor, same dtype and shape
        -1, +1, or `zero`; NaN stays NaN.
    """
    signs = torch.sign(x)
    if zero:
        signs = torch.where(x == 0, 1.0, signs)
    return torch.where(x.isnan(), x, signs)  # torch.sign makes 0 of NaN


class SignWithMask(torch.autograd.Function):
    """The sign of an activation; its gradient passes where ``|x| < 1`` and is zero elsewhere.

    Notes
    -----
    Backward is the straight-through estimator with the hard-tanh mask, strict at ±1 [1]_.

    References
    ----------
    .. [1] I. Hubara et al., "Binarized Neural Networks", NeurIPS 2016, section 2.3.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, zero: int) -> Tensor:
        """Return the sign of `x` and remember where the gradient passes."""
        ctx.save_for_backward(x.abs() < 1)
        return sign_of(x, zero)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        """Return the gradient, zero where the activation was saturated."""
        (inside,) = ctx.saved_tensors
        return gradients[0] * inside.to(gradients[0].dtype), None


class StochasticSign(torch.autograd.Function):
    """A random sign, +1 with probability ``clamp((x + 1) / 2, 0, 1)``; gradients as `SignWithMask`.

    Notes
    -----
    The expectation of the sign is hard tanh, whose slope is the mask [1]_.

    References
    ----------
    .. [1] M. Courbariaux et al., "BinaryConnect", NeurIPS 2015, section 2.2.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, generator: torch.Generator) -> Tensor:
        """Draw the signs and remember where the gradient passes."""
        ctx.save_for_backward(x.abs() < 1)
        draws = torch.rand(x.shape, generator=generator, dtype=x.dtype, device=x.device)
        # A draw is in [0, 1): below 0 it never is, below 1 always.
        signs = (draws < ((x + 1) / 2)).to(x.dtype) * 2 - 1
        return torch.where(x.isnan(), x, signs)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        """Return the gradient, zero where the activation was saturated."""
        (inside,) = ctx.saved_tensors
        return gradients[0] * inside.to(gradients[0].dtype), None


class SignStraight(torch.autograd.Function):
    """The sign of a latent weight; its gradient passes unchanged.

    Notes
    -----
    Latent weights are kept in [-1, 1] by clamping after each step. A mask that is strict at 1 would
    freeze every weight that once reached the edge, so weights carry none.
    """

    @staticmethod
    def forward(ctx: Any, x: Tensor, zero: int) -> Tensor:
        """Return the sign of `x`."""
        return sign_of(x, zero)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        """Return the gradient as it came."""
        return gradients[0], None


def binarize_activation(x: Tensor, zero: int = 0) -> Tensor:
    """Return the sign of `x` with the masked straight-through gradient.

    Parameters
    ----------
    x : Tensor, floating point, any shape
        It is left as it is.
    zero : 0 or 1
        The sign of an exact zero.

    Returns
    -------
    Tensor, same dtype and shape
    """
    result: Tensor = SignWithMask.apply(x, zero)  # type: ignore[no-untyped-call]  # torch has no types here
    return result


def binarize_stochastic(x: Tensor, generator: torch.Generator) -> Tensor:
    """Return random signs, +1 with probability ``clamp((x + 1) / 2, 0, 1)``.

    Parameters
    ----------
    x : Tensor, floating point, any shape
        It is left as it is.
    generator : torch.Generator
        The only source of randomness, on the device of `x`.

    Returns
    -------
    Tensor, same dtype and shape
        -1 or +1, never 0; NaN stays NaN.
    """
    result: Tensor = StochasticSign.apply(x, generator)  # type: ignore[no-untyped-call]  # torch has no types here
    return result


def binarize_weight(x: Tensor, zero: int = 0) -> Tensor:
    """Return the sign of latent weights with the unmasked straight-through gradient.

    Parameters
    ----------
    x : Tensor, floating point, any shape, values in [-1, 1]
        It is left as it is.
    zero : 0 or 1
        The sign of an exact zero.

    Returns
    -------
    Tensor, same dtype and shape
    """
    result: Tensor = SignStraight.apply(x, zero)  # type: ignore[no-untyped-call]  # torch has no types here
    return result


def generator_for(seed: int, device: torch.device | str | None = None) -> torch.Generator:
    """Return a source of random numbers that starts at `seed`.

    Parameters
    ----------
    seed : int
    device : torch.device, optional
        By default the processor, also where tensors are made elsewhere.
    """
    return torch.Generator(device="cpu" if device is None else device).manual_seed(seed)
