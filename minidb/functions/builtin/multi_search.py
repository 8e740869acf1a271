"""Many texts or patterns looked for at once, tokens, and subsequences."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np

from minidb.columns import Column, StringColumn
from minidb.errors import BAD_ARGUMENTS, BindError, ValueExecutionError
from minidb.functions.arguments import ARRAY, INTEGER, STRING, Arg
from minidb.functions.builtin.kit import (
    TEXT,
    U8,
    U64,
    Ints,
    array_of,
    arrays,
    flags,
    numeric,
    strings,
)
from minidb.functions.declaration import Argument, Call, Kernel, ResultRule, ScalarFunction
from minidb.functions.no_numpy_way import map_texts, readable, rows_to_lists, rows_to_numbers
from minidb.functions.regex import compile_regex
from minidb.types import ArrayType, DataType, StringType

Places: TypeAlias = Callable[[bytes, Sequence[bytes]], list[int]]
WORD = re.compile(rb"[A-Za-z0-9\x80-\xff]+")
MAX_GRAM = 1000


def _needles(call: Call) -> list[list[bytes]]:
    """Return the texts of the second argument, row by row."""
    array = arrays(call.columns[1])
    texts, offsets = strings(array.child).to_bytes(), array.offsets.tolist()
    items = list(texts)
    return [items[a:b] for a, b in pairwise(offsets)]


def _places(text: bytes, needles: Sequence[bytes]) -> list[int]:
    """Return where each needle first stands, from 1; 0 where it does not."""
    return [text.find(needle) + 1 for needle in needles]


def _character_places(text: bytes, needles: Sequence[bytes]) -> list[int]:
    """Return the same, counted in characters."""
    whole = readable(text)
    return [whole.find(readable(needle)) + 1 for needle in needles]


def _first_index(found: list[int]) -> int:
    return next((i for i, place in enumerate(found, 1) if place), 0)


def _first_place(found: list[int]) -> int:
    return min((place for place in found if place), default=0)


def _any(found: list[int]) -> int:
    return int(any(found))


def _searched(call: Call, *, find: Places, folds: bool) -> list[list[int]]:
    """Return the places of the needles in each text."""
    found = []
    for text, needles in zip(strings(call.columns[0]).to_bytes(), _needles(call), strict=True):
        if folds:
            found.append(find(text.lower(), [needle.lower() for needle in needles]))
        else:
            found.append(find(text, needles))
    return found


def _number(
    find: Places, folds: bool, reduce: Callable[[list[int]], int], result: DataType
) -> Kernel:
    def kernel(call: Call) -> Column:
        found = [reduce(row) for row in _searched(call, find=find, folds=folds)]
        return numeric(result, np.array(found, np.int64))

    return kernel


def _all_places(find: Places, folds: bool) -> Kernel:
    def kernel(call: Call) -> Column:
        found = _searched(call, find=find, folds=folds)
        flat = np.array([place for row in found for place in row], np.int64)
        return array_of(U64, arrays(call.columns[1]).offsets, numeric(U64, flat))

    return kernel


def _multi_match(call: Call) -> list[list[int]]:
    """Return for each text the numbers of the patterns that match it."""
    compiled: dict[bytes, re.Pattern[str]] = {}
    found = []
    for text, patterns in zip(strings(call.columns[0]).to_bytes(), _needles(call), strict=True):
        whole = readable(text)
        for pattern in patterns:
            compiled.setdefault(pattern, compile_regex(pattern))
        found.append([i for i, p in enumerate(patterns, 1) if compiled[p].search(whole)])
    return found


def _match_any(call: Call) -> Column:
    return flags(np.array([bool(row) for row in _multi_match(call)], np.bool_))


def _match_index(call: Call) -> Column:
    return numeric(U64, np.array([row[0] if row else 0 for row in _multi_match(call)], np.int64))


def _match_all(call: Call) -> Column:
    found = _multi_match(call)
    offsets = np.zeros(len(found) + 1, np.int64)
    np.cumsum([len(row) for row in found], out=offsets[1:])
    flat = np.array([number for row in found for number in row], np.int64)
    return array_of(U64, offsets, numeric(U64, flat))


def _has_token(text: bytes, token: bytes) -> int:
    """Tell whether a token stands in a text by itself."""
    if not token:
        return 0
    if WORD.fullmatch(token) is None:
        message = "a token holds letters and digits alone"
        raise ValueExecutionError(BAD_ARGUMENTS, message)
    return int(token in WORD.findall(text))


def _is_subsequence(text: bytes | str, wanted: bytes | str) -> int:
    rest = iter(text)
    return int(all(sign in rest for sign in wanted))


def _pair(
    test: Callable[[bytes, bytes], int], *, folds: bool = False, utf8: bool = False
) -> Kernel:
    def one(text: bytes, wanted: bytes) -> int:
        if utf8:
            left, right = readable(text), readable(wanted)
            if folds:
                left, right = left.lower(), right.lower()
            return _is_subsequence(left, right)
        return test(text.lower(), wanted.lower()) if folds else test(text, wanted)

    def kernel(call: Call) -> Column:
        texts = [strings(column) for column in call.columns]
        return numeric(U8, rows_to_numbers(texts, one, np.dtype(np.int64)))

    return kernel


def _grams(call: Call) -> Column:
    """Return all runs of characters of a length."""
    size = call.constant_value(1)
    if not isinstance(size, int) or not 0 < size <= MAX_GRAM:
        raise ValueExecutionError(BAD_ARGUMENTS, f"ngrams takes a length from 1 to {MAX_GRAM}")

    def grams(text: bytes) -> list[bytes]:
        whole = readable(text)
        parts = (whole[i : i + size] for i in range(len(whole) - size + 1))
        return [part.encode("utf-8", "surrogateescape") for part in parts]

    offsets, child = rows_to_lists([strings(call.columns[0])], grams)
    return array_of(TEXT, offsets, child)


def _tokens(call: Call) -> Column:
    offsets, child = rows_to_lists([strings(call.columns[0])], WORD.findall)
    return array_of(TEXT, offsets, child)


def _pattern(call: Call, *, folds: bool = False) -> re.Pattern[str]:
    constant = call.constants[1]
    text = strings(constant).to_bytes()[0] if constant is not None else b""
    return compile_regex(b"(?i)" + text if folds else text)


def _matches(*, folds: bool, is_not: bool) -> Kernel:
    def kernel(call: Call) -> Column:
        pattern = _pattern(call, folds=folds)
        found = rows_to_numbers(
            [strings(call.columns[0])],
            lambda text: (pattern.search(readable(text)) is None) == is_not,
            np.dtype(np.bool_),
        )
        return flags(found)

    return kernel


def _count_folded(call: Call) -> Column:
    pattern = _pattern(call, folds=True)
    found = rows_to_numbers(
        [strings(call.columns[0])],
        lambda text: sum(1 for m in pattern.finditer(readable(text)) if m.group()),
        np.dtype(np.int64),
    )
    return numeric(U64, found)


def _groups(call: Call, *, by_group: bool) -> Column:
    """Return the groups of all matches: by match, or by group."""
    pattern = _pattern(call)
    if not pattern.groups:
        raise ValueExecutionError(BAD_ARGUMENTS, "the pattern has no groups")
    texts: list[str] = []
    inner: list[int] = []
    outer: list[int] = []
    for text in strings(call.columns[0]).to_bytes():
        rows = [m.groups("") for m in pattern.finditer(readable(text))]
        lists = list(zip(*rows, strict=True)) if by_group else rows
        if by_group and not lists:
            lists = [()] * pattern.groups
        outer.append(len(lists))
        for row in lists:
            inner.append(len(row))
            texts += row
    child = StringColumn.from_bytes(t.encode("utf-8", "surrogateescape") for t in texts)
    middle = array_of(TEXT, _offsets(inner), child)
    return array_of(middle.type, _offsets(outer), middle)


def _offsets(lengths: Sequence[int]) -> Ints:
    offsets = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(np.array(lengths, np.int64), out=offsets[1:])
    return offsets


def _needles_rule(result: DataType) -> ResultRule:
    def rule(arguments: Sequence[Argument]) -> DataType:
        given = arguments[1].type
        if not isinstance(given, ArrayType) or not isinstance(given.element, StringType):
            raise BindError(BAD_ARGUMENTS, f"expected an Array(String), not {given.name}")
        return result

    return rule


def _quote(text: bytes) -> bytes:
    """Put a backslash before what has a meaning in patterns."""
    return re.sub(rb"[\\|()^$.\[\]?*+{:\-]", rb"\\\g<0>", text).replace(b"\0", b"\\0")


def _declare(
    name: str,
    args: Sequence[Arg],
    result: ResultRule,
    kernel: Kernel,
    what: str,
    shown: str,
    **more: Any,
) -> ScalarFunction:
    return ScalarFunction(
        name=name,
        family="string search",
        args=tuple(args),
        result=result,
        kernel=kernel,
        help=what,
        example=f"SELECT {name}({shown})",
        can_fail=True,
        **more,
    )


HAYSTACK = Arg("text", STRING)
MANY = (HAYSTACK, Arg("needles", ARRAY))
PAIR = (HAYSTACK, Arg("wanted", STRING))
PATTERN = (HAYSTACK, Arg("pattern", STRING, is_constant=True))


def _family() -> list[ScalarFunction]:
    """Declare multiSearch... in its four forms of comparing."""
    made = []
    for suffix, find, folds in (
        ("", _places, False),
        ("CaseInsensitive", _places, True),
        ("UTF8", _character_places, False),
        ("CaseInsensitiveUTF8", _character_places, True),
    ):
        how = f"{' without regard to case' if folds else ''}{', in characters' if 'UTF8' in suffix else ''}"
        shown = "'Hello World', ['World', 'l', 'x']"
        made += [
            _declare(f"multiSearchAny{suffix}", MANY, _needles_rule(U8), _number(find, folds, _any, U8), f"1 if any of the texts is found{how}.", shown),
            _declare(f"multiSearchFirstIndex{suffix}", MANY, _needles_rule(U64), _number(find, folds, _first_index, U64), f"The number of the first of the texts that is found{how}.", shown),
            _declare(f"multiSearchFirstPosition{suffix}", MANY, _needles_rule(U64), _number(find, folds, _first_place, U64), f"The leftmost place of any of the texts{how}.", shown),
            _declare(f"multiSearchAllPositions{suffix}", MANY, _needles_rule(ArrayType(U64)), _all_places(find, folds), f"The first place of each of the texts{how}.", shown),
        ]  # fmt: skip
    return made


FUNCTIONS: tuple[ScalarFunction, ...] = (
    *_family(),
    _declare("multiMatchAny", MANY, _needles_rule(U8), _match_any, "1 if any of the patterns matches.", "'abc', ['^b', 'c$']"),
    _declare("multiMatchAnyIndex", MANY, _needles_rule(U64), _match_index, "The number of a pattern that matches: the first.", "'abc', ['^b', 'c$']"),
    _declare("multiMatchAllIndices", MANY, _needles_rule(ArrayType(U64)), _match_all, "The numbers of the patterns that match.", "'abc', ['a', '^b', 'c$']"),
    _declare("hasToken", PAIR, U8, _pair(_has_token), "1 if a word of letters and digits stands in the text.", "'one two', 'two'"),
    _declare("hasTokenCaseInsensitive", PAIR, U8, _pair(_has_token, folds=True), "As hasToken, without regard to case.", "'one Two', 'tWo'"),
    _declare("hasSubsequence", PAIR, U8, _pair(_is_subsequence), "1 if the bytes stand in the text in that order.", "'garbage', 'arg'"),
    _declare("hasSubsequenceCaseInsensitive", PAIR, U8, _pair(_is_subsequence, folds=True), "As hasSubsequence, without regard to case.", "'garbage', 'ARG'"),
    _declare("hasSubsequenceUTF8", PAIR, U8, _pair(_is_subsequence, utf8=True), "As hasSubsequence, by characters.", "'größe', 'gö'"),
    _declare("hasSubsequenceCaseInsensitiveUTF8", PAIR, U8, _pair(_is_subsequence, folds=True, utf8=True), "As hasSubsequenceUTF8, without regard to case.", "'größe', 'GÖ'"),
    _declare("ngrams", (HAYSTACK, Arg("length", INTEGER, is_constant=True)), ArrayType(TEXT), _grams, "All runs of characters of a length.", "'abcd', 3"),
    _declare("tokens", (HAYSTACK,), ArrayType(TEXT), _tokens, "The words of letters and digits.", "'one, two'"),
    _declare("matchCaseInsensitive", PATTERN, U8, _matches(folds=True, is_not=False), "1 if the pattern matches, without regard to case.", "'Hello', '^h'"),
    _declare("notMatch", PATTERN, U8, _matches(folds=False, is_not=True), "1 if the pattern does not match.", "'Hello', '^h'"),
    _declare("notMatchCaseInsensitive", PATTERN, U8, _matches(folds=True, is_not=True), "1 if the pattern does not match, without regard to case.", "'Hello', '^h'"),
    _declare("countMatchesCaseInsensitive", PATTERN, U64, _count_folded, "How often the pattern matches, without regard to case.", "'aAb', 'a'"),
    _declare("extractAllGroupsVertical", PATTERN, ArrayType(ArrayType(TEXT)), partial(_groups, by_group=False), "The groups of each match.", "'a=1, b=2', '(\\\\w)=(\\\\d)'", aliases=("extractAllGroups",)),
    _declare("extractAllGroupsHorizontal", PATTERN, ArrayType(ArrayType(TEXT)), partial(_groups, by_group=True), "The matches of each group.", "'a=1, b=2', '(\\\\w)=(\\\\d)'"),
    _declare("regexpQuoteMeta", (HAYSTACK,), TEXT, lambda call: map_texts(strings(call.columns[0]), _quote), "The text with a backslash before all signs with a meaning in patterns.", "'a.b*c'"),
)  # fmt: skip
