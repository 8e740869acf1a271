"""Query parameters: from Python, from SET, from the command line."""

from __future__ import annotations

import datetime

import pytest

from minidb.cli.main import split_parameters
from minidb.database import Database, Session
from minidb.errors import MiniDBError
from minidb.result import Result


@pytest.fixture
def session() -> Session:
    return Database.open(":memory:", extensions=[]).session()


def rows(session: Session, sql: str, parameters: object = None) -> list[tuple[object, ...]]:
    return Result(session.execute(sql, parameters)).rows()  # type: ignore[arg-type]  # any value


def test_values_are_read_in_their_type(session: Session) -> None:
    given = {"a": "5", "b": 7, "c": "x\ty", "d": "2020-01-02", "e": [1, 2], "f": None}
    sql = "SELECT {a:UInt8}, {b:Int16}, {c:String}, {d:Date}, {e:Array(UInt8)}, {f:Nullable(Int8)}"
    expected = (5, 7, "x\ty", datetime.date(2020, 1, 2), [1, 2], None)
    assert rows(session, sql, given) == [expected]


def test_columns_are_named_as_in_clickhouse(session: Session) -> None:
    result = Result(session.execute("SELECT {a:UInt8}, {a:String}", {"a": "5"}))
    assert result.names == ("_CAST(5, 'UInt8')", "'5'")


def test_set_keeps_a_value_for_the_session(session: Session) -> None:
    session.execute(r"SET param_a = 7, param_b = 'x\\ty', param_c = '\\N'")
    sql = "SELECT {a:UInt64}, {b:String}, {c:Nullable(UInt8)}"
    assert rows(session, sql) == [(7, "x\ty", None)]
    assert rows(session, sql, {"a": 8}) == [(8, "x\ty", None)]


def test_identifiers_stand_for_columns_tables_and_databases(session: Session) -> None:
    session.execute("CREATE TABLE {t:Identifier} (a Int8) ORDER BY a", {"t": "made"})
    session.execute("INSERT INTO {t:Identifier} VALUES (3)", {"t": "made"})
    sql = "SELECT {c:Identifier} + 1 FROM {d:Identifier}.{t:Identifier}"
    assert rows(session, sql, {"c": "a", "d": "default", "t": "made"}) == [(4,)]


def test_limits_and_table_functions_take_parameters(session: Session) -> None:
    sql = "SELECT number FROM numbers({n:UInt64}) LIMIT {m:UInt64}"
    assert rows(session, sql, {"n": 9, "m": 2}) == [(0,), (1,)]


@pytest.mark.parametrize(
    ("sql", "code", "start"),
    [
        ("SELECT {x:UInt8}", 456, 7),
        ("SELECT 1 FROM {x:Identifier}", 456, 14),
        ("SELECT {bad:UInt8}", 457, 7),
        ("SELECT {none:UInt8}", 457, 7),
        ("SELECT {bad:Foo}", 50, 12),
        ("SELECT {number:Identifier}", 457, 7),
    ],
)
def test_faults_are_told_at_the_parameter(
    session: Session, sql: str, code: int, start: int
) -> None:
    with pytest.raises(MiniDBError) as caught:
        rows(session, sql, {"bad": "abc", "none": None, "number": 5})
    assert caught.value.code.number == code
    assert caught.value.span is not None
    assert caught.value.span.start == start


def test_command_line_options_are_values_of_parameters() -> None:
    given = ["--param_a=1", "-c", "SELECT {a:UInt8}", r"--param_b=x\ny=z"]
    assert split_parameters(given) == ({"a": "1", "b": "x\ny=z"}, ["-c", "SELECT {a:UInt8}"])
