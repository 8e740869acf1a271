"""Columns as words whose order is the order of the values, as ORDER BY, min and max see it.

0.0 and -0.0 are one place in the order. NaN and NULL stand together at one end: NULL outermost.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from minidb.columns.base import BoolArray, Column, IndexArray
from minidb.columns.bits import BitsColumn
from minidb.columns.nested import ArrayColumn, NullableColumn, TupleColumn
from minidb.columns.numeric import NumericColumn
from minidb.columns.states import StateColumn
from minidb.columns.strings import FixedStringColumn, StringColumn
from minidb.columns.wide import WideColumn
from minidb.columns.words import (
    MAX_SHORT_BYTES,
    TAIL_MASKS,
    WORD_BYTES,
    IntegerArray,
    Ragged,
    WordArray,
    byte_rows_to_words,
    pack_words,
    short_text_words,
    sliding_words,
    text_data_words,
)
from minidb.errors import InternalError

REVERSED_BYTES = np.packbits(
    np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little"), axis=1
).ravel()


def sort_words(column: Column, *, nulls_greatest: bool = True) -> list[IntegerArray]:
    """Return integers whose lexicographic order is the order of the rows.

    Parameters
    ----------
    column : Column, n rows
        Of any type. Text is compared byte by byte, arrays and tuples element by element, Bits
        from bit 0 on.
    nulls_greatest : bool
        Whether NULL and NaN stand above all values, or below.

    Returns
    -------
    list of integer ndarrays, shape (n,)
        Most significant first; equal rows have equal words. ``~word`` turns the order round.
    """
    match column:
        case NumericColumn(values=values):
            return [_numeric_word(values, nulls_greatest)]
        case WideColumn(type=wide_type, lanes=lanes):
            words: list[IntegerArray] = list(lanes.T[::-1])
            if wide_type.is_signed:
                words[0] = words[0].view(np.int64)
            return words
        case BitsColumn():
            raw = np.ascontiguousarray(column.words, "<u8").view(np.uint8)
            return list(byte_rows_to_words(REVERSED_BYTES[raw], big_endian=True).T)
        case FixedStringColumn(data=data):
            return list(byte_rows_to_words(data, big_endian=True).T)
        case StringColumn():
            return [_text_word(column)]
        case StateColumn(rows=rows):
            return [_text_word(rows)]
        case NullableColumn(inner=inner, is_null=is_null):
            inner_words = sort_words(inner, nulls_greatest=nulls_greatest)
            if not is_null.any():
                return inner_words
            flag = (is_null if nulls_greatest else ~is_null).view(np.uint8)
            return [flag, *(np.where(is_null, word.dtype.type(0), word) for word in inner_words)]
        case TupleColumn(children=children):
            of_children = [sort_words(c, nulls_greatest=nulls_greatest) for c in children]
            return [word for words in of_children for word in words]
        case ArrayColumn():
            return [_array_word(column, nulls_greatest)]
        case other:
            raise InternalError(f"{type(other).__name__} has no order")


def coarse_word(column: Column, *, nulls_greatest: bool = True) -> IntegerArray | None:
    """Return one cheap word per row that never contradicts `sort_words`, or None.

    Rows with equal coarse words may still differ; text is seen by its first bytes only.
    """
    match column:
        case StringColumn():
            return _first_bytes(column)
        case StateColumn(rows=rows):
            return _first_bytes(rows)
        case NullableColumn(inner=inner, is_null=is_null):
            word = coarse_word(inner, nulls_greatest=nulls_greatest)
            if word is None or not is_null.any():
                return word
            is_high = is_null if nulls_greatest else ~is_null
            low_bits = np.where(is_null, np.uint64(0), _unsigned(word)) >> np.uint64(1)
            return low_bits | (is_high.astype(np.uint64) << np.uint64(63))
        case ArrayColumn():
            return None
        case TupleColumn(children=children):
            return coarse_word(children[0], nulls_greatest=nulls_greatest) if children else None
        case _:
            return sort_words(column, nulls_greatest=nulls_greatest)[0]


def _first_bytes(column: StringColumn) -> WordArray:
    """Return eight bytes of each text, after the whole words that all begin with."""
    offsets, view = sliding_words(column)
    starts, lengths = offsets[:-1], np.diff(offsets)
    shortest = int(lengths.min()) if len(lengths) else 0
    while True:
        words: WordArray = view[starts] & TAIL_MASKS[np.minimum(lengths, WORD_BYTES)]
        if shortest <= WORD_BYTES or (words != words[0]).any():
            return words.byteswap()
        starts, lengths = starts + WORD_BYTES, lengths - WORD_BYTES
        shortest -= WORD_BYTES


def _unsigned(word: IntegerArray) -> WordArray:
    """Return integers as uint64 of the same order."""
    if word.dtype.kind == "u":
        return word.astype(np.uint64)
    return word.astype(np.int64).view(np.uint64) ^ np.uint64(1 << 63)


def _numeric_word(values: NDArray[np.generic], nulls_greatest: bool) -> IntegerArray:
    """Return integers as they are and floats as integers of the same order."""
    if values.dtype.kind != "f":
        return values
    unsigned = np.dtype(f"u{values.itemsize}")
    top = unsigned.type(1 << (8 * values.itemsize - 1))
    # Adding 0.0 turns -0.0 into 0.0.
    bits: IntegerArray = np.add(values, values.dtype.type(0)).view(unsigned)
    words = np.where(bits & top, ~bits, bits | top)
    end = unsigned.type(np.iinfo(unsigned).max if nulls_greatest else 0)
    words[np.isnan(values)] = end
    return words


def _text_word(column: StringColumn) -> IntegerArray:
    """Return one word per text."""
    lengths = column.lengths
    if int(lengths.max(initial=0)) <= MAX_SHORT_BYTES:
        return short_text_words(column)
    data = text_data_words(column)
    # Filling up with zero bytes makes "a" and "a\0" tie; then the shorter one is less.
    return rank_sequences(Ragged(data.offsets, data.words.byteswap()), lengths)


def _array_word(column: ArrayColumn, nulls_greatest: bool) -> IntegerArray:
    """Return one word per array; a prefix is less than what it begins."""
    whole = column.compact()
    words = sort_words(whole.child, nulls_greatest=nulls_greatest)
    ranks = dense_ranks(words, len(whole.child)).view(np.uint64) + np.uint64(1)
    return rank_sequences(Ragged(whole.offsets, ranks), whole.lengths)


def rank_sequences(sequences: Ragged, lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return ranks of word sequences in lexicographic order, ended ones filled with zeros.

    Parameters
    ----------
    sequences : Ragged, n rows
        The words.
    lengths : ndarray of int64, shape (n,)
        Decides between rows whose filled words are equal.

    Returns
    -------
    ndarray of int64, shape (n,)
        Equal for equal rows; not dense.
    """
    n_words = np.diff(sequences.offsets)
    ranks = np.zeros(len(n_words), np.int64)
    rows, place = np.arange(len(n_words)), 0
    tied: list[IndexArray] = []
    while len(rows):
        is_there = n_words[rows] > place
        words = np.zeros(len(rows), np.uint64)
        words[is_there] = sequences.words[sequences.offsets[rows[is_there]] + place]
        place += 1
        rows = _split_ranks(ranks, rows, words)
        # Rows that tie and have all ended are settled by their lengths.
        has_more = _group_any(ranks, rows, n_words[rows] > place)
        tied.append(rows[~has_more])
        rows = rows[has_more]
    rest = np.concatenate(tied) if tied else rows
    _split_ranks(ranks, rest, lengths[rest])
    return ranks


