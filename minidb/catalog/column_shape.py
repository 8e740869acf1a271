"""How many different values a stored column has: bounds of its granules, and one granule read."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minidb.catalog.relation import ColumnShape
from minidb.columns import Column, NumericColumn, split_nulls
from minidb.columns.grouping import factorize
from minidb.storage.store import Part
from minidb.types import BoolType, DateTimeType, DateType, IntType

# With fewer different values than this part of the rows read, more rows bring hardly any new ones.
FEW = 0.1


def column_shape(parts: Sequence[Part], name: str) -> ColumnShape | None:
    """Return a guess of a column's different values, and the bounds of numbers.

    One granule in the middle of the largest part is read. When few of its values differ, the
    column is taken to have no others, but for those beyond the granule's own bounds; otherwise
    the share of different values is taken to be the same everywhere. Whole numbers have no more
    different values than lie between their bounds.
    """
    if not parts:
        return None
    n_rows = sum(part.n_rows for part in parts)
    largest = max(parts, key=lambda part: part.n_rows)
    place = largest.n_granules // 2
    sample = split_nulls(largest.read([name], [range(place, place + 1)]).columns[0])[0]
    found = float(factorize([sample]).n_groups)
    share = found / len(sample)
    low, high = _bounds(parts, name)
    guess = found
    if n_rows > len(sample):
        guess = found if share < FEW else share * n_rows
    own_low, own_high = _extremes(sample)
    if low is None or high is None or own_low is None or own_high is None:
        return ColumnShape(max(1.0, min(guess, n_rows)), low, high)
    wider = (high - low + 1.0) / (own_high - own_low + 1.0)
    guess = max(guess, found * wider)
    if isinstance(sample.type, IntType | BoolType | DateType | DateTimeType):
        guess = min(guess, high - low + 1.0)
    return ColumnShape(max(1.0, min(guess, n_rows)), low, high)


def _bounds(parts: Sequence[Part], name: str) -> tuple[float | None, float | None]:
    """Return the smallest and largest value of all granules, for numbers and dates."""
    lows: list[float] = []
    highs: list[float] = []
    for part in parts:
        statistics = part.statistics(name)
        if statistics is None:
            return None, None
        kept = statistics.has_bounds
        if not kept.any():
            continue
        low, high = statistics.minimum, statistics.maximum
        if not isinstance(low, NumericColumn) or not isinstance(high, NumericColumn):
            return None, None
        lows.append(float(np.min(low.values[kept]).item()))
        highs.append(float(np.max(high.values[kept]).item()))
    return (min(lows), max(highs)) if lows else (None, None)


def _extremes(sample: Column) -> tuple[float | None, float | None]:
    """Return the smallest and largest number of a column, or None without numbers."""
    if not isinstance(sample, NumericColumn) or not len(sample):
        return None, None
    numbers = sample.values[~np.isnan(sample.values)]
    if not len(numbers):
        return None, None
    return float(np.min(numbers).item()), float(np.max(numbers).item())
