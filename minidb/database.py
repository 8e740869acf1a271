"""Databases and sessions: one statement taken through every stage."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Self, TypeAlias

from minidb.columns import Batch
from minidb.errors import (
    EXTENSION_CANNOT_BE_LOADED,
    MEMORY_LIMIT_EXCEEDED,
    TOO_DEEP_RECURSION,
    UNKNOWN_IDENTIFIER,
    WRONG_PARAMETERS,
    ExecutionError,
    ExtensionError,
    InterfaceError,
    LimitExecutionError,
    MiniDBError,
    NotSupportedError,
)
from minidb.execution.context import ExecutionContext, Progress
from minidb.execution.outcome import Outcome
from minidb.extension import Extension, Registry
from minidb.formats.format import format_options
from minidb.formats.table_functions import add_builtin_tables
from minidb.functions.builtin import add_builtin_functions
from minidb.installed import InstalledPoint, entry_points
from minidb.optimizer.rules import BUILTIN_RULES
from minidb.settings import Settings, default_settings
from minidb.sql import ast
from minidb.sql.depth import deep_recursion
from minidb.sql.parser import parse_statement, parse_statements
from minidb.statements.context import SessionState, StatementContext
from minidb.statements.filled import filled
from minidb.statements.handlers import INSERT_ROWS, find_handler, load_handler
from minidb.statements.parameters import Parameters, check_number, parameters_by_key
from minidb.storage.open import IN_MEMORY, open_store
from minidb.storage.store import Store

EXTENSION_GROUP = "minidb.extensions"

OnProgress: TypeAlias = Callable[[Progress], None] | None

# What the grammar reads and neither the engine nor, without an extension, anyone gives a meaning.
UNSUPPORTED: Mapping[type, str] = {
    ast.CreateModel: "CREATE MODEL",
    ast.ExplainModel: "EXPLAIN MODEL",
}


class Database:
    """An open database: its store, and what its extensions registered.

    Connections to one path in one process share one store. Made by `Database.open`.

    Parameters
    ----------
    store : Store
        Where tables live; closed with the database.
    registry : Registry
        Functions, rules, operators and statements.
    path : str
        Where it was opened, for messages.
    """

    def __init__(self, store: Store, registry: Registry, path: str) -> None:
        self.store = store
        self.registry = registry
        self.path = path

    @classmethod
    def open(
        cls,
        path: str | os.PathLike[str] = IN_MEMORY,
        extensions: Sequence[Extension] | None = None,
    ) -> Self:
        """Open the database at a path; a folder that is not there is made by the first write.

        Parameters
        ----------
        path : str or path
            A folder, or ``:memory:`` for a new database that ends with the process.
        extensions : sequence of Extension, optional
            What to register beside the built-ins; by default all that are installed.

        Raises
        ------
        StorageError
            When the path holds something else, or a damaged or newer database.
        """
        found = installed_extensions() if extensions is None else extensions
        registry = build_registry(found)
        return cls(open_store(path), registry, os.fsdecode(path))

    def session(self) -> Session:
        """Return a new session with its own settings."""
        return Session(self)

    def close(self) -> None:
        """Let go of the store; the second call does nothing."""
        self.store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def installed_extensions() -> list[Extension]:
    """Return the extensions that installed packages declare, in order of their names.

    Raises
    ------
    ExtensionError
        EXTENSION_CANNOT_BE_LOADED, naming the one whose package is broken.
    """
    found = sorted(entry_points(EXTENSION_GROUP), key=lambda entry: entry.name)
    return [_loaded(entry) for entry in found]


def _loaded(entry: InstalledPoint) -> Extension:
    """Load one extension."""
    try:
        extension: Extension = entry.load()
    except (ImportError, AttributeError) as error:
        message = f"extension {entry.name!r} cannot be loaded: {error}"
        hint = f"install the package that has {entry.value!r} again, or remove it"
        raise ExtensionError(EXTENSION_CANNOT_BE_LOADED, message, hint=hint) from error
    if isinstance(extension, type) or not callable(getattr(extension, "register", None)):
        message = f"extension {entry.name!r} is no object with a method `register`: {entry.value!r}"
        hint = "name an instance in the entry point, not its class"
        raise ExtensionError(EXTENSION_CANNOT_BE_LOADED, message, hint=hint)
    return extension


def build_registry(extensions: Sequence[Extension]) -> Registry:
    """Return a registry of the built-ins and the given extensions."""
    registry = Registry()
    add_builtin_functions(registry.functions)
    add_builtin_tables(registry.functions)
    for rule in BUILTIN_RULES:
        registry.add_rule(rule)
    for extension in extensions:
        extension.register(registry)
    return registry


class Session:
    """Runs statements, one at a time; settings and the current database live here.

    Parameters
    ----------
    database : Database
        Shared with other sessions.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self.state = SessionState(default_settings(tuple(database.registry.settings)))
        self._running: ExecutionContext | None = None
        self._lock = threading.Lock()

    @property
    def settings(self) -> Settings:
        """Return the session's settings."""
        return self.state.settings

    @property
    def database_name(self) -> str:
        """Return the database that names without one belong to."""
        return self.state.database

    @property
    def registry(self) -> Registry:
        """Return functions and statements, for completion."""
        return self.database.registry

    def execute(
        self,
        sql: str,
        parameters: Parameters = None,
        *,
        on_progress: OnProgress = None,
        data: bytes | None = None,
    ) -> Outcome:
        """Run one statement.

        Parameters
        ----------
        sql : str
            The statement, with or without a semicolon.
        parameters : sequence or mapping, optional
            Values for ``?`` in order, or for ``%(name)s`` and ``{name:Type}`` by name.
        on_progress : callable, optional
            Called with a `Progress` as rows are read.
        data : bytes, optional
            What ``INSERT ... FORMAT`` reads, instead of the text behind it.

        Returns
        -------
        Outcome
            Its batches are computed as they are asked for; other statements are done already.

        Raises
        ------
        MiniDBError
            With code, place and hint; the database is as before.
        """
        with self._errors_of(sql), deep_recursion():
            statement = parse_statement(sql)
            check_number(parameters, statement)
            return self._run(statement, sql, parameters, on_progress, data)

    def execute_script(self, sql: str, *, on_progress: OnProgress = None) -> Iterator[Outcome]:
        """Run statements that semicolons separate, each when the caller asks for it.

        Raises
        ------
        MiniDBError
            A syntax error before anything runs; others when their statement is reached.
        """
        with self._errors_of(sql), deep_recursion():
            statements = parse_statements(sql)
        for statement in statements:
            with self._errors_of(sql), deep_recursion():
                outcome = self._run(statement, sql, None, on_progress)
            yield outcome

    def insert_rows(self, sql: str, rows: Sequence[Sequence[object]]) -> Outcome:
        """Run ``INSERT INTO t [(columns)] VALUES`` with rows of Python values, as one part.

        Parameters
        ----------
        sql : str
            An INSERT whose VALUES is empty or holds one row of ``?``.
        rows : sequence of sequences
            The values, row by row.

        Raises
        ------
        MiniDBError
            When a row or value does not fit; nothing is inserted then.
        """
        with self._errors_of(sql), deep_recursion():
            statement = parse_statement(sql)
            if not isinstance(statement, ast.Insert) or not is_row_of_marks(statement):
                message = "rows can be passed to INSERT ... VALUES (?, ...) alone"
                raise InterfaceError(WRONG_PARAMETERS, message)
            context = self._context(None, None)
            with self.database.store.snapshot() as snapshot:
                context.see(snapshot)
                return load_handler(INSERT_ROWS)(statement, rows, context)

    def cancel(self) -> None:
        """Stop the running statement at its next batch; may be called from any thread."""
        with self._lock:
            if self._running is not None:
                self._running.cancelled.set()

    def _context(self, parameters: Parameters, on_progress: OnProgress) -> StatementContext:
        """Return the context of a new statement, and remember it for `cancel`."""
        settings = self.state.settings
        execution = ExecutionContext(settings, on_progress=on_progress)
        with self._lock:
            self._running = execution
        return StatementContext(
            self.database.store,
            self.database.registry,
            self.state,
            settings,
            parameters_by_key(parameters),
            execution,
        )

    def _run(
        self,
        statement: ast.Statement,
        sql: str,
        parameters: Parameters,
        on_progress: OnProgress,
        data: bytes | None = None,
    ) -> Outcome:
        """Run a parsed statement on a snapshot that lives as long as its rows are read."""
        if "{" in sql and not isinstance(statement, ast.CreateView):
            statement = filled(statement, self.state.parameters, parameters)
        handler = self.database.registry.statement(statement) or find_handler(statement)
        if handler is None:
            what = UNSUPPORTED.get(type(statement), type(statement).__name__)
            raise NotSupportedError(f"{what} is not supported", span=statement.span)
        context = self._context(parameters, on_progress)
        context.input = data
        with ExitStack() as held:
            snapshot = held.enter_context(self.database.store.snapshot())
            context.see(snapshot)
            outcome = handler(statement, context)
            if outcome.schema is not None:
                outcome.options = format_options(context.settings)
                # The rows still to come are read from the snapshot.
                outcome.batches = self._guarded(outcome.batches, sql, held.pop_all().close)
        return outcome

    def _guarded(
        self, batches: Iterator[Batch], sql: str, release: Callable[[], None]
    ) -> Iterator[Batch]:
        """Yield batches; errors get the statement's text, and the snapshot is let go at the end."""
        try:
            while True:
                with self._errors_of(sql), deep_recursion():
                    batch = next(batches, None)
                if batch is None:
                    return
                yield batch
        finally:
            release()

    def _errors_of(self, sql: str) -> ErrorGuard:
        return ErrorGuard(sql)


