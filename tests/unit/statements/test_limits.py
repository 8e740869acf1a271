"""What stops a statement: memory, time, a cancel, Ctrl-C, depth. The session goes on."""

from __future__ import annotations

import threading

import pytest

import minidb
from minidb.errors import LimitExecutionError
from tests.support.engine import code_of, contents, error_of, rows, run, session_at

MANY = "SELECT count() FROM numbers(100000000000) AS a WHERE number % 7 = 8"


@pytest.fixture
def session():
    with session_at() as made:
        run(made, "CREATE TABLE t (x UInt64, s String)")
        run(made, "INSERT INTO t SELECT number, toString(number) FROM numbers(20000)")
        yield made


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT groupArray(s) FROM t",
        "SELECT s, count() FROM t GROUP BY s",
        "SELECT s FROM t ORDER BY s",
        "SELECT DISTINCT s FROM t",
        "SELECT count() FROM t AS a JOIN t AS b ON a.x = b.x",
        "CREATE TABLE u ENGINE = Memory AS SELECT * FROM t",
        "INSERT INTO t SELECT * FROM t",
        "DELETE FROM t WHERE x > 5",
    ],
)
def test_memory_limit_is_obeyed_and_the_session_goes_on(session, sql):
    before = contents(session)
    run(session, "SET max_memory_usage = 50000")
    assert code_of(session, sql) == 241
    run(session, "SET max_memory_usage = 0")
    assert contents(session) == before
    run(session, sql)


def test_memory_limit_of_one_statement_is_its_own(session):
    assert code_of(session, "SELECT s FROM t ORDER BY s SETTINGS max_memory_usage = 1000") == 241
    assert len(rows(session, "SELECT s FROM t ORDER BY s")) == 20000
    assert rows(session, "SELECT sum(x) FROM t SETTINGS max_memory_usage = 10000000")


def test_time_limit_stops_a_long_query(session):
    assert code_of(session, f"{MANY} SETTINGS max_execution_time = 1") == 159
    assert rows(session, "SELECT 1") == [(1,)]


def test_cancel_from_another_thread_stops_the_query_and_the_connection_lives():
    with minidb.connect() as connection:
        seen = threading.Event()
        errors = []

        def watch() -> None:
            seen.wait(10)
            connection.cancel()

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            outcome = connection.session.execute(MANY, on_progress=lambda _: seen.set())
            list(outcome.batches)
        except minidb.Error as error:
            errors.append(error)
        watcher.join()
        assert [error.code.number for error in errors] == [394]
        assert isinstance(errors[0], LimitExecutionError | minidb.OperationalError)
        assert connection.execute("SELECT 2").rows() == [(2,)]


def test_cancel_without_a_statement_does_nothing(session):
    session.cancel()
    assert rows(session, "SELECT 1") == [(1,)]


def test_ctrl_c_in_the_middle_leaves_a_usable_session(session):
    calls = []

    def interrupt(progress) -> None:
        calls.append(progress)
        if len(calls) == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(session.execute(MANY, on_progress=interrupt).batches)
    assert rows(session, "SELECT count() FROM t") == [(20000,)]


def test_ctrl_c_while_writing_writes_nothing(session):
    before = contents(session)

    def interrupt(_) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        session.execute("INSERT INTO t SELECT * FROM t", on_progress=interrupt)
    assert contents(session) == before
    run(session, "INSERT INTO t SELECT * FROM t")


def test_progress_counts_the_rows_read(session):
    seen = []
    sql = "SELECT sum(x) FROM t SETTINGS max_block_size = 1000"
    list(session.execute(sql, on_progress=seen.append).batches)
    assert seen[-1].rows_read == seen[-1].rows_expected == 20000
    assert [p.rows_read for p in seen] == sorted(p.rows_read for p in seen)
    assert seen[-1].bytes_read == 20000 * 8
    assert len(seen) >= 20


def test_limit_stops_reading(session):
    seen = []
    sql = "SELECT x FROM t LIMIT 5 SETTINGS max_block_size = 100"
    list(session.execute(sql, on_progress=seen.append).batches)
    assert seen[-1].rows_read == 100


