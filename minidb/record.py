"""Frozen dataclasses that cost less to make.

``@record`` gives what ``@dataclass(frozen=True, slots=True)`` gives: `fields`, `replace`, `match`,
equality, a hash, and the errors of a frozen instance. The standard decorator compiles six methods
for every class, which on Python 3.11 took a third of the time in which the command starts. Here
all but ``__init__`` are shared, and that one is compiled for the first instance: most classes have
none in a run.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import (
    MISSING,
    Field,
    FrozenInstanceError,
    dataclass,
    field,
    fields,
    make_dataclass,
)
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform, overload

T = TypeVar("T")
FEW = 30
"""So many instances of a class are filled without compiling its ``__init__``."""


@overload
def record(cls: type[T], /) -> type[T]: ...


@overload
def record(*, eq: bool = True, repr: bool = True) -> Callable[[type[T]], type[T]]: ...


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(
    cls: type[T] | None = None,
    /,
    *,
    eq: bool = True,
    repr: bool = True,  # noqa: A002 - as `dataclass` calls it
) -> type[T] | Callable[[type[T]], type[T]]:
    """Make a class a frozen dataclass with slots.

    Parameters
    ----------
    cls : type
        The class, when the decorator stands without parentheses. Methods that it defines stay.
    eq : bool
        Whether instances with equal fields are equal; otherwise each is equal to itself alone.
    repr : bool
        Whether the fields are shown.
    """
    if cls is None:
        return lambda decorated: _made(decorated, eq, repr)
    return _made(cls, eq, repr)


@dataclass_transform(field_specifiers=(field,))
def state(cls: type[T]) -> type[T]:
    """Make a class a dataclass with slots whose fields change; each instance equals itself alone.

    Parameters
    ----------
    cls : type
        The class. Methods that it defines stay.
    """
    made: Any = dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    made.__init__ = _first_init(made)
    if "__repr__" not in vars(cls):
        made.__repr__ = _show
    result: type[T] = made
    return result


def _made(cls: type[T], has_eq: bool, has_repr: bool) -> type[T]:
    """Return the dataclass: a new class, since slots cannot be added to one that is there."""
    own = set(vars(cls))
    made: Any = dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    made.__init__ = _first_init(made)
    made.__setattr__, made.__delattr__ = _refuse_assignment, _refuse_deletion
    made.__getstate__, made.__setstate__ = _state, _set_state
    if has_repr and "__repr__" not in own:
        made.__repr__ = _show
    if has_eq and "__eq__" not in own:
        compared = [member.name for member in fields(made) if member.compare]
        made.__record_key__ = _key_of(compared)
        made.__eq__, made.__hash__ = _is_equal, _hash
    result: type[T] = made
    return result


def _first_init(cls: Any) -> Callable[..., None]:
    """Return the ``__init__`` of the first instances, which then puts the true one in its place.

    Compiling one costs as much as thirty slow fillings, and most classes have few instances in a
    short run.
    """
    n_instances = 0

    def first_init(self: Any, *args: Any, **named: Any) -> None:
        nonlocal n_instances
        n_instances += 1
        if n_instances > FEW or not _fill(self, args, named):
            cls.__init__ = _compiled_init(cls)
            cls.__init__(self, *args, **named)

    return first_init


def _fill(self: Any, args: tuple[Any, ...], named: dict[str, Any]) -> bool:
    """Set the fields as the standard ``__init__`` does; False when it would raise TypeError."""
    values, left, rest = list[tuple[str, Any]](), list(reversed(args)), dict(named)
    for member in fields(self):
        is_given = member.init and (member.name in rest or bool(left and not member.kw_only))
        if is_given and left and not member.kw_only:
            values.append((member.name, left.pop()))
        elif is_given:
            values.append((member.name, rest.pop(member.name)))
        elif member.default is not MISSING:
            values.append((member.name, member.default))
        elif member.default_factory is not MISSING:
            values.append((member.name, member.default_factory()))
        elif member.init:
            return False
    if left or rest:
        return False
    for name, value in values:
        object.__setattr__(self, name, value)
    if hasattr(self, "__post_init__"):
        self.__post_init__()
    return True


def _compiled_init(cls: Any) -> Callable[..., None]:
    """Return the ``__init__`` that the standard decorator makes of these fields."""
    members = [(member.name, object, _again(member)) for member in fields(cls)]
    # With a docstring, none is made out of the signature.
    hook: dict[str, Any] = {"__doc__": cls.__qualname__}
    if hasattr(cls, "__post_init__"):
        hook["__post_init__"] = None
    # Slots, since only then are the defaults of fields without `init` set.
    made: Any = make_dataclass(
        cls.__qualname__, members, namespace=hook, frozen=True, eq=False, repr=False, slots=True
    )
    init: Callable[..., None] = made.__init__
    return init


def _again(member: Field[Any]) -> Any:
    """Return a declaration of the same field."""
    given: dict[str, Any] = {"init": member.init, "kw_only": member.kw_only}
    if member.default_factory is not MISSING:
        return field(default_factory=member.default_factory, **given)
    return field(default=member.default, **given)


def _refuse_assignment(self: Any, name: str, value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_deletion(self: Any, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _state(self: Any) -> list[Any]:
    return [getattr(self, member.name) for member in fields(self)]


def _set_state(self: Any, state: list[Any]) -> None:
    for member, value in zip(fields(self), state, strict=True):
        object.__setattr__(self, member.name, value)


def _key_of(names: list[str]) -> object:
    """Return a function from an instance to what decides its equality."""
    if len(names) > 1:
        return staticmethod(attrgetter(*names))
    return staticmethod(lambda one: tuple(getattr(one, name) for name in names))


def _show(self: Any) -> str:
    shown = ", ".join(f"{m.name}={getattr(self, m.name)!r}" for m in fields(self) if m.repr)
    return f"{type(self).__qualname__}({shown})"


def _is_equal(self: Any, other: Any) -> Any:
    if type(self) is not type(other):
        return NotImplemented
    key: Any = self.__record_key__
    return self is other or bool(key(self) == key(other))


def _hash(self: Any) -> int:
    return hash(self.__record_key__(self))
