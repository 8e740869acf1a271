"""A stored table as a relation: reads the wanted columns of the granules that can match."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from minidb.catalog.column_shape import column_shape
from minidb.catalog.relation import Bounds, ColumnShape
from minidb.columns import (
    Batch,
    BoolArray,
    Column,
    NumericColumn,
    concat_columns,
)
from minidb.columns.order import SortKey, sort_permutation
from minidb.record import record
from minidb.storage.statistics import GranuleStatistics
from minidb.storage.store import Part, StoredTable
from minidb.types import DataType, IntType, without_null

BATCHES_PER_READ = 4
TIE_BREAKER = IntType(8, True)


@record
class StoredRelation:
    """The rows of one table as a snapshot sees them, oldest part first."""

    table: StoredTable

    @property
    def label(self) -> str:
        """Return the table's name, with the database where it is not the usual one."""
        definition = self.table.definition
        if definition.database == "default":
            return definition.name
        return f"{definition.database}.{definition.name}"

    @property
    def names(self) -> tuple[str, ...]:
        """Return the column names."""
        return self.table.definition.column_names

    @property
    def types(self) -> tuple[DataType, ...]:
        """Return the column types."""
        return self.table.definition.column_types

    def estimate_rows(self) -> int:
        """Return the exact number of rows."""
        return self.table.n_rows

    def describe_column(self, name: str) -> ColumnShape | None:
        """Return a guess of the column's different values, and the bounds of numbers."""
        return column_shape(self.table.parts, name)

    def scan(
        self, columns: Sequence[str], bounds: Mapping[str, Bounds], batch_rows: int
    ) -> Iterator[Batch]:
        """Yield the wanted columns part by part, leaving out granules outside `bounds`."""
        for part in self.table.parts:
            granules_per_read = max(1, BATCHES_PER_READ * batch_rows // part.granule_rows)
            for run in granule_runs(part, bounds, granules_per_read):
                piece = part.read(columns, [run])
                for start in range(0, piece.n_rows, batch_rows):
                    yield piece.slice(start, start + batch_rows)


def granule_runs(part: Part, bounds: Mapping[str, Bounds], most: int) -> Iterator[range]:
    """Yield runs of neighbouring granules that may hold matching rows, `most` at a time."""
    kept = matching_granules(part, bounds)
    numbers = np.flatnonzero(kept)
    if not len(numbers):
        return
    breaks = np.flatnonzero(np.diff(numbers) != 1) + 1
    for group in np.split(numbers, breaks):
        first, last = int(group[0]), int(group[-1]) + 1
        for start in range(first, last, most):
            yield range(start, min(start + most, last))


def matching_granules(part: Part, bounds: Mapping[str, Bounds]) -> BoolArray:
    """Return which granules of a part may hold a row within all bounds (bool, per granule)."""
    kept = np.ones(part.n_granules, dtype=np.bool_)
    for name, bound in bounds.items():
        statistics = part.statistics(name)
        if statistics is not None:
            kept &= _may_match(statistics, bound)
    return kept


def _may_match(statistics: GranuleStatistics, bound: Bounds) -> BoolArray:
    """Return the granules whose values can lie within `bound`; NULL and NaN never do."""
    kept = statistics.has_bounds.copy()
    if bound.low is not None:
        kept &= ~is_less(statistics.maximum, bound.low)
    if bound.high is not None:
        kept &= ~is_greater(statistics.minimum, bound.high)
    return kept


def is_less(values: Column, limit: Column) -> BoolArray:
    """Return which values are less than the one row of `limit`, a column of the same type."""
    return _compare(values, limit) < 0


def is_greater(values: Column, limit: Column) -> BoolArray:
    """Return which values are greater than the one row of `limit`."""
    return _compare(values, limit) > 0


def _compare(values: Column, limit: Column) -> NDArray[np.int64]:
    """Return -1, 0 or 1 for values less than, equal to or greater than the limit, as sorted."""
    if not len(values):
        return np.zeros(0, np.int64)
    both = concat_columns(without_null(values.type), [values, limit])
    # Two sorts that break ties either way tell equal values from smaller ones.
    is_limit = np.zeros(len(both), np.int8)
    is_limit[-1] = 1
    is_at_most = _stands_before_last(both, is_limit)
    is_below = _stands_before_last(both, 1 - is_limit)
    return np.where(is_below, -1, np.where(is_at_most, 0, 1))


def _stands_before_last(column: Column, tie_breaker: NDArray[np.int8]) -> BoolArray:
    """Return which rows stand before the last one when sorted."""
    order = sort_permutation([SortKey(column), SortKey(NumericColumn(TIE_BREAKER, tie_breaker))])
    place = np.empty(len(order), np.intp)
    place[order] = np.arange(len(order))
    return np.asarray(place[:-1] < place[-1])
