"""Pieces of text: bytes and UTF-8 characters counted, cut, trimmed and compared at the ends."""

from __future__ import annotations

import numpy as np

from minidb.columns import BoolArray, Column, FixedStringColumn, StringColumn
from minidb.functions.arguments import NUMBER, STRING, Arg
from minidb.functions.arguments import TEXT as TEXT_KIND
from minidb.functions.builtin.kit import (
    TEXT,
    U8,
    U64,
    Bytes,
    Ints,
    count_per_row,
    cut,
    first_per_row,
    flags,
    last_per_row,
    numeric,
    offsets_of,
    pieces,
    range_indices,
    reversing,
    rows_of,
    strings,
    whole_numbers,
)
from minidb.functions.declaration import Call, Kernel, ScalarFunction
from minidb.record import record


def character_starts(data: Bytes) -> BoolArray:
    """Return which bytes begin a UTF-8 character: all but continuation bytes."""
    begins: BoolArray = (data & np.uint8(0xC0)) != np.uint8(0x80)
    return begins


@record
class Characters:
    """The characters of a text column.

    Parameters
    ----------
    offsets : ndarray of int64, shape (n + 1,)
        Row i has the characters from ``offsets[i]`` up to ``offsets[i + 1]``.
    starts : ndarray of int64, shape (m + 1,)
        The byte where each character begins, and the end of the data.
    """

    offsets: Ints
    starts: Ints


def characters(text: StringColumn) -> Characters:
    """Find the characters of a compact column."""
    begins = character_starts(text.data)
    starts = np.append(np.flatnonzero(begins), len(text.data))
    return Characters(offsets_of(count_per_row(begins, text.offsets)), starts)


def cut_characters(text: StringColumn, start: Ints, size: Ints | None) -> StringColumn:
    """Return pieces of each row's text counted in characters; see `pieces`."""
    found = characters(text)
    begin, length = pieces(np.diff(found.offsets), start, size)
    first = found.starts[found.offsets[:-1] + begin]
    last = np.minimum(found.starts[found.offsets[:-1] + begin + length], text.offsets[1:])
    return cut(text, first, np.where(length > 0, np.maximum(last - first, 0), 0))


def cut_bytes(text: StringColumn, start: Ints, size: Ints | None) -> StringColumn:
    """Return pieces of each row's text counted in bytes; see `pieces`."""
    begin, length = pieces(text.lengths, start, size)
    return cut(text, text.offsets[:-1] + begin, length)


def _substring(is_utf8: bool) -> Kernel:
    def kernel(call: Call) -> Column:
        start = whole_numbers(call.columns[1])
        size = whole_numbers(call.columns[2]) if len(call.columns) > 2 else None
        cutter = cut_characters if is_utf8 else cut_bytes
        return cutter(strings(call.columns[0]), start, size)

    return kernel


def _left(is_utf8: bool) -> Kernel:
    """Return the kernel for the first n characters; below 0, all but the last n."""

    def kernel(call: Call) -> Column:
        size = whole_numbers(call.columns[1])
        cutter = cut_characters if is_utf8 else cut_bytes
        return cutter(strings(call.columns[0]), np.ones(call.n_rows, np.int64), size)

    return kernel


def _right(is_utf8: bool) -> Kernel:
    """Return the kernel for the last n characters; below 0, all but the first n."""

    def kernel(call: Call) -> Column:
        size = np.maximum(whole_numbers(call.columns[1]), -np.iinfo(np.int64).max)
        cutter = cut_characters if is_utf8 else cut_bytes
        # -size is a place from the end for the last n, and size + 1 one from the start.
        start = np.where(size > 0, -size, np.where(size < 0, 1 - np.maximum(size, -(2**62)), 0))
        return cutter(strings(call.columns[0]), start, None)

    return kernel


def _length_utf8(call: Call) -> Column:
    text = strings(call.columns[0])
    return numeric(U64, count_per_row(character_starts(text.data), text.offsets))


def _reverse_utf8(call: Call) -> Column:
    text = strings(call.columns[0])
    found = characters(text)
    order = reversing(found.offsets)
    lengths = np.diff(found.starts)
    data = text.data[range_indices(found.starts[order], lengths[order])]
    if len(data) != len(text.data):  # a row begins inside a character: not UTF-8
        return cut(text, text.offsets[:-1], text.lengths)
    return StringColumn(text.offsets, data)