def _split_ranks(ranks: NDArray[np.int64], rows: IndexArray, words: IntegerArray) -> IndexArray:
    """Order rows of equal rank by a word, in place; return those still tied, rank by rank.

    A rank is the number of rows that stand before its rows. `rows` names whole ranks only.
    """
    order = argsort_words([ranks[rows], words])
    rows, words = rows[order], words[order]
    old = ranks[rows]
    new_rank = np.ones(len(rows), np.bool_)
    new_rank[1:] = old[1:] != old[:-1]
    starts = new_rank.copy()
    starts[1:] |= words[1:] != words[:-1]
    places = np.arange(len(rows))
    first_of_old = np.maximum.accumulate(np.where(new_rank, places, 0))
    first_of_new = np.maximum.accumulate(np.where(starts, places, 0))
    ranks[rows] = old + (first_of_new - first_of_old)
    is_tied = ~(starts & np.append(starts[1:], True))
    tied: IndexArray = rows[is_tied]
    return tied


def _group_any(ranks: NDArray[np.int64], rows: IndexArray, flags: BoolArray) -> BoolArray:
    """Return for each row whether a flag is set in its rank; rows come rank by rank."""
    if not len(rows):
        return flags
    of_rows = ranks[rows]
    starts = np.flatnonzero(np.append(True, of_rows[1:] != of_rows[:-1]))
    found = np.logical_or.reduceat(flags, starts)
    return np.repeat(found, np.diff(starts, append=len(rows)))


def dense_ranks(words: list[IntegerArray], n_rows: int) -> NDArray[np.int64]:
    """Return for each row the number of distinct rows before it, int64, shape (n,)."""
    if not words or not n_rows:
        return np.zeros(n_rows, np.int64)
    order = argsort_words(words)
    starts = np.zeros(n_rows, np.int64)
    for word in words:
        in_order = word[order]
        starts[1:] |= in_order[1:] != in_order[:-1]
    ranks = np.empty(n_rows, np.int64)
    ranks[order] = np.cumsum(starts)
    return ranks


def argsort_words(words: list[IntegerArray]) -> IndexArray:
    """Return the stable order of rows by words, most significant first; at least one word."""
    n_rows = len(words[0])
    if n_rows < 2:
        return np.zeros(n_rows, np.intp)
    packed = pack_words(words)
    if packed is None:
        order: IndexArray = np.lexsort(words[::-1])
        return order
    word, n_values = packed
    row_bits = (n_rows - 1).bit_length()
    if (n_values - 1).bit_length() + row_bits <= 64:
        return _argsort_with_rows(word, row_bits)
    order = np.argsort(word)
    in_order = word[order]
    starts = in_order[1:] != in_order[:-1]
    if starts.all():
        return order
    # Sort once more by the rank, now of few bits, to bring equal rows into row order.
    ranks = np.zeros(n_rows, np.uint64)
    np.cumsum(starts, out=ranks[1:])
    ranks <<= np.uint64(row_bits)
    ranks |= order.astype(np.uint64)
    ranks.sort()
    return (ranks & np.uint64((1 << row_bits) - 1)).astype(np.intp)


def _argsort_with_rows(word: WordArray, row_bits: int) -> IndexArray:
    """Sort words with the row number in their low bits, which is several times faster."""
    joined = word << np.uint64(row_bits)
    joined |= np.arange(len(word), dtype=np.uint64)
    joined.sort()
    joined &= np.uint64((1 << row_bits) - 1)
    return joined.astype(np.intp)
