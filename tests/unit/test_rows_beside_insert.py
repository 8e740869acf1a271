"""INSERT INTO t VALUES with the rows beside it, as ClickHouse's own driver takes them."""

from __future__ import annotations

import pytest

import minidb


@pytest.fixture
def connection():
    with minidb.connect() as opened:
        opened.execute("CREATE TABLE t (a UInt8, b Array(UInt256)) ENGINE = Memory")
        yield opened


@pytest.mark.parametrize("sql", ["INSERT INTO t VALUES", "insert into t (a, b) values;"])
@pytest.mark.parametrize("rows", [[(1, [2**256 - 1]), (2, [])], ([1, [2**256 - 1]], [2, []])])
def test_rows_beside_the_statement_are_inserted(connection, sql, rows):
    assert connection.execute(sql, rows).n_written == 2
    connection.cursor().execute(sql, rows)
    found = connection.execute("SELECT * FROM t").rows()
    assert found == [(1, [2**256 - 1]), (2, [])] * 2


def test_a_ragged_row_inserts_nothing(connection):
    with pytest.raises(minidb.DataError):
        connection.execute("INSERT INTO t VALUES", [(1, []), (2,)])
    assert not connection.execute("SELECT * FROM t").rows()


def test_rows_beside_another_statement_are_refused(connection):
    with pytest.raises(minidb.InterfaceError):
        connection.execute("SELECT 1", [(1,), (2,)])
