"""Values that WITH names reach the queries inside, where a column of that name comes first."""

from __future__ import annotations

import pytest

import minidb


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("WITH 5 AS z SELECT * FROM (SELECT z)", [(5,)]),
        ("WITH 5 AS z, t AS (SELECT z + 1 AS q) SELECT * FROM t", [(6,)]),
        ("WITH 5 AS z SELECT z FROM (SELECT 7 AS z)", [(5,)]),
        ("WITH 5 AS z SELECT * FROM (SELECT z FROM (SELECT 7 AS z))", [(7,)]),
        ("WITH 5 AS z, z + 1 AS y SELECT * FROM (SELECT y, z)", [(6, 5)]),
        ("WITH 5 AS z SELECT * FROM (WITH 6 AS z SELECT z)", [(6,)]),
        ("WITH number AS z SELECT * FROM (SELECT z FROM numbers(2))", [(0,), (1,)]),
    ],
)
def test_rows_are_those_of_clickhouse(sql, rows):
    with minidb.connect() as connection:
        assert connection.execute(sql).rows() == rows


def test_a_value_that_reads_itself_is_unknown():
    with minidb.connect() as connection, pytest.raises(minidb.ProgrammingError):
        connection.execute("WITH z + 1 AS z SELECT * FROM (SELECT z)")
