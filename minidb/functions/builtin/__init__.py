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
    bit_moves,
    bits,
    comparison,
    conditional,
    conversion,
    date_format,
    date_math,
    date_parts,
    date_starts,
    division,
    encodings,
    extremes,
    higher_order,
    logic,
    mathematics,
    membership,
    number_tables,
    patterns,
    rounding,
    search,
    strings,
    text_lists,
    text_parts,
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
    encodings.FUNCTIONS,
    patterns.FUNCTIONS,
    search.FUNCTIONS,
    strings.FUNCTIONS,
    text_lists.FUNCTIONS,
    text_parts.FUNCTIONS,
    date_format.FUNCTIONS,
    date_math.FUNCTIONS,
    date_parts.FUNCTIONS,
    date_starts.FUNCTIONS,
    tuples.FUNCTIONS,
    arithmetic.FUNCTIONS,
    comparison.FUNCTIONS,
    conditional.FUNCTIONS,
    conversion.FUNCTIONS,
    division.FUNCTIONS,
    logic.FUNCTIONS,
    membership.FUNCTIONS,
    extremes.FUNCTIONS,
    mathematics.FUNCTIONS,
    rounding.FUNCTIONS,
    bits.FUNCTIONS,
    bit_moves.FUNCTIONS,
)


def builtin_functions() -> tuple[AnyFunction, ...]:
    """Return every built-in function."""
    return tuple(function for family in FAMILIES for function in family)
