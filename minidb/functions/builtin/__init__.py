"""The built-in functions, one family per file, all declared as data.

``index.json`` says which names each family has, so that a family need not be imported before one of
them is used; ``python -m tools.docs`` writes it from the declarations.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path

from minidb.functions.registry import AnyFunction, FunctionRegistry, keys_of

INDEX_FILE = Path(__file__).with_name("index.json")

FAMILIES = (
    "aggregates",
    "arrays",
    "array_parts",
    "array_sets",
    "array_order",
    "array_folds",
    "array_mixes",
    "multi_search",
    "higher_order",
    "number_tables",
    "encodings",
    "patterns",
    "search",
    "strings",
    "similarity",
    "urls",
    "addresses",
    "text_lists",
    "text_parts",
    "text_utf8",
    "date_counts",
    "text_changes",
    "printf",
    "transform",
    "date_format",
    "date_parse",
    "date_math",
    "date_parts",
    "date_starts",
    "decimal_scales",
    "hashes",
    "other",
    "tuples",
    "maps",
    "map_lambdas",
    "map_likes",
    "tuple_math",
    "tuple_names",
    "tuple_norms",
    "json_text",
    "json_typed",
    "round_steps",
    "uuids",
    "arithmetic",
    "comparison",
    "conditional",
    "conversion",
    "division",
    "checked_math",
    "logic",
    "membership",
    "extremes",
    "mathematics",
    "rounding",
    "bits",
    "bit_moves",
    "reinterpret",
    "window_ranks",
    "window_values",
)

RUNNING_AGGREGATES = ("arrayReduce", "finalizeAggregation", "initializeAggregation")


def family(name: str) -> tuple[AnyFunction, ...]:
    """Import a family and return its functions."""
    functions: tuple[AnyFunction, ...] = import_module(f"{__name__}.{name}").FUNCTIONS
    return functions


def builtin_functions() -> tuple[AnyFunction, ...]:
    """Return every built-in function."""
    return tuple(function for name in FAMILIES for function in family(name))


def add_builtin_functions(registry: FunctionRegistry) -> None:
    """Register every built-in function, to be loaded with its family."""
    index: Mapping[str, list[str]] = json.loads(INDEX_FILE.read_text(encoding="utf-8"))
    for name in FAMILIES:
        registry.add_family(index[name], partial(family, name))
    registry.add_family(RUNNING_AGGREGATES, partial(_running_aggregates, registry))


def _running_aggregates(registry: FunctionRegistry) -> tuple[AnyFunction, ...]:
    """Return the scalar functions that run the aggregates of a registry."""
    combinators = import_module("minidb.functions.combinators.scalars")
    functions: tuple[AnyFunction, ...] = combinators.aggregate_scalars(registry)
    return functions


def index_text() -> str:
    """Return what ``index.json`` should hold, one family a line."""

    def lines() -> Iterator[str]:
        for name in sorted(FAMILIES):
            keys = sorted({key for function in family(name) for key in keys_of(function)})
            yield f"{json.dumps(name)}: {json.dumps(keys)}"

    return "{\n" + ",\n".join(lines()) + "\n}\n"
