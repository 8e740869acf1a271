"""What a running statement has at hand: store, catalog, functions, settings, parameters."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field

from minidb.binder.environment import Environment
from minidb.binder.expressions import ExprBinder
from minidb.binder.scope import Scope
from minidb.catalog.counting import COUNTING_RELATIONS
from minidb.catalog.relation import Relation
from minidb.catalog.stored import StoredRelation
from minidb.catalog.system import SYSTEM_TABLES, SystemRelation, SystemSource
from minidb.catalog.view import ViewDef, find_view, view_keys
from minidb.errors import (
    BAD_ARGUMENTS,
    INFINITE_LOOP,
    UNKNOWN_DATABASE,
    UNKNOWN_TABLE,
    BindError,
    NotSupportedError,
    did_you_mean,
)
from minidb.execution.context import ExecutionContext
from minidb.expr.evaluate import evaluate_constant
from minidb.extension import Registry
from minidb.installed import installed_version
from minidb.plan.nodes import PlanNode
from minidb.record import record, state
from minidb.settings import Settings
from minidb.sql import ast
from minidb.sql.parser import parse_statement
from minidb.statements.queries_inside import QueriesInside
from minidb.statements.texts import create_statement, create_view_statement
from minidb.statements.view_binding import bind_view
from minidb.storage.definition import TableKey
from minidb.storage.memory import MemoryStore
from minidb.storage.store import ObjectKey, Snapshot, Store, StoredTable, Transaction

FUNCTION_KIND = "function"
DATABASE_KIND = "database"
DEFAULT_DATABASE = "default"
SYSTEM_DATABASE = "system"
# Where the session's temporary tables are; no name can be written that has this database.
TEMPORARY_DATABASE = ""


@state
class SessionState:
    """What outlives a statement: settings, the database that names belong to, temporary tables.

    `parameters` are the values that ``SET param_name = ...`` gave to ``{name:Type}``.
    """

    settings: Settings
    database: str = DEFAULT_DATABASE
    temporary: MemoryStore = field(default_factory=MemoryStore)
    parameters: dict[str, str | None] = field(default_factory=dict)


@record
class VisibleTables(Mapping[TableKey, StoredTable]):
    """The tables of the store and the session's temporary ones; either may change meanwhile."""

    stored: Mapping[TableKey, StoredTable]
    temporary: Mapping[TableKey, StoredTable]

    def __getitem__(self, key: TableKey) -> StoredTable:
        return (self.temporary if key[0] == TEMPORARY_DATABASE else self.stored)[key]

    def __iter__(self) -> Iterator[TableKey]:
        yield from self.stored
        yield from self.temporary

    def __len__(self) -> int:
        return len(self.stored) + len(self.temporary)


