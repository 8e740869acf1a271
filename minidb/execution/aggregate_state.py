"""One aggregate of a running query: conditions, NULLs and DISTINCT around its accumulator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from minidb.columns import (
    Column,
    IndexArray,
    NumericColumn,
    split_nulls,
    with_nulls,
)
from minidb.columns.keys import GroupTable
from minidb.errors import MiniDBError
from minidb.execution.operators.filter import truth
from minidb.functions.cast_numbers import numbers_of
from minidb.functions.declaration import AggregateCall
from minidb.plan.nodes import AggregateExpr
from minidb.settings import Settings
from minidb.types import ArrayType, IntType, NullableType, TupleType, without_null

GROUP_TYPE = IntType(64, True)


class AggregateState:
    """Feeds an accumulator the rows that count.

    Rows where the condition is not true are left out, then those where an argument is NULL (if
    the function skips NULLs), then repeated values (for DISTINCT).
    """

    def __init__(self, aggregate: AggregateExpr, settings: Settings) -> None:
        self.aggregate = aggregate
        self.skips_nulls = aggregate.function.skips_nulls
        types = tuple(arg.type for arg in aggregate.args)
        bare = tuple(map(without_null, types)) if self.skips_nulls else types
        self.is_nullable = isinstance(aggregate.type, NullableType)
        inner = without_null(aggregate.type) if self.can_be_empty else aggregate.type
        parameters = tuple(parameter.value for parameter in aggregate.parameters)
        with self._pointing_here():
            self.accumulator = aggregate.function.make(
                AggregateCall(bare, inner, parameters, settings)
            )
        self.n_rows_of_group = np.zeros(0, np.int64)
        self.distinct = GroupTable() if aggregate.is_distinct else None

    @property
    def can_be_empty(self) -> bool:
        """Whether a group without rows yields NULL, which this class has to add."""
        has_null = any(isinstance(arg.type, NullableType) for arg in self.aggregate.args)
        function = self.aggregate.function
        return self.is_nullable and has_null and function.skips_nulls and function.is_null_if_empty

    @property
    def nbytes(self) -> int:
        """Return an estimate of the bytes held."""
        kept = 0 if self.distinct is None else self.distinct.nbytes
        return self.accumulator.nbytes + kept + self.n_rows_of_group.nbytes

    @property
    def bytes_to_fold(self) -> int:
        """Return about how many bytes an update or the end needs for a moment."""
        distinct = 0 if self.distinct is None else self.distinct.nbytes
        return self.accumulator.bytes_to_fold + distinct

    def update(
        self, args: Sequence[Column], condition: Column | None, codes: IndexArray, n_groups: int
    ) -> None:
        """Add rows; see `Accumulator.update`. `condition` leaves out rows where it is not true."""
        keep = None if condition is None else truth(condition)
        values = list(args)
        if self.skips_nulls:
            for place, column in enumerate(values):
                inner, is_null = split_nulls(column)
                values[place] = inner
                if is_null is not None and is_null.any():
                    keep = ~is_null if keep is None else keep & ~is_null
        if keep is not None and not keep.all():
            rows = np.flatnonzero(keep)
            values, codes = [column.take(rows) for column in values], codes[rows]
        if self.can_be_empty:
            self._count_rows(codes, n_groups)
        if self.distinct is not None:
            # The accumulator sees the first row of each (group, values), at the end.
            self.distinct.add([NumericColumn(GROUP_TYPE, codes.astype(np.int64)), *values])
        else:
            self._feed(values, codes, n_groups)

    def finish(self, n_groups: int) -> Column:
        """Return one value per group."""
        if self.distinct is not None and self.distinct.n_groups:
            groups, *values = self.distinct.keys()
            self._feed(values, numbers_of(groups).astype(np.intp), n_groups)
        result = self.accumulator.finish(n_groups)
        if not self.can_be_empty:
            return result
        if isinstance(result.type, ArrayType | TupleType):
            return result
        self._count_rows(np.zeros(0, np.intp), n_groups)
        return with_nulls(result, self.n_rows_of_group[:n_groups] == 0)

    def _feed(self, values: Sequence[Column], codes: IndexArray, n_groups: int) -> None:
        """Update the accumulator."""
        with self._pointing_here():
            self.accumulator.update(values, codes, n_groups)

    @contextmanager
    def _pointing_here(self) -> Iterator[None]:
        """Let an error without a place point at the aggregate."""
        try:
            yield
        except MiniDBError as error:
            error.span = error.span or self.aggregate.span
            raise

    def _count_rows(self, codes: IndexArray, n_groups: int) -> None:
        """Count the rows that reach each group."""
        missing = n_groups - len(self.n_rows_of_group)
        if missing > 0:
            self.n_rows_of_group = np.append(self.n_rows_of_group, np.zeros(missing, np.int64))
        self.n_rows_of_group += np.bincount(codes, minlength=len(self.n_rows_of_group))
