"""Registering functions, by themselves and by families that are loaded later."""

from __future__ import annotations

import pytest

from minidb.errors import ExtensionError
from minidb.functions.arguments import ANY, Arg
from minidb.functions.builtin import INDEX_FILE, index_text
from minidb.functions.declaration import ScalarFunction
from minidb.functions.registry import FunctionRegistry
from minidb.types import IntType


def scalar(name):
    """Return a function that is never run."""
    return ScalarFunction(
        name=name,
        family="test",
        args=(Arg("x", ANY),),
        result=IntType(8, is_signed=False),
        kernel=lambda call: call.args[0],
        help="Nothing.",
        example=f"SELECT {name}(1)",
    )


def test_a_family_is_loaded_when_one_of_its_names_is_asked_for():
    registry = FunctionRegistry()
    loaded = []

    def load():
        loaded.append("once")
        return (scalar("lateOne"), scalar("lateTwo"))

    registry.add_family(("lateOne", "lateTwo"), load)
    assert registry.scalar("other") is None
    assert loaded == []
    assert registry.scalar("lateTwo") is not None
    assert registry.scalar("lateOne") is not None
    assert loaded == ["once"]


def test_a_name_of_a_family_that_is_not_loaded_is_taken():
    registry = FunctionRegistry()
    registry.add_family(("late",), lambda: (scalar("late"),))
    with pytest.raises(ExtensionError, match="'late' is already there"):
        registry.add(scalar("late"))


def test_the_index_names_every_builtin_function():
    assert INDEX_FILE.read_text(encoding="utf-8") == index_text(), "run `python -m tools.docs`"
