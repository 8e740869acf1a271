"""Binarized layers: real latent weights, ±1 in the forward pass, straight-through gradients."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any, Literal, TypeAlias

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from quant.errors import QUANT_BAD_OPTION, ExtensionError
from quant.estimators import (
    binarize_activation,
    binarize_stochastic,
    binarize_weight,
    sign_of,
)

BACKGROUND = -1.0
"""A padding value of a binarized convolution: a named -1, in place of the zero of `torch`."""

Pair: TypeAlias = int | tuple[int, int]


class Binarized(nn.Module):
    """What `BinarizeLinear` and `BinarizeConv2d` share: latent weights, their signs, and a mask.

    The latent weights are the parameter `weight` itself, so optimizers and checkpoints see them;
    only the forward pass takes their signs. In eval mode the bias is added to the finished sums,
    which are whole numbers and therefore exact; while training one kernel does both.

    Parameters
    ----------
    shape : tuple of int
        Of the weights: outputs first.
    bias : bool
        Whether a real bias is added to the sums.
    binary_input : bool
        Whether the layer takes the sign of its input. False for a first layer over real pixels,
        and where the input is ±1 already.
    zero : 0 or 1
        The sign of an exact zero, of weights and inputs.
    spread : float, optional
        Latent weights start uniformly in ``[-spread, spread]`` and biases at 0; without it both
        start as PyTorch's own layers do, within ``1 / sqrt(fan_in)``.
    generator : torch.Generator, optional
        With it, the signs of the input are drawn at random while training.

    Attributes
    ----------
    mask : Tensor of bool, shape of the weights, or None
        False where a weight was pruned: it counts as 0 and gets no gradient.
    """

    weight: nn.Parameter
    bias: nn.Parameter | None
    mask: Tensor | None

    def __init__(
        self,
        shape: tuple[int, ...],
        *,
        bias: bool,
        binary_input: bool,
        zero: int,
        spread: float | None,
        generator: torch.Generator | None,
    ) -> None:
        super().__init__()
        if zero not in {0, 1}:
            raise ExtensionError(QUANT_BAD_OPTION, f"the sign of zero is 0 or 1, not {zero!r}")
        if min(shape) < 1:
            raise ExtensionError(QUANT_BAD_OPTION, f"a layer cannot have weights of shape {shape}")
        self.binary_input, self.zero, self.generator = binary_input, zero, generator
        edge = 1.0 / math.sqrt(math.prod(shape[1:]))
        around = edge if spread is None else spread
        self.weight = nn.Parameter(torch.empty(shape).uniform_(-around, around))
        if not bias:
            self.register_parameter("bias", None)
        elif spread is None:
            self.bias = nn.Parameter(torch.empty(shape[0]).uniform_(-edge, edge))
        else:
            self.bias = nn.Parameter(torch.zeros(shape[0]))
        self.register_buffer("mask", None)

    def binary_weight(self) -> Tensor:
        """Return the signs of the weights, 0 where pruned, with the straight-through gradient."""
        signs = binarize_weight(self.weight, self.zero)
        return signs if self.mask is None else signs * self.mask

    def binary_inputs(self, x: Tensor) -> Tensor:
        """Return the signs of the input, or the input itself where it stays real."""
        if not self.binary_input:
            return x
        if self.generator is not None and self.training:
            return binarize_stochastic(x, self.generator)
        return binarize_activation(x, self.zero)

    def clamp_latent(self) -> None:
        """Clamp latent weights and biases to [-1, 1], in place; not those of a frozen layer."""
        if not self.weight.requires_grad:
            return
        with torch.no_grad():
            self.weight.clamp_(-1.0, 1.0)
            if self.bias is not None:
                self.bias.clamp_(-1.0, 1.0)

    def prune(self, mask: Tensor) -> None:
        """Keep the weights where `mask` is True; the others count as 0 from now on.

        Parameters
        ----------
        mask : Tensor of bool, shape of the weights
        """
        if mask.shape != self.weight.shape or mask.dtype != torch.bool:
            raise ExtensionError(
                QUANT_BAD_OPTION,
                f"expected a mask of bool and shape {tuple(self.weight.shape)}, got "
                f"{mask.dtype} and {tuple(mask.shape)}",
            )
        self.mask = mask.to(self.weight.device)

    def flat_signs(self) -> NDArray[np.int8]:
        """Return the weights' signs, one filter per row.

        Returns
        -------
        ndarray of int8, shape (filters, fan_in)
            In the order (kernel row, kernel column, channel); 0 where the sign is 0 or pruned.
        """
        signs = sign_of(self.weight.detach(), self.zero)
        if self.mask is not None:
            signs = signs * self.mask
        return flat_places(signs).to(torch.int8).cpu().numpy()

    def _load_from_state_dict(self, state_dict: Any, prefix: str, *rest: Any) -> None:
        """Make room for a mask that comes with the weights; drop one that does not."""
        mask = state_dict.get(f"{prefix}mask")
        self.mask = None if mask is None else torch.empty_like(mask, device=self.weight.device)
        super()._load_from_state_dict(state_dict, prefix, *rest)


def flat_places(weight: Tensor) -> Tensor:
    """Return a layer's weights as a matrix: filters by (kernel row, kernel column, channel)."""
    return weight.movedim(1, -1).flatten(1)


