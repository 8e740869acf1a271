"""Bias, batch norm and sign folded into one integer limit per filter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nn_ops.batch_norm import BatchNorm
from nn_ops.errors import NN_SIGN_OF_ZERO, ExtensionError

CERTAINTY = 2.0**-40
"""A value this near 0, relative to its two terms, could get another sign by another rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """When a filter answers +1, in terms of D, the number of differing bits.

    Attributes
    ----------
    limit : ndarray of int32, shape (filters,)
    polarity : ndarray of int8, shape (filters,)
        +1: the answer is +1 iff ``D <= limit``. -1: iff ``D >= limit``.

    Notes
    -----
    A constant filter has polarity +1 and a limit that all D (limit = V) or none (-1) keep.
    """

    limit: NDArray[np.int32]
    polarity: NDArray[np.int8]

    def apply(self, distances: NDArray[np.integer]) -> NDArray[np.bool_]:
        """Return where the answer is +1.

        Parameters
        ----------
        distances : ndarray, integer, shape (..., filters)

        Returns
        -------
        ndarray of bool, same shape
        """
        at_most = np.less_equal(distances, self.limit)
        at_least = np.greater_equal(distances, self.limit)
        return np.asarray(np.where(self.polarity > 0, at_most, at_least), dtype=np.bool_)


def fold(fan_in: int, norm: BatchNorm) -> Limits:
    """Return the limits that decide exactly as the batch norm and sign in double precision do.

    Parameters
    ----------
    fan_in : int
        V, the number of bits that are compared; the sum is ``V - 2 * D``.
    norm : BatchNorm

    Returns
    -------
    Limits

    Raises
    ------
    ExtensionError
        NN_SIGN_OF_ZERO when an attainable sum gives a value that is 0, or so near that the order
        of rounding would decide.

    Notes
    -----
    The closed form is ``t = mean - beta * sqrt(variance + eps) / gamma - bias``, then +1 iff
    ``D <= ceil((V - t) / 2) - 1`` for gamma > 0 and iff ``D >= floor((V - t) / 2) + 1`` for
    gamma < 0. It rounds differently from the expression that PyTorch evaluates, so this function
    evaluates that expression for all V + 1 sums and counts. Each step of it is monotone in D, so
    the count is the limit. A max pool of the sums before the batch norm is a min pool of D: the
    same limit holds after it, for either polarity.
    """
    sums = fan_in - 2 * np.arange(fan_in + 1, dtype=np.float64)
    scaled = (sums[:, None] + norm.bias) * norm.scale
    values = scaled + norm.offset
    _refuse_uncertain(fan_in, values, np.abs(scaled) + np.abs(norm.offset))
    n_positive = np.count_nonzero(values > 0, axis=0)
    at_least = norm.scale < 0
    limit = np.where(at_least, fan_in + 1 - n_positive, n_positive - 1)
    polarity = np.where(at_least, -1, 1)
    return Limits(limit.astype(np.int32), polarity.astype(np.int8))


def _refuse_uncertain(fan_in: int, values: NDArray[np.float64], sizes: NDArray[np.float64]) -> None:
    """Raise when some attainable value has no certain sign."""
    uncertain = np.argwhere(~(np.abs(values) > CERTAINTY * sizes))
    if len(uncertain) == 0:
        return
    distance, channel = (int(place) for place in uncertain[0])
    raise ExtensionError(
        NN_SIGN_OF_ZERO,
        f"filter {channel} maps the sum {fan_in - 2 * distance} to {values[distance, channel]!s}, "
        "whose sign is not certain",
        hint="change the filter's bias a little",
    )
