"""PEP 249, sentence by sentence; the public suite is in tests/dbapi."""

import datetime
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import minidb
from minidb.errors import MiniDBError

EXCEPTIONS = (
    *("Warning", "Error", "InterfaceError", "DatabaseError", "DataError", "OperationalError"),
    *("IntegrityError", "InternalError", "ProgrammingError", "NotSupportedError"),
)


@pytest.fixture
def connection():
    with minidb.connect() as opened:
        opened.execute("CREATE TABLE t (a Int64, s Nullable(String)) ENGINE = Memory")
        yield opened


def code_of(work):
    with pytest.raises(minidb.Error) as caught:
        work()
    return caught.value.code.name


def test_module_globals():
    assert (minidb.apilevel, minidb.threadsafety, minidb.paramstyle) == ("2.0", 2, "qmark")
    assert set(minidb.__all__) <= set(dir(minidb))
    assert all(getattr(minidb, name) is not None for name in minidb.__all__)
    with pytest.raises(AttributeError):
        _ = minidb.nothing_of_this_name


def test_exceptions_form_the_hierarchy(connection):
    assert issubclass(minidb.Error, Exception)
    assert not issubclass(minidb.Warning, minidb.Error)
    assert issubclass(minidb.InterfaceError, minidb.Error)
    assert not issubclass(minidb.InterfaceError, minidb.DatabaseError)
    for name in EXCEPTIONS[4:]:
        assert issubclass(getattr(minidb, name), minidb.DatabaseError)
    for name in EXCEPTIONS:
        assert getattr(connection, name) is getattr(minidb, name)


def test_type_objects_equal_type_names():
    assert minidb.NUMBER == "Nullable(UInt256)"
    assert "Float32" == minidb.NUMBER  # noqa: SIM300 - the other way round
    assert minidb.STRING == "String"
    assert minidb.BINARY == "FixedString(4)"
    assert minidb.BINARY == "Bits(3)"
    assert minidb.DATETIME == "DateTime"
    assert minidb.STRING != "Array(String)"
    assert minidb.ROWID != "UInt64"
    assert minidb.STRING != minidb.NUMBER
    assert minidb.STRING != 5
    assert len({minidb.STRING, minidb.NUMBER, minidb.STRING}) == 2


def test_constructors():
    assert minidb.Date(2002, 12, 25) == datetime.date(2002, 12, 25)
    assert minidb.Time(13, 45, 30) == datetime.time(13, 45, 30)
    assert minidb.Timestamp(2002, 12, 25, 13, 45, 30).hour == 13
    ticks = datetime.datetime(2002, 12, 25, 13, 45, 30).timestamp()
    assert minidb.DateFromTicks(ticks) == datetime.date(2002, 12, 25)
    assert minidb.TimeFromTicks(ticks) == datetime.time(13, 45, 30)
    assert minidb.TimestampFromTicks(ticks) == datetime.datetime(2002, 12, 25, 13, 45, 30)
    assert minidb.Binary(b"x") == b"x"


def test_description_and_rowcount(connection):
    cursor = connection.cursor()
    assert (cursor.description, cursor.rowcount, cursor.rownumber) == (None, -1, None)
    cursor.execute("INSERT INTO t VALUES (1, 'x'), (2, NULL)")
    assert (cursor.description, cursor.rowcount) == (None, 2)
    cursor.execute("SELECT a, s FROM t")
    assert cursor.description == (
        ("a", "Int64", None, None, None, None, False),
        ("s", "Nullable(String)", None, None, None, None, True),
    )
    assert (cursor.rowcount, cursor.rownumber) == (2, 0)
    cursor.execute("CREATE TABLE u (a Int8) ENGINE = Memory")
    assert cursor.description is None


def test_fetching(connection):
    cursor = connection.cursor()
    cursor.execute("SELECT number FROM numbers(10)")
    assert cursor.fetchone() == (0,)
    assert cursor.fetchmany() == [(1,)]
    cursor.arraysize = 3
    assert cursor.fetchmany() == [(2,), (3,), (4,)]
    assert cursor.fetchmany(2) == [(5,), (6,)]
    assert cursor.rownumber == 7
    assert next(cursor) == (7,)
    assert list(cursor) == [(8,), (9,)]
    assert (cursor.fetchone(), cursor.fetchmany(), cursor.fetchall()) == (None, [], [])


def test_execute_returns_the_cursor(connection):
    assert connection.cursor().execute("SELECT 1").fetchall() == [(1,)]


def test_fetch_without_rows_is_refused(connection):
    cursor = connection.cursor()
    assert code_of(cursor.fetchone) == "NO_RESULT"
    cursor.execute("INSERT INTO t VALUES (1, 'x')")
    assert code_of(cursor.fetchall) == "NO_RESULT"
    cursor.execute("SELECT 1")
    with pytest.raises(minidb.ProgrammingError):
        cursor.execute("SELECT nothing_here")
    assert code_of(cursor.fetchall) == "NO_RESULT"