def test_the_primary_key_spares_granules(session):
    run(session, "SET index_granularity = 100")
    run(session, "CREATE TABLE k (x UInt64, y String) ORDER BY x")
    run(session, "INSERT INTO k SELECT 9999 - number, 'y' FROM numbers(10000)")

    def n_read(sql: str) -> int:
        seen = []
        list(session.execute(sql, on_progress=seen.append).batches)
        return seen[-1].rows_read if seen else 0

    assert n_read("SELECT count() FROM k WHERE x = 4242") == 100
    assert n_read("SELECT count() FROM k WHERE x >= 250 AND x < 350") == 200
    assert n_read("SELECT count() FROM k WHERE 9950 < x") == 100
    assert n_read("SELECT count() FROM k WHERE x > 20000") == 0
    assert n_read("SELECT count() FROM k WHERE x > 5 SETTINGS disabled_rules = 'all'") == 10000
    assert rows(session, "SELECT count() FROM k WHERE x >= 250 AND x < 350") == [(100,)]


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT " + "(" * 1200 + "1" + ")" * 1200,
        "SELECT " + "[" * 1200 + "1" + "]" * 1200,
        "SELECT " + "-" * 0 + "not " * 1200 + "1",
        "SELECT " + "f(" * 1200 + "1" + ")" * 1200,
        "SELECT CAST(1 AS " + "Array(" * 1200 + "UInt8" + ")" * 1200 + ")",
        "SELECT * FROM " + "(SELECT * FROM " * 1200 + "t" + ")" * 1200,
        "SELECT " + "[" * 150 + "1" + "]" * 150,
        "CREATE TABLE deep (x " + "Array(" * 150 + "UInt8" + ")" * 150 + ")",
    ],
    ids=["parens", "arrays", "not", "calls", "types", "tables", "array type", "column"],
)
def test_nesting_too_deep_is_an_error(session, sql):
    assert code_of(session, sql) == 306


@pytest.mark.parametrize(
    ("sql", "value"),
    [
        ("SELECT " + "(" * 900 + "1" + ")" * 900, 1),
        ("SELECT " + " + ".join(["1"] * 5000), 5000),
        ("SELECT " + " + ".join(["x"] * 3000) + " FROM t WHERE x = 1", 3000),
        ("SELECT " + "negate(" * 600 + "x" + ")" * 600 + " FROM t WHERE x = 1", 1),
        ("SELECT count() FROM t WHERE " + " OR ".join(f"x = {i}" for i in range(1000)), 1000),
        ("SELECT count() FROM t WHERE " + " AND ".join(["x < 10"] * 1000), 10),
        ("SELECT x IN (" + ", ".join(map(str, range(5000))) + ") FROM t WHERE x = 7", 1),
        ("SELECT sum(v) FROM (" + " UNION ALL ".join(["SELECT 1 AS v"] * 300) + ")", 300),
        ("SELECT x FROM " + "(SELECT x FROM " * 100 + "t" + ")" * 100 + " WHERE x = 3", 3),
        ("SELECT " + "if(x = 0, 0, " * 300 + "9" + ")" * 300 + " FROM t WHERE x = 1", 9),
    ],
    ids=["parens", "ones", "columns", "calls", "or", "and", "in", "union", "tables", "ifs"],
)
def test_long_and_deep_statements_that_are_allowed_run(session, sql, value):
    assert rows(session, sql) == [(value,)]


def test_sql_functions_call_one_another_up_to_a_limit(session):
    run(session, "CREATE FUNCTION f0 AS (x) -> x + 1")
    for i in range(1, 40):
        run(session, f"CREATE FUNCTION f{i} AS (x) -> f{i - 1}(f{i - 1}(x))")
    assert rows(session, "SELECT f6(1)") == [(1 + 2**6,)]
    assert code_of(session, "SELECT f39(1)") == 168


@pytest.mark.parametrize(
    ("body", "code"),
    [("1 + intDiv(1, x)", 153), ("upper(x)", 43), ("arrayMap(e -> intDiv(e, x), [1, 2])", 153)],
)
def test_errors_in_a_sql_function_point_at_its_call(session, body, code):
    run(session, f"CREATE FUNCTION f AS (x) -> {body}")
    error = error_of(session, "SELECT 1, f(0)")
    assert error.code.number == code
    assert error.sql[error.span.start : error.span.end] in ("f(0)", "0")


def test_an_expression_used_twice_at_every_step_is_computed_once(session):
    steps = ", ".join(f"a{i - 1} + a{i - 1} AS a{i}" for i in range(1, 60))
    ((*_, last),) = rows(session, f"SELECT x + 1 AS a0, {steps} FROM t LIMIT 1")
    assert last == 2**59


def test_errors_carry_the_statement_and_its_place(session):
    error = error_of(session, "SELECT x,\n  nothing FROM t")
    assert error.report().splitlines()[-1].endswith("line 2, column 3")
    error = error_of(session, "SELECT intDiv(1, x) FROM t")
    assert (error.code.number, error.sql[error.span.start : error.span.end]) == (
        153,
        "intDiv(1, x)",
    )