@state
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
    input : bytes or None
        What INSERT ... FORMAT reads instead of the text behind it.
    tables, objects : mapping
        What the statement sees: those of a snapshot, or of the transaction it has open.
    """

    store: Store
    registry: Registry
    session: SessionState
    settings: Settings
    parameters: Mapping[int | str, object]
    execution: ExecutionContext
    input: bytes | None = None
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

    def see(self, snapshot: Snapshot) -> None:
        """Make a snapshot what the statement sees, with the session's temporary tables."""
        temporary = self.session.temporary.snapshot().tables
        self.tables = VisibleTables(snapshot.tables, temporary)
        self.objects = snapshot.objects

    def is_temporary(self, name: ast.ObjectName) -> bool:
        """Whether a name means a temporary table, which hides a stored one."""
        return name.database is None and (TEMPORARY_DATABASE, name.name) in self.tables

    def constant(self, expr: ast.Expr, what: str) -> object:
        """Return the value of an expression that reads no row, such as a file's name or ``?``.

        Raises
        ------
        BindError
            When it reads columns, naming `what` it stands for.
        """
        bound = ExprBinder(self.environment(), Scope(), place=what).bind(expr)
        column = evaluate_constant(bound, self.settings)
        if column is None:
            raise BindError(BAD_ARGUMENTS, f"{what} must be constant", span=expr.span)
        return column.to_pylist()[0]

    def key(self, name: ast.ObjectName, home: str | None = None) -> TableKey:
        """Return (database, table) of a written name.

        Parameters
        ----------
        name : ObjectName
            As written.
        home : str, optional
            The database that names without one belong to, where it is not the session's; such
            names never mean temporary tables.

        Raises
        ------
        BindError
            UNKNOWN_DATABASE.
        """
        if home is None and self.is_temporary(name):
            return TEMPORARY_DATABASE, name.name
        database = name.database or home or self.session.database
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

    def table(self, name: ast.ObjectName, home: str | None = None) -> StoredTable:
        """Return a stored table.

        Raises
        ------
        BindError
            UNKNOWN_DATABASE or UNKNOWN_TABLE, with the nearest name.
        NotSupportedError
            For a view, whose rows are not its own.
        """
        key = self.key(name, home)
        table = self.tables.get(key)
        if table is None:
            if self.view(key) is not None:
                message = f"{key[1]!r} is a view: its rows are those of its query"
                raise NotSupportedError(message, span=name.span)
            raise self.unknown_table(name, home)
        return table

    def view(self, key: TableKey) -> ViewDef | None:
        """Return the view of a name, None where there is none."""
        return find_view(self.objects, key)

    def is_taken(self, key: TableKey) -> bool:
        """Whether a table or a view has the name."""
        return key in self.tables or self.view(key) is not None

    def names_in(self, database: str) -> list[str]:
        """Return the names of the tables and views of a database, in order."""
        keys = [*self.tables, *view_keys(self.objects)]
        return sorted(name for owner, name in keys if owner == database)

    def unknown_table(self, name: ast.ObjectName, home: str | None = None) -> BindError:
        """Return the error for a table that is not there."""
        database, table_name = self.key(name, home)
        known = self.names_in(database)
        if database == SYSTEM_DATABASE:
            known += [table.name for table in SYSTEM_TABLES]
            known += list(self.registry.system_tables)
        shown = table_name if name.database is None else f"{database}.{table_name}"
        hint = did_you_mean(table_name, known)
        return BindError(UNKNOWN_TABLE, f"no table {shown!r}", span=name.span, hint=hint)

    def system_source(self) -> SystemSource:
        """Return what system tables tell about: everything that the statement sees."""
        return SystemSource(
            self.registry.functions, self.settings, self.tables, self.objects, self._create_text
        )

    def _create_text(self, key: TableKey) -> str:
        """Return the statement that makes a table or a view, on one line."""
        table, view = self.tables.get(key), self.view(key)
        if table is not None:
            return _on_one_line(create_statement(table.definition))
        return "" if view is None else _on_one_line(create_view_statement(view))

    def begin(
        self, name: ast.ObjectName | None = None, *, is_temporary: bool = False
    ) -> Transaction:
        """Begin to write; from here on the statement sees its own changes.

        Parameters
        ----------
        name : ObjectName, optional
            What is written to: for a temporary table the session's own store begins.
        is_temporary : bool
            Whether a temporary table is to be made.

        Raises
        ------
        StorageError
            When another process writes, or the folder cannot be written.
        """
        if is_temporary or (name is not None and self.is_temporary(name)):
            transaction: Transaction = self.session.temporary.begin()
            stored = self.tables.stored if isinstance(self.tables, VisibleTables) else self.tables
            self.tables = VisibleTables(stored, transaction.tables)
            return transaction
        transaction = self.store.begin()
        temporary = self.session.temporary.snapshot().tables
        self.tables = VisibleTables(transaction.tables, temporary)
        self.objects = transaction.objects
        return transaction


def _on_one_line(text: str) -> str:
    """Join the lines of a statement; line ends inside texts are escaped there already."""
    return " ".join(line.strip() for line in text.split("\n"))


@record
class CatalogView:
    """The catalog as the binder asks for it; SQL functions are parsed once.

    Parameters
    ----------
    context : StatementContext
        Of the running statement.
    home : str, optional
        The database of names without one, inside a view.
    inside : tuple of (database, name)
        The views that are being bound, outermost first.
    """

    context: StatementContext
    home: str | None = None
    inside: tuple[TableKey, ...] = ()
    parsed: dict[str, ast.Statement] = field(default_factory=dict)

    def relation(self, name: ast.ObjectName) -> Relation:
        """Return the table of that name, stored or of the system."""
        context = self.context
        key = context.key(name, self.home)
        if key[0] == SYSTEM_DATABASE:
            counting = COUNTING_RELATIONS.get(key[1])
            if counting is not None:
                return counting
            source = context.system_source()
            for table in (*SYSTEM_TABLES, *context.registry.system_tables.values()):
                if table.name == key[1]:
                    return SystemRelation(table, source)
        return StoredRelation(context.table(name, self.home))

    def view(self, environment: Environment, name: ast.ObjectName) -> PlanNode | None:
        """Return the plan of a view of that name; None when there is no such view."""
        context = self.context
        key = context.key(name, self.home)
        view = None if key in context.tables else context.view(key)
        if view is None:
            return None
        if key in self.inside:
            message = f"view {key[1]!r} reads itself"
            raise BindError(INFINITE_LOOP, message, span=name.span)
        catalog = CatalogView(context, view.home, (*self.inside, key), self.parsed)
        return bind_view(environment, catalog, view)

    def sql_function(self, name: str) -> ast.Lambda | None:
        """Return the definition of a function made by CREATE FUNCTION, if there is one."""
        text = self.context.objects.get((FUNCTION_KIND, name))
        if text is None:
            return None
        if text not in self.parsed:
            self.parsed[text] = parse_statement(text)
        statement = self.parsed[text]
        return statement.definition if isinstance(statement, ast.CreateFunction) else None

    def system_source(self) -> SystemSource:
        """Return everything that the statement sees."""
        return self.context.system_source()

    def sql_function_names(self) -> list[str]:
        """Return the names of all functions made by CREATE FUNCTION."""
        return [name for kind, name in self.context.objects if kind == FUNCTION_KIND]
