"""Between text and arrays: splitting at bytes, texts and kinds of characters, and joining."""

from __future__ import annotations

import string
from collections.abc import Sequence

import numpy as np

from minidb.columns import ArrayColumn, BoolArray, Column, NullableColumn, StringColumn, split_nulls
from minidb.columns.text import render_text
from minidb.columns.text_layout import repeated_text
from minidb.errors import BAD_ARGUMENTS, BindError
from minidb.functions.arguments import ARRAY, INTEGER, STRING, Arg
from minidb.functions.builtin.array_parts import cut_array
from minidb.functions.builtin.kit import (
    TEXT,
    Ints,
    array_of,
    arrays,
    count_per_row,
    cut,
    offsets_of,
    places_of,
    range_indices,
    rows_of,
    strings,
    whole_numbers,
)
from minidb.functions.builtin.search import marks, separate_occurrences
from minidb.functions.builtin.strings import check_text_size
from minidb.functions.declaration import Argument, Call, Kernel, ResultRule, ScalarFunction
from minidb.types import ArrayType, DataType


def split_at(text: StringColumn, found: Ints, size: int) -> ArrayColumn:
    """Return the pieces between separators of `size` bytes that begin at the bytes `found`."""
    counts = count_per_row(marks(text, found), text.offsets) + 1
    offsets = offsets_of(counts)
    is_first = np.zeros(int(offsets[-1]), np.bool_)
    is_first[offsets[:-1]] = True
    is_last = np.roll(is_first, -1)
    starts = np.empty(len(is_first), np.int64)
    ends = np.empty(len(is_first), np.int64)
    starts[is_first], starts[~is_first] = text.offsets[:-1], found + size
    ends[is_last], ends[~is_last] = text.offsets[1:], found
    return array_of(TEXT, offsets, cut(text, starts, ends - starts))


def _first_pieces(call: Call, pieces: ArrayColumn) -> Column:
    """Keep as many pieces as a third argument says, all if it is 0 or less."""
    if len(call.columns) < 3:
        return pieces
    limit = whole_numbers(call.columns[2])
    lengths = np.where(limit > 0, np.minimum(limit, pieces.lengths), pieces.lengths)
    return cut_array(pieces, np.zeros(call.n_rows, np.int64), lengths)


def _separator(call: Call) -> bytes:
    """Return the separator, the constant first argument."""
    constant = call.constants[0]
    return strings(constant).to_bytes()[0] if constant is not None else b""


def _one_byte_type(arguments: Sequence[Argument]) -> DataType:
    constant = arguments[0].constant
    if constant is None or arguments[0].constant_value() is None:
        return ArrayType(TEXT)
    if len(strings(split_nulls(constant)[0]).data) != 1:
        raise BindError(BAD_ARGUMENTS, "splitByChar takes a separator of exactly one byte")
    return ArrayType(TEXT)


def _split(call: Call) -> Column:
    """Split at a text; at an empty one, into single bytes."""
    text, separator = strings(call.columns[1]), _separator(call)
    if separator:
        found = separate_occurrences(text, separator)
        return _first_pieces(call, split_at(text, found, len(separator)))
    single = StringColumn(np.arange(len(text.data) + 1, dtype=np.int64), text.data)
    return _first_pieces(call, array_of(TEXT, text.offsets, single))


def _words(keeps_alpha_only: bool, separators: bytes = b"") -> Kernel:
    """Return the kernel for runs of letters, or of bytes that are no separators."""
    belongs = np.ones(256, np.bool_)
    belongs[np.frombuffer(separators, np.uint8)] = False
    if keeps_alpha_only:
        every = np.arange(256)
        belongs = ((every | 32) >= ord("a")) & ((every | 32) <= ord("z")) & (every < 128)

    def kernel(call: Call) -> Column:
        text = strings(call.columns[0])
        return _first_pieces_of_words(call, _runs(text, belongs[text.data]))

    return kernel


def _first_pieces_of_words(call: Call, pieces: ArrayColumn) -> Column:
    """Keep as many words as a second argument says, all if it is 0 or less."""
    if len(call.columns) < 2:
        return pieces
    limit = whole_numbers(call.columns[1])
    lengths = np.where(limit > 0, np.minimum(limit, pieces.lengths), pieces.lengths)
    return cut_array(pieces, np.zeros(call.n_rows, np.int64), lengths)


