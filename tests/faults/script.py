"""A few statements that use everything storage does, and what is in the database after each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from minidb.catalog.view import ViewDef
from minidb.columns import Batch, column_from_values
from minidb.storage import ColumnDef, Part, Snapshot, Store, TableDef, Transaction
from minidb.storage.definition import IndexDef
from minidb.types import IntType, NullableType, StringType

T = ("default", "t")
U = ("default", "u")
M = ("default", "m")
INT, TEXT = IntType(64, True), NullableType(StringType())
COLUMNS = (ColumnDef("a", INT), ColumnDef("s", TEXT))
GRANULE_ROWS = 2

Contents = tuple[dict[tuple[str, str], list[object]], dict[tuple[str, str], str]]


def rows(start: int, n_rows: int) -> Batch:
    numbers = range(start, start + n_rows)
    texts = [None if n % 3 == 0 else f"text {n}" for n in numbers]
    return Batch((column_from_values(INT, numbers), column_from_values(TEXT, texts)), n_rows)


def create_t(transaction: Transaction) -> None:
    transaction.create_table(TableDef(*T, COLUMNS, order_by=("a",)))
    transaction.append(*T, rows(0, 3), GRANULE_ROWS)


def create_two(transaction: Transaction) -> None:
    transaction.create_table(TableDef(*U, COLUMNS))
    transaction.create_table(TableDef(*M, COLUMNS, "Memory"))
    transaction.append(*U, rows(20, 1), GRANULE_ROWS)
    transaction.append(*T, rows(30, 2), GRANULE_ROWS)
    transaction.put_object("function", "f", "(a, b) -> a + b")


def delete(transaction: Transaction) -> None:
    part = transaction.tables[T].parts[0]
    batch = part.read(["a", "s"])
    kept = batch.take(np.array([0, 2]))
    transaction.replace_parts(*T, [part], [kept], GRANULE_ROWS)


def merge_and_drop(transaction: Transaction) -> None:
    parts = transaction.tables[T].parts
    transaction.replace_parts(*T, parts, [rows(100, 7)], GRANULE_ROWS)
    transaction.drop_table(*U)
    transaction.rename_table(*T, "default", "t2")
    transaction.rename_table("default", "t2", *T)
    transaction.drop_object("function", "f")


def add_a_column(transaction: Transaction) -> None:
    """What ALTER TABLE ADD COLUMN does: every part rewritten under another definition."""
    table = transaction.tables[T]
    definition = replace(
        table.definition,
        columns=(*COLUMNS, ColumnDef("z", INT, "a + 1", "MATERIALIZED", "a comment")),
        indexes=(IndexDef("i", "s", "minmax"),),
        settings=(("index_granularity", "2"),),
        comment="altered",
    )
    transaction.redefine_table(definition, map(with_z, table.parts), GRANULE_ROWS)
    view = ViewDef("default", "v", "SELECT a FROM t", "default", (("a", INT),))
    transaction.put_object(*view.object_key, view.to_text())


def with_z(part: Part) -> Batch:
    batch = part.read(["a", "s"])
    numbers = [number + 1 for number in batch.columns[0].to_pylist()]
    return Batch((*batch.columns, column_from_values(INT, numbers)), batch.n_rows)


def update_and_replace_the_view(transaction: Transaction) -> None:
    """What UPDATE and CREATE OR REPLACE VIEW do, and a definition alone that changes."""
    for part in transaction.tables[T].parts:
        batch = part.read(["a", "s", "z"])
        texts = column_from_values(TEXT, ["updated"] * batch.n_rows)
        changed = Batch((batch.columns[0], texts, batch.columns[2]), batch.n_rows)
        transaction.replace_parts(*T, [part], [changed], GRANULE_ROWS)
    definition = replace(transaction.tables[T].definition, indexes=(), comment="")
    transaction.redefine_table(definition)
    view = ViewDef("default", "v", "SELECT s FROM t", "default", (("s", TEXT),))
    transaction.put_object(*view.object_key, view.to_text())


STEPS: tuple[Callable[[Transaction], None], ...] = (
    create_t,
    create_two,
    delete,
    merge_and_drop,
    add_a_column,
    update_and_replace_the_view,
)


def run_step(store: Store, step: Callable[[Transaction], None]) -> None:
    with store.begin() as transaction:
        step(transaction)
        transaction.commit()


def contents(snapshot: Snapshot) -> Contents:
    """Read everything: rows in order, and the bounds, which must be readable too."""
    tables: dict[tuple[str, str], list[object]] = {}
    for key, table in snapshot.tables.items():
        names = table.definition.column_names
        tables[key] = []
        for part in table.parts:
            batch = part.read(names)
            assert all(part.statistics(name) is not None for name in names)
            columns = [column.to_pylist() for column in batch.columns]
            tables[key].extend(zip(*columns, strict=True))
    return tables, dict(snapshot.objects)


def contents_of(store: Store) -> Contents:
    with store.snapshot() as snapshot:
        return contents(snapshot)
