"""Scopes: which columns the names of one SELECT can mean."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import field
from typing import Protocol

from minidb.columns import Field
from minidb.errors import (
    AMBIGUOUS_IDENTIFIER,
    UNKNOWN_IDENTIFIER,
    BindError,
    did_you_mean,
)
from minidb.expr import BoundExpr
from minidb.record import record
from minidb.source import Span
from minidb.sql.ast import CommonTable, Expr, Identifier
from minidb.types import DataType


@record
class ScopeTable:
    """A source in FROM, and what its columns are called.

    Attributes
    ----------
    name : str or None
        Its alias, or else the table's name; None for a derived table without alias.
    database : str or None
        Where the table is stored; None for a derived table or a table function.
    fields : mapping
        Columns by name; of several columns with one name the first.
    all_fields : tuple of Field
        All columns of a derived table.
    table_name : str or None
        The stored table's name, by which it is known beside its alias.
    hidden : frozenset of str
        Columns that ``*`` leaves out, since USING shows them once.
    is_merged : bool
        Whether these are not a table's columns but those that USING made of two tables.
    """

    name: str | None
    database: str | None
    fields: Mapping[str, Field]
    all_fields: tuple[Field, ...] = ()
    table_name: str | None = None
    hidden: frozenset[str] = frozenset()
    is_merged: bool = False

    @property
    def columns(self) -> Iterable[tuple[str, Field]]:
        """Return what ``*`` stands for: names and fields in order."""
        if self.all_fields:
            return [(field.name, field) for field in self.all_fields]
        return self.fields.items()

    def is_called(self, qualifier: tuple[str, ...], by_alias: bool = False) -> bool:
        """Whether ``qualifier.column`` means this table; `by_alias`: by its alias, if it has one.

        ClickHouse knows a table by its own name beside its alias, the standard does not.
        """
        if by_alias and self.name != self.table_name:
            return qualifier == (self.name,)
        match qualifier:
            case (name,):
                return name in (self.name, self.table_name)
            case (database, name):
                return name == (self.table_name or self.name) and database == self.database
            case _:
                return False


@record
class KeptTable:
    """A common table that its own query reads: the rows of the turn before.

    `key` is that of the plan's nodes; `names` and `types` are those of the columns.
    """

    name: str
    key: int
    names: tuple[str, ...]
    types: tuple[DataType, ...]


class OuterNames(Protocol):
    """What the names of a query inside an expression can mean in the query around it."""

    def find_name(self, identifier: Identifier, by_alias: bool) -> BoundExpr | None:
        """Return what a name means there, or in the queries around that one; else None."""

    def known_names(self) -> Iterator[str]:
        """Yield the names that are known there, for hints."""


@record
class Scope:
    """The tables of FROM in order, and what WITH of this query and those around it names.

    Attributes
    ----------
    tables : tuple of ScopeTable
        What stands in FROM.
    common : mapping
        The common tables that can be read.
    values : mapping
        The WITH expressions of the queries around this one; its own are aliases.
    outer : OuterNames or None
        Where names that are not found here are looked up: the clause around this query.
    common_outer : mapping
        The same for each common table: the clause around the query that defines it.
    level : int
        The SELECT that the names belong to; 0 outside of any.
    query_names : mapping
        What result columns call the queries inside expressions, by their identity.
    """

    tables: tuple[ScopeTable, ...] = ()
    common: Mapping[str, CommonTable | KeptTable] = field(default_factory=dict)
    values: Mapping[str, Expr] = field(default_factory=dict)
    outer: OuterNames | None = None
    common_outer: Mapping[str, OuterNames | None] = field(default_factory=dict)
    level: int = 0
    query_names: Mapping[int, str] = field(default_factory=dict)

    @property
    def _n_joined(self) -> int:
        """Return the number of tables."""
        return sum(not table.is_merged for table in self.tables)

    def find(self, identifier: Identifier, by_alias: bool = False) -> Field | None:
        """Return the column that a name means, or None; for `by_alias` see `ScopeTable.is_called`.

        With one join the left table wins when both have the name, as in ClickHouse; so does the
        first one where the same table stands there under several aliases.

        Raises
        ------
        BindError
            AMBIGUOUS_IDENTIFIER when several of three or more tables have the name.
        """
        qualifier, name = identifier.parts[:-1], identifier.parts[-1]
        for table in self.tables:
            if table.is_merged and not qualifier and name in table.fields:
                return table.fields[name]
        tables = [
            table
            for table in self.tables
            if name in table.fields and (not qualifier or table.is_called(qualifier, by_alias))
        ]
        if len(tables) > 1 and self._n_joined > 2 and not _are_one_table(tables):
            message = f"column {'.'.join(identifier.parts)!r} is in several tables"
            raise BindError(
                AMBIGUOUS_IDENTIFIER,
                message,
                span=identifier.span,
                hint="write the table's name before it",
            )
        return tables[0].fields[name] if tables else None

    def unknown(self, identifier: Identifier, also: Iterator[str] | None = None) -> BindError:
        """Return the error for a name that nothing in scope has."""
        names = [name for table in self.tables for name in table.fields]
        names.extend(also or ())
        if self.outer is not None:
            names.extend(self.outer.known_names())
        written = ".".join(identifier.parts)
        hint = did_you_mean(identifier.name, names)
        if hint is None and not self.tables:
            hint = "the query has no FROM"
        message = f"no column {written!r} in scope"
        return BindError(UNKNOWN_IDENTIFIER, message, span=identifier.span, hint=hint)

    def expand_star(self, qualifier: tuple[str, ...], span: Span) -> list[tuple[str, Field]]:
        """Return names and fields of ``*`` or ``table.*``.

        A name that another table has too comes out as `display_name` has it.
        """
        chosen = [t for t in self.tables if not qualifier or t.is_called(qualifier)]
        if not chosen:
            known = [t.name for t in self.tables if t.name is not None]
            written = ".".join(qualifier) or "FROM"
            hint = did_you_mean(qualifier[-1], known) if qualifier else "the query has no FROM"
            message = f"no table {written!r} to take columns from"
            raise BindError(UNKNOWN_IDENTIFIER, message, span=span, hint=hint)
        return [
            (self.display_name(table, name), column)
            for table in chosen
            for name, column in table.columns
            if qualifier or name not in table.hidden
        ]

    def display_name(self, table: ScopeTable, name: str) -> str:
        """Return the column's name in results, as ClickHouse qualifies it.

        With one join a name is qualified when the left table has it too; with more joins, when any
        other table has it. A table that stands there twice is named with its database.
        """
        place = next(i for i, known in enumerate(self.tables) if known is table)
        others = self.tables[:place]
        if self._n_joined > 2:
            others += self.tables[place + 1 :]
        others = tuple(other for other in others if not other.is_merged)
        if table.name is None or not any(name in other.fields for other in others):
            return name
        is_shared = sum(other.is_called((table.name,)) for other in self.tables) > 1
        if is_shared and table.name == table.table_name and table.database is not None:
            return f"{table.database}.{table.name}.{name}"
        return f"{table.name}.{name}"


def _are_one_table(tables: list[ScopeTable]) -> bool:
    """Whether several sources are one stored table."""
    stored = {(table.database, table.table_name) for table in tables}
    return len(stored) == 1 and tables[0].table_name is not None
