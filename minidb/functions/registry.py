"""The registry of functions of one database: look-up by name, alias and case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar

from minidb.errors import (
    NAME_ALREADY_REGISTERED,
    UNKNOWN_FUNCTION,
    BindError,
    ExtensionError,
    did_you_mean,
)
from minidb.functions.declaration import AggregateFunction, ScalarFunction, TableFunction
from minidb.functions.window import WindowFunction
from minidb.source import Span

AnyFunction: TypeAlias = ScalarFunction | AggregateFunction | TableFunction | WindowFunction
F = TypeVar("F", ScalarFunction, AggregateFunction, TableFunction, WindowFunction)


@dataclass(slots=True)
class FunctionRegistry:
    """All functions of one database; names are exact, and lower case where case is ignored."""

    scalars: dict[str, ScalarFunction] = field(default_factory=dict)
    aggregates: dict[str, AggregateFunction] = field(default_factory=dict)
    tables: dict[str, TableFunction] = field(default_factory=dict)
    windows: dict[str, WindowFunction] = field(default_factory=dict)

    def add(self, function: AnyFunction) -> None:
        """Add one function under its name and aliases.

        Raises
        ------
        ExtensionError
            NAME_ALREADY_REGISTERED when a name is taken.
        """
        match function:
            case ScalarFunction():
                _add(self.scalars, function, function.is_case_insensitive)
            case AggregateFunction():
                _add(self.aggregates, function, function.is_case_insensitive)
            case TableFunction():
                _add(self.tables, function, is_case_insensitive=False)
            case WindowFunction():
                _add(self.windows, function, function.is_case_insensitive)

    def add_all(self, functions: Iterable[AnyFunction]) -> None:
        """Add many functions."""
        for function in functions:
            self.add(function)

    def named(self, name: str) -> list[AnyFunction]:
        """Return the scalar and aggregate functions that a call by that name could mean."""
        found = (self.scalar(name), self.aggregate(name))
        return [function for function in found if function is not None]

    def hide(self, name: str) -> None:
        """Take a name away from the functions that have it; their other names stay."""
        for known in (self.scalars, self.aggregates):
            for key in (name, _folded(name)):
                known.pop(key, None)

    def show(self, name: str, function: AnyFunction) -> None:
        """Give a name back that `hide` took."""
        match function:
            case ScalarFunction():
                _show(self.scalars, name, function)
            case AggregateFunction():
                _show(self.aggregates, name, function)
            case TableFunction():
                self.tables[name] = function

    def scalar(self, name: str) -> ScalarFunction | None:
        """Return the scalar function of that name, if there is one."""
        return _find(self.scalars, name)

    def aggregate(self, name: str) -> AggregateFunction | None:
        """Return the aggregate function of that name, if there is one."""
        return _find(self.aggregates, name)

    def window(self, name: str) -> WindowFunction | None:
        """Return the window function of that name, if there is one."""
        return _find(self.windows, name)

    def table(self, name: str, span: Span | None = None) -> TableFunction:
        """Return the table function of that name.

        Raises
        ------
        BindError
            UNKNOWN_FUNCTION.
        """
        found = self.tables.get(name)
        if found is None:
            hint = did_you_mean(name, self.tables)
            message = f"no table function {name!r}"
            raise BindError(UNKNOWN_FUNCTION, message, span=span, hint=hint)
        return found

    def names(self) -> list[str]:
        """Return the names of all scalar, aggregate and window functions, for hints."""
        found = {name for f in self.scalars.values() for name in (f.name, *f.aliases)}
        found.update(name for f in self.aggregates.values() for name in (f.name, *f.aliases))
        found.update(name for f in self.windows.values() for name in (f.name, *f.aliases))
        return sorted(found)


def _add(into: dict[str, F], function: F, is_case_insensitive: bool) -> None:
    """Enter a function under all its names."""
    for name in (function.name, *function.aliases):
        keys = {name, _folded(name)} if is_case_insensitive else {name}
        for key in keys:
            if into.get(key, function) is not function:
                message = f"a function named {name!r} is already there"
                raise ExtensionError(NAME_ALREADY_REGISTERED, message)
            into[key] = function


def _show(into: dict[str, F], name: str, function: F) -> None:
    """Enter a function under one of its names; in any case if all its names are read so."""
    if name in (function.name, *function.aliases):
        into[name] = function
    if getattr(function, "is_case_insensitive", False):
        into[_folded(name)] = function


def _find(among: dict[str, F], name: str) -> F | None:
    """Return the function of that name, exactly or in lower case where case is ignored."""
    return among.get(name) or among.get(_folded(name))


def _folded(name: str) -> str:
    """Return a key that no exact name can be: lower case behind a mark."""
    return "\0" + name.lower()
