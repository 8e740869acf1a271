"""The built-in functions, one family per file, all declared as data."""

from __future__ import annotations

from minidb.functions.builtin import arrays, higher_order, tuples
from minidb.functions.declaration import ScalarFunction


def builtin_functions() -> tuple[ScalarFunction, ...]:
    """Return every built-in scalar function."""
    families = (arrays, higher_order, tuples)
    return tuple(function for family in families for function in family.FUNCTIONS)
