"""Columns of reals: the first layer, batch norms, pools, residual sums, signs and the answer.

An image is one list of numbers by row, column, channel, the channel fastest.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from bitarray import bitarray

from nn_ops.errors import NN_MODEL_INVALID, NN_SIGN_OF_ZERO, ExtensionError, InternalError
from nn_ops.geometry import ImageShape, Window
from nn_ops.reference.signs import positions_of


def normalize(
    pixels: Sequence[int], max_pixel: int, mean: Sequence[float], std: Sequence[float]
) -> list[float]:
    """Return ``(pixel / max_pixel - mean[c]) / std[c]``."""
    found = []
    for place, pixel in enumerate(pixels):
        channel = place % len(mean)
        found.append((pixel / max_pixel - mean[channel]) / std[channel])
    return found


def conv(
    values: Sequence[float],
    shape: ImageShape,
    window: Window,
    filters: Sequence[bitarray],
    masks: Sequence[bitarray] | None = None,
    groups: int = 1,
) -> list[float]:
    """Return the sums of a convolution of numbers by signs; a cell of the border counts as 0.

    Parameters
    ----------
    values : sequence of float
        The image.
    shape : ImageShape
    window : Window
    filters : sequence of bitarray
        By kernel row, kernel column, channel of the filter's group.
    masks : sequence of bitarray, or None
        Of each filter: 1 where the weight counts.
    groups : int

    Returns
    -------
    list of float
        By row, column, filter; each is rounded once.
    """
    width, each = shape.channels // groups, len(filters) // groups
    sums = []
    for cells in positions_of(window, shape):
        for number, weights in enumerate(filters):
            first = number // each * width
            terms = []
            for place, weight in enumerate(weights):
                cell = cells[place // width]
                if cell is None or (masks is not None and not masks[number][place]):
                    continue
                value = values[cell * shape.channels + first + place % width]
                terms.append(value if weight else -value)
            sums.append(math.fsum(terms))
    return sums


def linear(
    values: Sequence[float], filters: Sequence[bitarray], masks: Sequence[bitarray] | None = None
) -> list[float]:
    """Return the sums of a linear layer of numbers by signs, one per feature."""
    return conv(values, ImageShape(1, 1, len(values)), Window((1, 1)), filters, masks)


def add_bias(values: Sequence[float], bias: Sequence[float]) -> list[float]:
    """Return ``value + bias[channel]``."""
    return [value + float(bias[place % len(bias)]) for place, value in enumerate(values)]


def batch_norm(
    values: Sequence[float], scale: Sequence[float], offset: Sequence[float]
) -> list[float]:
    """Return ``value * scale[channel] + offset[channel]``, the product rounded first."""
    found = []
    for place, value in enumerate(values):
        product = value * float(scale[place % len(scale)])
        found.append(product + float(offset[place % len(offset)]))
    return found


def hardtanh(values: Sequence[float]) -> list[float]:
    """Return ``min(max(value, -1), 1)``."""
    return [min(max(value, -1.0), 1.0) for value in values]


def relu(values: Sequence[float]) -> list[float]:
    """Return ``max(value, 0)``."""
    return [max(value, 0.0) for value in values]


def add(left: Sequence[float], right: Sequence[float]) -> list[float]:
    """Return a residual sum, value by value."""
    return [one + other for one, other in zip(left, right, strict=True)]


def max_pool(values: Sequence[float], shape: ImageShape, window: Window) -> list[float]:
    """Return the greatest value of each window; cells of the border do not take part."""
    pooled = []
    for cells in positions_of(window, shape):
        for channel in range(shape.channels):
            inside = [cell for cell in cells if cell is not None]
            pooled.append(max(values[cell * shape.channels + channel] for cell in inside))
    return pooled


def average_pool(values: Sequence[float], shape: ImageShape, window: Window) -> list[float]:
    """Return the mean of each window, its cells added by row and column."""
    means = []
    for cells in positions_of(window, shape):
        for channel in range(shape.channels):
            total = 0.0
            for cell in cells:
                if cell is None:
                    raise InternalError("an average pool has no padding")
                total += values[cell * shape.channels + channel]
            means.append(total / len(cells))
    return means


def signs_of(values: Sequence[float], zero: int) -> bitarray:
    """Return the signs of values as bits.

    Parameters
    ----------
    values : sequence of float
    zero : 0 or 1
        The sign of an exact 0: 0, which no bit holds, or +1.

    Raises
    ------
    ExtensionError
        NN_SIGN_OF_ZERO when a value is exactly 0 and `zero` is 0; NN_MODEL_INVALID when one is not
        a number.
    """
    bits = bitarray()
    for place, value in enumerate(values):
        if math.isnan(value):
            raise ExtensionError(NN_MODEL_INVALID, f"value {place} is not a number")
        if value == 0 and not zero:
            raise ExtensionError(NN_SIGN_OF_ZERO, f"value {place} is exactly 0, which has no sign")
        bits.append(value >= 0)
    return bits


def log_softmax(logits: Sequence[float]) -> list[float]:
    """Return the logarithms of the classes' shares: ``x - log(sum(exp(x)))``."""
    greatest = max(logits)
    total = math.fsum(math.exp(value - greatest) for value in logits)
    return [value - greatest - math.log(total) for value in logits]


def argmax(logits: Sequence[float]) -> int:
    """Return the place of the greatest logit; of equal ones, the first."""
    best = 0
    for place, value in enumerate(logits):
        if value > logits[best]:
            best = place
    return best
