"""``untuple`` in SELECT: one column for each element, with a name of its own."""

from __future__ import annotations

import pytest

import minidb
from minidb.errors import MiniDBError

NAMED = "SELECT CAST((1, 'x'), 'Tuple(a UInt8, b String)') AS t"


def test_elements_have_the_names_of_the_tuple() -> None:
    found = minidb.connect().execute(f"SELECT untuple(t) AS q FROM ({NAMED})")
    assert found.names == ("q.a", "q.b")
    assert found.rows() == [(1, "x")]


@pytest.mark.parametrize(
    ("sql", "number"),
    [
        ("SELECT untuple(1)", 43),
        ("SELECT untuple((1, 2), 3)", 42),
        ("SELECT 1 + untuple((1, 2))", 46),
    ],
)
def test_what_is_no_tuple_is_refused(sql: str, number: int) -> None:
    with pytest.raises(MiniDBError) as caught:
        minidb.connect().execute(sql)
    assert caught.value.code.number == number


@pytest.mark.parametrize("name", ["DateTime64(3)", "Date32", "Nested(a UInt8)", "JSON"])
def test_types_that_are_not_there_are_refused_as_such(name: str) -> None:
    with pytest.raises(MiniDBError) as caught:
        minidb.connect().execute(f"CREATE TABLE t (x {name}) ENGINE = Memory")
    assert caught.value.code.number == 48
