"""Columns of aggregate states: opaque bytes per row, of a known aggregate function."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from minidb.columns.base import Column, IndexArray
from minidb.columns.strings import StringColumn
from minidb.record import record
from minidb.types import AggregateStateType


@record(eq=False, repr=False)
class StateColumn(Column):
    """The states of an aggregate function as bytes.

    Parameters
    ----------
    type : AggregateStateType
        The function and the types of its arguments.
    rows : StringColumn
        The bytes of each state, see `minidb.columns.row_bytes`; no bytes are the state of no rows.
    """

    type: AggregateStateType
    rows: StringColumn

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def nbytes(self) -> int:
        """Return the bytes of the states."""
        return self.rows.nbytes

    def take(self, indices: IndexArray) -> StateColumn:
        """Gather rows by number."""
        return StateColumn(self.type, self.rows.take(indices))

    def slice(self, start: int, stop: int) -> StateColumn:
        """Return the rows of a range."""
        return StateColumn(self.type, self.rows.slice(start, stop))

    def to_pylist(self) -> list[object]:
        """Return bytes objects."""
        rows = self.rows.compact()
        raw, ends = rows.data.tobytes(), rows.offsets.tolist()
        return [raw[a:b] for a, b in pairwise(ends)]


def states_without_rows(data_type: AggregateStateType, n_rows: int) -> StateColumn:
    """Return `n_rows` states that have seen no row."""
    rows = StringColumn(np.zeros(n_rows + 1, np.int64), np.zeros(0, np.uint8))
    return StateColumn(data_type, rows)