class ErrorGuard:
    """Lets only documented errors out of a statement, each with the statement's text."""

    def __init__(self, sql: str) -> None:
        self.sql = sql

    def __enter__(self) -> None:
        sql: object = self.sql
        if not isinstance(sql, str):
            kind = type(sql).__name__
            raise InterfaceError(WRONG_PARAMETERS, f"a statement is a str, not {kind}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> None:
        match error:
            case MiniDBError():
                error.sql = error.sql or self.sql
                _explain_double_quotes(error)
            case MemoryError():
                message = "the system has no memory left for this statement"
                limit = LimitExecutionError(MEMORY_LIMIT_EXCEEDED, message)
                limit.sql = self.sql
                raise limit from error
            case RecursionError():
                deep = ExecutionError(TOO_DEEP_RECURSION, "the statement is nested too deep")
                deep.sql = self.sql
                raise deep from error
            case _:
                pass


def _explain_double_quotes(error: MiniDBError) -> None:
    """Add a hint where an unknown name was probably meant as a text."""
    start = error.span.start if error.span is not None else 0
    if error.code != UNKNOWN_IDENTIFIER or (error.sql or "")[start : start + 1] != '"':
        return
    advice = "double quotes make a name; a text takes single quotes"
    error.hint = f"{error.hint}; {advice}" if error.hint else advice


def is_row_of_marks(statement: ast.Insert) -> bool:
    """Whether an INSERT is ``VALUES`` alone, or with one row of ``?`` in order."""
    if not isinstance(statement.source, ast.InsertValues):
        return False
    rows = statement.source.rows
    if not rows:
        return True
    marks = [value.key if isinstance(value, ast.Parameter) else None for value in rows[0]]
    return len(rows) == 1 and marks == list(range(len(marks)))
