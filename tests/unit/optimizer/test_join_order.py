"""Many tables by comma are joined at once, in little memory, in an order that does not multiply."""

from __future__ import annotations

import itertools
import random

import pytest

from minidb.optimizer import join_order
from minidb.plan.nodes import Join, PlanNode, inputs_of
from tests.support.engine import rows, run, session_at
from tests.support.plans import optimized_plan

N_TABLES = 60


@pytest.fixture(scope="module")
def session():
    shuffled = random.Random(5)
    with session_at() as made:
        for number in range(1, N_TABLES + 1):
            run(
                made, f"CREATE TABLE t{number} (a{number} Int32, b{number} Int32, x{number} String)"
            )
            partners = shuffled.sample(range(1, 11), 10)
            values = [(k, partners[k - 1], f"{number}/{k}") for k in range(1, 11)]
            made.insert_rows(f"INSERT INTO t{number} VALUES", values)
        yield made


def chain(n_tables: int, seed: int) -> tuple[str, list[int]]:
    """Return a query over a chain of equalities, tables and conditions in any order."""
    shuffled = random.Random(seed)
    tables = shuffled.sample(range(1, N_TABLES + 1), n_tables)
    conditions = [f"a{p} = b{q}" for p, q in itertools.pairwise(tables)]
    conditions.append(f"a{tables[-1]} = 3")
    shown = sorted(tables)
    shuffled.shuffle(conditions)
    listed = shuffled.sample(tables, n_tables)
    columns = ", ".join(f"a{t}, b{t}" for t in shown)
    source = ", ".join(f"t{t}" for t in listed)
    return f"SELECT {columns} FROM {source} WHERE {' AND '.join(conditions)}", tables


@pytest.mark.parametrize("n_tables", [9, 60])
def test_a_chain_of_tables_by_comma_is_answered_in_little_memory(session, n_tables):
    sql, tables = chain(n_tables, n_tables)
    (row,) = rows(session, f"{sql} SETTINGS max_memory_usage = 1000000")
    values = dict(zip(sorted(tables), zip(row[::2], row[1::2], strict=True), strict=True))
    assert values[tables[-1]][0] == 3
    for first, second in itertools.pairwise(tables):
        assert values[first][0] == values[second][1]


def test_both_ways_to_find_an_order_give_the_same_rows(session, monkeypatch):
    sql, _ = chain(7, 3)
    expected = rows(session, sql)
    monkeypatch.setattr(join_order, "MAX_EXHAUSTIVE", 1)
    assert rows(session, sql) == expected
    assert len(expected) == 1


def joins_of(node: PlanNode) -> list[Join]:
    below = [join for child in inputs_of(node) for join in joins_of(child)]
    return [*below, node] if isinstance(node, Join) else below


def test_no_cross_join_is_left_where_equalities_connect(session):
    made = joins_of(optimized_plan(session, chain(30, 1)[0]))
    assert len(made) == 29
    assert all(join.left_keys for join in made)
