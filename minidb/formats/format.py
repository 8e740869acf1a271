"""What a format is: a name, and how tables go to bytes and come back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

from minidb.columns import Batch, Column
from minidb.types import DataType


@dataclass(frozen=True, slots=True)
class Statistics:
    """What the JSON formats tell about the run of a statement."""

    elapsed_s: float
    rows_read: int
    bytes_read: int


@dataclass(frozen=True, slots=True)
class Table:
    """A table to be written.

    Parameters
    ----------
    names, types : tuple
        Of the columns.
    batches : iterable of Batch
        The rows; read once.
    statistics : callable, optional
        Asked after the last batch; None leaves statistics out.
    max_pretty_rows : int
        Rows that the formats for people show.
    totals : callable, optional
        Asked after the last batch: the row of WITH TOTALS, or None.
    """

    names: tuple[str, ...]
    types: tuple[DataType, ...]
    batches: Iterable[Batch]
    statistics: Callable[[], Statistics] | None = None
    max_pretty_rows: int = 1000
    totals: Callable[[], Batch | None] | None = None

    def totals_table(self) -> Table | None:
        """Return a table of the totals alone, once the rows are read; None without totals."""
        row = None if self.totals is None else self.totals()
        if row is None:
            return None
        return replace(self, batches=[row], totals=None, statistics=None)


@dataclass(frozen=True, slots=True)
class Target:
    """The columns that input is read into.

    Parameters
    ----------
    names, types : tuple
        Of the columns, one to one.
    has_header : bool
        Whether inference found names in the first line of a format that has none.
    """

    names: tuple[str, ...]
    types: tuple[DataType, ...]
    has_header: bool = False


Writer: TypeAlias = Callable[[Table], Iterator[bytes]]
Reader: TypeAlias = Callable[[bytes, Target], tuple[Column, ...]]
Inference: TypeAlias = Callable[[bytes], Target]


@dataclass(frozen=True, slots=True)
class Format:
    """One format.

    Parameters
    ----------
    name : str
        ClickHouse's name; read in any case.
    help : str
        One line.
    write : callable
        From a table to pieces of the output.
    read : callable, optional
        From the whole input to columns of the wanted types; raises ValueExecutionError.
    infer : callable, optional
        From the whole input to the names and types that it holds.
    aliases : tuple of str
        Further names.
    suffixes : tuple of str
        Endings of file names that mean this format, without a dot.
    """

    name: str
    help: str
    write: Writer
    read: Reader | None = None
    infer: Inference | None = None
    aliases: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()
