"""Words out of texts for hash functions: loads at any byte, and steps over blocks, row by row."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from minidb.functions.builtin.kit import Bytes, Ints
from minidb.record import record

Hashes: TypeAlias = NDArray[np.uint64]
PADDING = 64


@record
class Texts:
    """Texts laid end to end, of which some rows are hashed.

    Parameters
    ----------
    data : ndarray of uint8
        All bytes, with `PADDING` more behind them, so that a load never leaves the array.
    starts, lengths : ndarray of int64, shape (n,)
        Where each row's text is.
    """

    data: Bytes
    starts: Ints
    lengths: Ints

    def load(self, size: int, at: Ints) -> Hashes:
        """Return the little-endian words of `size` bytes at places in the data, as uint64."""
        shape = (len(self.data) - size + 1,)
        # A view with one word for every byte, overlapping: no byte is copied.
        words: NDArray[np.generic] = np.ndarray(shape, f"<u{size}", self.data, strides=(1,))
        loaded: Hashes = words[at].astype(np.uint64)
        return loaded

    def u64(self, place: int | Ints) -> Hashes:
        """Return words of 8 bytes, `place` bytes after each row's start."""
        return self.load(8, self.starts + place)

    def u32(self, place: int | Ints) -> Hashes:
        """Return words of 4 bytes, `place` bytes after each row's start."""
        return self.load(4, self.starts + place)

    def u8(self, place: int | Ints) -> Hashes:
        """Return single bytes, `place` bytes after each row's start."""
        loaded: Hashes = self.data[self.starts + place].astype(np.uint64)
        return loaded

    def end64(self, place: int) -> Hashes:
        """Return words of 8 bytes, `place` bytes before each row's end."""
        return self.u64(self.lengths - place)

    @property
    def sizes(self) -> Hashes:
        """Return the lengths as uint64."""
        return self.lengths.astype(np.uint64)

    def rows(self, chosen: NDArray[np.intp]) -> Texts:
        """Return the texts of some rows."""
        return Texts(self.data, self.starts[chosen], self.lengths[chosen])

    def blocks(self, size: int) -> Iterator[tuple[NDArray[np.intp], Ints]]:
        """Yield, block by block, the rows that have that block whole, and where it begins."""
        counts = self.lengths // size
        rows = np.flatnonzero(counts > 0)
        done = 0
        while len(rows):
            yield rows, np.full(len(rows), done * size, np.int64)
            done += 1
            rows = rows[counts[rows] > done]

    def tail64(self, size: int) -> Hashes:
        """Return the bytes after the last whole block of 8, as one word filled with zeros.

        Parameters
        ----------
        size : int
            The size of a block: 8 or 4.
        """
        count = (self.lengths % size).astype(np.uint64)
        word = self.load(8, self.starts + self.lengths // size * size)
        kept: Hashes = word & ((np.uint64(1) << (count * np.uint64(8))) - np.uint64(1))
        return kept


def by_length(texts: Texts, classes: list[tuple[int, Callable[[Texts], Hashes]]]) -> Hashes:
    """Hash each row with the function of its class of length.

    Parameters
    ----------
    texts : Texts
        The rows.
    classes : list of (int, callable)
        Rising longest lengths and their functions; the last one takes all that is longer.
    """
    result = np.zeros(len(texts.lengths), np.uint64)
    limits = np.array([limit for limit, _ in classes[:-1]])
    kind = np.searchsorted(limits, texts.lengths)
    for number, (_, function) in enumerate(classes):
        rows = np.flatnonzero(kind == number)
        if len(rows):
            result[rows] = function(texts.rows(rows))
    return result


def u64(value: int) -> np.uint64:
    """Return a constant modulo 2**64."""
    return np.uint64(value & (1 << 64) - 1)


def rotate(words: Hashes, bits: int) -> Hashes:
    """Turn words of 64 bits to the right."""
    rotated: Hashes = (words >> np.uint64(bits)) | (words << np.uint64(64 - bits))
    return rotated


def rotate_left(words: Hashes, bits: int) -> Hashes:
    """Turn words of 64 bits to the left."""
    return rotate(words, 64 - bits)


LOW_32 = np.uint64(0xFFFF_FFFF)


def multiply_32(words: Hashes, factor: int) -> Hashes:
    """Multiply modulo 2**32."""
    product: Hashes = (words * np.uint64(factor)) & LOW_32
    return product


def rotate_left_32(words: Hashes, bits: int) -> Hashes:
    """Turn words of 32 bits to the left."""
    rotated: Hashes = ((words << np.uint64(bits)) | (words >> np.uint64(32 - bits))) & LOW_32
    return rotated
