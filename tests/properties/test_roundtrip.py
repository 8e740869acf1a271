"""Values of every type through INSERT, SELECT, text and a restart."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidb.database import Database, Session
from minidb.types import BitsType, DataType, FixedStringType, StringType, without_null
from tests.strategies.columns import EVERY_TYPE, columns_of, data_types, sample_values, values_of
from tests.support.engine import rows, run, run_all, session_at
from tests.support.literals import literal


@cache
def shared() -> Session:
    """Return a session for queries that leave nothing behind."""
    return Database.open(":memory:").session()


@st.composite
def typed_rows(draw: st.DrawFn) -> tuple[list[DataType], list[tuple]]:
    types = draw(st.lists(data_types(), min_size=1, max_size=3))
    return types, draw(st.lists(st.tuples(*map(values_of, types)), min_size=1, max_size=6))


def create(types: Sequence[DataType]) -> str:
    columns = ", ".join(f"c{place} {t.name}" for place, t in enumerate(types))
    return f"CREATE OR REPLACE TABLE t ({columns})".replace("OR REPLACE ", "")


def check(session: Session, types: Sequence[DataType], expected: Sequence[tuple]) -> None:
    result = run(session, "SELECT * FROM t")
    assert [t.name for t in result.types] == [t.name for t in types]
    assert repr(result.rows()) == repr(list(expected))


@given(typed_rows())
def test_rows_come_back_also_after_a_restart(drawn):
    types, values = drawn
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "db"
        with session_at(path) as session:
            run(session, create(types))
            session.insert_rows("INSERT INTO t VALUES", values)
            check(session, types, values)
        with session_at(path) as session:
            check(session, types, values)


@given(typed_rows())
def test_rows_written_as_literals_come_back(drawn):
    types, values = drawn
    with session_at() as session:
        run(session, create(types))
        written = ", ".join(
            "(" + ", ".join(literal(t, v) for t, v in zip(types, row, strict=True)) + ")"
            for row in values
        )
        run(session, f"INSERT INTO t VALUES {written}")
        check(session, types, values)


@given(typed_rows())
def test_rows_passed_as_parameters_of_one_statement_come_back(drawn):
    types, values = drawn
    with session_at() as session:
        run(session, create(types))
        for row in values:
            # A parameter has the type of its Python value; CAST says which one is meant.
            casts = ", ".join(
                literal(t, v) if needs_literal(t) else f"CAST(? AS {t.name})"
                for t, v in zip(types, row, strict=True)
            )
            given_values = [v for t, v in zip(types, row, strict=True) if not needs_literal(t)]
            run(session, f"INSERT INTO t VALUES ({casts})", given_values)
        check(session, types, values)


def needs_literal(data_type: DataType) -> bool:
    """Whether Python values of the type do not say enough: nested ones, and texts of bits."""
    bare = without_null(data_type)
    return bare.name.startswith(("Array", "Tuple")) or isinstance(bare, BitsType)


@given(data_types().flatmap(lambda t: columns_of(t, 1)))
def test_a_value_as_text_reads_back(column):
    data_type = column.type
    with session_at() as session:
        run_all(session, [create([data_type]), f"CREATE TABLE back (c {data_type.name})"])
        session.insert_rows("INSERT INTO t VALUES", [(v,) for v in column.to_pylist()])
        name = data_type.name.replace("\\", "\\\\").replace("'", "\\'")
        sql = f"SELECT c0, CAST(toString(c0), '{name}') FROM t"
        for value, again in rows(session, sql):
            assert repr(value) == repr(again)


@pytest.mark.parametrize("data_type", EVERY_TYPE, ids=lambda t: t.name)
def test_every_type_has_a_literal_and_a_text(data_type):
    for value in sample_values(data_type):
        written = literal(data_type, value)
        result = run(shared(), f"SELECT {written} AS x, toTypeName(x)")
        assert result.types[0] == data_type
        assert repr(result.rows()) == repr([(value, data_type.name)])


@given(st.sampled_from(EVERY_TYPE).flatmap(lambda t: st.tuples(st.just(t), values_of(t))))
def test_a_parameter_is_the_value(drawn):
    data_type, value = drawn
    ((found,),) = rows(shared(), "SELECT ?", [value])
    if isinstance(data_type, StringType | FixedStringType | BitsType) or value is None:
        assert found == value
    elif isinstance(value, int | float) and not isinstance(value, bool):
        assert repr(found) == repr(value)
