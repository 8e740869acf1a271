"""Taking escapes out of whole columns: backslashes of TabSeparated, doubled quotes of CSV."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from minidb.columns import BoolArray, StringColumn

BACKSLASH = ord("\\")
QUOTE = ord('"')

_MEANINGS = {
    "b": "\b",
    "f": "\f",
    "n": "\n",
    "r": "\r",
    "t": "\t",
    "0": "\0",
    "a": "\a",
    "v": "\v",
    "e": "\x1b",
    "\\": "\\",
    "'": "'",
    '"': '"',
    "`": "`",
    "/": "/",
}
# What stands for a byte behind a backslash; other bytes keep their backslash.
MEANING = np.arange(256, dtype=np.uint8)
IS_ESCAPE = np.zeros(256, np.bool_)
IS_ESCAPE[:32] = True
for _letter, _meaning in _MEANINGS.items():
    MEANING[ord(_letter)] = ord(_meaning)
    IS_ESCAPE[ord(_letter)] = True

HEX_VALUE = np.full(256, 255, np.uint8)
for _digit in "0123456789abcdefABCDEF":
    HEX_VALUE[ord(_digit)] = int(_digit, 16)


def unescape(column: StringColumn) -> StringColumn:
    r"""Read backslash escapes: ``\t``, ``\n``, ``\xFF`` and so on; others stay as they are."""
    column = column.compact()
    data = column.data
    starts = _run_heads(column, BACKSLASH)
    if not len(starts):
        return column
    ends = column.offsets[np.searchsorted(column.offsets, starts, "right")]
    starts = starts[starts + 1 < ends]
    ends = column.offsets[np.searchsorted(column.offsets, starts, "right")]
    following = data[starts + 1]
    result, is_kept = data.copy(), np.ones(len(data), np.bool_)

    simple = starts[IS_ESCAPE[following]]
    result[simple + 1] = MEANING[data[simple + 1]]
    is_kept[simple] = False

    null = starts[following == ord("N")]
    is_kept[null] = is_kept[null + 1] = False

    hexadecimal = starts[(following == ord("x")) & (starts + 3 < ends)]
    high, low = HEX_VALUE[data[hexadecimal + 2]], HEX_VALUE[data[hexadecimal + 3]]
    is_number = (high < 16) & (low < 16)
    hexadecimal = hexadecimal[is_number]
    result[hexadecimal + 3] = high[is_number] * 16 + low[is_number]
    is_kept[hexadecimal] = is_kept[hexadecimal + 1] = is_kept[hexadecimal + 2] = False
    return _kept(column, result, is_kept)


def undouble_quotes(column: StringColumn) -> StringColumn:
    """Read two double quotes as one."""
    column = column.compact()
    heads = _run_heads(column, QUOTE)
    if not len(heads):
        return column
    ends = column.offsets[np.searchsorted(column.offsets, heads, "right")]
    paired = heads[heads + 1 < ends]
    is_kept = np.ones(len(column.data), np.bool_)
    is_kept[paired[column.data[paired + 1] == QUOTE]] = False
    return _kept(column, column.data, is_kept)


def _run_heads(column: StringColumn, byte: int) -> NDArray[np.int64]:
    """Return the 1st, 3rd, 5th ... of each run of `byte` inside one value."""
    places: NDArray[np.int64] = np.flatnonzero(column.data == byte)
    if not len(places):
        return places
    begins_value = np.zeros(len(column.data) + 1, np.bool_)
    begins_value[column.offsets] = True
    begins_run = np.diff(places, prepend=-2) != 1
    begins_run |= begins_value[places]
    order = np.arange(len(places))
    first = np.maximum.accumulate(np.where(begins_run, order, 0))
    heads: NDArray[np.int64] = places[(order - first) % 2 == 0]
    return heads


def _kept(column: StringColumn, data: NDArray[np.uint8], is_kept: BoolArray) -> StringColumn:
    """Drop bytes and move the offsets."""
    before = np.zeros(len(data) + 1, np.int64)
    np.cumsum(is_kept, out=before[1:])
    return StringColumn(before[column.offsets], data[is_kept])
