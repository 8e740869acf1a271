"""system.numbers goes on until a bound or a LIMIT ends it."""

from __future__ import annotations

from itertools import islice

import pytest

import minidb
from minidb.catalog.counting import COUNTING_RELATIONS
from minidb.catalog.relation import Bounds
from minidb.columns import column_from_values
from minidb.types import IntType


def test_the_scan_has_no_end_of_its_own():
    relation = COUNTING_RELATIONS["numbers"]
    batches = list(islice(relation.scan(["number"], {}, 3), 2))
    assert [batch.columns[0].to_pylist() for batch in batches] == [[0, 1, 2], [3, 4, 5]]
    assert relation.estimate_rows() is None


def test_a_bound_ends_the_scan():
    high = column_from_values(IntType(64, False), [4])
    batches = COUNTING_RELATIONS["numbers"].scan(["number"], {"number": Bounds(None, high)}, 3)
    assert [batch.columns[0].to_pylist() for batch in batches] == [[0, 1, 2], [3, 4]]


@pytest.mark.parametrize(
    ("sql", "rows"),
    [
        ("SELECT number FROM system.numbers LIMIT 2 OFFSET 70000", [(70000,), (70001,)]),
        ("SELECT sum(number) FROM system.numbers WHERE number <= 4", [(10,)]),
        ("SELECT sum(number) FROM system.numbers_mt WHERE number BETWEEN 3 AND 4", [(7,)]),
        ("SELECT zero FROM system.zeros LIMIT 2", [(0,), (0,)]),
        ("SELECT sum(zero) FROM zeros(5)", [(0,)]),
        ("SELECT sum(generate_series) FROM generate_series(2, 10, 4)", [(18,)]),
    ],
)
def test_numbers_in_queries(sql, rows):
    with minidb.connect() as connection:
        assert connection.execute(sql).rows() == rows
