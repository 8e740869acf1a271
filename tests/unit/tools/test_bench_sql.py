"""The SQL benchmark on small tables: every question is answered alike by every engine."""

from __future__ import annotations

from functools import partial

import pytest

from tools.bench.sql import db_benchmark, tpch
from tools.bench.sql.answers import difference, is_same
from tools.bench.sql.engines import DuckDB, MiniDB
from tools.bench.sql.race import geometric_mean

SUITES = {
    "group by": (partial(db_benchmark.group_by_tables, 2_000), db_benchmark.GROUP_BY),
    "join": (partial(db_benchmark.join_tables, 2_000), db_benchmark.JOIN),
}


@pytest.mark.parametrize("name", SUITES)
def test_minidb_answers_the_db_benchmark_as_duckdb_does(name, tmp_path):
    make, questions = SUITES[name]
    ours, theirs = MiniDB(), DuckDB()
    for table in make(tmp_path):
        ours.load(table)
        theirs.load(table)
    for question in questions:
        mine = ours.rows(ours.run(question.text("minidb")))
        other = theirs.rows(theirs.run(question.text("DuckDB")))
        assert mine, question.name
        assert difference(mine, other, question.is_ordered) is None, question.name


def test_there_are_22_questions_of_tpch_and_their_tables_have_keys():
    assert [q.name for q in tpch.questions()] == [f"q{n:02d}" for n in range(1, 23)]
    assert tpch.primary_key("lineitem") == ("l_orderkey", "l_linenumber")
    assert ("o_totalprice", "Decimal(15, 2)") in tpch.columns("orders")


@pytest.mark.parametrize(
    ("left", "right", "is_ordered", "differs"),
    [
        ([(1, "a")], [(1, "a")], True, False),
        ([(1,), (2,)], [(2,), (1,)], False, False),
        ([(1,), (2,)], [(2,), (1,)], True, True),
        ([(1.0000000001,)], [(1.0,)], True, False),
        ([(1.0,)], [(1.1,)], True, True),
        ([(None,)], [(0,)], True, True),
        ([(1,)], [], True, True),
    ],
)
def test_answers_differ_by_rows_values_and_order(left, right, is_ordered, differs):
    assert (difference(left, right, is_ordered) is not None) is differs


def test_a_missing_value_is_a_null_or_nan():
    assert is_same(float("nan"), None)
    assert not is_same("1", 1)


def test_the_geometric_mean():
    assert geometric_mean([1.0, 4.0]) == pytest.approx(2.0)
