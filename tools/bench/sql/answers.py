"""Whether two engines gave the same answer."""

from __future__ import annotations

from collections.abc import Sequence
from math import isclose, isnan

from tools.bench.sql.engines import Row, Value

RELATIVE = 1e-9
ABSOLUTE = 0.005
"""Engines round decimals that they divide, and sum floats in different orders."""


def difference(ours: Sequence[Row], theirs: Sequence[Row], is_ordered: bool) -> str | None:
    """Return what differs first, in words, or None.

    Parameters
    ----------
    is_ordered : bool
        Whether the order of the rows counts.
    """
    if len(ours) != len(theirs):
        return f"{len(ours)} rows and {len(theirs)}"
    if not is_ordered:
        ours, theirs = sorted(ours, key=_order), sorted(theirs, key=_order)
    for number, (left, right) in enumerate(zip(ours, theirs, strict=True)):
        for a, b in zip(left, right, strict=True):
            if not is_same(a, b):
                return f"row {number + 1}: {a!r} and {b!r}"
    return None


def is_same(left: Value, right: Value) -> bool:
    """Whether two values are equal, floats within rounding."""
    if left == right:
        return True
    if isinstance(left, str) or isinstance(right, str):
        return False
    # NaN comes out as NULL in JSON and from SQLite.
    missing = [value is None or isnan(value) for value in (left, right)]
    if any(missing) or left is None or right is None:
        return all(missing)
    return isclose(left, right, rel_tol=RELATIVE, abs_tol=ABSOLUTE)


def _order(row: Row) -> tuple[tuple[int, float, str], ...]:
    """Return a key that sorts rows with NULLs, numbers rounded so that neighbours stay together."""
    keys = []
    for value in row:
        if value is None:
            keys.append((0, 0.0, ""))
        elif isinstance(value, str):
            keys.append((2, 0.0, value))
        else:
            keys.append((1, float(f"{value:.9g}"), ""))
    return tuple(keys)
