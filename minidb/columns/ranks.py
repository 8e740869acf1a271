"""Numbers of rows within their groups."""

from __future__ import annotations

import numpy as np

from minidb.columns.base import IndexArray


def number_within(codes: IndexArray) -> IndexArray:
    """Return for each row how many rows of its group stand before it.

    Parameters
    ----------
    codes : ndarray of intp, shape (n,)
        The group of each row.

    Returns
    -------
    ndarray of intp, shape (n,)
        From 0.
    """
    if not len(codes):
        return np.zeros(0, np.intp)
    order = np.argsort(codes, kind="stable")
    ordered = codes[order]
    is_start = np.ones(len(codes), np.bool_)
    is_start[1:] = ordered[1:] != ordered[:-1]
    starts = np.flatnonzero(is_start)
    lengths = np.diff(starts, append=len(codes))
    numbers = np.empty(len(codes), np.intp)
    numbers[order] = np.arange(len(codes)) - np.repeat(starts, lengths)
    return numbers
