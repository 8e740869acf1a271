"""ARRAY JOIN repeats the columns that are read above it, not the arrays that it is made of."""

from __future__ import annotations

import pytest

from minidb.dbapi import connect

# Repeated for each of its own elements, the array would take 20,000 * 20,000 * 8 bytes.
SOURCE = "(SELECT 1 AS id, range(20000) AS a, arrayMap(x -> x + 1, a) AS b)"
LIMIT = "SETTINGS max_memory_usage = 100000000"


@pytest.mark.parametrize(
    "sql",
    [
        f"SELECT sum(x) FROM {SOURCE} ARRAY JOIN a AS x",
        f"SELECT sum(a), sum(b) - 20000 FROM {SOURCE} ARRAY JOIN a, b",
        f"SELECT sum(arrayJoin(a)) FROM {SOURCE}",
        f"SELECT sum(x) FROM {SOURCE} LEFT ARRAY JOIN a AS x WHERE id = 1",
    ],
)
def test_a_long_array_is_not_copied_for_each_element(sql):
    connection = connect(":memory:")
    (row,) = connection.execute(f"{sql} {LIMIT}").rows()
    assert set(row) == {20_000 * 19_999 // 2}


def test_an_array_that_is_read_stays():
    connection = connect(":memory:")
    sql = "SELECT id, a, x FROM (SELECT 7 AS id, [1, 2] AS a) ARRAY JOIN a AS x WHERE length(a) = 2"
    assert connection.execute(sql).rows() == [(7, [1, 2], 1), (7, [1, 2], 2)]
