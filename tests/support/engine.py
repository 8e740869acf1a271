"""Running statements on sessions, and what comes out in a form that can be compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

from minidb.database import Database, Session
from minidb.errors import MiniDBError
from minidb.result import Result


@contextmanager
def session_at(path: object = ":memory:") -> Iterator[Session]:
    """Open a database, give a session, and close it."""
    with Database.open(path) as database:
        yield database.session()


def run(session: Session, sql: str, parameters: object = None) -> Result:
    """Run one statement and read all its rows."""
    return Result(session.execute(sql, parameters))


def rows(session: Session, sql: str, parameters: object = None) -> list[tuple]:
    """Return the rows of one statement."""
    return run(session, sql, parameters).rows()


def shown(session: Session, sql: str) -> tuple[tuple[str, ...], list[str], list[str]]:
    """Return names, types and rows so that equal results are equal: NaN is NaN, -0.0 is not 0.0."""
    result = run(session, sql)
    return result.names, [t.name for t in result.types], [repr(row) for row in result.rows()]


def run_all(session: Session, statements: Iterable[str]) -> None:
    """Run statements and read what they give."""
    for sql in statements:
        run(session, sql)


def error_of(session: Session, sql: str, parameters: object = None) -> MiniDBError:
    """Return the error that a statement ends with."""
    try:
        result = run(session, sql, parameters)
    except MiniDBError as error:
        return error
    raise AssertionError(f"no error: {sql}\n{result}")


def code_of(session: Session, sql: str, parameters: object = None) -> int:
    """Return the number of the error that a statement ends with."""
    return error_of(session, sql, parameters).code.number


def contents(session: Session) -> dict[str, Sequence[str]]:
    """Return everything that a database holds: each table's definition and rows, and functions."""
    found: dict[str, Sequence[str]] = {}
    for (name,) in rows(session, "SELECT name FROM system.databases WHERE name != 'system'"):
        for (table,) in rows(session, f"SHOW TABLES FROM `{name}`"):
            full = f"`{name}`.`{table}`"
            found[rows(session, f"SHOW CREATE TABLE {full}")[0][0]] = shown(
                session, f"SELECT * FROM {full}"
            )[2]
    sql = "SELECT name, description FROM system.functions WHERE kind = 'sql'"
    found["functions"] = [repr(row) for row in rows(session, sql)]
    return found
