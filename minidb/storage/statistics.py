"""Bounds per granule: what lets a scan leave out rows that cannot match."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from minidb.columns import (
    BoolArray,
    Column,
    FixedStringColumn,
    NumericColumn,
    StringColumn,
    WideColumn,
    default_column,
    split_nulls,
)
from minidb.types import FloatType, NothingType

PREFIX_BYTES = 16

Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class GranuleStatistics:
    """For each granule of a part, bounds of one column's values.

    Parameters
    ----------
    minimum, maximum : Column, n_granules rows
        Of the column's type without Nullable. Every value that is neither NULL nor NaN lies
        between them; both are reached for numbers and dates, while those of text may be
        wider, since only its first bytes are kept.
    has_null, has_nan : ndarray of bool, shape (n_granules,)
        Whether a NULL, or a NaN, occurs.
    has_bounds : ndarray of bool, shape (n_granules,)
        False where every value is NULL or NaN: `minimum` and `maximum` then say nothing.
    """

    minimum: Column
    maximum: Column
    has_null: BoolArray
    has_nan: BoolArray
    has_bounds: BoolArray

    def __len__(self) -> int:
        return len(self.has_bounds)


def granule_starts(n_rows: int, granule_rows: int) -> Rows:
    """Return the first row of each granule and, last, `n_rows` (int64)."""
    return np.append(np.arange(0, n_rows, granule_rows, dtype=np.int64), n_rows)


def granule_statistics(column: Column, granule_rows: int) -> GranuleStatistics | None:
    """Compute the bounds of every granule.

    Parameters
    ----------
    column : Column
        At least one row.
    granule_rows : int
        Rows of a granule.

    Returns
    -------
    GranuleStatistics or None
        None for types without bounds: Bits, Array, Tuple, Nothing.
    """
    values, is_null = split_nulls(column)
    if isinstance(values.type, NothingType):
        return None
    if not isinstance(values, NumericColumn | WideColumn | StringColumn | FixedStringColumn):
        return None
    starts = granule_starts(len(column), granule_rows)
    nothing = np.zeros(len(column), np.bool_)
    is_null = nothing if is_null is None else is_null
    is_nan = nothing
    if isinstance(values, NumericColumn) and isinstance(values.type, FloatType):
        is_nan = np.isnan(values.values) & ~is_null
    is_value = ~(is_null | is_nan)
    counts = np.add.reduceat(is_value, starts[:-1], dtype=np.int64)
    has_bounds = counts > 0
    chosen = values if is_value.all() else values.filter(is_value)
    minimum, maximum = _bounds(chosen, counts[has_bounds])
    return GranuleStatistics(
        _spread(minimum, has_bounds),
        _spread(maximum, has_bounds),
        np.logical_or.reduceat(is_null, starts[:-1]),
        np.logical_or.reduceat(is_nan, starts[:-1]),
        has_bounds,
    )


def _bounds(values: Column, counts: Rows) -> tuple[Column, Column]:
    """Return the bounds of adjacent groups of `counts` values, none of them empty."""
    starts = np.cumsum(counts) - counts
    if not len(counts):
        return default_column(values.type, 0), default_column(values.type, 0)
    match values:
        case NumericColumn(type=data_type, values=numbers):
            return (
                NumericColumn(data_type, np.minimum.reduceat(numbers, starts)),
                NumericColumn(data_type, np.maximum.reduceat(numbers, starts)),
            )
        case WideColumn(type=wide_type, lanes=lanes):
            flip = np.uint64(1 << 63 if wide_type.is_signed else 0)
            keys = lanes[:, ::-1].copy()
            keys[:, 0] ^= flip
            low, high = _extreme(keys, counts, np.minimum), _extreme(keys, counts, np.maximum)
            return WideColumn(wide_type, lanes[low]), WideColumn(wide_type, lanes[high])
        case FixedStringColumn():
            return _fixed_bounds(values, counts)
        case StringColumn():
            return _string_bounds(values, counts)
        case _:
            return values, values


def _extreme(keys: NDArray[np.uint64], counts: Rows, ufunc: np.ufunc) -> Rows:
    """Return, per group, the first row whose key (most significant lane first) is extreme."""
    starts = np.cumsum(counts) - counts
    is_candidate = np.ones(len(keys), np.bool_)
    worst = np.uint64(0) if ufunc is np.maximum else np.uint64((1 << 64) - 1)
    for lane in keys.T:
        best = ufunc.reduceat(np.where(is_candidate, lane, worst), starts)
        is_candidate &= lane == np.repeat(best, counts)
    rows = np.flatnonzero(is_candidate)
    return rows[np.searchsorted(rows, starts)]


def _fixed_bounds(values: FixedStringColumn, counts: Rows) -> tuple[Column, Column]:
    """Bound byte strings of one width by their first bytes."""
    width = values.type.width
    used = min(width, PREFIX_BYTES)
    padded = np.zeros((len(values), PREFIX_BYTES), np.uint8)
    padded[:, :used] = values.data[:, :used]
    keys = padded.view(">u8").astype(np.uint64)
    minimum = np.zeros((len(counts), width), np.uint8)
    maximum = np.full((len(counts), width), 255, np.uint8)
    minimum[:, :used] = padded[_extreme(keys, counts, np.minimum), :used]
    maximum[:, :used] = padded[_extreme(keys, counts, np.maximum), :used]
    return FixedStringColumn(values.type, minimum), FixedStringColumn(values.type, maximum)


def _string_bounds(values: StringColumn, counts: Rows) -> tuple[Column, Column]:
    """Bound text by its first bytes: cut for the lower bound, cut and raised for the upper."""
    lengths = values.lengths
    padded = _prefixes(values)
    keys = padded.view(">u8").astype(np.uint64)
    # A value that ends in zero bytes comes after the same one without: the length breaks ties.
    keys = np.column_stack([keys, lengths.astype(np.uint64)])
    low = _extreme(keys, counts, np.minimum)
    high = _extreme(keys, counts, np.maximum)
    minimum = [
        bytes(row[: min(int(size), PREFIX_BYTES)])
        for row, size in zip(padded[low], lengths[low], strict=True)
    ]
    maximum = [
        bytes(row[: int(size)]) if size <= PREFIX_BYTES else _raised(bytes(row))
        for row, size in zip(padded[high], lengths[high], strict=True)
    ]
    starts = np.cumsum(counts) - counts
    for group, bound in enumerate(maximum):
        if bound is None:
            start = int(starts[group])
            maximum[group] = max(values.slice(start, start + int(counts[group])).to_bytes())
    known = [bound for bound in maximum if bound is not None]
    return StringColumn.from_bytes(minimum), StringColumn.from_bytes(known)


def _raised(prefix: bytes) -> bytes | None:
    """Return the shortest text above everything that begins with `prefix`; None if all is 255."""
    cut = prefix.rstrip(b"\xff")
    return cut[:-1] + bytes([cut[-1] + 1]) if cut else None


def _prefixes(values: StringColumn) -> NDArray[np.uint8]:
    """Return the first bytes of each value, filled with zero, uint8, shape (n, PREFIX_BYTES)."""
    places = values.offsets[:-1, None] + np.arange(PREFIX_BYTES)
    is_inside = places < values.offsets[1:, None]
    if not len(values.data):
        return np.zeros(places.shape, np.uint8)
    return np.where(is_inside, values.data[np.where(is_inside, places, 0)], np.uint8(0))


def _spread(bounds: Column, has_bounds: BoolArray) -> Column:
    """Put one row per granule that has bounds where it belongs; any value stands elsewhere."""
    if has_bounds.all():
        return bounds
    if not len(bounds):
        return default_column(bounds.type, len(has_bounds))
    return bounds.take(np.maximum(np.cumsum(has_bounds) - 1, 0))
