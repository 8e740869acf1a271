"""What a function that reads the catalog may ask of the statement that it stands in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field

from minidb.columns import Batch, Schema
from minidb.record import record
from minidb.settings import Settings
from minidb.storage.definition import TableKey
from minidb.storage.store import ObjectKey, StoredTable


@record(eq=False)
class Selected:
    """The columns of a SELECT, and its rows, which are computed as they are asked for."""

    schema: Schema
    batches: Iterator[Batch]


@record(eq=False)
class Surroundings:
    """One statement's view of the database.

    Parameters
    ----------
    settings : Settings
        The session's, with the statement's own on top.
    tables, objects : mapping
        What the statement sees.
    select : callable
        Binds a SELECT, given as text, to the same view; errors have no place in the statement.
    """

    settings: Settings
    tables: Mapping[TableKey, StoredTable]
    objects: Mapping[ObjectKey, str]
    select: Callable[[str], Selected] = field(repr=False)
