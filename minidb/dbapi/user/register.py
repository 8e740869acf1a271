"""The decorators of a connection, and how their functions come and go."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

from minidb.dbapi.user.aggregates import UserAggregate, declare_aggregate
from minidb.dbapi.user.functions import FAMILY, Form, UserFunction, declare_function
from minidb.dbapi.user.signature import TypeLike, signature_of, type_of
from minidb.errors import (
    BAD_ARGUMENTS,
    NAME_ALREADY_REGISTERED,
    UNKNOWN_FUNCTION,
    ExtensionError,
    did_you_mean,
)
from minidb.functions.registry import AnyFunction, FunctionRegistry

FORMS = ("values", "arrays", "columns")
METHODS = ("update", "merge", "evaluate")


class UserFunctions:
    """The functions that a connection's user has registered, and the built-ins they hide."""

    def __init__(self, registry: FunctionRegistry) -> None:
        self._registry = registry
        self._hidden: dict[str, list[AnyFunction]] = {}

    def add_function(
        self,
        function: object,
        name: str | None,
        args: Sequence[TypeLike] | None,
        returns: TypeLike | None,
        form: Form,
        is_deterministic: bool,
        replace: bool,
    ) -> None:
        """Register a Python function."""
        shown = checked_name(name or getattr(function, "__name__", None))
        if not callable(function) or inspect.isclass(function):
            raise ExtensionError(BAD_ARGUMENTS, f"{function!r} is no function")
        _check_form(shown, form)
        signature = signature_of(shown, function, function, args, returns)
        user = UserFunction(shown, function, signature, form)
        self._add(shown, declare_function(user, is_deterministic=is_deterministic), replace)

    def add_aggregate(
        self,
        cls: object,
        name: str | None,
        args: Sequence[TypeLike] | None,
        returns: TypeLike | None,
        form: Form,
        state: TypeLike | None,
        replace: bool,
    ) -> None:
        """Register a class of states."""
        shown = checked_name(name or getattr(cls, "__name__", None))
        wanted = METHODS if state is None else (*METHODS, "save", "load")
        missing = [method for method in wanted if not callable(getattr(cls, method, None))]
        if missing or not inspect.isclass(cls):
            message = f"aggregate {shown} needs a class with {', '.join(wanted)}"
            hint = f"it has no {', '.join(missing)}" if missing else None
            raise ExtensionError(BAD_ARGUMENTS, message, hint=hint)
        _check_form(shown, form)
        maker: Any = cls
        signature = signature_of(shown, maker.update, maker.evaluate, args, returns)
        kept = None if state is None else type_of(shown, state)
        self._add(
            shown, declare_aggregate(UserAggregate(shown, maker, signature, form, kept)), replace
        )

    def _add(self, name: str, declared: AnyFunction, replace: bool) -> None:
        """Enter a function; the built-ins it hides come back when it is removed."""
        known = self._registry.named(name)
        if known and not replace:
            is_own = all(getattr(f, "family", None) == FAMILY for f in known)
            whose = "yours" if is_own else "a built-in"
            message = f"there is a function {name} already, {whose}"
            hint = "give another name=, or replace=True to hide it"
            raise ExtensionError(NAME_ALREADY_REGISTERED, message, hint=hint)
        built_in = [f for f in known if getattr(f, "family", None) != FAMILY]
        self._hidden.setdefault(name, built_in)
        self._registry.hide(name)
        self._registry.add(declared)

    def remove(self, name: str) -> None:
        """Remove a user's function; a built-in that it hid is there again.

        Raises
        ------
        ExtensionError
            UNKNOWN_FUNCTION when it is not one of the user's.
        """
        if name not in self._hidden:
            hint = did_you_mean(name, self._hidden)
            message = f"there is no function {name!r} of yours"
            raise ExtensionError(UNKNOWN_FUNCTION, message, hint=hint)
        self._registry.hide(name)
        for function in self._hidden.pop(name):
            self._registry.show(name, function)


def checked_name(name: object) -> str:
    """Return a name that SQL can call without quotes."""
    if not isinstance(name, str) or not name.isidentifier() or not name.isascii():
        hint = "give name= as an identifier"
        raise ExtensionError(BAD_ARGUMENTS, f"{name!r} cannot name a function", hint=hint)
    return name


def _check_form(name: str, form: str) -> None:
    if form not in FORMS:
        message = f"{name}: form is one of {', '.join(FORMS)}, not {form!r}"
        raise ExtensionError(BAD_ARGUMENTS, message)
