"""States in tables: kept on disk, merged later, finished."""

from __future__ import annotations

import pytest

import minidb
from minidb.errors import MiniDBError


def test_a_table_keeps_states(tmp_path):
    with minidb.connect(tmp_path / "db") as connection:
        connection.execute(
            "CREATE TABLE t (k UInt8, s AggregateFunction(sum, UInt64), "
            "q AggregateFunction(quantile(0.5), UInt64), u AggregateFunction(uniqExact, String)) "
            "ENGINE = MergeTree ORDER BY k"
        )
        for start in (0, 50):
            connection.execute(
                "INSERT INTO t SELECT number % 2 AS k, sumState(number), quantileState(0.5)(number),"
                f" uniqExactState(toString(number % 5)) FROM numbers({start}, 50) GROUP BY k"
            )
    with minidb.connect(tmp_path / "db") as connection:
        rows = connection.execute(
            "SELECT k, sumMerge(s), quantileMerge(0.5)(q), uniqExactMerge(u) FROM t "
            "GROUP BY k ORDER BY k"
        )
        assert rows.rows() == [(0, 2450, 49.0, 5), (1, 2500, 50.0, 5)]
        shown = connection.execute("DESCRIBE TABLE t").rows()
        assert shown[2][1] == "AggregateFunction(quantile(0.5), UInt64)"


def test_states_go_through_joins_conditions_and_order():
    with minidb.connect() as connection:
        found = connection.execute(
            "SELECT finalizeAggregation(if(k = 1, a.s, b.s)) FROM "
            "(SELECT number AS k, sumState(number) AS s FROM numbers(3) GROUP BY k) AS a JOIN "
            "(SELECT number AS k, sumState(number * 10) AS s FROM numbers(3) GROUP BY k) AS b "
            "ON a.k = b.k ORDER BY k"
        )
        assert found.rows() == [(0,), (1,), (20,)]


def test_states_of_a_users_own_fault_are_refused():
    with minidb.connect() as connection, pytest.raises(MiniDBError) as refused:
        connection.execute("SELECT sumMerge(CAST('x', 'AggregateFunction(sum, UInt64)'))")
    assert refused.value.code.number in {48, 53, 70}
