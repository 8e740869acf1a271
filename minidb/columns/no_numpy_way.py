"""Where NumPy has no way: the only file of the engine that loops over rows in Python.

It holds the division, the decimal text and the greatest common divisor of 128- and 256-bit
integers, the error and gamma functions, and the reading of arrays, tuples and unusual dates
from text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from minidb.columns.base import BoolArray, Column
from minidb.columns.nested import ArrayColumn, NullableColumn, TupleColumn
from minidb.columns.strings import StringColumn
from minidb.columns.wide import ints_to_lanes, lanes_to_ints
from minidb.types import (
    ArrayType,
    DataType,
    DecimalType,
    FixedStringType,
    IntType,
    NullableType,
    StringType,
    TupleType,
    without_null,
)


def divide_wide(
    left: NDArray[np.uint64], right: NDArray[np.uint64], data_type: IntType
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return quotients (towards zero) and remainders (with the sign of `left`).

    Parameters
    ----------
    left, right : ndarray of uint64, shape (n, lanes)
        Values of `data_type`; no divisor is 0.
    """
    quotients, remainders = [], []
    pairs = zip(lanes_to_ints(data_type, left), lanes_to_ints(data_type, right), strict=True)
    for a, b in pairs:
        quotient, remainder = divmod(abs(a), abs(b))
        quotients.append(quotient if (a < 0) == (b < 0) else -quotient)
        remainders.append(remainder if a >= 0 else -remainder)
    if not quotients:
        return left, left
    return ints_to_lanes(data_type, quotients), ints_to_lanes(data_type, remainders)


def gcd_wide(
    left: NDArray[np.uint64], right: NDArray[np.uint64], data_type: IntType
) -> NDArray[np.uint64]:
    """Return the greatest common divisors of values of `data_type`."""
    pairs = zip(lanes_to_ints(data_type, left), lanes_to_ints(data_type, right), strict=True)
    found = [math.gcd(a, b) for a, b in pairs]
    return ints_to_lanes(data_type, found) if found else left


def round_wide(
    lanes: NDArray[np.uint64],
    data_type: IntType,
    places: NDArray[np.int64],
    rounded: Callable[[int, int], int],
) -> NDArray[np.uint64]:
    """Round wide integers to multiples of powers of ten; a step over the type gives 0.

    Parameters
    ----------
    places : ndarray of int64, shape (n,) or (1,)
        Decimal places; those below 0 set zeros before the point.
    rounded : callable
        From a value and a step over 1 to the multiple of the step.
    """
    found = []
    all_places = np.broadcast_to(places, len(lanes)).tolist()
    for value, place in zip(lanes_to_ints(data_type, lanes), all_places, strict=True):
        step = 10 ** min(max(-place, 0), 80)
        is_over = step > data_type.maximum
        found.append(0 if is_over else rounded(value, step) if step > 1 else value)
    return ints_to_lanes(data_type, found) if found else lanes


