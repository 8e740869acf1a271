"""Columns made of other columns: arrays, tuples and NULL masks."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from minidb.columns.base import BoolArray, Column, IndexArray
from minidb.columns.strings import gather_ranges
from minidb.record import record
from minidb.types import ArrayType, MapType, NullableType, TupleType


@record(eq=False, repr=False)
class ArrayColumn(Column):
    """Lists laid end to end in one child column.

    Parameters
    ----------
    type : ArrayType
        Its `element` is the child's type.
    offsets : ndarray of int64, shape (n + 1,)
        Row i is ``child[offsets[i]:offsets[i + 1]]``; `offsets[0]` may be > 0.
    child : Column
        The elements; may hold more than the offsets reach.
    """

    type: ArrayType
    offsets: NDArray[np.int64]
    child: Column

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def nbytes(self) -> int:
        """Return the bytes of the offsets and of the child."""
        return self.offsets.nbytes + self.child.nbytes

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Return the elements of each row, int64, shape (n,)."""
        return np.diff(self.offsets)

    def take(self, indices: IndexArray) -> ArrayColumn:
        """Gather rows by number."""
        offsets, where = gather_ranges(self.offsets, indices)
        return ArrayColumn(self.type, offsets, self.child.take(where))

    def slice(self, start: int, stop: int) -> ArrayColumn:
        """Return the rows of a range."""
        stop = min(stop, len(self))
        return ArrayColumn(self.type, self.offsets[min(start, stop) : stop + 1], self.child)

    def compact(self) -> ArrayColumn:
        """Return an equal column whose offsets begin at 0 and whose child has no slack."""
        first, last = int(self.offsets[0]), int(self.offsets[-1])
        if first == 0 and last == len(self.child):
            return self
        return ArrayColumn(self.type, self.offsets - first, self.child.slice(first, last))

    def to_pylist(self) -> list[object]:
        """Return list objects; dict objects for a Map, which keep the first of equal keys."""
        whole = self.compact()
        items, ends = whole.child.to_pylist(), whole.offsets.tolist()
        if isinstance(self.type, MapType):
            return [_as_dict(items[a:b]) for a, b in pairwise(ends)]
        return [items[a:b] for a, b in pairwise(ends)]


def _as_dict(pairs: Sequence[object]) -> dict[object, object]:
    """Return pairs as a dict; keys that are lists become tuples."""
    found: dict[object, object] = {}
    for pair in pairs:
        if isinstance(pair, tuple):
            key, value = pair
            found.setdefault(_hashable(key), value)
    return found


def _hashable(key: object) -> object:
    if isinstance(key, list | tuple):
        return tuple(_hashable(item) for item in key)
    return tuple(key.items()) if isinstance(key, dict) else key


@record(eq=False, repr=False)
class TupleColumn(Column):
    """Columns of equal length side by side.

    Parameters
    ----------
    type : TupleType
        Its `elements` are the types of the children, in order.
    children : tuple of Column
        One column per element.
    n_rows : int
        The length, which an empty tuple cannot know otherwise.
    """

    type: TupleType
    children: tuple[Column, ...]
    n_rows: int

    def __len__(self) -> int:
        return self.n_rows

    @property
    def nbytes(self) -> int:
        """Return the bytes of the children."""
        return sum(child.nbytes for child in self.children)

    def take(self, indices: IndexArray) -> TupleColumn:
        """Gather rows by number."""
        children = tuple(child.take(indices) for child in self.children)
        return TupleColumn(self.type, children, len(indices))

    def slice(self, start: int, stop: int) -> TupleColumn:
        """Return the rows of a range."""
        stop = min(stop, self.n_rows)
        children = tuple(child.slice(start, stop) for child in self.children)
        return TupleColumn(self.type, children, max(0, stop - start))

    def to_pylist(self) -> list[object]:
        """Return tuple objects."""
        if not self.children:
            return [()] * self.n_rows
        return list(zip(*(child.to_pylist() for child in self.children), strict=True))


@record(eq=False, repr=False)
class NullableColumn(Column):
    """A column with a mask of its NULL rows beside it.

    Parameters
    ----------
    type : NullableType
        Its `inner` is the type of `inner`.
    inner : Column
        The values; under a NULL stands any legal value, which must never show.
    is_null : ndarray of bool, shape (n,)
        True where the row is NULL.
    """

    type: NullableType
    inner: Column
    is_null: BoolArray

    def __len__(self) -> int:
        return len(self.is_null)

    @property
    def nbytes(self) -> int:
        """Return the bytes of the values and the mask; a constant mask counts as one byte."""
        return self.inner.nbytes + (1 if self.is_null.strides == (0,) else self.is_null.nbytes)

    def take(self, indices: IndexArray) -> NullableColumn:
        """Gather rows by number."""
        return NullableColumn(self.type, self.inner.take(indices), self.is_null[indices])

    def slice(self, start: int, stop: int) -> NullableColumn:
        """Return the rows of a range."""
        return NullableColumn(self.type, self.inner.slice(start, stop), self.is_null[start:stop])

    def to_pylist(self) -> list[object]:
        """Return the inner objects, None where the row is NULL."""
        values = self.inner.to_pylist()
        return [
            None if null else value
            for value, null in zip(values, self.is_null.tolist(), strict=True)
        ]
