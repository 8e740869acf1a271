"""Bounds per granule: what lets a scan leave out rows that cannot match."""

from __future__ import annotations

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
from minidb.record import record
from minidb.types import FloatType, NothingType

PREFIX_BYTES = 16

# How much of eight big-endian bytes is left when only the first 0 to 8 belong to a value.
KEPT = np.array([(1 << 64) - (1 << (64 - 8 * n)) for n in range(9)], np.uint64)

Rows = NDArray[np.int64]


@record(eq=False)
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
    keys = _prefix_keys(values)
    low = values.take(_extreme(keys, counts, np.minimum)).to_bytes()
    high = values.take(_extreme(keys, counts, np.maximum)).to_bytes()
    starts = np.cumsum(counts) - counts
    maximum = []
    for group, value in enumerate(high):
        bound = value if len(value) <= PREFIX_BYTES else _raised(value[:PREFIX_BYTES])
        if bound is None:
            start = int(starts[group])
            bound = max(values.slice(start, start + int(counts[group])).to_bytes())
        maximum.append(bound)
    minimum = [value[:PREFIX_BYTES] for value in low]
    return StringColumn.from_bytes(minimum), StringColumn.from_bytes(maximum)


def _raised(prefix: bytes) -> bytes | None:
    """Return the shortest text above everything that begins with `prefix`; None if all is 255."""
    cut = prefix.rstrip(b"\xff")
    return cut[:-1] + bytes([cut[-1] + 1]) if cut else None


def _prefix_keys(values: StringColumn) -> NDArray[np.uint64]:
    """Return keys that sort as the first bytes do, uint64, shape (n, 3), best lane first.

    Two lanes are the first 16 bytes, big-endian and filled with zero. The third is the length: a
    value that ends in zero bytes comes after the same one without.
    """
    text = values.compact()
    padded = np.zeros(len(text.data) + PREFIX_BYTES, np.uint8)
    padded[: len(text.data)] = text.data
    # The eight bytes that begin at each place, all of them views of one buffer.
    words = np.ndarray((len(text.data) + 9,), ">u8", padded.data, strides=(1,))
    starts, lengths = text.offsets[:-1], text.lengths
    keys = np.empty((len(text), 3), np.uint64)
    keys[:, 0] = words[starts] & KEPT[np.minimum(lengths, 8)]
    keys[:, 1] = words[starts + 8] & KEPT[np.clip(lengths - 8, 0, 8)]
    keys[:, 2] = lengths
    return keys


def _spread(bounds: Column, has_bounds: BoolArray) -> Column:
    """Put one row per granule that has bounds where it belongs; any value stands elsewhere."""
    if has_bounds.all():
        return bounds
    if not len(bounds):
        return default_column(bounds.type, len(has_bounds))
    return bounds.take(np.maximum(np.cumsum(has_bounds) - 1, 0))
