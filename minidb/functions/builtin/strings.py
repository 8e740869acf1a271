"""Text made of other values: joined, repeated, padded, formatted, and its UTF-8 mended."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from minidb.columns import Column, StringColumn
from minidb.columns.text import render_text
from minidb.columns.text_layout import join_columns, repeated_text
from minidb.errors import (
    BAD_ARGUMENTS,
    INDEX_OUT_OF_RANGE,
    TOO_LARGE_STRING_SIZE,
    BindError,
    ValueExecutionError,
)
from minidb.functions.arguments import ANY, INTEGER, NUMBER, STRING, Arg
from minidb.functions.arguments import TEXT as TEXT_KIND
from minidb.functions.builtin.array_parts import concat_kernel
from minidb.functions.builtin.kit import (
    I32,
    TEXT,
    Bytes,
    Ints,
    check_room,
    numeric,
    offsets_of,
    places_of,
    range_indices,
    rows_of,
    strings,
    whole_numbers,
)
from minidb.functions.builtin.text_parts import (
    character_starts,
    characters,
)
from minidb.functions.declaration import Argument, Call, Kernel, ResultRule, ScalarFunction
from minidb.types import ArrayType, DataType
from minidb.types.promotion import common_type

MAX_REPEATS = 1_000_000
MAX_TEXT_BYTES = 1 << 30


def check_text_size(call: Call, size_bytes: int) -> None:
    """Refuse to make more text than a column may hold.

    Raises
    ------
    ValueExecutionError
        TOO_LARGE_STRING_SIZE.
    """
    if size_bytes > MAX_TEXT_BYTES:
        message = f"a text column of {size_bytes} bytes, more than {MAX_TEXT_BYTES}"
        raise ValueExecutionError(TOO_LARGE_STRING_SIZE, message)
    check_room(call, size_bytes)


def _concat_type(arguments: Sequence[Argument]) -> DataType:
    types = [argument.type for argument in arguments]
    if types and all(isinstance(t, ArrayType) for t in types):
        return common_type(types)
    return TEXT


def _concat(call: Call) -> Column:
    if isinstance(call.result_type, ArrayType):
        return concat_kernel(call)
    if not call.columns:
        return repeated_text(b"", call.n_rows)
    return join_columns([render_text(column) for column in call.columns])


def _concat_with_separator(call: Call) -> Column:
    separator, *rest = (render_text(column) for column in call.columns)
    parts = [part for text in rest for part in (separator, text)]
    return join_columns(parts[1:]) if parts else repeated_text(b"", call.n_rows)


def _times(call: Call, column: Column) -> Ints:
    """Return how often to repeat, 0 for less."""
    times = np.maximum(whole_numbers(column), 0)
    if (times > MAX_REPEATS).any():
        message = f"{times.max()} repeats, more than {MAX_REPEATS}"
        raise ValueExecutionError(TOO_LARGE_STRING_SIZE, message)
    return times


def _repeat(call: Call) -> Column:
    text, times = strings(call.columns[0]), _times(call, call.columns[1])
    lengths = text.lengths * times
    check_text_size(call, int(lengths.sum()))
    offsets = offsets_of(lengths)
    rows = rows_of(offsets)
    places = places_of(offsets) % text.lengths[rows]
    return StringColumn(offsets, text.data[text.offsets[:-1][rows] + places])


def _space(call: Call) -> Column:
    times = _times(call, call.columns[0])
    check_text_size(call, int(times.sum()))
    offsets = offsets_of(times)
    return StringColumn(offsets, np.full(int(offsets[-1]), ord(" "), np.uint8))


def _wanted_length(call: Call) -> Ints:
    """Return the length to pad to."""
    wanted = whole_numbers(call.columns[1])
    if (wanted > MAX_REPEATS).any():
        message = f"padding to {wanted.max()} bytes, more than {MAX_REPEATS}"
        raise ValueExecutionError(TOO_LARGE_STRING_SIZE, message)
    if (wanted < 0).any():
        message = f"padding to {wanted.min()} bytes, below 0"
        raise ValueExecutionError(INDEX_OUT_OF_RANGE, message)
    return wanted


def _pad(is_left: bool, is_utf8: bool) -> Kernel:
    """Return the kernel that brings text to a length, cutting what is over."""

    def kernel(call: Call) -> Column:
        text, wanted = strings(call.columns[0]), _wanted_length(call)
        filler = b" "
        if len(call.columns) > 2 and call.n_rows:
            filler = strings(call.columns[2]).slice(0, 1).to_bytes()[0] or b" "
        pattern = np.frombuffer(filler, np.uint8)
        if is_utf8:
            found = characters(text)
            counts = np.diff(found.offsets)
            kept_characters = np.minimum(counts, wanted)
            last = found.starts[found.offsets[:-1] + kept_characters]
            kept = np.minimum(last, text.offsets[1:]) - text.offsets[:-1]
            ends = np.append(np.flatnonzero(character_starts(pattern)), len(pattern))
            rounds, more = np.divmod(wanted - kept_characters, len(ends) - 1)
            added = rounds * len(pattern) + ends[more]
        else:
            kept = np.minimum(text.lengths, wanted)
            added = wanted - kept
        check_text_size(call, int((kept + added).sum()))
        return _laid(text, kept, added, pattern, is_left=is_left)

    return kernel


def _laid(text: StringColumn, kept: Ints, added: Ints, pattern: Bytes, *, is_left: bool) -> Column:
    """Lay the first `kept` bytes of each text and `added` bytes of a pattern side by side."""
    offsets = offsets_of(kept + added)
    data = np.empty(int(offsets[-1]), np.uint8)
    text_at = offsets[:-1] + (added if is_left else 0)
    fill_at = offsets[:-1] + (0 if is_left else kept)
    data[range_indices(text_at, kept)] = text.data[range_indices(text.offsets[:-1], kept)]
    data[range_indices(fill_at, added)] = pattern[places_of(offsets_of(added)) % len(pattern)]
    return StringColumn(offsets, data)


def _ascii(call: Call) -> Column:
    text = strings(call.columns[0])
    codes = np.zeros(call.n_rows, np.int32)
    is_filled = text.lengths > 0
    codes[is_filled] = text.data[text.offsets[:-1][is_filled]]
    return numeric(I32, codes)


def _char(call: Call) -> Column:
    """Take the low byte of each number."""
    codes = [whole_numbers(column).astype(np.uint8) for column in call.columns]
    offsets = np.arange(call.n_rows + 1, dtype=np.int64) * len(codes)
    return StringColumn(offsets, np.stack(codes, axis=1).reshape(-1))


_FORMAT_TOKEN = re.compile(r"\{\{|\}\}|\{(\d*)\}|[{}]|[^{}]+")


def format_parts(template: str, n_values: int) -> list[str | int]:
    """Take a template such as ``{} and {1}`` apart into texts and numbers of values.

    Raises
    ------
    BindError
        BAD_ARGUMENTS for braces left open, both ways of numbering, or a value that is not there.
    """
    parts: list[str | int] = []
    used_auto = used_manual = False
    count = 0
    for token in _FORMAT_TOKEN.finditer(template):
        text, number = token.group(), token.group(1)
        if text in {"{{", "}}"}:
            parts.append(text[0])
        elif number is None and text in "{}":
            raise BindError(BAD_ARGUMENTS, f"a brace is not closed in {template!r}")
        elif number is None:
            parts.append(text)
        else:
            used_auto, used_manual = used_auto or not number, used_manual or bool(number)
            place = int(number) if number else count
            count += 1
            if used_auto and used_manual:
                message = "a template numbers all of its braces or none"
                raise BindError(BAD_ARGUMENTS, message)
            if place >= n_values:
                message = f"{template!r} asks for value {place} of {n_values}"
                raise BindError(BAD_ARGUMENTS, message)
            parts.append(place)
    return parts


def _format_type(arguments: Sequence[Argument]) -> DataType:
    template = arguments[0].constant_value()
    if isinstance(template, str):
        format_parts(template, len(arguments) - 1)
    return TEXT


def _format(call: Call) -> Column:
    """Put the values' texts where the template wants them."""
    if not call.n_rows:
        return repeated_text(b"", 0)
    template = strings(call.columns[0]).slice(0, 1).to_bytes()[0].decode("utf-8", "surrogateescape")
    values = [render_text(column) for column in call.columns[1:]]
    pieces = [
        repeated_text(part.encode("utf-8", "surrogateescape"), call.n_rows)
        if isinstance(part, str)
        else values[part]
        for part in format_parts(template, len(values))
    ]
    return join_columns(pieces) if pieces else repeated_text(b"", call.n_rows)


