"""A batch: columns of equal length under a schema, what flows between operators."""

from __future__ import annotations

from collections.abc import Sequence

from minidb.columns.base import BoolArray, Column, IndexArray
from minidb.columns.make import concat_columns, empty_column
from minidb.errors import InternalError
from minidb.record import record
from minidb.types import DataType


@record
class Field:
    """One column of a schema: its id (unique in a plan), its name for people, its type."""

    id: int
    name: str
    type: DataType


Schema = tuple[Field, ...]


@record(eq=False)
class Batch:
    """Columns of equal length.

    Parameters
    ----------
    columns : tuple of Column
        In the order of the schema of whoever hands the batch on.
    n_rows : int
        The length, which a batch without columns cannot know otherwise.
    """

    columns: tuple[Column, ...]
    n_rows: int

    @property
    def nbytes(self) -> int:
        """Return the bytes of all columns."""
        return sum(column.nbytes for column in self.columns)

    def take(self, indices: IndexArray) -> Batch:
        """Gather rows by number in every column."""
        return Batch(tuple(column.take(indices) for column in self.columns), len(indices))

    def filter(self, mask: BoolArray) -> Batch:
        """Keep the rows where `mask` (bool, shape (n,)) is true."""
        return self.take(mask.nonzero()[0])

    def slice(self, start: int, stop: int) -> Batch:
        """Return a range of rows without copying."""
        stop = min(stop, self.n_rows)
        columns = tuple(column.slice(start, stop) for column in self.columns)
        return Batch(columns, max(0, stop - start))


def empty_batch(schema: Schema) -> Batch:
    """Return a batch of no rows that keeps its schema's types."""
    return Batch(tuple(empty_column(field.type) for field in schema), 0)


def concat_batches(schema: Schema, batches: Sequence[Batch]) -> Batch:
    """Put batches of one schema one after another.

    Raises
    ------
    InternalError
        When a batch does not have the schema's number of columns.
    """
    if any(len(batch.columns) != len(schema) for batch in batches):
        raise InternalError("a batch does not fit its schema")
    columns = tuple(
        concat_columns(field.type, [batch.columns[i] for batch in batches])
        for i, field in enumerate(schema)
    )
    return Batch(columns, sum(batch.n_rows for batch in batches))
