"""What a plan can scan: stored tables, system tables and table functions alike."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol, runtime_checkable

from minidb.columns import Batch, Column
from minidb.columns.text_shown import quoted_value
from minidb.record import record
from minidb.types import DataType


@record(eq=False)
class Bounds:
    """The closed range that a predicate leaves to a column; None where it is open.

    `low` and `high` are columns of one row in the column's own type.
    """

    low: Column | None
    high: Column | None

    def __str__(self) -> str:
        low = "" if self.low is None else quoted_value(self.low)
        high = "" if self.high is None else quoted_value(self.high)
        return f"[{low} .. {high}]"


class Relation(Protocol):
    """Rows under named, typed columns."""

    @property
    def label(self) -> str:
        """Return the name for EXPLAIN."""

    @property
    def names(self) -> tuple[str, ...]:
        """Return the column names."""

    @property
    def types(self) -> tuple[DataType, ...]:
        """Return the column types."""

    def estimate_rows(self) -> int | None:
        """Return the number of rows where it is known without reading."""

    def scan(
        self, columns: Sequence[str], bounds: Mapping[str, Bounds], batch_rows: int
    ) -> Iterator[Batch]:
        """Yield the wanted columns, at most `batch_rows` rows at a time.

        Rows outside `bounds` may be left out where that is cheap; others must not be.
        """


@record
class ColumnShape:
    """What is known of a column's values without reading all of them.

    Parameters
    ----------
    n_distinct : float
        A guess of the different values, at least 1.
    low, high : float or None
        Bounds of numbers and dates, as stored; None for other types.
    """

    n_distinct: float
    low: float | None = None
    high: float | None = None


@runtime_checkable
class Described(Protocol):
    """A relation that can tell something about its columns' values."""

    def describe_column(self, name: str) -> ColumnShape | None:
        """Return what is known of a column, or None."""
