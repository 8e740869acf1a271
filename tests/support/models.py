"""Statements on models, and what their tables hold."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from minidb.database import Session
from minidb.errors import MiniDBError
from nn_ops.store.schema import TABLES

DIGITS = str(Path(__file__).parents[2] / "nn_ops/data/digits.safetensors")


def rows(session: Session, sql: str, parameters: Any = None) -> list[Any]:
    """Return the rows of a query; one column as values."""
    found = session.execute(sql, parameters)
    lists = [[column.to_pylist() for column in batch.columns] for batch in found.batches]
    tuples = [row for columns in lists for row in zip(*columns, strict=True)]
    return [row[0] if len(row) == 1 else row for row in tuples]


def error_of(session: Session, sql: str, parameters: Any = None) -> MiniDBError:
    with pytest.raises(MiniDBError) as caught:
        rows(session, sql, parameters)
    return caught.value


def contents(session: Session) -> dict[str, list[Any]]:
    """Return all rows of all tables of models."""
    return {
        table.name: rows(session, f"SELECT * FROM models.{table.name} ORDER BY ALL")
        for table in TABLES
        if table.key in session.database.store.snapshot().tables
    }
