"""Hashes of key words, and the exact comparison that every use of a hash ends with."""

from __future__ import annotations

import numpy as np

from minidb.columns.base import BoolArray, IndexArray
from minidb.columns.strings import gather_ranges
from minidb.columns.words import KeyWords, Ragged, WordArray

# Odd, so that multiplying by it modulo 2**64 maps unequal words to unequal words.
MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
SECOND_MULTIPLIER = np.uint64(0xD6E8FEB86659FD93)
SHIFT = np.uint64(32)


def hash_rows(keys: KeyWords) -> WordArray:
    """Return one 64-bit hash per row (uint64, shape (n,)); equal rows have equal hashes."""
    if not keys.fixed:
        hashes = np.zeros(keys.n_rows, np.uint64)
    else:
        hashes = keys.fixed[0].astype(np.uint64) * MULTIPLIER
        for word in keys.fixed[1:]:
            hashes ^= hashes >> SHIFT
            hashes += word.astype(np.uint64)
            hashes *= MULTIPLIER
    for part in keys.ragged:
        hashes ^= hashes >> SHIFT
        hashes += _hash_ragged(part)
        hashes *= MULTIPLIER
    return hashes


def _hash_ragged(part: Ragged) -> WordArray:
    """Return the sum of each row's words, mixed with their places."""
    lengths = np.diff(part.offsets)
    places = np.arange(len(part.words), dtype=np.int64) - np.repeat(part.offsets[:-1], lengths)
    mixed = part.words + (places.view(np.uint64) + np.uint64(1)) * SECOND_MULTIPLIER
    mixed ^= mixed >> SHIFT
    mixed *= MULTIPLIER
    mixed ^= mixed >> SHIFT
    mixed *= SECOND_MULTIPLIER
    sums = np.zeros(len(lengths), np.uint64)
    has_words = np.flatnonzero(lengths)
    if len(has_words):
        sums[has_words] = np.add.reduceat(mixed, part.offsets[:-1][has_words])
    return sums


def rows_equal(
    left: KeyWords, left_rows: IndexArray, right: KeyWords, right_rows: IndexArray
) -> BoolArray:
    """Compare rows of two keys pair by pair, exactly.

    Parameters
    ----------
    left, right : KeyWords
        Made from columns of the same types, and with the same treatment of short text.
    left_rows, right_rows : ndarray of intp, shape (m,)
        The rows of each pair.

    Returns
    -------
    ndarray of bool, shape (m,)
        True where the two rows are equal.
    """
    equal = np.ones(len(left_rows), np.bool_)
    for a, b in zip(left.fixed, right.fixed, strict=True):
        equal &= a[left_rows] == b[right_rows]
    for one, two in zip(left.ragged, right.ragged, strict=True):
        equal &= np.diff(one.offsets)[left_rows] == np.diff(two.offsets)[right_rows]
        compared = np.flatnonzero(equal)
        offsets, places_one = gather_ranges(one.offsets, left_rows[compared])
        _, places_two = gather_ranges(two.offsets, right_rows[compared])
        differing = np.flatnonzero(one.words[places_one] != two.words[places_two])
        equal[compared[np.searchsorted(offsets, differing, side="right") - 1]] = False
    return equal
