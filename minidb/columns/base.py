"""What every column can do: an immutable vector of values of one type."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from minidb.types import DataType

IndexArray: TypeAlias = NDArray[np.intp]
BoolArray: TypeAlias = NDArray[np.bool_]
Word: TypeAlias = np.uint64


class Column(ABC):
    """An immutable vector of values of one type, stored in NumPy arrays.

    The arrays of a column are never written to after it is made, so columns share them freely.
    """

    __slots__ = ()

    type: DataType

    @abstractmethod
    def __len__(self) -> int:
        """Return the number of rows."""

    @property
    @abstractmethod
    def nbytes(self) -> int:
        """Return the bytes of memory that the arrays take (shared ones counted in full)."""

    @abstractmethod
    def take(self, indices: IndexArray) -> Column:
        """Gather rows by number, in the order given; a row may be taken many times.

        Parameters
        ----------
        indices : ndarray of intp, shape (m,)
            Row numbers from 0 to ``len(self) - 1``.
        """

    @abstractmethod
    def slice(self, start: int, stop: int) -> Column:
        """Return the rows from `start` up to but without `stop`, without copying values."""

    @abstractmethod
    def to_pylist(self) -> list[object]:
        """Return the values as Python objects; for the edges of the engine only.

        Integers become int, floats float, Bool bool, text str (bytes where it is not UTF-8),
        Date and DateTime the classes of `datetime`, Bits a str of ``0`` and ``1`` with bit 0
        first, Array list, Tuple tuple, NULL None.
        """

    def filter(self, mask: BoolArray) -> Column:
        """Keep the rows where `mask` (bool, shape (n,)) is true."""
        return self.take(np.flatnonzero(mask))

    def __repr__(self) -> str:
        shown = ", ".join(map(repr, self.slice(0, min(len(self), 6)).to_pylist()))
        more = ", ..." if len(self) > 6 else ""
        return f"{self.type.name}[{len(self)}]({shown}{more})"
