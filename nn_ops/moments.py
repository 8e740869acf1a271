"""Which values to expect at a node of a network with random signs: their mean and variance."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nn_ops.geometry import ImageShape
from nn_ops.graph import (
    Add,
    AveragePool,
    BatchNorm,
    Conv,
    Hardtanh,
    Input,
    Kind,
    Linear,
    MaxPool,
    Node,
    Normalize,
    Relu,
    fan_in_of,
)


@dataclass(frozen=True, slots=True)
class Moments:
    """The mean and variance of a node's values over channels, cells and images."""

    mean: float
    variance: float

    @property
    def square(self) -> float:
        """The mean of the squares."""
        return self.mean**2 + self.variance


SIGNS = Moments(0.0, 1.0)


def moments_of(node: Node, reads: tuple[Moments, ...], before: ImageShape, kind: Kind) -> Moments:
    """Estimate what a node gives, as if values were independent and normally distributed.

    Parameters
    ----------
    node : Node
    reads : tuple of Moments
        Of what it reads; of an Input, nothing.
    before : ImageShape
        The shape of what it reads first.
    kind : Kind
        Of what it gives.

    Returns
    -------
    Moments
    """
    match node:
        case Input(max_pixel=max_pixel):
            return Moments(max_pixel / 2, max_pixel**2 / 12)
        case Normalize(mean=mean, std=std):
            means, stds = np.array(mean), np.array(std)
            return Moments(float(((0.5 - means) / stds).mean()), float((1 / 12 / stds**2).mean()))
        case Conv() | Linear():
            return Moments(0.0, fan_in_of(node, before) * reads[0].square)
        case MaxPool(window=window):
            return _greatest(reads[0], window.taps, kind)
        case AveragePool(window=window):
            return Moments(reads[0].mean, reads[0].variance / window.taps)
        case BatchNorm():
            return Moments(0.0, 0.7)
        case Hardtanh():
            return Moments(0.0, min(0.4, reads[0].variance))
        case Relu():
            spread = math.sqrt(reads[0].variance)
            return Moments(0.4 * spread, 0.34 * reads[0].variance)
        case Add():
            return Moments(reads[0].mean + reads[1].mean, reads[0].variance + reads[1].variance)
        case _:
            return SIGNS


def _greatest(of: Moments, count: int, kind: Kind) -> Moments:
    """Return the moments of the greatest of several values."""
    if kind == "signs":
        mean = 1.0 - 2.0 ** (1 - count)
        return Moments(mean, 1.0 - mean**2)
    spread = math.sqrt(of.variance)
    # Of the greatest of n normal values: about sqrt(2 log n) spreads, less a little.
    reach = 0.72 * math.sqrt(2 * math.log(count)) if count > 1 else 0.0
    return Moments(of.mean + reach * spread, of.variance / (1 + 0.7 * math.log(count)))
