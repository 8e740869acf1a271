"""``@db.function`` and ``@db.aggregate``: the methods of a connection that register Python code."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, overload

from minidb.dbapi.user.functions import Form
from minidb.dbapi.user.register import UserFunctions
from minidb.dbapi.user.signature import TypeLike

F = TypeVar("F", bound=Callable[..., Any])
C = TypeVar("C", bound=type)


class Decorators(ABC):
    """What a connection offers to add a user's own functions."""

    _user_functions: UserFunctions

    @abstractmethod
    def check_open(self) -> None:
        """Raise InterfaceError, CONNECTION_IS_CLOSED, when the connection is closed."""

    @overload
    def function(self, function: F) -> F: ...

    @overload
    def function(
        self,
        *,
        name: str | None = None,
        args: Sequence[TypeLike] | None = None,
        returns: TypeLike | None = None,
        form: Form = "values",
        deterministic: bool = True,
        replace: bool = False,
    ) -> Callable[[F], F]: ...

    def function(
        self,
        function: F | None = None,
        *,
        name: str | None = None,
        args: Sequence[TypeLike] | None = None,
        returns: TypeLike | None = None,
        form: Form = "values",
        deterministic: bool = True,
        replace: bool = False,
    ) -> F | Callable[[F], F]:
        """Make a Python function callable from this connection's SQL; a decorator.

        Parameters
        ----------
        function : callable, optional
            When the decorator stands without parentheses.
        name : str, optional
            In SQL; by default the function's own.
        args, returns : types, optional
            ClickHouse's names (``"UInt8"``) or Python's types; by default the annotations.
            NULL reaches an argument that is Nullable (``int | None``); for others the result of
            such a row is NULL.
        form : {"values", "arrays", "columns"}
            One call per row with Python values, or one per batch with NumPy arrays or columns.
        deterministic : bool
            Whether equal arguments give equal results, so that constants may be folded.
        replace : bool
            Whether it may take the name of another function, also of a built-in.

        Raises
        ------
        ExtensionError
            BAD_ARGUMENTS for a signature that cannot be read, NAME_ALREADY_REGISTERED.
        """

        def decorate(given: F) -> F:
            self.check_open()
            self._user_functions.add_function(
                given, name, args, returns, form, deterministic, replace
            )
            return given

        return decorate if function is None else decorate(function)

    @overload
    def aggregate(self, cls: C) -> C: ...

    @overload
    def aggregate(
        self,
        *,
        name: str | None = None,
        args: Sequence[TypeLike] | None = None,
        returns: TypeLike | None = None,
        form: Form = "values",
        state: TypeLike | None = None,
        replace: bool = False,
    ) -> Callable[[C], C]: ...

    def aggregate(
        self,
        cls: C | None = None,
        *,
        name: str | None = None,
        args: Sequence[TypeLike] | None = None,
        returns: TypeLike | None = None,
        form: Form = "values",
        state: TypeLike | None = None,
        replace: bool = False,
    ) -> C | Callable[[C], C]:
        """Make a Python class an aggregate of this connection's SQL; a decorator.

        Parameters
        ----------
        cls : type, optional
            With methods `update` (a row, or the arrays of some rows), `merge` (another object)
            and `evaluate`; one object is made per group.
        name, args, returns, replace
            As in `function`; the arguments are those of `update`, the result that of `evaluate`.
        form : {"values", "arrays", "columns"}
            What `update` takes.
        state : type, optional
            Of what `save` returns and the class method `load` takes; then -State and -Merge work.

        Raises
        ------
        ExtensionError
            BAD_ARGUMENTS, NAME_ALREADY_REGISTERED.
        """

        def decorate(given: C) -> C:
            self.check_open()
            self._user_functions.add_aggregate(given, name, args, returns, form, state, replace)
            return given

        return decorate if cls is None else decorate(cls)

    def remove_function(self, name: str) -> None:
        """Remove a function or aggregate that a decorator made; what it hid is there again.

        Raises
        ------
        ExtensionError
            UNKNOWN_FUNCTION.
        """
        self.check_open()
        self._user_functions.remove(name)
