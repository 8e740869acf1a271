"""What a running statement has at hand: store, catalog, functions, settings, parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version

from minidb.binder.environment import Environment
from minidb.catalog.relation import Relation
from minidb.catalog.stored import StoredRelation
from minidb.catalog.system import SYSTEM_TABLES, SystemRelation, SystemSource
from minidb.errors import UNKNOWN_DATABASE, UNKNOWN_TABLE, BindError, did_you_mean
from minidb.execution.context import ExecutionContext
from minidb.extension import Registry
from minidb.settings import Settings
from minidb.sql import ast
from minidb.sql.parser import parse_statement
from minidb.statements.queries_inside import QueriesInside
from minidb.storage.definition import TableKey
from minidb.storage.store import ObjectKey, Store, StoredTable, Transaction

FUNCTION_KIND = "function"
DATABASE_KIND = "database"
DEFAULT_DATABASE = "default"
SYSTEM_DATABASE = "system"


def installed_version() -> str:
    """Return the version of the installed package, ``unknown`` in a bare source tree."""
    try:
        return version("minidb-nn")
    except PackageNotFoundError:
        return "unknown"


@dataclass(slots=True)
class SessionState:
    """What outlives a statement: settings, and the database that names belong to."""

    settings: Settings
    database: str = DEFAULT_DATABASE


@dataclass(slots=True)
class StatementContext:
    """Everything one statement may use.

    Parameters
    ----------
    store : Store
        Where tables live.
    registry : Registry
        Built-ins and extensions.
    session : SessionState
        SET and USE change it.
    settings : Settings
        The session's with the statement's own on top.
    parameters : mapping
        Values for ``?`` (by number) and ``%(name)s``.
    execution : ExecutionContext
        Memory, cancel and progress of this statement.
    tables, objects : mapping
        What the statement sees: those of a snapshot, or of the transaction it has open.
    """

    store: Store
    registry: Registry
    session: SessionState
    settings: Settings
    parameters: Mapping[int | str, object]
    execution: ExecutionContext
    tables: Mapping[TableKey, StoredTable] = field(default_factory=dict)
    objects: Mapping[ObjectKey, str] = field(default_factory=dict)

    def environment(self) -> Environment:
        """Return what the binder needs."""
        return Environment(
            CatalogView(self),
            self.registry.functions,
            self.settings,
            self.parameters,
            {
                "currentDatabase": lambda: self.session.database,
                "database": lambda: self.session.database,
                "DATABASE": lambda: self.session.database,
                "version": installed_version,
            },
            QueriesInside(self.registry, self.execution),
        )

    def key(self, name: ast.ObjectName) -> TableKey:
        """Return (database, table) of a written name.

        Raises
        ------
        BindError
            UNKNOWN_DATABASE.
        """
        database = name.database or self.session.database
        known = self.database_names()
        if database not in known:
            hint = did_you_mean(database, known)
            message = f"no database {database!r}"
            raise BindError(UNKNOWN_DATABASE, message, span=name.span, hint=hint)
        return database, name.name

    def database_names(self) -> list[str]:
        """Return the databases in order."""
        made = {name for kind, name in self.objects if kind == DATABASE_KIND}
        return sorted({DEFAULT_DATABASE, SYSTEM_DATABASE, *made})

    def table(self, name: ast.ObjectName) -> StoredTable:
        """Return a stored table.

        Raises
        ------
        BindError
            UNKNOWN_DATABASE or UNKNOWN_TABLE, with the nearest name.
        """
        database, table_name = self.key(name)
        table = self.tables.get((database, table_name))
        if table is None:
            raise self.unknown_table(name)
        return table

    def unknown_table(self, name: ast.ObjectName) -> BindError:
        """Return the error for a table that is not there."""
        database, table_name = self.key(name)
        known = [table for owner, table in self.tables if owner == database]
        if database == SYSTEM_DATABASE:
            known += [table.name for table in SYSTEM_TABLES]
            known += list(self.registry.system_tables)
        shown = table_name if name.database is None else f"{database}.{table_name}"
        hint = did_you_mean(table_name, known)
        return BindError(UNKNOWN_TABLE, f"no table {shown!r}", span=name.span, hint=hint)

    def begin(self) -> Transaction:
        """Begin to write; from here on the statement sees its own changes.

        Raises
        ------
        StorageError
            When another process writes, or the folder cannot be written.
        """
        transaction = self.store.begin()
        self.tables, self.objects = transaction.tables, transaction.objects
        return transaction


@dataclass(frozen=True, slots=True)
class CatalogView:
    """The catalog as the binder asks for it; SQL functions are parsed once."""

    context: StatementContext
    parsed: dict[str, ast.Statement] = field(default_factory=dict)

    def relation(self, name: ast.ObjectName) -> Relation:
        """Return the table of that name, stored or of the system."""
        context = self.context
        key = context.key(name)
        if key[0] == SYSTEM_DATABASE:
            source = SystemSource(
                context.registry.functions, context.settings, context.tables, context.objects
            )
            for table in (*SYSTEM_TABLES, *context.registry.system_tables.values()):
                if table.name == key[1]:
                    return SystemRelation(table, source)
        return StoredRelation(context.table(name))

    def sql_function(self, name: str) -> ast.Lambda | None:
        """Return the definition of a function made by CREATE FUNCTION, if there is one."""
        text = self.context.objects.get((FUNCTION_KIND, name))
        if text is None:
            return None
        if text not in self.parsed:
            self.parsed[text] = parse_statement(text)
        statement = self.parsed[text]
        return statement.definition if isinstance(statement, ast.CreateFunction) else None

    def sql_function_names(self) -> list[str]:
        """Return the names of all functions made by CREATE FUNCTION."""
        return [name for kind, name in self.context.objects if kind == FUNCTION_KIND]
