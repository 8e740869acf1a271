"""Keys as words: columns turned into integers that are equal exactly where the values are.

This is what grouping and joining compare. Two NULLs are equal, two NaNs are equal, and 0.0 differs
from -0.0 (as in ClickHouse's GROUP BY and JOIN, which compare bytes).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from minidb.columns.base import BoolArray, Column
from minidb.columns.bits import BitsColumn
from minidb.columns.nested import ArrayColumn, NullableColumn, TupleColumn
from minidb.columns.numeric import NumericColumn
from minidb.columns.states import StateColumn
from minidb.columns.strings import FixedStringColumn, StringColumn
from minidb.columns.wide import WideColumn
from minidb.errors import InternalError
from minidb.record import record

WordArray: TypeAlias = NDArray[np.uint64]
IntegerArray: TypeAlias = NDArray[Any]

MAX_SHORT_BYTES = 7
MAX_PACKED_BYTES = 31
WORD_BYTES = 8
# TAIL_MASKS[k] keeps the first k bytes of a word that was read in little-endian order.
TAIL_MASKS = np.array([(1 << (8 * k)) - 1 for k in range(9)], dtype=np.uint64)


@record
class Ragged:
    """Words of rows of different lengths, laid end to end.

    Parameters
    ----------
    offsets : ndarray of int64, shape (n + 1,)
        Row i is ``words[offsets[i]:offsets[i + 1]]``; begins at 0.
    words : ndarray of uint64
        No row is a prefix of an unequal row, so rows may be laid side by side.
    """

    offsets: NDArray[np.int64]
    words: WordArray


@record
class KeyWords:
    """The words of all key columns of a batch.

    Parameters
    ----------
    n_rows : int
        The rows of the batch.
    fixed : tuple of integer ndarrays, shape (n,)
        Words that every row has, in the dtype of the column (floats as their bits).
    ragged : tuple of Ragged
        Words of text and arrays.
    """

    n_rows: int
    fixed: tuple[IntegerArray, ...]
    ragged: tuple[Ragged, ...] = ()


def key_words(columns: Sequence[Column], *, packs_short_text: bool = False) -> KeyWords:
    """Turn key columns into words.

    Parameters
    ----------
    columns : sequence of Column, n rows each
        At least one.
    packs_short_text : bool
        Turn a text column of at most 31 bytes per value into as many words as the longest value
        takes. The words can then only be compared with words made by the same call.

    Raises
    ------
    InternalError
        Without columns, or for a column class that is not known here.
    """
    if not columns:
        raise InternalError("a key needs at least one column")
    parts = [_encode(column, packs_short_text) for column in columns]
    fixed = tuple(word for part in parts for word in part.fixed)
    ragged = tuple(r for part in parts for r in part.ragged)
    if not fixed and not ragged:  # empty tuples: all rows are equal
        fixed = (np.broadcast_to(np.uint8(0), len(columns[0])),)
    return KeyWords(len(columns[0]), fixed, ragged)


def _encode(column: Column, packs: bool) -> KeyWords:
    """Return the words of one column."""
    n_rows = len(column)
    match column:
        case NumericColumn(values=values):
            return KeyWords(n_rows, (_integer_view(values),))
        case WideColumn(lanes=words) | BitsColumn(words=words):
            return KeyWords(n_rows, tuple(words.T))
        case FixedStringColumn(data=data):
            return KeyWords(n_rows, tuple(byte_rows_to_words(data).T))
        case NullableColumn(inner=inner, is_null=is_null):
            return _encode_nullable(_encode(inner, packs), is_null)
        case StringColumn():
            if packs and int(column.lengths.max(initial=0)) <= MAX_PACKED_BYTES:
                return KeyWords(n_rows, packed_text_words(column))
            return KeyWords(n_rows, (), (_text_words(column),))
        case StateColumn(rows=rows):
            return _encode(rows, packs)
        case TupleColumn(children=children):
            parts = [_encode(child, packs) for child in children]
            fixed = tuple(word for part in parts for word in part.fixed)
            return KeyWords(n_rows, fixed, tuple(r for part in parts for r in part.ragged))
        case ArrayColumn():
            return KeyWords(n_rows, (), (_array_words(column),))
        case other:
            raise InternalError(f"{type(other).__name__} cannot be a key")


def _integer_view(values: NDArray[Any]) -> IntegerArray:
    """Return integers as they are and floats as their bits, all NaNs as one."""
    if values.dtype.kind != "f":
        return values
    is_nan = np.isnan(values)
    if is_nan.any():
        values = np.where(is_nan, values.dtype.type(np.nan), values)
    return values.view(f"u{values.itemsize}")


def _encode_nullable(inner: KeyWords, is_null: BoolArray) -> KeyWords:
    """Put the mask before the inner words, which become blank under a NULL."""
    flag = is_null.view(np.uint8)
    if not is_null.any():
        return KeyWords(inner.n_rows, (flag, *inner.fixed), inner.ragged)
    fixed = tuple(np.where(is_null, word.dtype.type(0), word) for word in inner.fixed)
    ragged = tuple(_blank(part, is_null) for part in inner.ragged)
    return KeyWords(inner.n_rows, (flag, *fixed), ragged)


def _blank(part: Ragged, is_null: BoolArray) -> Ragged:
    """Take the words away from the NULL rows."""
    lengths = np.diff(part.offsets)
    kept = part.words[np.repeat(~is_null, lengths)]
    return Ragged(offsets_of(np.where(is_null, 0, lengths)), kept)


def offsets_of(lengths: IntegerArray) -> NDArray[np.int64]:
    """Return the offsets (int64, shape (n + 1,)) of rows of the given lengths."""
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return offsets


def pack_words(words: Sequence[IntegerArray]) -> tuple[WordArray, int] | None:
    """Pack integers of small ranges into one, keeping lexicographic order.

    Parameters
    ----------
    words : sequence of integer ndarrays, shape (n,)
        n >= 1; most significant first.

    Returns
    -------
    (ndarray of uint64, int) or None
        The packed values and the number of values they can take (from 0), or None when they do
        not fit 64 bits.
    """
    bounds = [(int(word.min()), int(word.max())) for word in words]
    total = 1
    for low, high in bounds:
        total *= high - low + 1
    if total > 1 << 64:
        return None
    packed = np.zeros(len(words[0]), np.uint64)
    for word, (low, high) in zip(words, bounds, strict=True):
        if low == high:
            continue
        if len(words) > 1:
            packed *= np.uint64((high - low + 1) % (1 << 64))
        # Modulo 2**64 the difference is right for signed and unsigned words alike.
        packed += word.astype(np.uint64) - np.uint64(low % (1 << 64))
    return packed, total


def byte_rows_to_words(data: NDArray[np.uint8], *, big_endian: bool = False) -> WordArray:
    """Return byte rows (n, width), filled with zeros to whole words, as uint64, (n, words)."""
    n_rows, width = data.shape
    n_words = -(-width // WORD_BYTES)
    padded = np.zeros((n_rows, n_words * WORD_BYTES), np.uint8)
    padded[:, :width] = data
    return padded.view(">u8" if big_endian else "<u8").astype(np.uint64, copy=False)


def sliding_words(column: StringColumn) -> tuple[NDArray[np.int64], WordArray]:
    """Return the offsets of text, and a view of its bytes as one little-endian word per place."""
    whole = column.compact()
    padded = np.zeros(len(whole.data) + WORD_BYTES, np.uint8)
    padded[: len(whole.data)] = whole.data
    view: WordArray = np.ndarray((len(whole.data) + 1,), "<u8", padded.data, strides=(1,))
    return whole.offsets, view


def short_text_words(column: StringColumn) -> WordArray:
    """Return text of at most seven bytes as words of the same order: bytes, then the length."""
    offsets, view = sliding_words(column)
    lengths = np.diff(offsets)
    words: WordArray = view[offsets[:-1]] & TAIL_MASKS[lengths]
    return words.byteswap() | lengths.astype(np.uint64)


def packed_text_words(column: StringColumn, n_words: int = 0) -> tuple[WordArray, ...]:
    """Return short texts as the same number of words each, the length in the last byte.

    Without `n_words` there are as many as the longest text takes; a text of more than
    ``8 * n_words - 1`` bytes has no words of its own.
    """
    offsets, view = sliding_words(column)
    starts, lengths = offsets[:-1], np.diff(offsets)
    n_words = n_words or words_of_text(column)
    words = []
    for place in range(0, n_words * WORD_BYTES, WORD_BYTES):
        at = np.minimum(starts + place, len(view) - 1)
        words.append(view[at] & TAIL_MASKS[np.clip(lengths - place, 0, WORD_BYTES)])
    words[-1] |= lengths.astype(np.uint64) << np.uint64(56)
    return tuple(words)


def words_of_text(column: StringColumn) -> int:
    """Return how many words `packed_text_words` takes for the longest text."""
    return int(column.lengths.max(initial=0)) // WORD_BYTES + 1


def text_data_words(column: StringColumn) -> Ragged:
    """Return the bytes of text as little-endian words, the last one filled with zeros."""
    offsets, view = sliding_words(column)
    n_words = (np.diff(offsets) + (WORD_BYTES - 1)) // WORD_BYTES
    word_offsets = offsets_of(n_words)
    places = np.arange(word_offsets[-1], dtype=np.int64)
    places -= np.repeat(word_offsets[:-1], n_words)
    places *= WORD_BYTES
    places += np.repeat(offsets[:-1], n_words)
    left = np.minimum(np.repeat(offsets[1:], n_words) - places, WORD_BYTES)
    return Ragged(word_offsets, view[places] & TAIL_MASKS[left])


def _text_words(column: StringColumn) -> Ragged:
    """Return for each text its length and then its bytes."""
    return _prefixed(column.lengths, text_data_words(column))


def _array_words(column: ArrayColumn) -> Ragged:
    """Return for each array its length and then the words of its elements."""
    whole = column.compact()
    inner = _flatten(_encode(whole.child, False))
    return _prefixed(whole.lengths, Ragged(inner.offsets[whole.offsets], inner.words))


def _prefixed(lengths: NDArray[np.int64], body: Ragged) -> Ragged:
    """Put one word, a length, before the words of each row."""
    offsets = body.offsets + np.arange(len(body.offsets))
    words = np.empty(int(offsets[-1]), np.uint64)
    is_body = np.ones(len(words), np.bool_)
    is_body[offsets[:-1]] = False
    words[offsets[:-1]] = lengths
    words[is_body] = body.words
    return Ragged(offsets, words)


def _flatten(keys: KeyWords) -> Ragged:
    """Lay all words of each row side by side."""
    n_fixed = len(keys.fixed)
    lengths = np.full(keys.n_rows, n_fixed, np.int64)
    for part in keys.ragged:
        lengths += np.diff(part.offsets)
    offsets = offsets_of(lengths)
    words = np.empty(int(offsets[-1]), np.uint64)
    at = offsets[:-1].copy()
    for word in keys.fixed:
        words[at] = word.astype(np.uint64)
        at += 1
    for part in keys.ragged:
        sizes = np.diff(part.offsets)
        words[np.arange(len(part.words)) + np.repeat(at - part.offsets[:-1], sizes)] = part.words
        at += sizes
    return Ragged(offsets, words)
