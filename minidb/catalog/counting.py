"""system.numbers and its relatives: relations without an end."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from minidb.catalog.relation import Bounds
from minidb.columns import Batch, NumericColumn
from minidb.record import record
from minidb.types import DataType, IntType

UINT64 = IntType(64, False)
UINT8 = IntType(8, False)


@record
class CountingRelation:
    """All numbers from 0, or the same zero for ever; LIMIT or a bound ends them.

    Parameters
    ----------
    name : str
        In the database ``system``.
    column : str
        The name of the one column.
    is_zero : bool
        Whether every row is 0 (UInt8) instead of its number (UInt64).
    """

    name: str
    column: str = "number"
    is_zero: bool = False

    @property
    def label(self) -> str:
        """Return ``system.name``."""
        return f"system.{self.name}"

    @property
    def names(self) -> tuple[str, ...]:
        """Return the name of the column."""
        return (self.column,)

    @property
    def types(self) -> tuple[DataType, ...]:
        """Return the type of the column."""
        return (UINT8 if self.is_zero else UINT64,)

    def estimate_rows(self) -> int | None:
        """Return None: there is no end."""
        return None

    def scan(
        self, columns: Sequence[str], bounds: Mapping[str, Bounds], batch_rows: int
    ) -> Iterator[Batch]:
        """Yield rows up to the highest number that the bounds let through, or without end."""
        limit = 1 << 64
        bound = bounds.get(self.column)
        if bound is not None and bound.high is not None and not self.is_zero:
            limit = int(str(bound.high.to_pylist()[0])) + 1
        for start in range(0, limit, batch_rows):
            n_rows = min(batch_rows, limit - start)
            values = np.arange(n_rows, dtype=np.uint64) + np.uint64(start)
            column = NumericColumn(UINT64, values)
            if self.is_zero:
                column = NumericColumn(UINT8, np.zeros(n_rows, np.uint8))
            yield Batch(tuple(column for _ in columns), n_rows)


COUNTING_RELATIONS: Mapping[str, CountingRelation] = {
    "numbers": CountingRelation("numbers"),
    "numbers_mt": CountingRelation("numbers_mt"),
    "zeros": CountingRelation("zeros", "zero", is_zero=True),
    "zeros_mt": CountingRelation("zeros_mt", "zero", is_zero=True),
}
