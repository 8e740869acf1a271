"""The aggregates ``uniqExact`` and ``uniq``: how many distinct values there are.

ClickHouse's ``uniq`` estimates large numbers; here it is exact as well.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minidb.columns import Column, IndexArray, NumericColumn
from minidb.functions.arguments import Arg
from minidb.functions.builtin.distinct_rows import DistinctRows
from minidb.functions.builtin.frames import distinct_in_frames
from minidb.functions.builtin.kept_states import RowsState
from minidb.functions.declaration import AggregateCall, AggregateFunction
from minidb.types import DataType, IntType

UINT64 = IntType(64, False)


class UniqueCountAccumulator(RowsState):
    """Keep the distinct values of each group."""

    def __init__(self, call: AggregateCall) -> None:
        self._rows = DistinctRows(call.types)

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows."""
        self._rows.add(columns, groups)

    def finish(self, n_groups: int) -> Column:
        """Return the numbers as UInt64."""
        _, groups = self._rows.all()
        return NumericColumn(UINT64, np.bincount(groups, minlength=n_groups).astype(np.uint64))

    def over_frames(
        self, columns: Sequence[Column], starts: IndexArray, ends: IndexArray
    ) -> Column:
        """Return the number of distinct rows of each frame."""
        return NumericColumn(UINT64, distinct_in_frames(columns, starts, ends).astype(np.uint64))

    @property
    def row_types(self) -> tuple[DataType, ...]:
        """Return the types of the arguments."""
        return self._rows.types

    def kept_rows(self) -> tuple[tuple[Column, ...], IndexArray]:
        """Return the kept rows and the group of each."""
        return self._rows.all()

    @property
    def nbytes(self) -> int:
        """Return the bytes of the distinct values."""
        return self._rows.nbytes


def _unique(name: str, remark: str) -> AggregateFunction:
    return AggregateFunction(
        name=name,
        family="aggregate",
        args=(Arg("value", is_repeated=True),),
        result=UINT64,
        make=UniqueCountAccumulator,
        help=f"Number of distinct values, or of distinct combinations of values{remark}.",
        example=f"SELECT {name}(number % 3) FROM numbers(10)",
        is_null_if_empty=False,
    )


FUNCTIONS: tuple[AggregateFunction, ...] = (
    _unique("uniqExact", ""),
    _unique("uniq", "; exact, where ClickHouse estimates"),
)