PAD_ARGS = (
    Arg("text", TEXT_KIND),
    Arg("length", INTEGER),
    Arg("filler", STRING, is_optional=True, is_constant=True),
)


def _declare(
    name: str,
    args: tuple[Arg, ...],
    kernel: Kernel,
    help_text: str,
    example: str,
    aliases: tuple[str, ...] = (),
    *,
    result: ResultRule = TEXT,
    is_case_insensitive: bool = False,
    can_fail: bool = False,
) -> ScalarFunction:
    """Declare one function of this file."""
    return ScalarFunction(
        name=name,
        family="string",
        args=args,
        result=result,
        kernel=kernel,
        help=help_text,
        example=f"SELECT {example}",
        aliases=aliases,
        is_case_insensitive=is_case_insensitive,
        can_fail=can_fail,
    )


FUNCTIONS: tuple[ScalarFunction, ...] = (
    _declare(
        "concat",
        (Arg("value", ANY, is_optional=True, is_repeated=True),),
        _concat,
        "The texts of all values one after another; arrays become one array.",
        "concat('a', 1)",
        result=_concat_type,
        is_case_insensitive=True,
    ),
    _declare(
        "concatWithSeparator",
        (Arg("separator", TEXT_KIND), Arg("value", ANY, is_optional=True, is_repeated=True)),
        _concat_with_separator,
        "The texts of all values with a separator between them.",
        "concatWithSeparator('-', 'a', 1)",
        ("concat_ws",),
        is_case_insensitive=True,
    ),
    _declare(
        "repeat",
        (Arg("text", STRING), Arg("times", INTEGER)),
        _repeat,
        "The text several times.",
        "repeat('ab', 3)",
        is_case_insensitive=True,
        can_fail=True,
    ),
    _declare(
        "space",
        (Arg("times", INTEGER),),
        _space,
        "Several spaces.",
        "space(3)",
        is_case_insensitive=True,
        can_fail=True,
    ),
    _declare(
        "leftPad",
        PAD_ARGS,
        _pad(is_left=True, is_utf8=False),
        "The text filled at its start (with spaces or a text), or cut, to a length in bytes.",
        "leftPad('7', 3, '0')",
        ("lpad",),
        is_case_insensitive=True,
        can_fail=True,
    ),
    _declare(
        "rightPad",
        PAD_ARGS,
        _pad(is_left=False, is_utf8=False),
        "The text filled at its end (with spaces or a text), or cut, to a length in bytes.",
        "rightPad('7', 3, '0')",
        ("rpad",),
        is_case_insensitive=True,
        can_fail=True,
    ),
    _declare(
        "leftPadUTF8",
        PAD_ARGS,
        _pad(is_left=True, is_utf8=True),
        "As leftPad, with lengths in UTF-8 characters.",
        "leftPadUTF8('é', 3, '·')",
        can_fail=True,
    ),
    _declare(
        "rightPadUTF8",
        PAD_ARGS,
        _pad(is_left=False, is_utf8=True),
        "As rightPad, with lengths in UTF-8 characters.",
        "rightPadUTF8('é', 3, '·')",
        can_fail=True,
    ),
    _declare(
        "ascii",
        (Arg("text", TEXT_KIND),),
        _ascii,
        "The first byte of a text as a number, 0 for an empty one.",
        "ascii('a')",
        result=I32,
        is_case_insensitive=True,
    ),
    _declare(
        "char",
        (Arg("code", NUMBER, is_repeated=True),),
        _char,
        "The text of bytes given as numbers.",
        "char(72, 105)",
        is_case_insensitive=True,
    ),
    _declare(
        "format",
        (Arg("template", STRING, is_constant=True), Arg("value", ANY, is_repeated=True)),
        _format,
        "A template with the values' texts in the places of its braces.",
        "format('{} {}', 'a', 1), format('{1} {0}', 'a', 'b')",
    ),
)
