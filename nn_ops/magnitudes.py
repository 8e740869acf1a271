"""How large the values of a network can become: what overflows is refused before it is run."""

from __future__ import annotations

import numpy as np

from nn_ops.geometry import ImageShape
from nn_ops.graph import (
    Add,
    BatchNorm,
    Conv,
    Hardtanh,
    Input,
    Linear,
    Node,
    Normalize,
    Sign,
    Thermometer,
    fan_in_of,
)


def largest_value(node: Node, largest: tuple[float, ...], before: tuple[ImageShape, ...]) -> float:
    """Return a bound of the absolute values that a node gives, and that occur on the way to them.

    Parameters
    ----------
    node : Node
        Its parameters are finite.
    largest : tuple of float
        The bounds of what it reads.
    before : tuple of ImageShape
        The shapes of what it reads.

    Returns
    -------
    float
        Infinite, or not a number, when an operation may overflow.
    """
    with np.errstate(all="ignore"):
        match node:
            case Input(max_pixel=max_pixel):
                return float(max_pixel)
            case Thermometer() | Sign() | Hardtanh():
                return 1.0
            case Normalize(mean=mean, std=std):
                reach = (1.0 + np.abs(np.array(mean))) / np.array(std)
                return float(reach.max())
            case Conv() | Linear():
                bias = 0.0 if node.bias is None else float(np.abs(node.bias).max())
                return fan_in_of(node, before[0]) * largest[0] + bias
            case BatchNorm(beta=beta, mean=mean):
                scale = np.abs(node.scale)
                reach = largest[0] * scale + np.abs(beta) + np.abs(mean) * scale
                return float(reach.max())
            case Add():
                return largest[0] + largest[1]
            case _:
                return largest[0]