def test_parameters_are_bound_as_values(connection):
    nasty = "x'); DROP TABLE t; -- ? %(a)s"
    connection.execute("INSERT INTO t VALUES (?, ?)", (1, nasty))
    connection.execute("INSERT INTO t VALUES (%(a)s, %(s)s)", {"s": None, "a": -2})
    assert connection.execute("SELECT a, s FROM t ORDER BY a").rows() == [(-2, None), (1, nasty)]
    assert connection.execute("SELECT '?', '%(x)s', ?", [5]).rows() == [("?", "%(x)s", 5)]
    assert connection.execute("SELECT ?", (b"\xff",)).rows() == [(b"\xff",)]
    day = datetime.date(2020, 1, 2)
    assert connection.execute("SELECT ?, ?", (day, [1, 2])).rows() == [(day, [1, 2])]


@pytest.mark.parametrize("parameters", ["x", b"x", 5, {1, 2}, iter([1])])
def test_parameters_of_a_wrong_kind_are_refused(connection, parameters):
    with pytest.raises(minidb.InterfaceError) as caught:
        connection.execute("SELECT ?", parameters)
    assert caught.value.code.name == "WRONG_PARAMETERS"


def test_too_few_parameters_are_refused(connection):
    with pytest.raises(minidb.Error):
        connection.execute("SELECT ?, ?", (1,))
    with pytest.raises(minidb.Error):
        connection.execute("SELECT %(a)s", {"b": 1})
    with pytest.raises(minidb.Error):
        connection.execute("SELECT ?")


def test_executemany_is_one_statement(tmp_path):
    with minidb.connect(tmp_path / "db") as connection:
        connection.execute("CREATE TABLE t (a Int64, s String) ENGINE = MergeTree ORDER BY a")
        cursor = connection.cursor()
        rows = [(i, str(i)) for i in range(1000)]
        assert cursor.executemany("INSERT INTO t (a, s) VALUES (?, ?)", iter(rows)).rowcount == 1000
        parts = connection.execute("SELECT parts FROM system.tables WHERE name = 't'")
        assert parts.rows() == [(1,)]
        named = "INSERT INTO t (a, s) VALUES (%(x)s, %(y)s)"
        cursor.executemany(named, [{"y": "q", "x": -1}, {"x": -2, "y": "r"}])
        found = connection.execute("SELECT a, s FROM t ORDER BY a LIMIT 3").rows()
        assert found == [(-2, "r"), (-1, "q"), (0, "0")]


def test_executemany_is_all_or_nothing(connection):
    cursor = connection.cursor()
    insert = "INSERT INTO t (a, s) VALUES (?, ?)"
    for bad in [(1, "x"), ("y", "x")], [(1, "x"), (1,)], [(1, "x"), (1 << 70, "x")]:
        with pytest.raises(minidb.Error):
            cursor.executemany(insert, bad)
    with pytest.raises(minidb.InterfaceError):
        cursor.executemany("INSERT INTO t (a) VALUES (%(x)s)", [{"y": 1}])
    with pytest.raises(minidb.InterfaceError):
        cursor.executemany("INSERT INTO t (a) VALUES (%(x)s)", [(1,)])
    with pytest.raises(minidb.Error):
        cursor.executemany("INSERT INTO nowhere VALUES (?)", [(1,)])
    assert connection.execute("SELECT a FROM t").rows() == []


def test_executemany_of_other_statements(connection):
    cursor = connection.cursor()
    cursor.executemany("INSERT INTO t VALUES (?, concat('a', 'b'))", [(1,), (2,)])
    assert cursor.rowcount == 2
    cursor.executemany("INSERT INTO t VALUES (?, ?)", [])
    assert cursor.rowcount == 0
    with pytest.raises(minidb.InterfaceError):
        cursor.executemany("SELECT ?", [(1,)])
    with pytest.raises(minidb.ProgrammingError) as caught:
        cursor.executemany("INSER INTO t", [(1,)])
    assert caught.value.sql == "INSER INTO t"


def test_what_pep_249_leaves_optional(connection):
    cursor = connection.cursor()
    assert not hasattr(cursor, "callproc")
    assert not hasattr(cursor, "nextset")
    assert cursor.setinputsizes((25,)) is None
    assert cursor.setoutputsize(1000, 0) is None
    assert cursor.connection is connection
    assert cursor.lastrowid is None


def test_commit_and_rollback(connection):
    connection.execute("INSERT INTO t VALUES (1, 'x')")
    assert connection.commit() is None
    with pytest.raises(minidb.NotSupportedError):
        connection.rollback()
    assert connection.execute("SELECT a FROM t").rows() == [(1,)]


def test_a_closed_connection_refuses_everything():
    connection = minidb.connect()
    cursor = connection.cursor()
    connection.close()
    for work in (
        *(connection.close, connection.commit, connection.rollback, connection.cursor),
        *(connection.cancel, cursor.fetchone, connection.__enter__),
        lambda: connection.execute("SELECT 1"),
        lambda: cursor.execute("SELECT 1"),
        lambda: cursor.executemany("SELECT 1", []),
    ):
        with pytest.raises(minidb.InterfaceError) as caught:
            work()
        assert caught.value.code.name == "CONNECTION_IS_CLOSED"


