"""Whatever comes in, only PEP 249's exceptions come out, and the database is as before."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import minidb
from minidb.dbapi import Connection
from minidb.sql.format import format_statement
from tests.strategies.columns import EVERY_TYPE, sample_values
from tests.strategies.damaged import damaged
from tests.strategies.python_values import odd_parameters, odd_values
from tests.strategies.sql import near_sql
from tests.strategies.sql_statements import statements
from tests.support.engine import contents

QUERIES = (
    "SELECT x, sum(y) + 1 AS s FROM t WHERE x > 1 AND z LIKE '%a' GROUP BY x ORDER BY s LIMIT 3",
    "SELECT DISTINCT a.x, b.y FROM t AS a INNER JOIN t AS b ON a.x = b.x AND a.y < b.y OFFSET 1",
    "SELECT arrayMap(e -> e * 2, [1, x]), x ? y : NULL, CASE z WHEN 'a' THEN 1 ELSE 2 END FROM t",
    "WITH 5 AS k, q AS (SELECT x FROM t) SELECT q.x + k FROM q, (SELECT 1 AS w) UNION ALL SELECT 2",
    "SELECT CAST(x AS Array(Nullable(UInt8))), y::String, tuple(1, 'a').1, toDate('2020-01-01')",
    "SELECT count(DISTINCT x), argMin(x, y), quantile(0.5)(y), any(z) FROM t HAVING count() > 0",
    "SELECT number % 3 AS m, groupArray(number) FROM numbers(5) GROUP BY m SETTINGS max_threads = 1",
    "SELECT bitCount(sumbin(x)), lookup(x, 5), hex(z), substring(z, 1, 2) FROM t FORMAT JSON",
)
WRITES = (
    "CREATE TABLE v (a UInt8 DEFAULT 1 + 1, b Nullable(String), PRIMARY KEY (a)) ENGINE = MergeTree",
    "CREATE TABLE v ENGINE = Memory AS SELECT x, y FROM t ORDER BY x",
    "INSERT INTO t (x, z) VALUES (1, 'a'), (2, upper('b')), (3, NULL)",
    "INSERT INTO t SELECT number, number, toString(number) FROM numbers(3)",
    "DELETE FROM t WHERE x BETWEEN 1 AND 2 OR z = 'a'",
    "CREATE FUNCTION f AS (a, b) -> a + b * 2",
    "RENAME TABLE t TO v, u TO w",
    "DROP TABLE IF EXISTS t, u",
    "TRUNCATE TABLE t",
    "OPTIMIZE TABLE t FINAL",
    "EXPLAIN PLAN SELECT x FROM t WHERE x = 1",
    "DESCRIBE TABLE (SELECT x, y FROM t)",
    "SHOW CREATE TABLE t",
    "SET max_block_size = 7, disabled_rules = ''",
)


def make(connection: Connection) -> None:
    connection.execute("CREATE TABLE t (x Int32, y Nullable(Float64), z String) ORDER BY x")
    connection.execute("CREATE TABLE u (a Array(UInt8), b Bits(65))")
    connection.execute("INSERT INTO t VALUES (1, 0.5, 'a'), (2, NULL, 'b'), (2, -1, '')")


@cache
def reader() -> Connection:
    """Return a connection for statements that leave nothing behind."""
    connection = minidb.connect()
    make(connection)
    return connection


def outcome(work: Callable[[], object]) -> minidb.Error | None:
    """Return the documented error that some work ends with; any other goes on as a failure."""
    try:
        work()
    except minidb.InternalError:
        raise
    except minidb.Error as error:
        if not error.report():
            raise
        return error
    return None


def run(connection: Connection, sql: object, parameters: object = None) -> minidb.Error | None:
    """Run one statement and look at its rows in every way."""

    def work() -> None:
        result = connection.execute(sql, parameters)
        list(result)
        str(result)

    return outcome(work)


@given(st.sampled_from(QUERIES).flatmap(damaged))
@example("SELECT ` AS s FROM t")
@example("SELECT tuple(1, 'a')..1")
def test_damaged_queries(sql):
    run(reader(), sql)


@given(st.sampled_from(WRITES).flatmap(damaged))
@example("SET max_block_size = 7, disabled_rules = y")
def test_damaged_writes_do_all_or_nothing(sql):
    with minidb.connect() as connection:
        make(connection)
        before = contents(connection.session)
        if run(connection, sql) is not None:
            assert contents(connection.session) == before
        assert connection.execute("SELECT 1").scalar() == 1


@given(st.one_of(st.text(max_size=40), near_sql()))
def test_random_text(sql):
    with minidb.connect() as connection:
        run(connection, sql)


@given(statements().map(format_statement))
def test_statements_that_only_the_grammar_knows(sql):
    with minidb.connect() as connection:
        make(connection)
        before = contents(connection.session)
        if run(connection, sql) is not None:
            assert contents(connection.session) == before


NAMES = sorted(
    name
    for (name,) in minidb.connect().execute(
        "SELECT DISTINCT name FROM system.functions WHERE kind != 'sql'"
    )
)
ARGUMENTS = [
    *("x", "y", "z", "NULL", "-1", "0", "1", "256", "1e308", "nan", "''", "'a'", "'('", "'%'", "*"),
    *("[]", "[1, 2]", "['a', NULL]", "[[1], []]", "tuple(1, 'a')", "e -> e", "(a, b) -> a + b"),
    *("toDate('2020-01-01')", "toDateTime('2020-01-01 00:00:00')", "true", "18446744073709551615"),
    *("toInt256('-5')", "toUInt128(7)", "toFixedString('abc', 3)", "CAST('101' AS Bits(3))"),
    *("toNullable(1)", "'UInt8'", "'Array(String)'", "toFloat32(0.5)", "-9223372036854775808"),
    *("materialize(x)", "[1.5, NULL]", "CAST([] AS Array(String))", "repeat('ab', 100)", "1e9"),
]


@given(st.sampled_from(NAMES), st.lists(st.sampled_from(ARGUMENTS), max_size=4))
def test_any_function_of_any_arguments(name, arguments):
    for tail in ("FROM t", "FROM t WHERE 0", "FROM t GROUP BY x, y, z"):
        run(reader(), f"SELECT {name}({', '.join(arguments)}) {tail}")


@given(st.sampled_from(NAMES), st.lists(odd_values(), max_size=3))
def test_any_function_of_any_parameters(name, values):
    run(reader(), f"SELECT {name}({', '.join('?' for _ in values)})", values)


@given(
    st.sampled_from(
        [
            "SELECT ?",
            "SELECT %(a)s, %(b)s",
            "SELECT ? + 1, [?]",
            "SELECT x FROM t WHERE x = ? AND z = %(x)s",
            "SELECT x FROM t LIMIT ?",
            "SELECT ?::String, toTypeName(?)",
            "SELECT * FROM numbers(?)",
        ]
    ),
    odd_parameters(),
)
@example("SELECT ?", [np.array(5)])
@example("SELECT ?", [[np.array(5), None]])
@example("SELECT ?", [[np.timedelta64(1, "s")]])
def test_odd_parameters(sql, parameters):
    run(reader(), sql, parameters)


@given(odd_values(), odd_parameters())
def test_statements_that_are_no_text(sql, parameters):
    with minidb.connect() as connection:
        run(connection, sql, parameters)


EVERY_COLUMN = ", ".join(f"c{place} {t.name}" for place, t in enumerate(EVERY_TYPE))


@cache
def every_type() -> Connection:
    """Return a connection with a table that has a column of each type."""
    connection = minidb.connect()
    connection.execute(f"CREATE TABLE every ({EVERY_COLUMN})")
    return connection


@given(st.integers(0, len(EVERY_TYPE) - 1), odd_values())
@example(6, (np.array(5), 1j))
@example(4, np.timedelta64(1, "s"))
@example(13, np.timedelta64(1, "s"))
def test_odd_values_into_a_column_of_any_type(place, value):
    connection = every_type()
    connection.execute("TRUNCATE TABLE every")
    one = f"INSERT INTO every (c{place}) VALUES"
    inserts = [
        lambda: connection.execute(f"{one} (?)", [value]),
        lambda: connection.cursor().executemany(f"{one} (?)", [[value], [value]]),
        lambda: connection.insert_rows(one, [(value,), (value,)]),
        lambda: connection.insert_rows(one, value),
    ]
    n_rows = 0
    for insert in inserts:
        if outcome(insert) is None:
            n_rows = connection.execute("SELECT count() FROM every").scalar()
        assert connection.execute("SELECT count() FROM every").scalar() == n_rows
    run(connection, f"SELECT c{place}, toString(c{place}) FROM every ORDER BY c{place}")


def nested(depth: int) -> list:
    """Return lists inside one another."""
    value: list = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("value", [10**5000, [10**5000], nested(3_000)], ids=["n", "list", "deep"])
def test_values_that_python_itself_does_not_write(value):
    for sql in ("SELECT ?", "SELECT x FROM t WHERE x = ?", "SELECT toString(?), [?]"):
        run(reader(), sql, [value])
    for place in range(len(EVERY_TYPE)):
        insert = f"INSERT INTO every (c{place}) VALUES"
        outcome(lambda sql=insert: every_type().insert_rows(sql, [(value,)]))
        run(every_type(), f"{insert} (?)", [value])


@pytest.mark.parametrize("target", [t.name for t in EVERY_TYPE])
def test_any_type_cast_to_any_other(target):
    connection = every_type()
    for place, data_type in enumerate(EVERY_TYPE):
        connection.execute("TRUNCATE TABLE every")
        rows = [(value,) for value in sample_values(data_type)]
        connection.insert_rows(f"INSERT INTO every (c{place}) VALUES", rows)
        for call in (f"CAST(c{place} AS {target})", f"accurateCastOrNull(c{place}, '{target}')"):
            run(connection, f"SELECT {call} FROM every")


@given(st.one_of(odd_values(), st.binary(max_size=12), st.text(max_size=12)))
@example("")
@example("\0")
@example("a" * 5000)
@example(b"/nowhere/at/all")
@example("/dev/null")
def test_random_paths(path):
    with tempfile.TemporaryDirectory() as folder:
        if isinstance(path, str) and not path.startswith("/"):
            path = f"{folder}/{path}" if ".." not in path else path
        elif isinstance(path, bytes):
            path = folder.encode() + b"/" + path.replace(b"..", b"")
        outcome(lambda: minidb.connect(path).close())


@given(st.binary(max_size=60), st.sampled_from(["manifest-1", "CURRENT", "x", "lock"]))
def test_folders_that_hold_something_else(content, name):
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / name).write_bytes(content)
        outcome(lambda: minidb.connect(folder).execute("SHOW TABLES"))
