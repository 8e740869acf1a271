"""The table functions that read formats and values, to be loaded when they are used."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module

from minidb.functions.registry import AnyFunction, FunctionRegistry, folded


def add_builtin_tables(registry: FunctionRegistry) -> None:
    """Register ``file`` and ``values``."""
    registry.add_family(("file",), _file)
    registry.add_family(("values", folded("values")), _values)


def _file() -> Iterable[AnyFunction]:
    functions: tuple[AnyFunction, ...] = import_module(
        "minidb.formats.file_function"
    ).TABLE_FUNCTIONS
    return functions


def _values() -> Iterable[AnyFunction]:
    function: AnyFunction = import_module("minidb.formats.values_function").VALUES_FUNCTION
    return (function,)