def test_a_closed_cursor_refuses_everything(connection):
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    cursor.close()
    for work in (cursor.fetchall, lambda: cursor.execute("SELECT 1"), lambda: iter(cursor)):
        assert code_of(work) == "CONNECTION_IS_CLOSED"


def test_the_context_manager_closes_once():
    with minidb.connect() as connection:
        connection.close()


@pytest.mark.parametrize("path", [5, None, b"db", "", "a\0b", ["x"]])
def test_what_is_no_path_is_refused(path):
    with pytest.raises(minidb.InterfaceError):
        minidb.connect(path)


def test_a_file_is_no_database():
    with pytest.raises(minidb.OperationalError):
        minidb.connect(Path(__file__))


@pytest.mark.parametrize("sql", [5, None, b"SELECT 1"])
def test_what_is_no_text_is_refused(connection, sql):
    assert code_of(lambda: connection.execute(sql)) == "BAD_ARGUMENTS"


@pytest.mark.parametrize(
    "sql",
    [
        "",
        ";",
        "SELEC",
        "SELECT 1; SELECT 2",
        "\0",
        "SELECT '\ud800'",
        "(" * 5000,
        "SELECT " + "-" * 99,
    ],
)
def test_bad_statements_are_programming_errors(connection, sql):
    with pytest.raises(MiniDBError) as caught:
        connection.execute(sql)
    assert isinstance(caught.value, minidb.DatabaseError)
    assert caught.value.report()


def test_connections_to_one_folder_see_the_same_tables(tmp_path):
    with minidb.connect(tmp_path / "db") as one, minidb.connect(tmp_path / "db") as two:
        one.execute("CREATE TABLE t (a Int8) ENGINE = MergeTree ORDER BY a")
        two.execute("INSERT INTO t VALUES (1)")
        assert one.execute("SELECT a FROM t").rows() == [(1,)]


def test_connections_in_memory_are_apart():
    with minidb.connect() as one, minidb.connect() as two:
        one.execute("CREATE TABLE t (a Int8) ENGINE = Memory")
        with pytest.raises(minidb.ProgrammingError):
            two.execute("SELECT a FROM t")


def test_threads_share_a_connection(connection):
    failures = []

    def insert(first):
        try:
            for i in range(20):
                connection.execute("INSERT INTO t VALUES (?, ?)", (first + i, "x"))
        except MiniDBError as error:
            failures.append(error)

    threads = [threading.Thread(target=insert, args=(100 * i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert connection.execute("SELECT a FROM t").n_rows == 80


def test_cancel_stops_a_statement_and_the_connection_lives(connection):
    started = threading.Event()
    failures = []

    def run():
        started.set()
        try:
            connection.execute("SELECT number FROM numbers(100000000000) WHERE number < 0")
        except MiniDBError as error:
            failures.append(error.code.name)

    thread = threading.Thread(target=run)
    thread.start()
    started.wait()
    while thread.is_alive():
        connection.cancel()
        thread.join(0.05)
    assert failures == ["QUERY_WAS_CANCELLED"]
    assert connection.execute("SELECT 1").rows() == [(1,)]


def test_keyboard_interrupt_passes_through():
    code = """
import _thread, threading, minidb
connection = minidb.connect()
threading.Timer(0.3, _thread.interrupt_main).start()
try:
    connection.execute("SELECT number FROM numbers(100000000000) WHERE number < 0")
except KeyboardInterrupt:
    assert connection.execute("SELECT 1").rows() == [(1,)]
    print("interrupted")
"""
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout == "interrupted\n"


@pytest.mark.parametrize(("sql", "given"), [("SELECT ?", (1, 2)), ("SELECT 1", (1,))])
def test_more_values_than_marks_are_refused(connection, sql, given):
    assert code_of(lambda: connection.execute(sql, given)) == "WRONG_PARAMETERS"
    connection.execute("SELECT 1", ())
    connection.execute("SELECT %(a)s", {"a": 1, "b": 2})


def test_more_values_than_marks_write_nothing(connection):
    insert = "INSERT INTO t VALUES (?, ?)"
    assert code_of(lambda: connection.execute(insert, (1, "a", 2))) == "WRONG_PARAMETERS"
    assert connection.execute("SELECT count() FROM t").scalar() == 0


def test_a_text_in_double_quotes_is_explained(connection):
    with pytest.raises(minidb.ProgrammingError) as caught:
        connection.execute('SELECT a FROM t WHERE s = "one thing"')
    assert caught.value.hint == "double quotes make a name; a text takes single quotes"


def test_wrong_kinds_of_arguments_are_interface_errors():
    with pytest.raises(minidb.InterfaceError):
        minidb.connect(settings=5)
    with minidb.connect() as connection:
        cursor = connection.cursor().execute("SELECT 1")
        with pytest.raises(minidb.InterfaceError):
            cursor.fetchmany("a")
        with pytest.raises(minidb.InterfaceError):
            cursor.executemany("INSERT INTO t VALUES (?)", None)
