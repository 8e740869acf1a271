"""WITH before the first SELECT of a union names things for all of them."""

from __future__ import annotations

import pytest

import minidb


@pytest.fixture(scope="module")
def connection():
    with minidb.connect() as opened:
        opened.execute("CREATE TABLE b (x Int32) ENGINE = Memory")
        opened.execute("INSERT INTO b VALUES (77)")
        yield opened


NINE = "WITH b AS (SELECT 9 AS x) SELECT * FROM b"


@pytest.mark.parametrize(
    ("sql", "values"),
    [
        (f"{NINE} UNION ALL SELECT * FROM b", [9, 9]),
        (f"({NINE}) UNION ALL SELECT * FROM b", [9, 9]),
        (f"{NINE} UNION ALL (SELECT * FROM b UNION ALL SELECT x + 1 FROM b)", [9, 9, 10]),
        (f"SELECT * FROM ({NINE} UNION ALL SELECT * FROM b)", [9, 9]),
        (f"SELECT 1 AS x UNION ALL ({NINE} UNION ALL SELECT * FROM b)", [1, 9, 9]),
        (f"SELECT * FROM b UNION ALL {NINE} UNION ALL SELECT * FROM b", [77, 9, 77]),
        (f"{NINE} UNION ALL WITH b AS (SELECT 1 AS x) SELECT * FROM b", [9, 1]),
        (
            "WITH b AS (SELECT x + 1 AS x FROM b) SELECT x FROM b UNION ALL SELECT x FROM b",
            [78, 78],
        ),
        ("WITH 5 AS x SELECT x UNION ALL SELECT x + 1", [5, 6]),
        ("WITH 5 AS x SELECT x FROM b UNION ALL SELECT x FROM b", [5, 5]),
    ],
)
def test_every_select_of_the_union_sees_the_name(connection, sql, values):
    assert connection.execute(sql).rows() == [(value,) for value in values]
