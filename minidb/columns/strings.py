"""Columns of text: String as offsets and bytes, FixedString as a byte matrix."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import field
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from minidb.columns.base import Column, IndexArray
from minidb.columns.gather import gather_bytes
from minidb.record import record
from minidb.types import FixedStringType, StringType

STRING = StringType()


@record(eq=False, repr=False)
class StringColumn(Column):
    """Byte strings laid end to end.

    Parameters
    ----------
    offsets : ndarray of int64, shape (n + 1,)
        Value i is ``data[offsets[i]:offsets[i + 1]]``; never falling, `offsets[0]` may be > 0.
    data : ndarray of uint8
        The bytes; may hold more than the offsets reach.
    """

    offsets: NDArray[np.int64]
    data: NDArray[np.uint8]
    type: StringType = field(default=STRING, init=False)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def nbytes(self) -> int:
        """Return the bytes of the offsets and of the text they reach."""
        return self.offsets.nbytes + int(self.offsets[-1] - self.offsets[0])

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Return the bytes of each value, int64, shape (n,)."""
        return np.diff(self.offsets)

    def take(self, indices: IndexArray) -> StringColumn:
        """Gather rows by number."""
        starts = self.offsets[:-1][indices]
        offsets = np.zeros(len(indices) + 1, dtype=np.int64)
        np.cumsum(self.offsets[1:][indices] - starts, out=offsets[1:])
        return StringColumn(offsets, gather_bytes(self.data, starts, offsets))

    def slice(self, start: int, stop: int) -> StringColumn:
        """Return the rows of a range."""
        stop = min(stop, len(self))
        return StringColumn(self.offsets[min(start, stop) : stop + 1], self.data)

    def compact(self) -> StringColumn:
        """Return an equal column whose offsets begin at 0 and whose data has no slack."""
        first, last = int(self.offsets[0]), int(self.offsets[-1])
        if first == 0 and last == len(self.data):
            return self
        return StringColumn(self.offsets - first, self.data[first:last])

    def to_bytes(self) -> list[bytes]:
        """Return the values as bytes objects."""
        whole = self.compact()
        raw, ends = whole.data.tobytes(), whole.offsets.tolist()
        return [raw[a:b] for a, b in pairwise(ends)]

    def to_pylist(self) -> list[object]:
        """Return str objects, bytes where the value is not UTF-8."""
        return [decode(value) for value in self.to_bytes()]

    @staticmethod
    def from_bytes(values: Iterable[bytes]) -> StringColumn:
        """Build a column from bytes objects."""
        items = list(values)
        offsets = np.zeros(len(items) + 1, dtype=np.int64)
        np.cumsum(np.fromiter(map(len, items), dtype=np.int64, count=len(items)), out=offsets[1:])
        return StringColumn(offsets, np.frombuffer(b"".join(items), dtype=np.uint8))


@record(eq=False, repr=False)
class FixedStringColumn(Column):
    """Byte strings of one width.

    Parameters
    ----------
    type : FixedStringType
        Its `width` is the second dimension.
    data : ndarray of uint8, shape (n, width)
        Shorter texts are filled with zero bytes.
    """

    type: FixedStringType
    data: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.data)

    @property
    def nbytes(self) -> int:
        """Return the bytes of the matrix; a constant counts as one value."""
        return self.data.shape[1] if self.data.strides[0] == 0 else self.data.nbytes

    def take(self, indices: IndexArray) -> FixedStringColumn:
        """Gather rows by number."""
        return FixedStringColumn(self.type, self.data[indices])

    def slice(self, start: int, stop: int) -> FixedStringColumn:
        """Return the rows of a range."""
        return FixedStringColumn(self.type, self.data[start:stop])

    def to_pylist(self) -> list[object]:
        """Return str objects (zero bytes kept), bytes where the value is not UTF-8."""
        raw, width = np.ascontiguousarray(self.data).tobytes(), self.type.width
        return [decode(raw[at : at + width]) for at in range(0, len(raw), width)]


def decode(value: bytes) -> str | bytes:
    """Return UTF-8 text as str and anything else as it is."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value


def gather_ranges(
    offsets: NDArray[np.int64], indices: IndexArray
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Lay the ranges of chosen rows end to end.

    Parameters
    ----------
    offsets : ndarray of int64, shape (n + 1,)
        Row i covers ``offsets[i]`` up to ``offsets[i + 1]``.
    indices : ndarray of intp, shape (m,)
        The rows, in the order wanted.

    Returns
    -------
    new_offsets : ndarray of int64, shape (m + 1,)
        The offsets of the result, from 0.
    where : ndarray of int64
        For each place of the result, the place it comes from.
    """
    starts = offsets[:-1][indices]
    lengths = offsets[1:][indices] - starts
    new_offsets = np.zeros(len(indices) + 1, dtype=np.int64)
    np.cumsum(lengths, out=new_offsets[1:])
    where = np.arange(new_offsets[-1], dtype=np.int64)
    where += np.repeat(starts - new_offsets[:-1], lengths)
    return new_offsets, where
