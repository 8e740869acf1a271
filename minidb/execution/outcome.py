"""What a statement gives back: a schema and batches, or the number of rows written."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import field

from minidb.columns import Batch, Column, Field, Schema
from minidb.formats.format import DEFAULT_OPTIONS, FormatOptions
from minidb.record import state


@state
class Outcome:
    """The result of one statement.

    Parameters
    ----------
    schema : Schema or None
        The columns; None for a statement that returns no rows.
    batches : iterator of Batch
        The rows, computed as they are asked for; errors of the run come out of here.
    n_written : int
        Rows inserted or deleted.
    format : str or None
        The name after FORMAT, if the statement has one.
    totals : callable
        Asked after the last batch: the row of WITH TOTALS, or None.
    hold : callable
        Told the bytes of rows that are kept until all are read; raises when they do not fit.
    is_text : bool
        Whether the rows are the lines of one text, which a terminal shows as it is.
    options : FormatOptions
        What the settings of the statement ask of formats.
    """

    schema: Schema | None = None
    batches: Iterator[Batch] = field(default_factory=lambda: iter(()))
    n_written: int = 0
    format: str | None = None
    totals: Callable[[], Batch | None] = lambda: None
    hold: Callable[[int], None] = lambda _: None
    is_text: bool = False
    options: FormatOptions = DEFAULT_OPTIONS


def outcome_of_columns(names: Sequence[str], columns: Sequence[Column]) -> Outcome:
    """Return an outcome whose rows are known already."""
    schema = tuple(
        Field(place, name, column.type)
        for place, (name, column) in enumerate(zip(names, columns, strict=True))
    )
    batch = Batch(tuple(columns), len(columns[0]))
    return Outcome(schema, iter((batch,)))


def number_of(count: int, noun: str) -> str:
    """Return ``1 row`` or ``2,000 rows``."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
