"""Sign changes between two epochs, from the table `flips` of a database."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from minidb.extension import Connection
from quant.errors import QUANT_BAD_OPTION, ExtensionError, unknown_name

Epochs = tuple[int, int]


def read_counts(
    connection: Connection, run: str | None, epochs: Epochs | None
) -> dict[str, NDArray[np.int32]]:
    """Return how often each weight changed its sign after one epoch and up to another.

    Parameters
    ----------
    connection : Connection
        To a database whose table `flips` ``minidb train --db`` has filled.
    run : str, optional
        The `model` of the rows; may be left out where there is only one.
    epochs : (int, int), optional
        After the first, up to the second; all that there are when left out.

    Returns
    -------
    dict of layer to ndarray of int32, shape (filters, fan_in)

    Raises
    ------
    MiniDBError
        QUANT_UNKNOWN_NAME for the model; QUANT_BAD_OPTION without the table, and when the rows do not add up to these epochs, or some are missing.
    """
    if not connection.execute("EXISTS TABLE flips").scalar():
        raise ExtensionError(
            QUANT_BAD_OPTION,
            "the database has no table flips",
            hint="minidb train --db PATH makes it; or name a snapshot with --flips FILE",
        )
    runs = [str(name) for (name,) in connection.execute(
        "SELECT DISTINCT model FROM flips ORDER BY model"
    ).rows()]  # fmt: skip
    if run is None and len(runs) == 1:
        run = runs[0]
    if run not in runs:
        raise unknown_name("model in table flips", str(run), runs)
    first, last = _check_epochs(connection, run, epochs)
    rows = connection.execute(
        "SELECT layer, max(channel) + 1, max(place) + 1, count() FROM ("
        "  SELECT layer, channel, place FROM flips"
        "  WHERE model = ? AND epoch_from >= ? AND epoch_to <= ? GROUP BY layer, channel, place"
        ") GROUP BY layer ORDER BY layer",
        [run, first, last],
    ).rows()
    return {
        layer: _counts(connection, run, layer, (first, last), (filters, fan_in), n_rows)
        for layer, filters, fan_in, n_rows in rows
    }


def _check_epochs(connection: Connection, run: str, epochs: Epochs | None) -> Epochs:
    """Return the epochs asked for, after checking that the rows' parts cover them once."""
    spans = connection.execute(
        "SELECT DISTINCT epoch_from, epoch_to FROM flips WHERE model = ? ORDER BY epoch_from, epoch_to",
        [run],
    ).rows()
    first, last = epochs or (spans[0][0], spans[-1][1])
    inside = [span for span in spans if span[0] >= first and span[1] <= last]
    at = first
    for start, stop in inside:
        if start != at:
            break
        at = stop
    if at != last or first >= last:
        known = ", ".join(f"{start}-{stop}" for start, stop in spans)
        raise ExtensionError(
            QUANT_BAD_OPTION,
            f"the flips of {run!r} do not add up to epochs {first}-{last}",
            hint=f"there are rows for epochs {known}",
        )
    return first, last


def _counts(
    connection: Connection,
    run: str,
    layer: str,
    epochs: Epochs,
    shape: tuple[int, int],
    n_rows: int,
) -> NDArray[np.int32]:
    """Return one layer's counts."""
    if n_rows != shape[0] * shape[1]:
        message = f"the flips of layer {layer!r} have {n_rows} weights, expected {shape}"
        raise ExtensionError(QUANT_BAD_OPTION, message)
    result = connection.execute(
        "SELECT sum(count) AS total FROM flips"
        " WHERE model = ? AND layer = ? AND epoch_from >= ? AND epoch_to <= ?"
        " GROUP BY channel, place ORDER BY channel, place",
        [run, layer, *epochs],
    )
    totals: NDArray[np.uint64] = result.numpy()["total"]
    return totals.astype(np.int32).reshape(shape)
