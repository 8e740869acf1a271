"""Columns of packed bit vectors, 64 bits to a word, least significant bit first."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from minidb.columns.base import Column, IndexArray
from minidb.record import record
from minidb.types import BitsType


@record(eq=False, repr=False)
class BitsColumn(Column):
    """Bit vectors of one length.

    Parameters
    ----------
    type : BitsType
        Its `n_words` is the second dimension.
    words : ndarray of uint64, shape (n, n_words)
        Bit i of a value is bit i % 64 (least significant = 0) of word i // 64; tail bits zero.
    """

    type: BitsType
    words: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.words)

    @property
    def nbytes(self) -> int:
        """Return the bytes of the words; a constant counts as one value."""
        return self.words.shape[1] * 8 if self.words.strides[0] == 0 else self.words.nbytes

    def take(self, indices: IndexArray) -> BitsColumn:
        """Gather rows by number."""
        return BitsColumn(self.type, self.words[indices])

    def slice(self, start: int, stop: int) -> BitsColumn:
        """Return the rows of a range."""
        return BitsColumn(self.type, self.words[start:stop])

    def unpacked(self) -> NDArray[np.uint8]:
        """Return the bits as bytes 0 and 1, uint8, shape (n, n_bits)."""
        raw = np.ascontiguousarray(self.words, dtype="<u8").view(np.uint8)
        return np.unpackbits(raw, axis=1, count=self.type.n_bits, bitorder="little")

    def to_pylist(self) -> list[object]:
        """Return str objects of ``0`` and ``1``, bit 0 first."""
        text = (self.unpacked() + ord("0")).tobytes().decode("ascii")
        n_bits = self.type.n_bits
        return [text[at : at + n_bits] for at in range(0, len(text), n_bits)]

    @staticmethod
    def from_bytes01(bits: NDArray[np.uint8]) -> BitsColumn:
        """Pack bytes 0 and 1 (uint8, shape (n, n_bits)) into words."""
        data_type = BitsType(bits.shape[1])
        packed = np.zeros((len(bits), data_type.n_words * 8), dtype=np.uint8)
        raw = np.packbits(bits, axis=1, bitorder="little")
        packed[:, : raw.shape[1]] = raw
        return BitsColumn(data_type, packed.view("<u8").astype(np.uint64, copy=False))
