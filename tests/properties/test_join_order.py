"""The order of joins does not change which rows come out, nor their columns."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings

from minidb.optimizer.rules import order_joins as rule
from tests.strategies.join_graphs import COLUMNS, TYPES, JoinGraph, join_graphs
from tests.support.engine import run, session_at


@settings(max_examples=150)
@given(join_graphs())
def test_rules_keep_the_rows_of_a_join_graph(graph: JoinGraph):
    columns = ", ".join(f"{n} {t}" for n, t in zip(COLUMNS, TYPES, strict=True))
    with session_at() as session, pytest.MonkeyPatch.context() as patch:
        patch.setattr(rule, "MIN_COST", 0.0)
        patch.setattr(rule, "MIN_GAIN", 1.0)
        for number, table in enumerate(graph.tables):
            run(session, f"CREATE TABLE t{number} ({columns})")
            if table:
                session.insert_rows(f"INSERT INTO t{number} VALUES", table)
        sql = f"SELECT * FROM {graph.source} {graph.where}"
        found = []
        for disabled in ("all", "", "order_joins", "push_filters"):
            tail = f"SETTINGS disabled_rules = '{disabled}'"
            result = run(session, f"{sql} {tail}")
            found.append((result.names, Counter(map(repr, result.rows()))))
        assert found.count(found[0]) == len(found), sql
