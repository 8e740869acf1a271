"""What a statement is bound in: catalog, functions, settings, parameters, and fresh ids."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from itertools import count
from typing import TYPE_CHECKING, Protocol

from minidb.catalog.relation import Relation
from minidb.catalog.system import SystemSource
from minidb.columns import Batch
from minidb.expr import BoundExpr
from minidb.functions.registry import FunctionRegistry
from minidb.plan.nodes import PlanNode
from minidb.record import state
from minidb.settings import Settings
from minidb.sql.ast import Expr, Lambda, ObjectName, Query, Setting

if TYPE_CHECKING:
    from minidb.binder.pending import Pending
    from minidb.binder.scope import Scope


class BinderCatalog(Protocol):
    """What the binder asks the catalog for."""

    def relation(self, name: ObjectName) -> Relation:
        """Return the table of that name; BindError UNKNOWN_TABLE or UNKNOWN_DATABASE."""

    def view(self, environment: Environment, name: ObjectName) -> PlanNode | None:
        """Return the plan of a view of that name, bound with the ids of `environment`, or None."""

    def sql_function(self, name: str) -> Lambda | None:
        """Return the definition of a function made by CREATE FUNCTION, if there is one."""

    def sql_function_names(self) -> list[str]:
        """Return the names of all functions made by CREATE FUNCTION, for hints."""

    def system_source(self) -> SystemSource:
        """Return everything that the statement sees."""


class Queries(Protocol):
    """How a query inside an expression is bound and, when nothing around it matters, run."""

    def bind(self, environment: Environment, query: Query, outer: Scope) -> PlanNode:
        """Return the plan of a query that stands inside another one."""

    def run(self, environment: Environment, plan: PlanNode) -> list[Batch]:
        """Return the rows of a plan that reads no column of a query around it."""

    def stream(self, environment: Environment, plan: PlanNode) -> Iterator[Batch]:
        """Yield the same rows as they are asked for, and keep none."""


@state
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
    queries : Queries or None
        Binds and runs the queries inside expressions; None refuses them.
    statement_settings : tuple of Setting
        The SETTINGS that apply to the whole statement already.
    n_expanded : int
        How many calls of SQL functions have been replaced by their bodies.
    constants : dict
        The values of queries that were run once already, by the identity of their tree.
    pending : dict
        Queries inside expressions that read columns around them, by the column they become.
    shared : dict
        The same by the SELECT (its level) and the expression, so that equal ones become one.
    n_queries : int
        How many queries inside others have been bound: ClickHouse names them by number.
    query_names : dict
        What names of result columns call a query inside an expression, by its identity.
    """

    catalog: BinderCatalog
    registry: FunctionRegistry
    settings: Settings
    parameters: Mapping[int | str, object] = field(default_factory=dict)
    session_values: Mapping[str, Callable[[], object]] = field(default_factory=dict)
    queries: Queries | None = None
    statement_settings: tuple[Setting, ...] = ()
    n_expanded: int = 0
    constants: dict[tuple[str, int], tuple[Query, BoundExpr]] = field(default_factory=dict)
    pending: dict[int, Pending] = field(default_factory=dict)
    shared: dict[tuple[int, Expr], BoundExpr] = field(default_factory=dict)
    n_queries: int = 0
    query_names: dict[int, str] = field(default_factory=dict)
    _ids: count[int] = field(default_factory=lambda: count(1))

    def next_id(self) -> int:
        """Return a column id that no other column of the statement has."""
        return next(self._ids)
