"""What a network's module offers: its arguments, how to build it, and its regime."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import nn

from nn_ops.geometry import Window
from quant.binarize import BinarizeConv2d, BinarizeLinear
from quant.errors import QUANT_BAD_OPTION, ExtensionError
from quant.estimators import generator_for
from quant.networks.options import Options
from quant.networks.parts import Normalize
from quant.regimes import Regime


@dataclass(frozen=True, slots=True)
class Family:
    """A network of a name, ready to be built in any size.

    Attributes
    ----------
    options : Options
        The defaults.
    build : callable
        From the arguments to the network.
    regime : callable
        From the arguments to the optimizer and rate by epoch.
    """

    options: Options
    build: Callable[[Any], nn.Module]
    regime: Callable[[Any], Regime]


class Layers:
    """Makes binarized layers that share the sign of zero and the source of random signs.

    Parameters
    ----------
    options : Options
    """

    def __init__(self, options: Options) -> None:
        self.zero = options.zero
        self.generator = generator_for(0) if options.stochastic else None

    def conv(
        self,
        in_channels: int,
        out_channels: int,
        window: Window,
        *,
        bias: bool = True,
        binary_input: bool = True,
    ) -> BinarizeConv2d:
        """Return a convolution with the border 0."""
        return BinarizeConv2d(
            in_channels,
            out_channels,
            window.kernel,
            window.stride,
            window.padding,
            bias=bias,
            binary_input=binary_input,
            zero=self.zero,
            generator=self.generator,
        )

    def linear(
        self, in_features: int, out_features: int, *, binary_input: bool = True
    ) -> BinarizeLinear:
        """Return a linear layer."""
        return BinarizeLinear(
            in_features,
            out_features,
            binary_input=binary_input,
            zero=self.zero,
            generator=self.generator,
        )


def square(kernel: int, stride: int = 1, padding: int = 0) -> Window:
    """Return a square window."""
    return Window((kernel, kernel), (stride, stride), (padding, padding))


def size_after(window: Window, size: int) -> int:
    """Return the rows of what a window makes of a square image.

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH when the window does not fit.
    """
    return window.output_size(size, size)[0]


def input_layers(options: Options) -> dict[str, nn.Module]:
    """Return the normalization of pixels, or nothing when the input is normalized already.

    Raises
    ------
    ExtensionError
        QUANT_BAD_OPTION when there is not one mean and deviation for each channel.
    """
    if not options.max_pixel:
        return {}
    if not len(options.mean) == len(options.std) == options.channels or 0 in options.std:
        raise ExtensionError(
            QUANT_BAD_OPTION,
            f"{options.channels} channels need as many means and deviations above 0, "
            f"got {options.mean} and {options.std}",
        )
    return {"normalize": Normalize(options.max_pixel, options.mean, options.std)}


def check_depth(depth: int, least: int, what: str) -> None:
    """Refuse a network that is too shallow.

    Raises
    ------
    ExtensionError
        QUANT_BAD_OPTION.
    """
    if depth < least:
        raise ExtensionError(
            QUANT_BAD_OPTION, f"the depth is {least} or more, not {depth}", hint=what
        )
