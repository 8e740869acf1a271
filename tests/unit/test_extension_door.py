"""What extensions may do beside functions: own statements, own databases, a look at the catalog."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from minidb.database import Database, Session
from minidb.errors import BindError, ExtensionError, MiniDBError
from minidb.extension import (
    BAD_ARGUMENTS,
    TEXT,
    Arg,
    Batch,
    Call,
    Column,
    ColumnDef,
    CreateModel,
    Drop,
    IntType,
    Outcome,
    Registry,
    ScalarFunction,
    StatementContext,
    Surroundings,
    TableDef,
    append_merged,
    column_from_values,
)

UINT64 = IntType(64, False)
KEPT = TableDef("kept", "names", (ColumnDef("n", UINT64),), order_by=("n",), primary_key=("n",))


def create(statement: CreateModel, context: StatementContext) -> Outcome:
    """Write the given number to an own table, then fail if it is 13."""
    number = context.constant(statement.file, "the number")
    with context.begin() as transaction:
        if KEPT.key not in transaction.tables:
            transaction.put_object("database", "kept", "")
            transaction.create_table(KEPT)
        append_merged(transaction, KEPT.key, Batch((column_from_values(UINT64, [number]),), 1))
        if number == 13:
            raise ExtensionError(BAD_ARGUMENTS, "no 13")
        transaction.commit()
    return Outcome(n_written=1)


def count_rows(around: Surroundings) -> ScalarFunction:
    def kernel(call: Call) -> Column:
        selected = around.select(f"SELECT * FROM {call.constant_value(0)}")
        n_rows = sum(batch.n_rows for batch in selected.batches)
        return column_from_values(UINT64, [n_rows] * call.n_rows)

    return replace(COUNT_ROWS, kernel=kernel, within=None)


def nothing(call: Call) -> Column:
    raise AssertionError("the function within the statement stands for it")


COUNT_ROWS = ScalarFunction(
    "countRows",
    "other",
    (Arg("table", TEXT, is_constant=True),),
    UINT64,
    nothing,
    help="the rows of a table",
    example="SELECT countRows('system.one')",
    within=count_rows,
)


@dataclass(frozen=True)
class Keeper:
    name: str = "keeper"

    def register(self, registry: Registry) -> None:
        registry.add_statement(CreateModel, create)
        registry.add_statement(Drop, self.drop, kind="MODEL")
        registry.reserve_database("kept", "CREATE MODEL writes it")
        registry.add_functions(COUNT_ROWS)

    def drop(self, statement: Drop, context: StatementContext) -> Outcome:
        return Outcome(n_written=len(statement.names))


@pytest.fixture
def session() -> Iterator[Session]:
    with Database.open(":memory:", extensions=[Keeper()]) as database:
        yield database.session()


def rows(session: Session, sql: str) -> list[tuple[Any, ...]]:
    found = session.execute(sql)
    return [
        row
        for batch in found.batches
        for row in zip(*(column.to_pylist() for column in batch.columns), strict=True)
    ]


def test_a_statement_writes_its_own_tables_in_one_commit(session: Session) -> None:
    session.execute("CREATE MODEL m FROM (6 * 7)")
    session.execute("CREATE MODEL m FROM ?", [5])
    with pytest.raises(ExtensionError):
        session.execute("CREATE MODEL m FROM 13")
    assert rows(session, "SELECT n FROM kept.names ORDER BY n") == [(5,), (42,)]


def test_a_statement_can_belong_to_one_kind_of_object(session: Session) -> None:
    assert session.execute("DROP MODEL a, b").n_written == 2
    session.execute("CREATE TABLE t (a UInt8) ENGINE = Memory")
    session.execute("DROP TABLE t")
    with pytest.raises(MiniDBError):
        session.execute("DROP TABLE t")


@pytest.mark.parametrize(
    "sql",
    [
        "INSERT INTO kept.names VALUES (1)",
        "DELETE FROM kept.names WHERE 1",
        "TRUNCATE TABLE kept.names",
        "DROP TABLE kept.names",
        "ALTER TABLE kept.names ADD COLUMN b UInt8",
        "OPTIMIZE TABLE kept.names FINAL",
        "RENAME TABLE kept.names TO default.names",
        "CREATE TABLE kept.other (a UInt8) ENGINE = Memory",
        "CREATE VIEW kept.other AS SELECT 1",
        "DROP DATABASE kept",
        "DROP DATABASE IF EXISTS kept",
        "CREATE DATABASE kept",
        "RENAME DATABASE kept TO mine",
    ],
)
def test_a_reserved_database_cannot_be_changed(session: Session, sql: str) -> None:
    session.execute("CREATE MODEL m FROM 1")
    with pytest.raises(BindError) as caught:
        session.execute(sql)
    assert caught.value.code.name == "READONLY"
    assert caught.value.hint == "CREATE MODEL writes it"
    assert rows(session, "SELECT n FROM kept.names") == [(1,)]


def test_a_function_can_read_the_catalog(session: Session) -> None:
    session.execute("CREATE TABLE t (a UInt8) ENGINE = Memory")
    session.execute("INSERT INTO t VALUES (1), (2)")
    assert rows(session, "SELECT countRows('t') + 1") == [(3,)]
    session.execute("CREATE VIEW v AS SELECT countRows('t') AS n")
    session.execute("INSERT INTO t VALUES (3)")
    assert rows(session, "SELECT n FROM v") == [(3,)]


def test_an_error_of_an_inner_query_has_no_place_in_the_statement(session: Session) -> None:
    with pytest.raises(BindError, match="no table 'nowhere'") as caught:
        rows(session, "SELECT countRows('nowhere')")
    assert caught.value.span is None or caught.value.span.start >= len("SELECT ")
