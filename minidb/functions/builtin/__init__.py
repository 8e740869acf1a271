"""The built-in functions, one family per file, all declared as data."""

from __future__ import annotations

from minidb.functions.builtin import (
    aggregates,
    arithmetic,
    array_folds,
    array_order,
    array_parts,
    array_sets,
    arrays,
    comparison,
    conditional,
    conversion,
    division,
    higher_order,
    logic,
    number_tables,
    tuples,
)
from minidb.functions.registry import AnyFunction

FAMILIES: tuple[tuple[AnyFunction, ...], ...] = (
    aggregates.FUNCTIONS,
    arrays.FUNCTIONS,
    array_parts.FUNCTIONS,
    array_sets.FUNCTIONS,
    array_order.FUNCTIONS,
    array_folds.FUNCTIONS,
    higher_order.FUNCTIONS,
    number_tables.FUNCTIONS,
    tuples.FUNCTIONS,
    arithmetic.FUNCTIONS,
    comparison.FUNCTIONS,
    conditional.FUNCTIONS,
    conversion.FUNCTIONS,
    division.FUNCTIONS,
    logic.FUNCTIONS,
)


def builtin_functions() -> tuple[AnyFunction, ...]:
    """Return every built-in function."""
    return tuple(function for family in FAMILIES for function in family)
