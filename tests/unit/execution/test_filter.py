"""Filters look at the cheap parts of a condition first, and then at the rows still open."""

from __future__ import annotations

import pytest

from minidb import connect
from minidb.errors import MiniDBError

N_ROWS = 1000


@pytest.fixture(scope="module")
def connection():
    made = connect(":memory:")
    made.execute("CREATE TABLE t (a UInt32, s String, n Nullable(Int8)) ENGINE = Memory")
    made.execute(
        "INSERT INTO t SELECT number, concat('x', toString(number % 7)), "
        f"if(number % 3 = 0, NULL, number % 5) FROM numbers({N_ROWS})"
    )
    return made


ROWS = [(a, f"x{a % 7}", None if a % 3 == 0 else a % 5) for a in range(N_ROWS)]


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("s = 'x3' AND a < 50 AND n = 2", lambda a, s, n: s == "x3" and a < 50 and n == 2),
        ("s != 'x3' AND n IS NULL AND a >= 10", lambda a, s, n: s != "x3" and n is None and a >= 10),
        ("a < 10 AND a < 5 AND a < 2 AND s = 'x1'", lambda a, s, n: a < 2 and s == "x1"),
        ("a < 900 AND s LIKE 'x%' AND n > 1", lambda a, s, n: a < 900 and n is not None and n > 1),
        ("a < 5 AND a > 7 AND s = 'x1'", lambda a, s, n: False),
        ("a < 5000 AND s LIKE 'x_'", lambda a, s, n: True),
        ("(a = 7 AND s = 'x0' AND n = 2) OR (a = 8 AND s = 'x1' AND n = 3) OR a = 998",
         lambda a, s, n: a in (7, 8, 998)),
        ("(n = 1 AND s = 'x1') OR (n = 2 AND s = 'x2')",
         lambda a, s, n: (n, s) in ((1, "x1"), (2, "x2"))),
    ],
)  # fmt: skip
def test_a_filter_keeps_the_rows_where_every_part_holds(connection, condition, holds):
    answer = connection.execute(f"SELECT a, s, n FROM t WHERE {condition}").rows()
    assert [tuple(row) for row in answer] == [row for row in ROWS if holds(*row)]


def test_what_may_fail_stays_behind_its_guard(connection):
    query = "SELECT count() FROM t WHERE a != 0 AND s = 'x1' AND intDiv(10, a) = 10"
    assert connection.execute(query).rows() == [(1,)]
    with pytest.raises(MiniDBError):
        connection.execute("SELECT count() FROM t WHERE intDiv(10, a) = 10 AND a != 0").rows()
