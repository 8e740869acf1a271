"""When a filter answers +1, as one integer limit per border class and filter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from nn_ops.conventions import Words, n_words, pack_bits
from nn_ops.errors import (
    NN_MODEL_INVALID,
    NN_SHAPE_MISMATCH,
    NN_SIGN_OF_ZERO,
    ExtensionError,
    InternalError,
)
from nn_ops.geometry import BorderClasses, ImageShape, Window, border_classes
from nn_ops.graph import BatchNorm, Floats, Hardtanh, Relu, Weights

Step: TypeAlias = BatchNorm | Hardtanh | Relu

CERTAINTY = 2.0**-40
"""A value this near 0, relative to its terms, could get another sign by another rounding."""


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """What turns counts of differing bits into sums.

    Border cells have bits of 0 in a packed patch, so each +1 of a filter that falls on the border
    is counted as differing although it has no term. `base` corrects that.

    Attributes
    ----------
    count : ndarray of int32, shape (classes, filters)
        V: the terms that a sum has; neither border cells nor pruned weights are terms.
    base : ndarray of int32, shape (classes, filters)
        The sum is ``base - 2 * D``, where D counts the differing bits of the packed patch and
        filter under the filter's mask: ``base = V + 2 * (the filter's +1 on border cells)``.
    """

    count: NDArray[np.int32]
    base: NDArray[np.int32]


@dataclass(frozen=True, slots=True, eq=False)
class Limits:
    """When a filter answers +1, in terms of D, the number of differing bits.

    Attributes
    ----------
    limit : ndarray of int32, shape (classes, filters)
    polarity : ndarray of int8, shape (filters,)
        +1: the answer is +1 iff ``D <= limit``. -1: iff ``D >= limit``.

    Notes
    -----
    A constant filter has polarity +1 and a limit that all D keep, or none (-1).
    """

    limit: NDArray[np.int32]
    polarity: NDArray[np.int8]


def terms_of(
    weights: Weights,
    shape: ImageShape,
    window: Window,
    groups: int,
    filters: int,
    padding_value: int,
) -> tuple[BorderClasses, Terms]:
    """Return the border classes of a layer's positions, and the terms of its sums.

    Parameters
    ----------
    weights : Weights
        One row of ``window.taps * shape.channels // groups`` bits per filter.
    shape : ImageShape
        Of the input.
    window : Window
    groups, filters : int
    padding_value : 0 or -1
        With -1 a border cell is a term like any other, and there is one class.

    Returns
    -------
    BorderClasses
    Terms

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH when the window does not fit, or the weights are not of this shape.
    """
    width = shape.channels // groups
    expected = (filters, n_words(window.taps * width))
    if weights.words.shape != expected or shape.channels % groups or filters % groups:
        raise ExtensionError(
            NN_SHAPE_MISMATCH,
            f"{filters} filters of {window.taps} cells in {groups} groups of {shape.channels} "
            f"channels take words of shape {expected}, found {weights.words.shape}",
        )
    classes = border_classes(window, shape.height, shape.width)
    if padding_value != 0:
        everywhere = np.ones((1, window.taps), dtype=np.bool_)
        classes = BorderClasses(np.zeros_like(classes.of_position), everywhere)
    inside = pack_bits(np.repeat(classes.inside, width, axis=1))
    bits = pack_bits(np.ones((1, window.taps * width), dtype=np.bool_))
    mask = np.broadcast_to(bits, expected) if weights.mask is None else weights.mask
    plus = weights.words & mask
    count = np.empty((len(inside), filters), dtype=np.int32)
    base = np.empty_like(count)
    for number, cells in enumerate(inside):
        count[number] = _set_bits(mask & cells)
        base[number] = count[number] + 2 * _set_bits(plus & ~cells)
    return classes, Terms(count, base)


def _set_bits(words: Words) -> NDArray[np.int32]:
    """Return how many bits of each row are set."""
    return np.asarray(np.bitwise_count(words).sum(axis=-1, dtype=np.int32))


def fold(terms: Terms, bias: Floats | None, chain: Sequence[Step], zero: int) -> Limits:
    """Return the limits that decide exactly as the chain and sign in double precision do.

    Parameters
    ----------
    terms : Terms
        What sums there are.
    bias : ndarray of float64, shape (filters,), or None
        Added to each sum first.
    chain : sequence of BatchNorm, Hardtanh and Relu
        What is done to each sum then, in this order.
    zero : 0 or 1
        The sign of an exact 0: 0 as `torch.sign` has it, or +1.

    Returns
    -------
    Limits

    Raises
    ------
    ExtensionError
        NN_SIGN_OF_ZERO when an attainable sum gives a value that is 0 and has no sign, or one so
        near 0 that the order of rounding would decide; NN_MODEL_INVALID when a value is not finite.

    Notes
    -----
    For one batch norm the closed form is ``t = mean - beta * sqrt(variance + eps) / gamma - bias``,
    then +1 iff ``D <= ceil((V - t) / 2) - 1`` for gamma > 0 and iff ``D >= floor((V - t) / 2) + 1``
    for gamma < 0. It rounds differently from the expressions that PyTorch evaluates, so those are
    evaluated here, and the place where they change sign is found by bisection: rounding included,
    each step is monotone in D. A max pool of the sums, or behind steps that rise, is no step: it
    becomes the OR of the answers where the rest of the chain rises, and the AND where it falls.
    Behind a step that falls it would be the other way round.
    """
    with np.errstate(all="ignore"):
        offset = np.zeros(terms.count.shape[1]) if bias is None else bias
        evaluated = _Chain(terms.count, offset, tuple(chain), zero)
        evaluated.refuse_infinite()
        positive = evaluated.count_positive()
        for neighbour in (positive - 1, positive):
            evaluated.refuse_uncertain(np.clip(neighbour, 0, terms.count))
    least = (terms.base - terms.count) // 2  # D where no bit differs but +1 on border cells
    rising = least + positive - 1
    falling = least + terms.count + 1 - positive
    polarity = evaluated.direction.astype(np.int8)
    limit = np.where(polarity == 1, rising, falling)
    always = (positive > terms.count).all(axis=0)
    never = (positive == 0).all(axis=0)
    limit = np.where(always, least + terms.count, np.where(never, -1, limit))
    polarity[always | never] = 1
    return Limits(limit.astype(np.int32), polarity)


@dataclass(frozen=True, slots=True, eq=False)
class _Chain:
    """What becomes of sums; the k-th sum is the one with the k-th greatest value.

    Attributes
    ----------
    count : ndarray of int32, shape (classes, filters)
        V: the sums are V, V - 2, ..., -V.
    bias : ndarray of float64, shape (filters,)
    steps : tuple of Step
    zero : 0 or 1
    """

    count: NDArray[np.int32]
    bias: Floats
    steps: tuple[Step, ...]
    zero: int

    @property
    def direction(self) -> NDArray[np.int64]:
        """+1 where values do not fall as sums rise, -1 where they do not rise, by filter."""
        found = np.ones(len(self.bias), dtype=np.int64)
        for step in self.steps:
            if isinstance(step, BatchNorm):
                found = np.where(np.signbit(step.scale), -found, found)
        return found

    def sums(self, k: NDArray[np.integer]) -> Floats:
        """Return the k-th sums, shape (classes, filters)."""
        found: Floats = (self.direction * (self.count - 2 * k)).astype(np.float64)
        return found

    def evaluate(self, k: NDArray[np.integer]) -> tuple[Floats, Floats]:
        """Return the values of the k-th sums, and the size of the terms that each is made of."""
        sums = self.sums(k)
        values, sizes = sums + self.bias, np.abs(sums) + np.abs(self.bias)
        for step in self.steps:
            match step:
                case BatchNorm(beta=beta, mean=mean):
                    scale = step.scale
                    values = values * scale + step.offset
                    sizes = sizes * np.abs(scale) + np.abs(beta) + np.abs(mean * scale)
                case Hardtanh():
                    sizes = np.where(np.abs(values) - 1 > CERTAINTY * sizes, 1.0, sizes)
                    values = np.clip(values, -1.0, 1.0)
                case Relu():
                    sizes = np.where(values < -CERTAINTY * sizes, 0.0, sizes)
                    values = np.maximum(values, 0.0)
                case _:
                    raise InternalError(f"{step.kind} cannot be folded into a limit")
        return values, sizes

    def count_positive(self) -> NDArray[np.int64]:
        """Return how many sums have the sign +1, shape (classes, filters)."""
        low = np.zeros(self.count.shape, dtype=np.int64)
        high = self.count.astype(np.int64) + 1
        while np.any(low < high):
            middle = (low + high) // 2
            values, _ = self.evaluate(middle)
            # A value of 0 is +1, or it is refused later.
            is_positive = values >= 0
            low = np.where(is_positive, np.minimum(middle + 1, high), low)
            high = np.where(is_positive, high, middle)
        return low

    def refuse_infinite(self) -> None:
        """Raise when a value is infinite or not a number; those between two finite ones are not."""
        for k in (np.zeros_like(self.count), self.count):
            bad = ~np.isfinite(np.stack(self.evaluate(k))).all(axis=(0, 1))
            if bad.any():
                raise ExtensionError(
                    NN_MODEL_INVALID,
                    f"filter {int(np.argmax(bad))} has no finite value",
                    hint="look at its bias and batch norm",
                )

    def refuse_uncertain(self, k: NDArray[np.integer]) -> None:
        """Raise when the value of a k-th sum has no certain sign."""
        values, sizes = self.evaluate(k)
        is_uncertain = ~(np.abs(values) > CERTAINTY * sizes)
        if self.zero:
            is_uncertain &= values != 0
        places = np.argwhere(is_uncertain)
        if len(places) == 0:
            return
        border, channel = (int(place) for place in places[0])
        raise ExtensionError(
            NN_SIGN_OF_ZERO,
            f"filter {channel} maps the sum {int(self.sums(k)[border, channel])} of border class "
            f"{border} to {values[border, channel]!s}, whose sign is not certain",
            hint="change the filter's bias a little, or take +1 as the sign of 0"
            if self.zero == 0
            else "change the filter's bias a little",
        )
