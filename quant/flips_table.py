"""Sign changes as rows of a database: ``flips(model, layer, channel, place, ..., count)``."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from minidb.extension import Connection
from quant.files import write_bytes
from quant.flips import Flips

TABLE = "flips"
COLUMNS = (
    "model String, layer String, channel UInt32, place UInt32, "
    "epoch_from UInt32, epoch_to UInt32, count UInt32"
)
ROW = np.dtype([("channel", "<u4"), ("place", "<u4"), ("count", "<u4")])
"""As RowBinary has three UInt32."""
ROWS_AT_ONCE = 4_000_000


def insert_flips(connection: Connection, parts: Sequence[Flips], folder: Path) -> int:
    """Put sign changes into the table `flips`, in place of rows about the same epochs.

    Parameters
    ----------
    connection : Connection
    parts : sequence of Flips
        One row is written for each weight of each, also where nothing changed.
    folder : Path
        Holds a file of rows while they are inserted.

    Returns
    -------
    int
        How many rows were written.

    Raises
    ------
    MiniDBError
        When the table is there with other columns, or the database or folder cannot be written.
    """
    connection.execute(
        f"CREATE TABLE IF NOT EXISTS {TABLE} ({COLUMNS}) ENGINE = MergeTree "
        "ORDER BY (model, layer, epoch_from, epoch_to, channel, place)"
    )
    written = 0
    path = folder / f".flips.{os.getpid()}.rows"
    try:
        for part in parts:
            connection.execute(
                f"DELETE FROM {TABLE} WHERE model = ? AND epoch_from = ? AND epoch_to = ?",
                (part.model, part.epoch_from, part.epoch_to),
            )
            for layer, counts in part.counts.items():
                for rows in _rows_of(counts):
                    _insert(connection, part, layer, rows, path)
                    written += len(rows)
    finally:
        path.unlink(missing_ok=True)
    return written


def _rows_of(counts: NDArray[np.int32]) -> Iterator[NDArray[np.void]]:
    """Yield a layer's rows, some millions at once."""
    filters, places = counts.shape
    step = max(1, ROWS_AT_ONCE // max(places, 1))
    for start in range(0, filters, step):
        part = counts[start : start + step]
        rows = np.empty(part.shape, ROW)
        rows["channel"] = np.arange(start, start + len(part))[:, None]
        rows["place"] = np.arange(places)
        rows["count"] = part
        yield rows.reshape(-1)


def _insert(
    connection: Connection, part: Flips, layer: str, rows: NDArray[np.void], path: Path
) -> None:
    """Insert rows by way of a file: whole columns, no Python object for a row."""
    write_bytes(path, rows.tobytes())
    structure = ", ".join(f"{name} UInt32" for name in ROW.names or ())
    connection.execute(
        f"INSERT INTO {TABLE} SELECT ?, ?, channel, place, ?, ?, count "
        f"FROM file(?, 'RowBinary', '{structure}')",
        (part.model, layer, part.epoch_from, part.epoch_to, str(path)),
    )
