"""The combinators -State and -Merge: aggregates that are left unfinished, and taken up again."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minidb.columns import Column, IndexArray, StateColumn
from minidb.columns.row_bytes import decode_rows, encode_rows
from minidb.errors import InternalError
from minidb.functions.combinators.rows import Wrapper
from minidb.functions.declaration import Accumulator
from minidb.types import AggregateStateType


class StateAccumulator(Wrapper):
    """The states of the inner accumulator as the result."""

    def __init__(self, inner: Accumulator, result: AggregateStateType) -> None:
        super().__init__(inner)
        self._result = result

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows."""
        self.inner.update(columns, groups, n_groups)

    def finish(self, n_groups: int) -> Column:
        """Return the states as bytes."""
        return StateColumn(self._result, encode_rows(self.inner.save(n_groups)))


class MergeAccumulator(Wrapper):
    """Rows that are states."""

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Merge the states."""
        merge_states(self.inner, columns[0], groups, n_groups)


def merge_states(into: Accumulator, states: Column, groups: IndexArray, n_groups: int) -> None:
    """Merge a column of states; those that have seen no row have no bytes and change nothing."""
    if not isinstance(states, StateColumn):
        raise InternalError(f"{states.type.name} are no states")
    rows = np.flatnonzero(states.rows.lengths)
    found = decode_rows(into.state_type, states.rows.take(rows))
    into.merge(found, groups[rows], n_groups)
