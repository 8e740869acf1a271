"""Frozen dataclasses that cost little to make.

``@record`` gives what ``@dataclass(frozen=True, slots=True)`` gives: `fields`, `replace`, `match`,
equality, a hash, and the errors of a frozen instance. The standard decorator compiles six methods
for every class, and on Python 3.11 that was a third of the time in which the command starts. Here
one is compiled, ``__init__``; the others are shared.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform, overload

T = TypeVar("T")


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


def _made(cls: type[T], has_eq: bool, has_repr: bool) -> type[T]:
    """Return the dataclass: a new class, since slots cannot be added to one that is there."""
    own = set(vars(cls))
    made: Any = dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    members = fields(made)
    made.__init__ = _compiled_init(made, members)
    made.__setattr__, made.__delattr__ = _refuse_to_set, _refuse_to_delete
    made.__reduce__ = _reduce
    if has_repr and "__repr__" not in own:
        made.__repr__ = _show
    if has_eq and "__eq__" not in own:
        made.__record_key__ = _key_of([member.name for member in members if member.compare])
        made.__eq__, made.__hash__ = _is_equal, _hash
    result: type[T] = made
    return result


def _key_of(names: list[str]) -> object:
    """Return a function from an instance to what decides its equality."""
    return staticmethod(attrgetter(*names) if names else _no_key)


def _no_key(_: object) -> tuple[()]:
    """Return the key of a class without fields: all its instances are equal."""
    return ()


def _compiled_init(cls: type, members: tuple[Field[Any], ...]) -> Callable[..., None]:
    """Compile ``__init__``, which writes each slot by its descriptor, past the frozen `setattr`."""
    names: dict[str, Any] = {"MISSING": MISSING}
    positional: list[str] = ["self"]
    keyword: list[str] = []
    body: list[str] = []
    for member in members:
        name = value = parameter = member.name
        names[f"set_{name}"] = getattr(cls, name).__set__
        if member.default is not MISSING:
            names[f"default_{name}"] = member.default
            parameter += f"=default_{name}"
        elif member.default_factory is not MISSING:
            names[f"make_{name}"] = member.default_factory
            parameter += "=MISSING"
            value = f"make_{name}() if {name} is MISSING else {name}"
        (keyword if member.kw_only else positional).append(parameter)
        body.append(f"set_{name}(self, {value})")
    if hasattr(cls, "__post_init__"):
        body.append("self.__post_init__()")
    parameters = ", ".join([*positional, *(["*", *keyword] if keyword else [])])
    lines = "\n    ".join(body or ["pass"])
    # The names are those of a class body, so nothing foreign is compiled.
    exec(f"def __init__({parameters}):\n    {lines}", names)  # noqa: S102
    init: Callable[..., None] = names["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    return init


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


def _refuse_to_set(self: object, name: str, value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def _refuse_to_delete(self: object, name: str) -> None:
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def _reduce(self: Any) -> tuple[object, ...]:
    """Say how a copy is made: by the fields, since slots of a frozen instance cannot be set."""
    return _again, (type(self), {m.name: getattr(self, m.name) for m in fields(self)})


def _again(cls: type, values: dict[str, object]) -> object:
    return cls(**values)