def apply_to_floats(
    function: Callable[[float], float], values: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return ``function`` of every value, for functions that NumPy lacks (erf, gamma)."""
    return np.fromiter(map(function, values.tolist()), np.float64, len(values))


def render_wide(lanes: NDArray[np.uint64], data_type: IntType) -> StringColumn:
    """Return 128- and 256-bit integers as decimal text."""
    return StringColumn.from_bytes(b"%d" % value for value in lanes_to_ints(data_type, lanes))


def parse_wide(
    texts: Sequence[bytes], is_valid: BoolArray, data_type: IntType
) -> tuple[NDArray[np.uint64], BoolArray]:
    """Read decimal texts as lanes modulo 2**bits.

    Parameters
    ----------
    texts : sequence of bytes, n rows
        Digits with an optional sign, where `is_valid` is true.
    is_valid : ndarray of bool, shape (n,)
        Which texts to read; the others give 0.

    Returns
    -------
    lanes : ndarray of uint64, shape (n, lanes of the type)
    fits : ndarray of bool, shape (n,)
        Which values are inside `data_type`.
    """
    values, fits = [], np.ones(len(texts), np.bool_)
    for row, (text, valid) in enumerate(zip(texts, is_valid.tolist(), strict=True)):
        value = _whole_number(text) if valid else 0
        fits[row] = data_type.minimum <= value <= data_type.maximum
        values.append(value)
    if not values:
        return np.zeros((0, data_type.n_lanes), np.uint64), fits
    return ints_to_lanes(IntType(64 * data_type.n_lanes, True), values), fits


def render_decimals_one_by_one(lanes: NDArray[np.uint64], data_type: DecimalType) -> StringColumn:
    """Return Decimals of several lanes as text without zeros at the end."""
    scale, texts = data_type.scale, []
    for value in lanes_to_ints(data_type, lanes):
        digits = f"{abs(value):0{scale + 1}d}"
        text = "-" * (value < 0) + digits[: len(digits) - scale]
        behind = digits[len(digits) - scale :].rstrip("0") if scale else ""
        texts.append((f"{text}.{behind}" if behind else text).encode())
    return StringColumn.from_bytes(texts)


DECIMAL_TEXT = re.compile(rb"([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,9}))?")


def parse_decimals_one_by_one(
    texts: Sequence[bytes], data_type: DecimalType, precision: int
) -> tuple[NDArray[np.uint64], BoolArray]:
    """Read Decimals of any length, with an exponent too.

    Returns
    -------
    lanes : ndarray of uint64, shape (n, lanes of the type)
    ok : ndarray of bool, shape (n,)
        Whether the text is a number of at most `precision` digits.
    """
    values, ok = [], np.ones(len(texts), np.bool_)
    for row, text in enumerate(texts):
        value = _scaled_number(text, data_type.scale, precision)
        ok[row] = value is not None
        values.append(value or 0)
    return ints_to_lanes(data_type, values), ok


def _scaled_number(text: bytes, scale: int, precision: int) -> int | None:
    """Return a written number times 10**scale, cut to a whole one; None if it is none."""
    found = DECIMAL_TEXT.fullmatch(text)
    if found is None or not (found[2] or found[3]):
        return None
    digits = (found[2] + (found[3] or b"")).lstrip(b"0")
    shift = int(found[4] or 0) - len(found[3] or b"") + scale
    if not digits or len(digits) + shift <= 0:
        return 0
    if len(digits) + shift > precision:
        return None
    value = int(digits) * 10**shift if shift >= 0 else int(digits[:shift])
    return -value if found[1] == b"-" else value


def _whole_number(text: bytes) -> int:
    """Read digits with an optional sign; a value over 2**1000 keeps its low 256 bits."""
    digits, value = text.lstrip(b"+-"), 0
    for at in range(0, len(digits), 1000):
        piece = digits[at : at + 1000]
        value = value * 10 ** len(piece) + int(piece)
        if value >> 1000:
            value = (1 << 1000) | (value % (1 << 256))
    return -value if text[:1] == b"-" else value


class Parse(Protocol):
    """The reader of whole columns, `minidb.columns.text_parse.parse_text`."""

    def __call__(
        self, strings: StringColumn, data_type: DataType, *, is_strict: bool = False
    ) -> tuple[Column, BoolArray]:
        """Return the values and which texts were read."""


def parse_nested(
    strings: StringColumn, data_type: ArrayType | TupleType, parse: Parse, *, is_strict: bool
) -> tuple[Column, BoolArray]:
    """Read arrays and tuples: cut each text into its elements, then read all elements at once.

    Parameters
    ----------
    strings : StringColumn, n rows
        Texts such as ``[1,2]`` or ``(1,'a')``.
    parse : callable
        Reads the elements.
    """
    brackets = b"[]" if isinstance(data_type, ArrayType) else b"()"
    rows = [_cut(text, brackets) for text in strings.to_bytes()]
    ok = np.array([row is not None for row in rows], np.bool_)
    if isinstance(data_type, TupleType):
        return _parse_tuples(rows, ok, data_type, parse, is_strict=is_strict)
    cut = [row or [] for row in rows]
    offsets = np.zeros(len(cut) + 1, np.int64)
    np.cumsum([len(row) for row in cut], out=offsets[1:])
    elements = [element for row in cut for element in row]
    child, read = _parse_elements(elements, data_type.element, parse, is_strict=is_strict)
    bad = np.zeros(len(read) + 1, np.int64)
    np.cumsum(~read, out=bad[1:])
    ok &= bad[offsets[1:]] == bad[offsets[:-1]]
    return ArrayColumn(data_type, offsets, child), ok


# An element's text, and whether it stood in quotes.
_Element: TypeAlias = tuple[bytes, bool]


MAP_MARKS = re.compile(rb"'(?:[^'\\]|\\.|'')*'|[\[\](){}:,]", re.DOTALL)
OPENING, CLOSING = b"[({", b"])}"


def pairs_of_maps(texts: Sequence[bytes]) -> list[bytes]:
    """Return texts such as ``{'a':1}`` as arrays of tuples, ``[('a',1)]``; others as no array."""
    return [_pairs_of_map(text) for text in texts]


def _pairs_of_map(text: bytes) -> bytes:
    inner = text.strip()
    if inner[:1] != b"{" or inner[-1:] != b"}":
        return b""
    inner = inner[1:-1]
    if not inner.strip():
        return b"[]"
    parts, depth, start, has_key = [], 0, 0, False
    for found in MAP_MARKS.finditer(inner):
        mark = found[0]
        if mark in OPENING:
            depth += 1
        elif mark in CLOSING:
            depth -= 1
        elif not depth and mark == (b"," if has_key else b":"):
            parts.append(inner[start : found.start()])
            parts.append(b"),(" if has_key else b",")
            start, has_key = found.end(), not has_key
        elif not depth and mark in b":,":
            return b""
    return b"[(" + b"".join(parts) + inner[start:] + b")]" if has_key else b""


def _parse_tuples(
    rows: Sequence[list[_Element] | None],
    ok: BoolArray,
    data_type: TupleType,
    parse: Parse,
    *,
    is_strict: bool,
) -> tuple[Column, BoolArray]:
    size = len(data_type.elements)
    whole = [row if row is not None and len(row) == size else None for row in rows]
    ok &= np.array([row is not None for row in whole], np.bool_)
    children = []
    for i, element in enumerate(data_type.elements):
        texts = [row[i] if row is not None else (b"", True) for row in whole]
        child, read = _parse_elements(texts, element, parse, is_strict=is_strict)
        children.append(child)
        ok &= read
    return TupleColumn(data_type, tuple(children), len(rows)), ok


def _parse_elements(
    elements: Sequence[_Element], data_type: DataType, parse: Parse, *, is_strict: bool
) -> tuple[Column, BoolArray]:
    """Read the elements of one place or array; text has to be quoted, NULL must not be."""
    strings = StringColumn.from_bytes(text for text, _ in elements)
    is_quoted = np.array([quoted for _, quoted in elements], np.bool_)
    bare = without_null(data_type)
    column, ok = parse(strings, bare, is_strict=is_strict)
    if isinstance(bare, StringType | FixedStringType):
        ok = ok & is_quoted
    if not isinstance(data_type, NullableType):
        return column, ok
    is_null = np.array([t.upper() == b"NULL" and not q for t, q in elements], np.bool_)
    return NullableColumn(data_type, column, is_null), ok | is_null


_UNESCAPED = {ord(k): v for k, v in zip("0abfnrtv", b"\0\a\b\f\n\r\t\v", strict=True)}
_PIECE = re.compile(rb"'((?:[^'\\]|\\.|\'\')*)'|[\[\](){},]|[^'\[\](){},]+", re.DOTALL)
_ESCAPE = re.compile(rb"\\(.)|\'\'", re.DOTALL)


def unescape_quoted(text: bytes) -> bytes:
    """Return what stands between single quotes, without its backslashes."""

    def plain(match: re.Match[bytes]) -> bytes:
        letter = match.group(1)
        if letter is None:
            return b"'"
        return bytes([_UNESCAPED.get(letter[0], letter[0])])

    return _ESCAPE.sub(plain, text)


def _cut(text: bytes, brackets: bytes) -> list[_Element] | None:
    """Cut ``[a,b]`` at the commas of its own level; None when the text is not of that form."""
    if len(text) < 2 or text[:1] != brackets[:1] or text[-1:] != brackets[1:]:
        return None
    inside, depth, at = text[1:-1], 0, 0
    if not inside.strip():
        return []
    found: list[_Element] = []
    start = 0
    while at < len(inside):
        piece = _PIECE.match(inside, at)
        if piece is None:
            return None
        sign = piece.group()
        depth += sign in {b"[", b"(", b"{"}
        depth -= sign in {b"]", b")", b"}"}
        if depth < 0:
            return None
        if sign == b"," and depth == 0:
            found.append(_element(inside[start:at]))
            start = piece.end()
        at = piece.end()
    last = inside[start:].strip()
    # A tuple of one element may end with a comma: (1,).
    if last or not found:
        found.append(_element(last))
    return found if depth == 0 else None


def _element(text: bytes) -> _Element:
    text = text.strip()
    if len(text) >= 2 and text[:1] == b"'" and text[-1:] == b"'":
        return unescape_quoted(text[1:-1]), True
    return text, False


_MOMENT = re.compile(
    rb"(?P<year>\d{4})\D(?P<month>\d{1,2})\D(?P<day>\d{1,2})"
    rb"(?:[ T](?P<hour>\d{1,2}):(?P<minute>\d{1,2})(?::(?P<second>\d{1,2})(?:\.\d*)?)?Z?)?"
)
_DIGITS_ONLY = re.compile(
    rb"(?P<year>\d{4})(?P<month>\d\d)(?P<day>\d\d)"
    rb"(?:(?P<hour>\d\d)(?P<minute>\d\d)(?P<second>\d\d))?"
)
_PARTS = ("year", "month", "day", "hour", "minute", "second")


def split_moments(texts: Sequence[bytes]) -> tuple[NDArray[np.int64], BoolArray]:
    """Cut dates and times in unusual forms into numbers.

    Parameters
    ----------
    texts : sequence of bytes, n rows
        Such as ``2020-1-5``, ``20200105``, ``2020-01-05 7:30``.

    Returns
    -------
    parts : ndarray of int64, shape (n, 6)
        Year, month, day, hour, minute, second; 0 for what is not there.
    ok : ndarray of bool, shape (n,)
        Which texts have one of these forms.
    """
    parts = np.zeros((len(texts), len(_PARTS)), np.int64)
    ok = np.zeros(len(texts), np.bool_)
    for row, text in enumerate(texts):
        found = _MOMENT.fullmatch(text) or _DIGITS_ONLY.fullmatch(text)
        if found is not None:
            ok[row] = True
            parts[row] = [int(found.group(part) or 0) for part in _PARTS]
    return parts, ok
