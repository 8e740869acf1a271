"""What a statement is bound in: catalog, functions, settings, parameters, and fresh ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

from minidb.catalog.relation import Relation
from minidb.functions.registry import FunctionRegistry
from minidb.settings import Settings
from minidb.sql.ast import Lambda, ObjectName


class BinderCatalog(Protocol):
    """What the binder asks the catalog for."""

    def relation(self, name: ObjectName) -> Relation:
        """Return the table of that name; BindError UNKNOWN_TABLE or UNKNOWN_DATABASE."""

    def sql_function(self, name: str) -> Lambda | None:
        """Return the definition of a function made by CREATE FUNCTION, if there is one."""

    def sql_function_names(self) -> list[str]:
        """Return the names of all functions made by CREATE FUNCTION, for hints."""


@dataclass(slots=True)
class Environment:
    """Everything a statement's names can mean.

    Parameters
    ----------
    catalog : BinderCatalog
        Tables and SQL functions.
    registry : FunctionRegistry
        Built-in and extension functions.
    settings : Settings
        The session's, with the statement's own on top.
    parameters : mapping
        Values for ``?`` (by number from 0) and ``%(name)s`` (by name).
    session_values : mapping of str to callable
        Functions without arguments that only the session can answer, such as currentDatabase.
    n_expanded : int
        How many calls of SQL functions have been replaced by their bodies.
    """

    catalog: BinderCatalog
    registry: FunctionRegistry
    settings: Settings
    parameters: Mapping[int | str, object] = field(default_factory=dict)
    session_values: Mapping[str, Callable[[], object]] = field(default_factory=dict)
    n_expanded: int = 0
    _ids: count[int] = field(default_factory=lambda: count(1))

    def next_id(self) -> int:
        """Return a column id that no other column of the statement has."""
        return next(self._ids)
