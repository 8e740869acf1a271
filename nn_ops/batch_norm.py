"""Bias and batch norm as data, evaluated in double precision in PyTorch's order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class BatchNorm:
    """What a layer does to its integer sums before the sign, or to make logits of them.

    Attributes
    ----------
    bias, gamma, beta, mean, variance : ndarray of float64, shape (filters,)
        The layer's bias, and the batch norm's weight, bias, running mean and running variance.
    eps : float
        Added to the variance.

    Notes
    -----
    ``y = (s + bias - mean) / sqrt(variance + eps) * gamma + beta``, evaluated as PyTorch does:
    ``y = (s + bias) * scale + offset``.
    """

    bias: Floats
    gamma: Floats
    beta: Floats
    mean: Floats
    variance: Floats
    eps: float

    @property
    def scale(self) -> Floats:
        """``gamma * (1 / sqrt(variance + eps))``, shape (filters,)."""
        return self.gamma * (1.0 / np.sqrt(self.variance + self.eps))

    @property
    def offset(self) -> Floats:
        """``beta - mean * scale``, shape (filters,)."""
        return self.beta - self.mean * self.scale

    def apply(self, sums: NDArray[np.generic]) -> Floats:
        """Return the normalized values of integer sums.

        Parameters
        ----------
        sums : ndarray, integer, shape (..., filters)

        Returns
        -------
        ndarray of float64, same shape
        """
        return (sums.astype(np.float64) + self.bias) * self.scale + self.offset
