"""The registry of functions of one database: look-up by name, alias and case."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import field
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
from minidb.record import state
from minidb.source import Span

AnyFunction: TypeAlias = ScalarFunction | AggregateFunction | TableFunction | WindowFunction
F = TypeVar("F", ScalarFunction, AggregateFunction, TableFunction, WindowFunction)


LoadFamily: TypeAlias = Callable[[], Iterable[AnyFunction]]


@state
class FunctionRegistry:
    """All functions of one database; names are exact, and lower case where case is ignored.

    A family added by `add_family` is imported when one of its names is first asked for: most
    statements use few functions, and importing all takes longer than running such a statement.
    """

    _scalars: dict[str, ScalarFunction] = field(default_factory=dict)
    _aggregates: dict[str, AggregateFunction] = field(default_factory=dict)
    _tables: dict[str, TableFunction] = field(default_factory=dict)
    _windows: dict[str, WindowFunction] = field(default_factory=dict)
    # The families that are not loaded yet, by each key under which one of their functions is found.
    _unloaded: dict[str, list[LoadFamily]] = field(default_factory=dict)

    def add(self, function: AnyFunction) -> None:
        """Add one function under its name and aliases.

        Raises
        ------
        ExtensionError
            NAME_ALREADY_REGISTERED when a name is taken.
        """
        self._load(keys_of(function))
        match function:
            case ScalarFunction():
                _add(self._scalars, function)
            case AggregateFunction():
                _add(self._aggregates, function)
            case TableFunction():
                _add(self._tables, function)
            case WindowFunction():
                _add(self._windows, function)

    def add_family(self, keys: Iterable[str], load: LoadFamily) -> None:
        """Add functions that are loaded when one of them is first asked for.

        Parameters
        ----------
        keys : iterable of str
            All that `keys_of` gives for the functions; another name would not be found.
        load : callable
            Returns the functions.
        """
        for key in keys:
            self._unloaded.setdefault(key, []).append(load)

    def _load(self, keys: Iterable[str]) -> None:
        """Load the families that have one of the keys."""
        found = [load for key in keys for load in self._unloaded.get(key, ())]
        for load in dict.fromkeys(found):
            for others in self._unloaded.values():
                if load in others:
                    others.remove(load)
            for function in load():
                self.add(function)

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
        keys = (name, folded(name))
        self._load(keys)
        for known in (self._scalars, self._aggregates):
            for key in keys:
                known.pop(key, None)

    def show(self, name: str, function: AnyFunction) -> None:
        """Give a name back that `hide` took."""
        match function:
            case ScalarFunction():
                _show(self._scalars, name, function)
            case AggregateFunction():
                _show(self._aggregates, name, function)
            case TableFunction():
                self._tables[name] = function

    def scalar(self, name: str) -> ScalarFunction | None:
        """Return the scalar function of that name, if there is one."""
        self._load((name, folded(name)))
        return _find(self._scalars, name)

    def aggregate(self, name: str) -> AggregateFunction | None:
        """Return the aggregate function of that name, if there is one."""
        self._load((name, folded(name)))
        return _find(self._aggregates, name)

    def window(self, name: str) -> WindowFunction | None:
        """Return the window function of that name, if there is one."""
        self._load((name, folded(name)))
        return _find(self._windows, name)

    def table(self, name: str, span: Span | None = None) -> TableFunction:
        """Return the table function of that name.

        Raises
        ------
        BindError
            UNKNOWN_FUNCTION.
        """
        self._load((name, folded(name)))
        found = _find(self._tables, name)
        if found is None:
            hint = did_you_mean(name, [table.name for table in self.tables()])
            message = f"no table function {name!r}"
            raise BindError(UNKNOWN_FUNCTION, message, span=span, hint=hint)
        return found

    def _all(self, known: dict[str, F]) -> list[F]:
        """Return each function once, however many names it has, after loading all."""
        self._load(tuple(self._unloaded))
        return list({id(function): function for function in known.values()}.values())

    def scalars(self) -> list[ScalarFunction]:
        """Return every scalar function."""
        return self._all(self._scalars)

    def aggregates(self) -> list[AggregateFunction]:
        """Return every aggregate function."""
        return self._all(self._aggregates)

    def tables(self) -> list[TableFunction]:
        """Return every table function."""
        return self._all(self._tables)

    def windows(self) -> list[WindowFunction]:
        """Return every window function."""
        return self._all(self._windows)

    def callable_functions(self) -> list[ScalarFunction | AggregateFunction | WindowFunction]:
        """Return every function that may stand in an expression."""
        return [*self.scalars(), *self.aggregates(), *self.windows()]

    def names(self) -> list[str]:
        """Return the names of all scalar, aggregate and window functions, for hints."""
        found = self.callable_functions()
        return sorted({name for function in found for name in (function.name, *function.aliases)})


def keys_of(function: AnyFunction) -> set[str]:
    """Return the keys under which a function is found: its names, folded where case is ignored."""
    names = {function.name, *function.aliases}
    return names | {folded(name) for name in names} if function.is_case_insensitive else names


def _add(into: dict[str, F], function: F) -> None:
    """Enter a function under all its names."""
    for key in keys_of(function):
        if into.get(key, function) is not function:
            message = f"a function named {function.name!r} is already there"
            raise ExtensionError(NAME_ALREADY_REGISTERED, message)
        into[key] = function


def _show(into: dict[str, F], name: str, function: F) -> None:
    """Enter a function under one of its names; in any case if all its names are read so."""
    if name in (function.name, *function.aliases):
        into[name] = function
    if getattr(function, "is_case_insensitive", False):
        into[folded(name)] = function


def _find(among: dict[str, F], name: str) -> F | None:
    """Return the function of that name, exactly or in lower case where case is ignored."""
    return among.get(name) or among.get(folded(name))


def folded(name: str) -> str:
    """Return a key that no exact name can be: lower case behind a mark."""
    return "\0" + name.lower()
