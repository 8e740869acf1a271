"""Ranks: integers that stand for the values of a column of any type in order and equality.

The rank of a row is the number of rows with a smaller value, so equal values have equal ranks.
Text and arrays are ranked like a dictionary: a first word splits the rows into groups, and only
groups that still hold several rows look at the next word.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from minidb.columns import (
    ArrayColumn,
    BitsColumn,
    Column,
    FixedStringColumn,
    NullableColumn,
    NumericColumn,
    StringColumn,
    TupleColumn,
    WideColumn,
    concat_columns,
)
from minidb.errors import InternalError
from minidb.functions.builtin.kit import Ints, arrays, offsets_of, range_indices, strings

WORD_BYTES = 8


def rank(column: Column, *, by_bits: bool = False) -> Ints:
    """Return the rank of each row, int64.

    Parameters
    ----------
    column : Column, n rows
        NULL ranks above all values, NaN above all numbers; an empty tuple equals itself.
    by_bits : bool
        Floats are told apart by their bits: 0.0 and -0.0 differ (as hash tables see them);
        the order of the ranks then means nothing.
    """
    match column:
        case NumericColumn():
            return rank_values(_distinct_bits(column.values) if by_bits else column.values)
        case WideColumn():
            return _rank_lanes(column)
        case StringColumn() | FixedStringColumn():
            return _rank_text(strings(column))
        case BitsColumn(words=words):
            return rank_columns([rank_values(words[:, i]) for i in range(words.shape[1])])
        case ArrayColumn():
            whole = arrays(column)
            return _rank_sequences(whole.offsets, rank(whole.child, by_bits=by_bits))
        case TupleColumn():
            if not column.children:
                return np.zeros(len(column), np.int64)
            return rank_columns([rank(child, by_bits=by_bits) for child in column.children])
        case NullableColumn():
            ranks = rank(column.inner, by_bits=by_bits)
            return rank_values(np.where(column.is_null, len(column), ranks))
        case _:
            raise InternalError(f"no order for {column.type.name}")


def equal_rows(left: Column, right: Column) -> NDArray[np.bool_]:
    """Tell for each row whether two columns of one type hold the same; NULL equals NULL."""
    match left, right:
        case NumericColumn(), NumericColumn():
            same = left.values == right.values
        case WideColumn(), WideColumn():
            same = (left.lanes == right.lanes).all(axis=1)
        case NullableColumn(), NullableColumn():
            both = left.is_null & right.is_null
            neither = ~(left.is_null | right.is_null)
            same = both | (neither & equal_rows(left.inner, right.inner))
        case _:
            ranks = rank(concat_columns(left.type, [left, right]))
            same = ranks[: len(left)] == ranks[len(left) :]
    result: NDArray[np.bool_] = np.asarray(same, np.bool_)
    return result


def rank_values(values: NDArray[Any]) -> Ints:
    """Return the ranks of plain numbers; NaN equals NaN and stands last."""
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    is_new = np.ones(len(values), np.bool_)
    is_new[1:] = ordered[1:] != ordered[:-1]
    if values.dtype.kind == "f":
        is_new[1:] &= ~(np.isnan(ordered[1:]) & np.isnan(ordered[:-1]))
    return _spread(order, is_new)


def _spread(order: NDArray[np.intp], is_new: NDArray[np.bool_]) -> Ints:
    """Give each row the place in `order` where its group of equals begins."""
    places = np.arange(len(order), dtype=np.int64)
    ranks = np.empty(len(order), np.int64)
    ranks[order] = np.maximum.accumulate(np.where(is_new, places, 0))
    return ranks


def _distinct_bits(values: NDArray[Any]) -> NDArray[Any]:
    """Return floats as the integers of their bits, every NaN as one of them."""
    if values.dtype.kind != "f":
        return values
    same_nan = np.where(np.isnan(values), np.array(np.nan, values.dtype), values)
    return same_nan.view(f"i{values.dtype.itemsize}")


def rank_columns(columns: list[Ints]) -> Ints:
    """Rank rows by several keys, the first one first."""
    if len(columns) == 1:
        return columns[0]
    order = np.lexsort(columns[::-1])
    is_new = np.zeros(len(order), np.bool_)
    is_new[:1] = True
    for keys in columns:
        is_new[1:] |= keys[order[1:]] != keys[order[:-1]]
    return _spread(order, is_new)


def _rank_lanes(column: WideColumn) -> Ints:
    """Rank wide integers from the top lane down."""
    lanes = [column.lanes[:, i] for i in reversed(range(column.type.n_lanes))]
    if column.type.is_signed:
        lanes[0] = lanes[0] ^ np.uint64(1 << 63)
    return rank_columns([rank_values(lane) for lane in lanes])


def _rank_text(column: StringColumn) -> Ints:
    """Rank text by its bytes, eight at a time; a text that ends first comes first."""
    lengths = column.lengths
    n_words = (lengths + WORD_BYTES - 1) // WORD_BYTES
    word_offsets = offsets_of(n_words)
    padded = np.zeros(int(word_offsets[-1]) * WORD_BYTES, np.uint8)
    padded[range_indices(word_offsets[:-1] * WORD_BYTES, lengths)] = column.data
    words = padded.view(">u8").astype(np.uint64)
    # Padding hides the end of a text: its length, last of all, tells "a" from "a\0".
    return rank_columns([_rank_sequences(word_offsets, rank_values(words)), lengths])


def _rank_sequences(offsets: Ints, keys: Ints) -> Ints:
    """Rank rows of keys (not negative) in dictionary order."""
    starts, lengths = offsets[:-1], np.diff(offsets)
    ranks = np.zeros(len(starts), np.int64)
    open_rows, depth = np.arange(len(starts)), 0
    while len(open_rows) > 1:
        has_key = lengths[open_rows] > depth
        key = np.full(len(open_rows), -1, np.int64)
        key[has_key] = keys[starts[open_rows[has_key]] + depth]
        refined = rank_columns([ranks[open_rows], key])
        group_start = np.searchsorted(np.sort(ranks[open_rows]), ranks[open_rows])
        ranks[open_rows] += refined - group_start
        sizes = np.bincount(refined, minlength=len(open_rows))
        open_rows = open_rows[has_key & (sizes[refined] > 1)]
        depth += 1
    return ranks