SPACE = b" "


def _trim(at_start: bool, at_end: bool) -> Kernel:
    """Return the kernel that drops some bytes (spaces by default) at the ends."""

    def kernel(call: Call) -> Column:
        text = strings(call.columns[0])
        dropped = SPACE
        if len(call.columns) > 1:
            dropped = strings(call.columns[1]).slice(0, 1).to_bytes()[0] if call.n_rows else SPACE
        is_dropped = np.zeros(256, np.bool_)
        is_dropped[np.frombuffer(dropped, np.uint8)] = True
        stays = ~is_dropped[text.data]
        first, last = text.offsets[:-1], text.offsets[1:]
        has_some = count_per_row(stays, text.offsets) > 0
        if at_start:
            first = np.where(has_some, first_per_row(stays, text.offsets), last)
        if at_end:
            last = np.where(has_some, last_per_row(stays, text.offsets) + 1, first)
        return cut(text, first, last - first)

    return kernel


def same_bytes(left: StringColumn, right: StringColumn, starts: Ints, fits: BoolArray) -> BoolArray:
    """Tell where `right` stands in `left`.

    Parameters
    ----------
    left, right : StringColumn, n rows
        Compact.
    starts : ndarray of int64, shape (n,)
        The byte of `left.data` where `right` would begin.
    fits : ndarray of bool, shape (n,)
        Where there is room at all.
    """
    lengths = np.where(fits, right.lengths, 0)
    offsets = offsets_of(lengths)
    theirs = right.data[range_indices(right.offsets[:-1], lengths)]
    ours = left.data[range_indices(np.where(fits, starts, 0), lengths)]
    differing: BoolArray = ours != theirs
    return fits & np.equal(count_per_row(differing, offsets), 0)


def _starts_with(call: Call) -> Column:
    text, prefix = strings(call.columns[0]), strings(call.columns[1])
    fits = prefix.lengths <= text.lengths
    return flags(same_bytes(text, prefix, text.offsets[:-1], fits))


def _ends_with(call: Call) -> Column:
    text, suffix = strings(call.columns[0]), strings(call.columns[1])
    fits = suffix.lengths <= text.lengths
    return flags(same_bytes(text, suffix, text.offsets[1:] - suffix.lengths, fits))


def change_ascii_case(data: Bytes, *, to_lower: bool) -> Bytes:
    """Return bytes with ASCII letters in one case; other bytes stay."""
    first, last = (b"A", b"Z") if to_lower else (b"a", b"z")
    is_letter = (data >= ord(first)) & (data <= ord(last))
    return data ^ (is_letter.astype(np.uint8) << np.uint8(5))


def _case(to_lower: bool) -> Kernel:
    def kernel(call: Call) -> Column:
        column = call.columns[0]
        if isinstance(column, FixedStringColumn):
            return FixedStringColumn(column.type, change_ascii_case(column.data, to_lower=to_lower))
        text = strings(column)
        return StringColumn(text.offsets, change_ascii_case(text.data, to_lower=to_lower))

    return kernel


def rows_with_other_than_ascii(text: StringColumn) -> BoolArray:
    """Return which rows hold a byte above 127."""
    found = np.zeros(len(text), np.bool_)
    found[rows_of(text.offsets)[text.data > 127]] = True
    return found


TEXT_ARG = (Arg("text", TEXT_KIND),)
SUBSTRING_ARGS = (*TEXT_ARG, Arg("start", NUMBER), Arg("size", NUMBER, is_optional=True))
SIZE_ARGS = (*TEXT_ARG, Arg("size", NUMBER))
UTF8_SUBSTRING_ARGS = (Arg("text", STRING), *SUBSTRING_ARGS[1:])
UTF8_SIZE_ARGS = (Arg("text", STRING), *SIZE_ARGS[1:])
TRIM_ARGS = (*TEXT_ARG, Arg("characters", STRING, is_optional=True, is_constant=True))


def _declare(
    name: str,
    args: tuple[Arg, ...],
    kernel: Kernel,
    help_text: str,
    example: str,
    aliases: tuple[str, ...] = (),
    *,
    is_case_insensitive: bool = False,
    is_test: bool = False,
) -> ScalarFunction:
    """Declare one function of this file, which gives a String or, as a test, 1 or 0."""
    return ScalarFunction(
        name=name,
        family="string",
        args=args,
        result=U8 if is_test else TEXT,
        kernel=kernel,
        help=help_text,
        example=f"SELECT {example}",
        aliases=aliases,
        is_case_insensitive=is_case_insensitive,
    )


