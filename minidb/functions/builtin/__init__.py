"""The built-in functions, one family per file, all declared as data."""

from __future__ import annotations

from minidb.functions.builtin import (
    array_folds,
    array_order,
    array_parts,
    array_sets,
    arrays,
    higher_order,
    tuples,
)
from minidb.functions.declaration import ScalarFunction

FAMILIES: tuple[tuple[ScalarFunction, ...], ...] = (
    arrays.FUNCTIONS,
    array_parts.FUNCTIONS,
    array_sets.FUNCTIONS,
    array_order.FUNCTIONS,
    array_folds.FUNCTIONS,
    higher_order.FUNCTIONS,
    tuples.FUNCTIONS,
)


def builtin_functions() -> tuple[ScalarFunction, ...]:
    """Return every built-in scalar function."""
    return tuple(function for family in FAMILIES for function in family)
