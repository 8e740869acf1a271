"""Search in text for a text: where, how often, and replacing it."""

from __future__ import annotations

import numpy as np

from minidb.columns import Column, StringColumn
from minidb.functions.arguments import STRING, UNSIGNED, Arg
from minidb.functions.arguments import TEXT as TEXT_KIND
from minidb.functions.builtin.kit import (
    TEXT,
    U64,
    Ints,
    count_per_row,
    first_per_row,
    numeric,
    offsets_of,
    rows_of,
    strings,
    whole_numbers,
)
from minidb.functions.builtin.strings import check_text_size
from minidb.functions.builtin.text_parts import (
    change_ascii_case,
    character_starts,
    characters,
)
from minidb.functions.declaration import Call, Kernel, ScalarFunction
from minidb.functions.no_numpy_way import (
    change_case,
    count_texts,
    find_texts,
    map_texts,
    replace_texts,
    without_overlap,
)

SAMPLE_BYTES = 1024


def occurrences(text: StringColumn, needle: bytes) -> Ints:
    """Return where a text (not empty) begins in the data of a compact column, overlaps included.

    The rarest byte of the needle, as far as a sample tells, yields the candidates; each further
    byte thins them out, and only what is left is checked to lie within one row.
    """
    data = text.data
    n_places = len(data) - len(needle) + 1
    if n_places <= 0:
        return np.zeros(0, np.int64)
    counts = np.bincount(data[:: 1 + len(data) // SAMPLE_BYTES], minlength=256)
    order = sorted(range(len(needle)), key=lambda place: int(counts[needle[place]]))
    found = np.flatnonzero(data[order[0] :][:n_places] == needle[order[0]])
    for place in order[1:]:
        if not len(found):
            break
        found = found[data[found + place] == needle[place]]
    ends = text.offsets[np.searchsorted(text.offsets, found, side="right")]
    return found[found + len(needle) <= ends].astype(np.int64, copy=False)


def separate_occurrences(text: StringColumn, needle: bytes) -> Ints:
    """Return where a text begins, from left to right without overlap."""
    found = occurrences(text, needle)
    if len(found) < 2 or (np.diff(found) >= len(needle)).all():
        return found
    return np.array(without_overlap(found.tolist(), len(needle)), np.int64)


def marks(text: StringColumn, found: Ints) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return for each byte whether something was found to begin there."""
    at = np.zeros(len(text.data), np.bool_)
    at[found] = True
    return at


def _folded(text: StringColumn, fold: str) -> StringColumn:
    """Return text with case taken away: not at all, in ASCII, or in every alphabet."""
    if fold == "utf8" and (text.data > 127).any():
        return map_texts(text, lambda value: change_case(value, str.lower))
    if fold:
        return StringColumn(text.offsets, change_ascii_case(text.data, to_lower=True))
    return text


def _position(fold: str, *, is_utf8: bool, is_turned: bool = False) -> Kernel:
    """Return the kernel that finds the first place, from 1, at or after a start."""

    def kernel(call: Call) -> Column:
        first, second = (1, 0) if is_turned else (0, 1)
        text = _folded(strings(call.columns[first]), fold)
        needles = _folded(strings(call.columns[second]), fold)
        start = np.zeros(call.n_rows, np.int64)
        if len(call.columns) > 2:
            start = np.maximum(whole_numbers(call.columns[2]) - 1, 0)
        begin = _byte_places(text, start) if is_utf8 else start
        place = _find(text, needles, begin, call.constants[second] is not None)
        if is_utf8:
            place = _character_places(text, place)
        return numeric(U64, place + 1)

    return kernel


def _find(text: StringColumn, needles: StringColumn, start: Ints, is_one: bool) -> Ints:
    """Return the byte of each row where its needle begins, -1 if nowhere."""
    if not len(text) or not is_one or needles.lengths[0] == 0:
        return find_texts(text, needles, start)
    found = occurrences(text, needles.slice(0, 1).to_bytes()[0])
    rows = rows_of(text.offsets)[found]
    found = found[found >= text.offsets[:-1][rows] + np.minimum(start[rows], text.lengths[rows])]
    first = first_per_row(marks(text, found), text.offsets)
    return np.where(first >= 0, first - text.offsets[:-1], -1)


def _byte_places(text: StringColumn, start: Ints) -> Ints:
    """Turn places in characters into places in bytes; beyond the end, one byte beyond it."""
    found = characters(text)
    counts = np.diff(found.offsets)
    at = found.starts[found.offsets[:-1] + np.minimum(start, counts)] - text.offsets[:-1]
    return np.where(start > counts, text.lengths + 1, at)


def _character_places(text: StringColumn, place: Ints) -> Ints:
    """Turn places in bytes into places in characters; -1 stays."""
    running = offsets_of(character_starts(text.data))
    first = text.offsets[:-1]
    found = running[first + np.maximum(place, 0)] - running[first]
    return np.where(place < 0, -1, found)


def _count(fold: str) -> Kernel:
    def kernel(call: Call) -> Column:
        text = _folded(strings(call.columns[0]), fold)
        needles = _folded(strings(call.columns[1]), fold)
        start = np.zeros(call.n_rows, np.int64)
        if len(call.columns) > 2:
            start = np.maximum(whole_numbers(call.columns[2]) - 1, 0)
        plain = call.constants[1] is not None and not start.any() and len(text)
        if not plain or needles.lengths[0] == 0:
            return numeric(U64, count_texts(text, needles, start))
        found = separate_occurrences(text, needles.slice(0, 1).to_bytes()[0])
        return numeric(U64, count_per_row(marks(text, found), text.offsets))

    return kernel


def _replace(is_all: bool) -> Kernel:
    """Return the kernel that replaces a text, everywhere or at its first place."""

    def kernel(call: Call) -> Column:
        text, old, new = (strings(column) for column in call.columns)
        if not call.n_rows or call.constants[1] is None or call.constants[2] is None:
            return replace_texts(text, old, new, -1 if is_all else 1)
        needle = old.slice(0, 1).to_bytes()[0]
        if not needle:
            return text
        found = separate_occurrences(text, needle)
        if not is_all:
            first = first_per_row(marks(text, found), text.offsets)
            found = first[first >= 0]
        return _substituted(call, text, found, len(needle), new.slice(0, 1).compact().data)

    return kernel


def _substituted(
    call: Call,
    text: StringColumn,
    found: Ints,
    size: int,
    by: np.ndarray[tuple[int], np.dtype[np.uint8]],
) -> StringColumn:
    """Put `by` in the place of `size` bytes at each place found."""
    weights = np.ones(len(text.data), np.int64)
    weights[(found[:, None] + np.arange(size)).reshape(-1)] = 0
    stays = weights == 1
    weights[found] = len(by)
    places = offsets_of(weights)
    check_text_size(call, int(places[-1]))
    data = np.empty(int(places[-1]), np.uint8)
    data[places[:-1][stays]] = text.data[stays]
    data[places[found][:, None] + np.arange(len(by))] = by
    return StringColumn(places[text.offsets], data)


POSITION_ARGS = (
    Arg("text", TEXT_KIND),
    Arg("wanted", STRING),
    Arg("start", UNSIGNED, is_optional=True),
)
LOCATE_ARGS = (
    Arg("wanted", STRING),
    Arg("text", TEXT_KIND),
    Arg("start", UNSIGNED, is_optional=True),
)
COUNT_ARGS = (
    Arg("text", STRING),
    Arg("wanted", STRING),
    Arg("start", UNSIGNED, is_optional=True),
)


def _position_function(
    name: str, fold: str, *, is_utf8: bool, aliases: tuple[str, ...] = ()
) -> ScalarFunction:
    """Declare one function of the position family."""
    unit = "UTF-8 characters" if is_utf8 else "bytes"
    return ScalarFunction(
        name=name,
        family="string search",
        args=POSITION_ARGS,
        result=U64,
        kernel=_position(fold, is_utf8=is_utf8),
        help=f"Where a text begins in another, in {unit} from 1"
        + (", in any case" if fold else "")
        + "; 0 if nowhere.",
        example=f"SELECT {name}('abcabc', 'c')",
        aliases=aliases,
        is_case_insensitive=name == "position",
    )


def _count_function(name: str, fold: str) -> ScalarFunction:
    """Declare one function of the countSubstrings family."""
    return ScalarFunction(
        name=name,
        family="string search",
        args=COUNT_ARGS,
        result=U64,
        kernel=_count(fold),
        help="How often a text stands in another, without overlap"
        + (", in any case." if fold else "."),
        example=f"SELECT {name}('abab', 'ab')",
        is_case_insensitive=name == "countSubstrings",
    )


def _replace_function(name: str, aliases: tuple[str, ...], *, is_all: bool) -> ScalarFunction:
    """Declare replaceOne or replaceAll."""
    return ScalarFunction(
        name=name,
        family="string search",
        args=(Arg("text", STRING), Arg("old", STRING), Arg("new", STRING)),
        result=TEXT,
        kernel=_replace(is_all),
        help="The text with "
        + ("every place" if is_all else "the first place")
        + " of a text replaced by another.",
        example=f"SELECT {name}('a-b-c', '-', '+')",
        aliases=aliases,
        is_case_insensitive=is_all,
        can_fail=True,
    )


FUNCTIONS: tuple[ScalarFunction, ...] = (
    _position_function("position", "", is_utf8=False, aliases=("INSTR",)),
    _position_function("positionUTF8", "", is_utf8=True),
    _position_function("positionCaseInsensitive", "ascii", is_utf8=False),
    _position_function("positionCaseInsensitiveUTF8", "utf8", is_utf8=True),
    ScalarFunction(
        name="locate",
        family="string search",
        args=LOCATE_ARGS,
        result=U64,
        kernel=_position("", is_utf8=False, is_turned=True),
        help="As position, with the wanted text first.",
        example="SELECT locate('c', 'abcabc')",
        is_case_insensitive=True,
    ),
    _count_function("countSubstrings", ""),
    _count_function("countSubstringsCaseInsensitive", "ascii"),
    _replace_function("replaceOne", (), is_all=False),
    _replace_function("replaceAll", ("replace",), is_all=True),
)
