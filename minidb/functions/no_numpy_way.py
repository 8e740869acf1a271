"""Where NumPy has no way: the only file of the functions that loops over rows in Python.

It holds regular expressions, the search for a text that differs from row to row, UTF-8 case and
repair, base64, and the digests of hashlib and zlib.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minidb.columns import BoolArray, StringColumn


def map_texts(text: StringColumn, change: Callable[[bytes], bytes]) -> StringColumn:
    """Return what `change` gives for each text."""
    return StringColumn.from_bytes(map(change, text.to_bytes()))


def map_fixed(
    text: StringColumn, digest: Callable[[bytes], bytes], width: int
) -> NDArray[np.uint8]:
    """Return what `digest` gives for each text, uint8, shape (n, width)."""
    raw = b"".join(map(digest, text.to_bytes()))
    return np.frombuffer(raw, np.uint8).reshape(-1, width)


def map_numbers(text: StringColumn, digest: Callable[[bytes], int]) -> NDArray[np.uint64]:
    """Return the number that `digest` gives for each text, uint64."""
    return np.fromiter(map(digest, text.to_bytes()), np.uint64, len(text))


def find_texts(
    text: StringColumn, needles: StringColumn, starts: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return where each needle begins in its text at or after a start, in bytes; -1 if nowhere."""
    rows = zip(text.to_bytes(), needles.to_bytes(), starts.tolist(), strict=True)
    found = (value.find(needle, start) for value, needle, start in rows)
    return np.fromiter(found, np.int64, len(text))


def count_texts(
    text: StringColumn, needles: StringColumn, starts: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return how often each needle stands in its text from a start on, without overlap."""
    rows = zip(text.to_bytes(), needles.to_bytes(), starts.tolist(), strict=True)
    found = (value.count(needle, start) if needle else 0 for value, needle, start in rows)
    return np.fromiter(found, np.int64, len(text))


def replace_texts(
    text: StringColumn, old: StringColumn, new: StringColumn, limit: int
) -> StringColumn:
    """Replace the first `limit` occurrences (-1: all) of a text that differs from row to row."""
    rows = zip(text.to_bytes(), old.to_bytes(), new.to_bytes(), strict=True)
    return StringColumn.from_bytes(
        value.replace(wanted, instead, limit) if wanted else value
        for value, wanted, instead in rows
    )


def without_overlap(starts: Iterable[int], size: int) -> list[int]:
    """Return the starts that do not lie inside the match before them."""
    kept: list[int] = []
    end = -1
    for start in starts:
        if start >= end:
            kept.append(start)
            end = start + size
    return kept


def readable(value: bytes) -> str:
    """Return bytes as characters; those that are no UTF-8 stand for themselves."""
    return value.decode("utf-8", "surrogateescape")


def raw(value: str) -> bytes:
    """Return characters as the bytes they came from."""
    return value.encode("utf-8", "surrogateescape")


def match_texts(text: StringColumn, pattern: re.Pattern[str], *, is_whole: bool) -> BoolArray:
    """Tell which texts a pattern matches, as a whole or somewhere."""
    test = pattern.fullmatch if is_whole else pattern.search
    return np.fromiter(
        (test(readable(value)) is not None for value in text.to_bytes()), np.bool_, len(text)
    )


def match_each(
    text: StringColumn,
    patterns: StringColumn,
    make: Callable[[bytes], re.Pattern[str]],
    *,
    is_whole: bool,
) -> BoolArray:
    """Tell which texts match a pattern of their own row."""
    found = np.empty(len(text), np.bool_)
    for row, (value, pattern) in enumerate(zip(text.to_bytes(), patterns.to_bytes(), strict=True)):
        compiled = make(pattern)
        test = compiled.fullmatch if is_whole else compiled.search
        found[row] = test(readable(value)) is not None
    return found


def find_all(
    text: StringColumn, find: Callable[[str], list[str]]
) -> tuple[NDArray[np.int64], StringColumn]:
    """Return the texts that `find` gives for each row, as array offsets and elements."""
    found = [find(readable(value)) for value in text.to_bytes()]
    offsets = np.zeros(len(found) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, found), np.int64, len(found)), out=offsets[1:])
    return offsets, StringColumn.from_bytes(raw(item) for row in found for item in row)


def map_readable(text: StringColumn, change: Callable[[str], str]) -> StringColumn:
    """Return what `change` gives for the characters of each text."""
    return StringColumn.from_bytes(raw(change(readable(value))) for value in text.to_bytes())


def is_utf8(value: bytes) -> bool:
    """Tell whether bytes are UTF-8."""
    try:
        value.decode()
    except UnicodeDecodeError:
        return False
    return True


def utf8_rows(text: StringColumn) -> BoolArray:
    """Tell which texts are UTF-8."""
    return np.fromiter(map(is_utf8, text.to_bytes()), np.bool_, len(text))


_BROKEN = re.compile("[\udc80-\udcff]+")


def repair(value: bytes) -> bytes:
    """Return bytes with each run that is no UTF-8 replaced by U+FFFD."""
    return _BROKEN.sub("\ufffd", readable(value)).encode()


def change_case(value: bytes, change: Callable[[str], str]) -> bytes:
    """Return UTF-8 text in another case; bytes that are no UTF-8 become U+FFFD."""
    return change(value.decode("utf-8", "replace")).encode()


def decode_base64(text: StringColumn, altchars: bytes | None, *, pads: bool) -> list[bytes | None]:
    """Return the bytes that base64 texts stand for, None where a text is broken."""

    def decode(value: bytes) -> bytes | None:
        if pads:
            value = value.rstrip(b"=")
            value += b"=" * (-len(value) % 4)
        try:
            return base64.b64decode(value, altchars, validate=True)
        except binascii.Error:
            return None

    return [decode(value) for value in text.to_bytes()]


def map_rows(columns: Sequence[StringColumn], change: Callable[..., bytes]) -> StringColumn:
    """Return what `change` gives for the texts of each row."""
    return StringColumn.from_bytes(
        change(*row) for row in zip(*(c.to_bytes() for c in columns), strict=True)
    )


def rows_to_numbers(
    columns: Sequence[StringColumn], count: Callable[..., float], dtype: np.dtype[Any]
) -> NDArray[Any]:
    """Return the number that `count` gives for the texts of each row."""
    rows = zip(*(c.to_bytes() for c in columns), strict=True)
    return np.fromiter((count(*row) for row in rows), dtype, len(columns[0]))


def rows_to_lists(
    columns: Sequence[StringColumn], find: Callable[..., list[bytes]]
) -> tuple[NDArray[np.int64], StringColumn]:
    """Return the texts that `find` gives for each row, as array offsets and elements."""
    found = [find(*row) for row in zip(*(c.to_bytes() for c in columns), strict=True)]
    offsets = np.zeros(len(found) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, found), np.int64, len(found)), out=offsets[1:])
    return offsets, StringColumn.from_bytes(item for row in found for item in row)


def format_rows(template: bytes, columns: Sequence[list[Any]]) -> StringColumn:
    """Return a template of C's printf filled with the values of each row."""
    return StringColumn.from_bytes(template % row for row in zip(*columns, strict=True))
