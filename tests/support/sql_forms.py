"""Run a network in minidb as a script of either form, and read what its tables hold."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from minidb.dbapi import Connection, connect
from nn_ops.graph import Network
from nn_ops.lower import lower
from nn_ops.sqlgen import dl2sql, smartlite
from nn_ops.sqlgen.form_tables import dl2sql_tables, smartlite_tables
from nn_ops.sqlgen.load import create_images, create_tables
from nn_ops.sqlgen.model_tables import ModelTable
from nn_ops.sqlgen.statement import Names, Statement

NAMES = Names("net")
SHUFFLED = "CREATE OR REPLACE TABLE {} ENGINE = Memory AS SELECT * FROM {} ORDER BY rand()"


class FormRun:
    """A database in which a script has run.

    Parameters
    ----------
    tables, statements
        Of the form.
    pixels : ndarray of uint8, shape (n, height, width, channels)
    shuffles : bool
        Whether every table is put into another order of rows before it is read.
    settings : dict
        Of the session.
    """

    def __init__(
        self,
        tables: Sequence[ModelTable],
        statements: Sequence[Statement],
        pixels: np.ndarray,
        *,
        shuffles: bool = False,
        **settings: int,
    ) -> None:
        self.n_images = len(pixels)
        self.statements = statements
        self.connection: Connection = connect(":memory:")
        for name, value in settings.items():
            self.connection.execute(f"SET {name} = {value}")
        create_tables(self.connection, NAMES, tables)
        create_images(self.connection, NAMES, pixels)
        if shuffles:
            for name in (NAMES.images, *(NAMES.of(table.name) for table in tables)):
                self._shuffle(name)
        for statement in statements:
            self.connection.execute(statement.sql)
            if shuffles:
                self._shuffle(statement.table)

    def _shuffle(self, table: str) -> None:
        self.connection.execute(SHUFFLED.format("mixed", table))
        self.connection.execute(SHUFFLED.format(table, "mixed"))

    def values(self, table: str, value: str) -> np.ndarray:
        """Return the elements of a stage's table, one row per image."""
        found = self.connection.execute(
            f"SELECT toFloat64({value}) AS number FROM {table} ORDER BY id, cell, channel"
        )
        return found.numpy()["number"].reshape(self.n_images, -1)

    def answers(self) -> tuple[list[int], np.ndarray]:
        """Return the classes, and the logits, shape (n, classes)."""
        sql = f"SELECT id, class, logits FROM {NAMES.of('answers')} ORDER BY id"
        rows = self.connection.execute(sql).rows()
        assert [row[0] for row in rows] == list(range(self.n_images))
        return [row[1] for row in rows], np.array([row[2] for row in rows])


def run_dl2sql(network: Network, pixels: np.ndarray, **options: int) -> FormRun:
    """Run the dl2sql form of a network."""
    statements = dl2sql.script(network, NAMES.prefix)
    return FormRun(dl2sql_tables(network), statements, pixels, **options)


def run_smartlite(network: Network, pixels: np.ndarray, **options: int) -> FormRun:
    """Run the smartlite form of a network."""
    program = lower(network)
    statements = smartlite.script(program, NAMES.prefix)
    return FormRun(smartlite_tables(program), statements, pixels, **options)


FORMS = {"dl2sql": run_dl2sql, "smartlite": run_smartlite}


def script_statements(path: Path) -> list[str]:
    """Return the statements of a script, without comments that stand alone."""
    lines = [line for line in path.read_text().split("\n") if not line.startswith("-- ")]
    return [text for text in "\n".join(lines).split(";\n") if text.strip()]