def _runs(text: StringColumn, inside: BoolArray) -> ArrayColumn:
    """Return the longest runs of bytes that are `inside`, in each row."""
    begins, ends = inside.copy(), inside.copy()
    edges = text.offsets[1:-1]
    is_row_start = np.zeros(len(inside) + 1, np.bool_)
    is_row_start[edges] = True
    begins[1:] &= ~inside[:-1] | is_row_start[1:-1]
    ends[:-1] &= ~inside[1:] | is_row_start[1:-1]
    starts = np.flatnonzero(begins)
    lengths = np.flatnonzero(ends) + 1 - starts
    return array_of(
        TEXT, offsets_of(count_per_row(begins, text.offsets)), cut(text, starts, lengths)
    )


def _join(call: Call) -> Column:
    """Join elements that are not NULL with a separator, nothing by default."""
    array = arrays(call.columns[0])
    child, offsets = array.child, array.offsets
    if isinstance(child, NullableColumn):
        offsets = offsets_of(count_per_row(~child.is_null, offsets))
        child = child.inner.filter(~child.is_null)
    items = strings(render_text(child)) if len(child) else repeated_text(b"", 0)
    separators = repeated_text(b"", call.n_rows)
    if len(call.columns) > 1:
        separators = strings(call.columns[1])
    rows = rows_of(offsets)
    lead = np.where(places_of(offsets) > 0, separators.lengths[rows], 0)
    item_offsets = offsets_of(lead + items.lengths)
    check_text_size(call, int(item_offsets[-1]))
    data = np.empty(int(item_offsets[-1]), np.uint8)
    data[range_indices(item_offsets[:-1], lead)] = separators.data[
        range_indices(separators.offsets[:-1][rows], lead)
    ]
    data[range_indices(item_offsets[:-1] + lead, items.lengths)] = items.data
    return StringColumn(item_offsets[offsets], data)


TEXT_ARRAY = ArrayType(TEXT)
SPLIT_ARGS = (
    Arg("separator", STRING, is_constant=True),
    Arg("text", STRING),
    Arg("limit", INTEGER, is_optional=True),
)
WORD_ARGS = (Arg("text", STRING), Arg("limit", INTEGER, is_optional=True))
WHITE = b" \t\n\v\f\r"
SIGNS = WHITE + string.punctuation.encode()


def _declare(
    name: str,
    args: tuple[Arg, ...],
    result: ResultRule,
    kernel: Kernel,
    help_text: str,
    example: str,
    aliases: tuple[str, ...] = (),
) -> ScalarFunction:
    """Declare one function of this file."""
    return ScalarFunction(
        name=name,
        family="string list",
        args=args,
        result=result,
        kernel=kernel,
        help=help_text,
        example=f"SELECT {example}",
        aliases=aliases,
        can_fail=True,
    )


FUNCTIONS: tuple[ScalarFunction, ...] = (
    _declare(
        "splitByChar",
        SPLIT_ARGS,
        _one_byte_type,
        _split,
        "The pieces of a text between separators of one byte; at most a number of them.",
        "splitByChar(',', 'a,b,c')",
    ),
    _declare(
        "splitByString",
        SPLIT_ARGS,
        TEXT_ARRAY,
        _split,
        "The pieces of a text between separators; at most a number of them.",
        "splitByString(', ', 'a, b, c')",
    ),
    _declare(
        "splitByWhitespace",
        WORD_ARGS,
        TEXT_ARRAY,
        _words(False, WHITE),
        "The pieces of a text between white space.",
        "splitByWhitespace(' a  b ')",
    ),
    _declare(
        "splitByNonAlpha",
        WORD_ARGS,
        TEXT_ARRAY,
        _words(False, SIGNS),
        "The pieces of a text between white space and punctuation.",
        "splitByNonAlpha('a, b!')",
    ),
    _declare(
        "alphaTokens",
        WORD_ARGS,
        TEXT_ARRAY,
        _words(True),
        "The runs of the letters a to z and A to Z of a text.",
        "alphaTokens('abc1de')",
        ("splitByAlpha",),
    ),
    _declare(
        "arrayStringConcat",
        (Arg("array", ARRAY), Arg("separator", STRING, is_optional=True)),
        TEXT,
        _join,
        "The texts of the elements, without NULLs, joined with a separator.",
        "arrayStringConcat(['a', 'b'], ',')",
    ),
)
