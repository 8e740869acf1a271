"""INSERT takes values exactly: text is read by the column's type, and nothing wraps around."""

from __future__ import annotations

import datetime

import pytest

import minidb


@pytest.fixture
def connection():
    with minidb.connect() as opened:
        opened.execute(
            "CREATE TABLE t (a UInt8, d Date, n Nullable(Int16), f Float32, w UInt256) "
            "ENGINE = Memory"
        )
        yield opened


GOOD = (1, "2020-01-02", None, 0.5, 2**200)


def test_text_is_read_by_the_type_of_its_column(connection):
    connection.execute(
        "INSERT INTO t VALUES ('7', '2020-01-02', '-3', '0.5', '12345678901234567890123')"
    )
    assert connection.execute("SELECT * FROM t").rows() == [
        (7, datetime.date(2020, 1, 2), -3, 0.5, 12345678901234567890123)
    ]


def test_rows_of_text_and_numbers_mix(connection):
    rows = [GOOD, ("2", datetime.date(2020, 1, 3), 4, "1.5", "7"), (3, "2020-01-04", "5", 2, 8)]
    connection.insert_rows("INSERT INTO t VALUES", rows)
    found = connection.execute("SELECT a, toString(d), n, f, w FROM t").rows()
    assert found == [
        (1, "2020-01-02", None, 0.5, 2**200),
        (2, "2020-01-03", 4, 1.5, 7),
        (3, "2020-01-04", 5, 2.0, 8),
    ]


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("300", 69),
        ("'300'", 6),
        ("-1", 69),
        ("1.5", 69),
        ("200 + 100", 69),
        ("'x'", 6),
        ("NULL", 349),
    ],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(connection, value, number):
    sql = f"INSERT INTO t VALUES (1, '2020-01-02', 1, 1, 1), ({value}, '2020-01-02', 1, 1, 1)"
    with pytest.raises(minidb.DatabaseError) as caught:
        connection.execute(sql)
    assert caught.value.code.number == number
    assert sql[caught.value.span.start : caught.value.span.end] == value
    assert connection.execute("SELECT count() FROM t").rows() == [(0,)]


@pytest.mark.parametrize("value", [300, "300", -1, 1.5, "x", None, b"\xff", object()])
def test_parameters_are_held_to_the_same(connection, value):
    with pytest.raises(minidb.Error):
        connection.insert_rows("INSERT INTO t VALUES (?, ?, ?, ?, ?)", [GOOD, (value, *GOOD[1:])])
    assert connection.execute("SELECT count() FROM t").rows() == [(0,)]


def test_a_float_may_round_to_float32(connection):
    connection.execute("INSERT INTO t VALUES (1, '2020-01-02', 1, 1/3, 1)")
    assert connection.execute("SELECT f = toFloat32(1/3) FROM t").rows() == [(1,)]


def test_rows_in_a_format_are_inserted(connection):
    connection.execute("INSERT INTO t FORMAT CSV\n1,2020-01-02,\\N,0.5,3\n2,2020-01-03,4,1,4\n")
    assert connection.execute("SELECT a, n, w FROM t").rows() == [(1, None, 3), (2, 4, 4)]


def test_columns_may_hold_null_by_setting():
    with minidb.connect(settings={"data_type_default_nullable": True}) as connection:
        connection.execute("CREATE TABLE t (a UInt8, b String NOT NULL, c Array(UInt8))")
        types = connection.execute("SELECT name, type FROM system.columns ORDER BY position").rows()
        assert types == [("a", "Nullable(UInt8)"), ("b", "String"), ("c", "Array(UInt8)")]
