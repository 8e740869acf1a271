"""PEP 249's connection: a session of one database, and the errors it may raise."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from types import TracebackType
from typing import Self

from minidb import errors
from minidb.database import Database, Session
from minidb.dbapi.cursor import Cursor, Row
from minidb.dbapi.many import Parameters, check_parameters, check_statement, rows_of_bare_insert
from minidb.dbapi.user.decorators import Decorators
from minidb.dbapi.user.register import UserFunctions
from minidb.errors import (
    BAD_ARGUMENTS,
    CONNECTION_IS_CLOSED,
    MEMORY_LIMIT_EXCEEDED,
    TOO_DEEP_RECURSION,
    InterfaceError,
    LimitExecutionError,
    NotSupportedError,
)
from minidb.extension import Extension
from minidb.result import Result


def connect(
    path: str | os.PathLike[str] = ":memory:",
    *,
    settings: Mapping[str, object] | None = None,
    extensions: Sequence[Extension] | None = None,
) -> Connection:
    """Open a database.

    Parameters
    ----------
    path : str or path-like
        A folder, made when it is missing; ``:memory:`` for a database of this connection alone.
    settings : mapping of str to value, optional
        Session settings, as SET would set them.
    extensions : sequence of Extension, optional
        What to register beside the built-ins; by default all that are installed.

    Raises
    ------
    StorageError
        NOT_A_DATABASE, DATABASE_IS_NEWER, CORRUPTED_DATA, CHECKSUM_DOESNT_MATCH,
        FILE_SYSTEM_ERROR: the folder cannot be opened.
    InterfaceError
        BAD_ARGUMENTS when `path` is no path.
    BindError
        UNKNOWN_SETTING or BAD_ARGUMENTS for `settings`.
    ExtensionError
        EXTENSION_CANNOT_BE_LOADED, NAME_ALREADY_REGISTERED.
    """
    name = _checked_path(path)
    chosen = _checked_settings(settings)
    with _documented_errors(), ExitStack() as opened:
        database = opened.enter_context(Database.open(name, extensions))
        connection = Connection(database)
        for setting, value in chosen.items():
            connection.session.settings.set(setting, value)
        opened.pop_all()
        return connection


def _checked_path(path: object) -> str:
    """Return a path as text."""
    name = os.fspath(path) if isinstance(path, str | os.PathLike) else None
    if not isinstance(name, str) or not name or "\0" in name:
        raise InterfaceError(BAD_ARGUMENTS, f"expected a path, got {path!r}")
    return name


def _checked_settings(settings: object) -> Mapping[str, object]:
    """Return settings as a mapping; none for None."""
    if settings is None:
        return {}
    if not isinstance(settings, Mapping):
        message = f"settings are a mapping of names to values, not {type(settings).__name__}"
        raise InterfaceError(BAD_ARGUMENTS, message)
    return settings


@contextmanager
def _documented_errors() -> Iterator[None]:
    """Turn the errors of Python itself that any code can meet into documented ones."""
    try:
        yield
    except RecursionError as error:
        message = "the statement is nested too deeply"
        raise LimitExecutionError(TOO_DEEP_RECURSION, message) from error
    except MemoryError as error:
        message = "there is not enough memory for the statement"
        raise LimitExecutionError(MEMORY_LIMIT_EXCEEDED, message) from error


class Connection(Decorators):
    """A session of a database.

    Every statement commits by itself: `commit` has nothing to do, and `rollback` raises
    NotSupportedError. Used as a context manager it closes at the end.

    Parameters
    ----------
    database : Database
        Closed together with the connection.
    """

    Warning = errors.Warning
    Error = errors.MiniDBError
    InterfaceError = errors.InterfaceError
    DatabaseError = errors.DatabaseError
    DataError = errors.DataError
    OperationalError = errors.OperationalError
    IntegrityError = errors.IntegrityError
    InternalError = errors.InternalError
    ProgrammingError = errors.ProgrammingError
    NotSupportedError = errors.NotSupportedError

    autocommit = True

    def __init__(self, database: Database) -> None:
        self._database = database
        self._session = database.session()
        self._lock = threading.Lock()
        self._user_functions = UserFunctions(database.registry.functions)
        self._is_closed = False

    @property
    def session(self) -> Session:
        """Return the session that runs the statements.

        Raises
        ------
        InterfaceError
            CONNECTION_IS_CLOSED.
        """
        if self._is_closed:
            raise InterfaceError(CONNECTION_IS_CLOSED, "the connection is closed")
        return self._session

    def cursor(self) -> Cursor:
        """Return a new cursor.

        Raises
        ------
        InterfaceError
            CONNECTION_IS_CLOSED.
        """
        self.check_open()
        return Cursor(self)

    def execute(self, sql: str, parameters: Parameters | None = None) -> Result:
        """Run one statement and return its result; a shortcut beside PEP 249's cursors.

        Parameters
        ----------
        sql : str
            One statement; a semicolon may end it.
        parameters : sequence or mapping, optional
            Values for ``?`` by place, or for ``%(name)s`` by name. They are bound as values,
            never pasted into the text. ``INSERT INTO t VALUES`` takes a list of rows instead.

        Raises
        ------
        SqlSyntaxError, BindError, ExtensionError
            The statement is wrong; all are ProgrammingErrors.
        ExecutionError
            It failed while it ran; a DataError or an OperationalError.
        StorageError
            A file is broken, locked or cannot be written; an OperationalError.
        NotSupportedError
            NOT_IMPLEMENTED: the grammar reads it, the engine does not have it.
        InterfaceError
            CONNECTION_IS_CLOSED, WRONG_PARAMETERS or BAD_ARGUMENTS.
        """
        check_statement(sql)
        check_parameters(parameters)
        rows = rows_of_bare_insert(sql, parameters)
        if rows is not None:
            return self.insert_rows(sql, rows)
        return self._run(lambda session: Result(session.execute(sql, parameters)))

    def insert_rows(self, sql: str, rows: Sequence[Row]) -> Result:
        """Insert rows of Python values by one statement that writes one part.

        Parameters
        ----------
        sql : str
            ``INSERT INTO table [(columns)] VALUES``.
        rows : sequence of tuple
            One tuple per row.

        Raises
        ------
        MiniDBError
            As `execute`; nothing is written then.
        """
        check_statement(sql)
        return self._run(lambda session: Result(session.insert_rows(sql, rows)))

    def _run(self, work: Callable[[Session], Result]) -> Result:
        """Run one statement at a time."""
        with self._lock, _documented_errors():
            return work(self.session)

    def cancel(self) -> None:
        """Stop the running statement, from another thread; it raises QUERY_WAS_CANCELLED.

        Raises
        ------
        InterfaceError
            CONNECTION_IS_CLOSED.
        """
        self.session.cancel()

    def commit(self) -> None:
        """Do nothing: every statement has committed by itself.

        Raises
        ------
        InterfaceError
            CONNECTION_IS_CLOSED.
        """
        self.check_open()

    def rollback(self) -> None:
        """Refuse, because every statement has committed by itself.

        Raises
        ------
        NotSupportedError
            NOT_IMPLEMENTED, always.
        InterfaceError
            CONNECTION_IS_CLOSED.
        """
        self.check_open()
        message = "there is nothing to roll back: every statement commits by itself"
        raise NotSupportedError(message)

    def close(self) -> None:
        """Close the connection and give the database back.

        Raises
        ------
        InterfaceError
            CONNECTION_IS_CLOSED when it is closed already.
        """
        self.check_open()
        self._is_closed = True
        self._database.close()

    def check_open(self) -> None:
        """Raise InterfaceError, CONNECTION_IS_CLOSED, when the connection is closed."""
        _ = self.session

    def __enter__(self) -> Self:
        self.check_open()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._is_closed:
            self.close()