class BinarizeLinear(Binarized):
    """A fully connected layer with ±1 weights and a real bias.

    Parameters
    ----------
    in_features, out_features : int
    bias, binary_input, zero, spread, generator
        As in `Binarized`.
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        binary_input: bool = True,
        zero: int = 0,
        spread: float | None = None,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__(
            (out_features, in_features),
            bias=bias,
            binary_input=binary_input,
            zero=zero,
            spread=spread,
            generator=generator,
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the sums plus bias; `x` is (n, in_features)."""
        inputs, weight = self.binary_inputs(x), self.binary_weight()
        if self.training or self.bias is None:
            return functional.linear(inputs, weight, self.bias)
        return functional.linear(inputs, weight) + self.bias

    def extra_repr(self) -> str:
        """Return the sizes and what is not the default."""
        outputs, inputs = self.weight.shape
        return f"{inputs}, {outputs}, bias={self.bias is not None}, {_shown(self)}"


class BinarizeConv2d(Binarized):
    """A convolution with ±1 weights and a real bias.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size, stride, padding, dilation : int or (int, int)
        In pixels, (down the rows, along a row).
    groups : int
        Filter f reads the channels of group ``f // (out_channels // groups)``.
    padding_value : 0 or -1
        What stands in the border: 0 as in PyTorch, so a border cell does not count; or -1.
    bias, binary_input, zero, spread, generator
        As in `Binarized`.
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Pair,
        stride: Pair = 1,
        padding: Pair = 0,
        dilation: Pair = 1,
        groups: int = 1,
        bias: bool = True,
        *,
        padding_value: float = 0.0,
        binary_input: bool = True,
        zero: int = 0,
        spread: float | None = None,
        generator: torch.Generator | None = None,
    ) -> None:
        if groups < 1 or in_channels % groups or out_channels % groups:
            raise ExtensionError(
                QUANT_BAD_OPTION,
                f"{in_channels} and {out_channels} channels do not fall into {groups} groups",
            )
        if padding_value not in {0.0, BACKGROUND}:
            message = f"the border of a binarized convolution is 0 or -1, not {padding_value!r}"
            raise ExtensionError(QUANT_BAD_OPTION, message)
        kernel = _pair(kernel_size)
        super().__init__(
            (out_channels, in_channels // groups, *kernel),
            bias=bias,
            binary_input=binary_input,
            zero=zero,
            spread=spread,
            generator=generator,
        )
        self.kernel_size, self.groups, self.padding_value = kernel, groups, padding_value
        self.stride, self.padding, self.dilation = _pair(stride), _pair(padding), _pair(dilation)

    def forward(self, x: Tensor) -> Tensor:
        """Return the sums plus bias; `x` is (n, in_channels, height, width)."""
        x, padding = self.binary_inputs(x), self.padding
        if self.padding_value and any(padding):
            down, along = padding
            x, padding = (
                functional.pad(x, (along, along, down, down), value=self.padding_value),
                (0, 0),
            )
        places = (self.stride, padding, self.dilation, self.groups)
        if self.training or self.bias is None:
            return functional.conv2d(x, self.binary_weight(), self.bias, *places)
        sums = functional.conv2d(x, self.binary_weight(), None, *places)
        return sums + self.bias[:, None, None]

    def extra_repr(self) -> str:
        """Return the sizes and what is not the default."""
        filters, channels = self.weight.shape[:2]
        return (
            f"{channels * self.groups}, {filters}, kernel_size={self.kernel_size}, "
            f"stride={self.stride}, padding={self.padding}, bias={self.bias is not None}, "
            f"{_shown(self)}"
        )


class BinActive(nn.Module):
    """The sign of an activation as a layer of its own.

    Parameters
    ----------
    zero : 0 or 1
        The sign of an exact zero.
    estimator : 'masked' or 'none'
        The gradient: the straight-through estimator, or that of `torch.sign`, which is zero
        everywhere, so that nothing before it ever learns (as in the original's first layers).
    """

    def __init__(self, zero: int = 0, estimator: Literal["masked", "none"] = "masked") -> None:
        super().__init__()
        self.zero, self.estimator = zero, estimator

    def forward(self, x: Tensor) -> Tensor:
        """Return the signs of `x`."""
        if self.estimator == "none":
            return sign_of(x, self.zero)
        return binarize_activation(x, self.zero)

    def extra_repr(self) -> str:
        """Return what is not the default."""
        return f"zero={self.zero}, estimator={self.estimator!r}"


def binarized_layers(network: nn.Module) -> Iterator[tuple[str, Binarized]]:
    """Yield the binarized layers of a network with their names, in order."""
    for name, module in network.named_modules():
        if isinstance(module, Binarized):
            yield name, module


def clamp_latent_weights(network: nn.Module) -> None:
    """Clamp the latent weights and biases of every binarized layer to [-1, 1], in place.

    Parameters
    ----------
    network : nn.Module
        Call this after each optimizer step.
    """
    for _, layer in binarized_layers(network):
        layer.clamp_latent()


def _pair(value: Pair) -> tuple[int, int]:
    """Return one number twice, or the two numbers given."""
    return (value, value) if isinstance(value, int) else value


def _shown(layer: Binarized) -> str:
    return f"binary_input={layer.binary_input}, zero={layer.zero}"
