"""DELETE removes the rows that its condition names, and no others."""

from __future__ import annotations

import pytest

import minidb

ROWS = [(1, 10, None), (2, 20, 5), (3, 30, 0)]


@pytest.fixture
def connection():
    with minidb.connect() as opened:
        opened.execute("CREATE TABLE t (a Int64, b Int64, n Nullable(Int8)) ENGINE = Memory")
        opened.insert_rows("INSERT INTO t VALUES", ROWS)
        yield opened


@pytest.mark.parametrize(
    ("condition", "kept"),
    [
        # The parameter of a lambda is none of the table's columns.
        ("arrayExists(x -> x = a, [2])", [1, 3]),
        ("arrayExists(x -> x = b, [20])", [1, 3]),
        ("arrayExists((x, y) -> x + y = b, [1], [19])", [1, 3]),
        ("n > 1", [1, 3]),
        ("n", [1, 3]),
        ("n IS NULL", [2, 3]),
        ("NULL", [1, 2, 3]),
        ("0", [1, 2, 3]),
        ("1", []),
        ("if(a = 2, 0, intDiv(1, a - 2)) = 1", [1, 2]),
    ],
)
def test_only_rows_where_the_condition_is_true_go(connection, condition, kept):
    n_deleted = connection.execute(f"DELETE FROM t WHERE {condition}").n_written
    assert connection.execute("SELECT a FROM t").rows() == [(a,) for a in kept]
    assert n_deleted == len(ROWS) - len(kept)


def test_a_condition_that_fails_deletes_nothing(connection):
    connection.execute("INSERT INTO t VALUES (4, 40, 1)")
    with pytest.raises(minidb.DataError, match="division by zero"):
        connection.execute("DELETE FROM t WHERE intDiv(1, a - 4) < 0")
    assert connection.execute("SELECT count() FROM t").scalar() == len(ROWS) + 1
