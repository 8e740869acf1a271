"""Where the weights and statistics of a network that is built come from: drawn, given, or counted."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nn_ops.conventions import WORD_BITS, n_words, pack_bits
from nn_ops.errors import NN_MODEL_INVALID, ExtensionError
from nn_ops.graph import BatchNorm, Floats, Kind, Weights
from nn_ops.moments import Moments


class Parameters(Protocol):
    """Gives the parameters of each layer of a network by its name."""

    def weights(self, name: str, filters: int, fan_in: int, reads: Kind) -> Weights:
        """Return the signs of a layer, which reads images of the given kind."""

    def bias(self, name: str, filters: int) -> Floats:
        """Return the bias of a layer."""

    def norm(
        self, name: str, before: str, channels: int, eps: float, reads: Moments, *, is_affine: bool
    ) -> BatchNorm:
        """Return a batch norm; `reads` says which values to expect, in a network that is drawn."""


class RandomParameters:
    """Random signs, gammas of both signs, and statistics that keep activations from saturating.

    Parameters
    ----------
    seed : int
    pruned_words, pruned_bits : float
        The share of the words, and of the remaining bits, that the masks prune, 0 to 1. Layers that
        read signs are pruned; of each of their filters one word is kept.
    """

    def __init__(self, seed: int, pruned_words: float = 0.0, pruned_bits: float = 0.0) -> None:
        self._random = np.random.default_rng(seed)
        self._pruned_words, self._pruned_bits = pruned_words, pruned_bits

    def weights(self, name: str, filters: int, fan_in: int, reads: Kind) -> Weights:
        """Return random signs, and a mask where weights are pruned."""
        bits = self._random.random((filters, fan_in)) < 0.5
        if reads != "signs" or not (self._pruned_words or self._pruned_bits):
            return Weights(pack_bits(bits))
        kept_words = self._random.random((filters, n_words(fan_in))) >= self._pruned_words
        kept_words[~kept_words.any(axis=1), 0] = True
        mask = np.repeat(kept_words, WORD_BITS, axis=1)[:, :fan_in]
        mask &= self._random.random((filters, fan_in)) >= self._pruned_bits
        return Weights(pack_bits(bits & mask), pack_bits(mask))

    def bias(self, name: str, filters: int) -> Floats:
        """Return biases in [-1, 1], where training keeps them."""
        return self._random.uniform(-1.0, 1.0, filters)

    def norm(
        self, name: str, before: str, channels: int, eps: float, reads: Moments, *, is_affine: bool
    ) -> BatchNorm:
        """Return a batch norm whose statistics are near those of what it reads."""
        random, spread = self._random, math.sqrt(reads.variance)
        gamma, beta = np.ones(channels), np.zeros(channels)
        if is_affine:
            gamma = random.uniform(0.4, 1.2, channels) * random.choice([-1.0, 1.0], channels)
            beta = random.normal(0.0, 0.3, channels)
        mean = reads.mean + spread * random.normal(0.0, 0.3, channels)
        variance = reads.variance * random.uniform(0.5, 1.5, channels)
        return BatchNorm(name, before, gamma, beta, mean, variance, eps)


class GivenParameters:
    """Tensors by the names that they have in a model file, ``<node>.<part>``.

    Parameters
    ----------
    tensors : mapping
        `words`, perhaps `mask`, and `bias` of layers; `gamma`, `beta`, `mean` and `variance` of
        batch norms, where gamma and beta may be left out: 1 and 0.
    """

    def __init__(self, tensors: Mapping[str, NDArray[Any]]) -> None:
        self._tensors = tensors

    def weights(self, name: str, filters: int, fan_in: int, reads: Kind) -> Weights:
        """Return the words of a layer, and its mask if one is given."""
        return Weights(self._take(f"{name}.words"), self._tensors.get(f"{name}.mask"))

    def bias(self, name: str, filters: int) -> Floats:
        """Return the bias of a layer."""
        return self._take(f"{name}.bias")

    def norm(
        self, name: str, before: str, channels: int, eps: float, reads: Moments, *, is_affine: bool
    ) -> BatchNorm:
        """Return a batch norm with the given parameters and statistics."""
        gamma = self._tensors.get(f"{name}.gamma", np.ones(channels))
        beta = self._tensors.get(f"{name}.beta", np.zeros(channels))
        mean, variance = self._take(f"{name}.mean"), self._take(f"{name}.variance")
        return BatchNorm(name, before, gamma, beta, mean, variance, eps)

    def _take(self, name: str) -> NDArray[Any]:
        found = self._tensors.get(name)
        if found is None:
            raise ExtensionError(NN_MODEL_INVALID, f"the tensor {name!r} is not given")
        return found


class CountedParameters:
    """Counts what training would learn; its arrays take no memory, and mean nothing.

    Attributes
    ----------
    count : int
        Weights, biases, gammas and betas so far.
    """

    def __init__(self) -> None:
        self.count = 0

    def weights(self, name: str, filters: int, fan_in: int, reads: Kind) -> Weights:
        """Count the weights of a layer."""
        self.count += filters * fan_in
        return Weights(np.broadcast_to(np.uint64(0), (filters, n_words(fan_in))))

    def bias(self, name: str, filters: int) -> Floats:
        """Count a bias."""
        self.count += filters
        return np.broadcast_to(np.float64(0), filters)

    def norm(
        self, name: str, before: str, channels: int, eps: float, reads: Moments, *, is_affine: bool
    ) -> BatchNorm:
        """Count the gammas and betas of a batch norm."""
        self.count += 2 * channels if is_affine else 0
        ones = np.broadcast_to(np.float64(1), channels)
        return BatchNorm(name, before, ones, ones, ones, ones, eps)
