"""When a filter answers +1, as one integer limit per border class and filter."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


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