def _declare_case(name: str, *, to_lower: bool) -> ScalarFunction:
    """Declare lower or upper, which keeps a FixedString's type."""
    return ScalarFunction(
        name=name,
        family="string",
        args=TEXT_ARG,
        result=lambda arguments: arguments[0].type,
        kernel=_case(to_lower),
        help=f"The text with its ASCII letters in {name} case.",
        example=f"SELECT {name}('aBc')",
        aliases=("lcase",) if to_lower else ("ucase",),
        is_case_insensitive=True,
    )


FUNCTIONS: tuple[ScalarFunction, ...] = (
    _declare(
        "substring",
        SUBSTRING_ARGS,
        _substring(is_utf8=False),
        "A piece of a text: from a byte (below 0 from the end), of a size or all the rest.",
        "substring('hello', 2, 3)",
        ("substr", "mid", "byteSlice"),
        is_case_insensitive=True,
    ),
    _declare(
        "substringUTF8",
        UTF8_SUBSTRING_ARGS,
        _substring(is_utf8=True),
        "A piece of a text, counted in UTF-8 characters.",
        "substringUTF8('héllo', 2, 2)",
        ("substrUTF8",),
    ),
    _declare(
        "left",
        SIZE_ARGS,
        _left(is_utf8=False),
        "The first bytes of a text; below 0, all but the last ones.",
        "left('hello', 2)",
        is_case_insensitive=True,
    ),
    _declare(
        "leftUTF8",
        UTF8_SIZE_ARGS,
        _left(is_utf8=True),
        "The first UTF-8 characters of a text.",
        "leftUTF8('héllo', 2)",
    ),
    _declare(
        "right",
        SIZE_ARGS,
        _right(is_utf8=False),
        "The last bytes of a text; below 0, all but the first ones.",
        "right('hello', 2)",
        is_case_insensitive=True,
    ),
    _declare(
        "rightUTF8",
        UTF8_SIZE_ARGS,
        _right(is_utf8=True),
        "The last UTF-8 characters of a text.",
        "rightUTF8('hellö', 2)",
    ),
    ScalarFunction(
        name="lengthUTF8",
        family="string",
        args=TEXT_ARG,
        result=U64,
        kernel=_length_utf8,
        help="The UTF-8 characters of a text.",
        example="SELECT lengthUTF8('é')",
        aliases=("CHAR_LENGTH", "CHARACTER_LENGTH"),
        is_case_insensitive=True,
    ),
    _declare(
        "reverseUTF8",
        (Arg("text", STRING),),
        _reverse_utf8,
        "The UTF-8 characters of a text from its end to its start.",
        "reverseUTF8('añb')",
    ),
    _declare(
        "trimBoth",
        TRIM_ARGS,
        _trim(at_start=True, at_end=True),
        "The text without spaces (or given characters) at both ends.",
        "trimBoth('  a ')",
        ("trim",),
        is_case_insensitive=True,
    ),
    _declare(
        "trimLeft",
        TRIM_ARGS,
        _trim(at_start=True, at_end=False),
        "The text without spaces (or given characters) at its start.",
        "trimLeft('  a')",
        ("ltrim",),
        is_case_insensitive=True,
    ),
    _declare(
        "trimRight",
        TRIM_ARGS,
        _trim(at_start=False, at_end=True),
        "The text without spaces (or given characters) at its end.",
        "trimRight('a  ')",
        ("rtrim",),
        is_case_insensitive=True,
    ),
    _declare(
        "startsWith",
        (*TEXT_ARG, Arg("prefix", TEXT_KIND)),
        _starts_with,
        "1 if the text begins with another one, else 0.",
        "startsWith('abc', 'ab')",
        ("startsWithUTF8",),
        is_test=True,
    ),
    _declare(
        "endsWith",
        (*TEXT_ARG, Arg("suffix", TEXT_KIND)),
        _ends_with,
        "1 if the text ends with another one, else 0.",
        "endsWith('abc', 'bc')",
        ("endsWithUTF8",),
        is_test=True,
    ),
    _declare_case("lower", to_lower=True),
    _declare_case("upper", to_lower=False),
)
