"""Create a form's tables in a database, and the table of images that its script reads."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from minidb.extension import Connection
from nn_ops.sqlgen.model_tables import ModelTable
from nn_ops.sqlgen.statement import Names


def create_statement(names: Names, table: ModelTable) -> str:
    """Return the statement that creates a table, or replaces it by an empty one."""
    columns = ", ".join(f"{name} {type_name}" for name, type_name in table.columns.items())
    return (
        f"CREATE OR REPLACE TABLE {names.of(table.name)} ({columns}) "
        f"ENGINE = MergeTree ORDER BY {_key(table.order_by)}"
    )


def _key(columns: str) -> str:
    return columns if columns.startswith("(") else f"({columns})"


def create_tables(connection: Connection, names: Names, tables: Sequence[ModelTable]) -> None:
    """Create and fill a model's tables; tables of the same names are replaced.

    Raises
    ------
    MiniDBError
        When the database cannot be written.
    """
    for table in tables:
        connection.execute(create_statement(names, table))
        if table.n_rows:
            marks = ", ".join("?" * len(table.columns))
            insert = f"INSERT INTO {names.of(table.name)} VALUES ({marks})"
            connection.insert_rows(insert, list(table.rows()))


def create_images(connection: Connection, names: Names, pixels: NDArray[np.integer]) -> None:
    """Create the table of images, numbered from 0; one of the same name is replaced.

    Parameters
    ----------
    connection : Connection
    names : Names
    pixels : ndarray of integers from 0 to 255, shape (n, ...)
    """
    columns = "(id UInt64, pixels Array(UInt8))"
    connection.execute(
        f"CREATE OR REPLACE TABLE {names.images} {columns} ENGINE = MergeTree ORDER BY id"
    )
    rows = list(enumerate(pixels.reshape(len(pixels), -1).tolist()))
    connection.insert_rows(f"INSERT INTO {names.images} VALUES (?, ?)", rows)
