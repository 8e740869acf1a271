"""The aggregate ``count``: rows, or rows whose argument is not NULL."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minidb.columns import Column, IndexArray, NumericColumn
from minidb.functions.arguments import Arg
from minidb.functions.cast_numbers import numbers_of
from minidb.functions.declaration import Accumulator, AggregateFunction, GrowingArray
from minidb.types import DataType, IntType

UINT64 = IntType(64, False)


class CountAccumulator(Accumulator):
    """Count the rows of each group; the operator leaves NULL rows out before."""

    def __init__(self) -> None:
        self._counts = GrowingArray(np.dtype(np.uint64))

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows."""
        counts = self._counts.grow(n_groups)
        counts[:n_groups] += np.bincount(groups, minlength=n_groups).astype(np.uint64)

    def finish(self, n_groups: int) -> Column:
        """Return the counts as UInt64."""
        return NumericColumn(UINT64, self._counts.grow(n_groups)[:n_groups].copy())

    def over_frames(
        self, columns: Sequence[Column], starts: IndexArray, ends: IndexArray
    ) -> Column:
        """Return the number of rows of each frame."""
        return NumericColumn(UINT64, (ends - starts).astype(np.uint64))

    @property
    def state_type(self) -> DataType:
        """Return UInt64."""
        return UINT64

    def save(self, n_groups: int) -> Column:
        """Return the counts."""
        return self.finish(n_groups)

    def merge(self, states: Column, groups: IndexArray, n_groups: int) -> None:
        """Add counts."""
        np.add.at(self._counts.grow(n_groups), groups, numbers_of(states))

    @property
    def nbytes(self) -> int:
        """Return the bytes of the counts."""
        return self._counts.values.nbytes


FUNCTIONS: tuple[AggregateFunction, ...] = (
    AggregateFunction(
        name="count",
        family="aggregate",
        args=(Arg("value", is_optional=True),),
        result=UINT64,
        make=lambda call: CountAccumulator(),
        help="Number of rows, or of rows where the argument is not NULL.",
        example="SELECT count() FROM numbers(10)",
        is_case_insensitive=True,
        is_null_if_empty=False,
    ),
)
