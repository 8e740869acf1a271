"""Sums of floats without any rounding before the end, as numbers of base 2**32.

Every finite float64 is a whole number of units of 2**-1088, so a sum is a whole number too: one
row of int64 limbs per group, of which each stands for 2**32 times the one before it. Adding is
adding limbs, in any order. Only the limbs that occur are kept. The result is the float64 nearest
to the exact sum, half to even, as `math.fsum` gives it.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Limbs: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]

LIMB_BITS = 32
LOW_BITS = np.int64((1 << LIMB_BITS) - 1)
UNIT = -1088
"""The exponent of the lowest bit: a multiple of 32 below that of the least float64, -1074."""
MANTISSA_BITS = 53
MAX_LIMBS = (1024 - UNIT) // LIMB_BITS + 4
"""Room for the largest float64 times 2**64 rows."""
ONE = -UNIT // LIMB_BITS
"""The limb whose lowest bit is 1."""
ROWS_BETWEEN_CARRIES = 1 << 28
"""A row adds less than 2**33 to a limb, so an int64 takes 2**30 of them."""


class ExactSums:
    """Exact sums of floats and integers, one per group."""

    def __init__(self) -> None:
        self.first = ONE
        self.limbs: Limbs = np.zeros((0, 1), np.int64)
        self._n_rows = 0
        # Sums of infinities and NaN, which no limbs hold.
        self._specials: Floats | None = None

    @property
    def nbytes(self) -> int:
        """Return the bytes held."""
        return self.limbs.nbytes + (0 if self._specials is None else self._specials.nbytes)

    def grow(self, n_groups: int) -> None:
        """Make room for at least `n_groups` groups."""
        if n_groups > len(self.limbs):
            rows = max(n_groups, 2 * len(self.limbs))
            larger = np.zeros((rows, self.limbs.shape[1]), np.int64)
            larger[: len(self.limbs)] = self.limbs
            self.limbs = larger

    def add_floats(self, values: Floats, groups: NDArray[np.intp]) -> None:
        """Add floats, each to the sum of its group.

        Parameters
        ----------
        values : ndarray of float64, shape (n,)
        groups : ndarray of intp, shape (n,)
            Below the number that `grow` was last told.
        """
        is_finite = np.isfinite(values)
        if not is_finite.all():
            self.add_specials(values[~is_finite], groups[~is_finite])
            values, groups = values[is_finite], groups[is_finite]
        if not len(values):
            return
        fraction, exponent = np.frexp(values)
        mantissa = np.ldexp(np.abs(fraction), MANTISSA_BITS).astype(np.uint64)
        lowest = exponent.astype(np.int64) - MANTISSA_BITS - UNIT
        # Only subnormal numbers lie lower, and their last bits are zeros.
        below = np.maximum(-lowest, 0).astype(np.uint64)
        mantissa >>= below
        place = np.maximum(lowest, 0)
        limb, shift = place // LIMB_BITS, (place % LIMB_BITS).astype(np.uint64)
        low = (mantissa & np.uint64(LOW_BITS)) << shift
        high = (mantissa >> np.uint64(LIMB_BITS)) << shift
        is_negative = values < 0
        width = np.uint64(LIMB_BITS)
        parts = (
            low & np.uint64(LOW_BITS),
            (low >> width) + (high & np.uint64(LOW_BITS)),
            high >> width,
        )
        signed = [np.where(is_negative, -(p.astype(np.int64)), p.astype(np.int64)) for p in parts]
        self.add_limbs(np.stack(signed, axis=1), limb, groups)

    def add_specials(self, values: Floats, groups: NDArray[np.intp]) -> None:
        """Add infinities and NaN."""
        held = 0 if self._specials is None else len(self._specials)
        specials = np.zeros(len(self.limbs))
        if self._specials is not None:
            specials[:held] = self._specials
        with np.errstate(invalid="ignore"):
            np.add.at(specials, groups, values)
        self._specials = specials

    def specials(self, n_groups: int) -> Floats:
        """Return the sums of infinities and NaN, 0 where there are none, shape (n_groups,)."""
        found = np.zeros(n_groups)
        if self._specials is not None:
            held = self._specials[:n_groups]
            found[: len(held)] = held
        return found

    def add_limbs(self, limbs: Limbs, first: NDArray[np.intp], groups: NDArray[np.intp]) -> None:
        """Add whole numbers given as limbs of less than 2**33, the lowest one at limb `first`.

        Parameters
        ----------
        limbs : ndarray of int64, shape (n, width)
        first, groups : ndarray of intp, shape (n,)
        """
        if not len(limbs):
            return
        n_rows, width = limbs.shape
        self._make_room(int(first.min()), int(first.max()) + width)
        self._n_rows += n_rows
        if self._n_rows > ROWS_BETWEEN_CARRIES:
            self.carry()
            self._n_rows = n_rows
        flat = self.limbs.reshape(-1)
        at = groups * self.limbs.shape[1] + (first - self.first)
        for place in range(width):
            np.add.at(flat, at + place, limbs[:, place])

    def _make_room(self, start: int, stop: int) -> None:
        """Hold the limbs from `start` up to `stop` as well, and two above for carries."""
        held = self.first + self.limbs.shape[1]
        if start >= self.first and stop + 2 <= held:
            return
        first, last = min(start, self.first), max(stop + 2, held)
        wider = np.zeros((len(self.limbs), last - first), np.int64)
        wider[:, self.first - first : held - first] = self.limbs
        self.limbs, self.first = wider, first

    def carry(self) -> None:
        """Bring every limb but the last, which bears the sign, into 0 .. 2**32 - 1."""
        for place in range(self.limbs.shape[1] - 1):
            self.limbs[:, place + 1] += self.limbs[:, place] >> LIMB_BITS
            self.limbs[:, place] &= LOW_BITS

    def rounded(self, n_groups: int) -> Floats:
        """Return the float64 nearest to each sum, shape (n_groups,)."""
        self.grow(n_groups)
        self.carry()
        limbs = self.limbs[:n_groups].copy()
        is_negative = limbs[:, -1] < 0
        limbs[is_negative] *= -1
        for place in range(limbs.shape[1] - 1):
            limbs[:, place + 1] += limbs[:, place] >> LIMB_BITS
            limbs[:, place] &= LOW_BITS
        found = _nearest(limbs.astype(np.uint64), self.first)
        sums = np.where(is_negative, -found, found)
        specials = self.specials(n_groups)
        return np.where(specials != 0, specials, sums)


def _nearest(limbs: NDArray[np.uint64], first: int) -> Floats:
    """Return the float64 nearest to numbers given as limbs below 2**32."""
    n_rows, n_limbs = limbs.shape
    width, rows = np.uint64(LIMB_BITS), np.arange(n_rows)
    # Two limbs of zeros below, so that there are always three to read.
    padded = np.zeros((n_rows, n_limbs + 2), np.uint64)
    padded[:, 2:] = limbs
    is_used = padded != 0
    top = n_limbs + 1 - np.argmax(is_used[:, ::-1], axis=1)
    top = np.maximum(top, 2)
    highest = padded[rows, top]
    head = (highest << width) | padded[rows, top - 1]
    rest = padded[rows, top - 2]
    # Move the highest bit to the top of 64; the bits of `rest` that do not fit are below.
    shift = np.where(highest > 0, LIMB_BITS - _bit_length(highest), 0).astype(np.uint64)
    head = (head << shift) | (rest >> (width - shift))
    lost = rest & ((np.uint64(1) << (width - shift)) - np.uint64(1))
    lower = np.cumsum(is_used, axis=1)[rows, top - 3 + (top < 3)] * (top >= 3)
    is_inexact = (lost != 0) | (lower > 0)
    # The conversion rounds half to even; an odd last bit stands for all that lies below it.
    head |= is_inexact.astype(np.uint64)
    exponent = UNIT + (first - 2 + top - 1) * LIMB_BITS - shift.astype(np.int64)
    with np.errstate(over="ignore"):
        return np.asarray(np.ldexp(head.astype(np.float64), exponent.astype(np.int32)))


def _bit_length(values: NDArray[np.uint64]) -> NDArray[np.int64]:
    """Return the bits of numbers below 2**32."""
    found: NDArray[Any] = np.frexp(values.astype(np.float64))[1]
    return found.astype(np.int64)
