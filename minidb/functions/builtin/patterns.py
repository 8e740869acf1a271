"""Text and patterns: LIKE in its forms, and regular expressions in RE2's syntax."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import takewhile

import numpy as np

from minidb.columns import BoolArray, Column, StringColumn
from minidb.columns.gather import as_items
from minidb.errors import BAD_ARGUMENTS, ValueExecutionError
from minidb.functions.arguments import INTEGER, STRING, Arg
from minidb.functions.arguments import TEXT as TEXT_KIND
from minidb.functions.builtin.kit import (
    TEXT,
    U8,
    U64,
    Ints,
    array_of,
    flags,
    numeric,
    strings,
)
from minidb.functions.builtin.search import occurrences
from minidb.functions.builtin.text_parts import change_ascii_case
from minidb.functions.compare_numbers import equal_constant_text
from minidb.functions.declaration import Call, Kernel, ResultRule, ScalarFunction
from minidb.functions.no_numpy_way import (
    find_all,
    map_readable,
    match_each,
    match_texts,
    readable,
)
from minidb.functions.regex import compile_like, compile_regex, like_tokens
from minidb.types import ArrayType


def _like(*, is_case_insensitive: bool, is_not: bool) -> Kernel:
    """Return the kernel of one form of LIKE."""

    def kernel(call: Call) -> Column:
        text, patterns = strings(call.columns[0]), strings(call.columns[1])
        if call.constants[1] is not None and call.n_rows:
            pattern = patterns.slice(0, 1).to_bytes()[0]
            found = _like_one(text, pattern, is_case_insensitive)
        else:
            found = match_each(
                text,
                patterns,
                lambda pattern: compile_like(pattern, is_case_insensitive),
                is_whole=True,
            )
        return flags(~found if is_not else found)

    return kernel


def _like_one(text: StringColumn, pattern: bytes, is_case_insensitive: bool) -> BoolArray:
    """Match all rows with one pattern, on the bytes alone where its form allows it."""
    tokens = like_tokens(pattern)
    if is_case_insensitive and (max(pattern, default=0) > 127 or (text.data > 127).any()):
        return match_texts(text, compile_like(pattern, True), is_whole=True)
    if is_case_insensitive:
        text = StringColumn(text.offsets, change_ascii_case(text.data, to_lower=True))
        tokens = [token.lower() if token else token for token in tokens]
    if b"" in tokens:
        return match_texts(text, compile_like(pattern, is_case_insensitive), is_whole=True)
    return _in_order(text, tokens)


def _in_order(text: StringColumn, tokens: Sequence[bytes | None]) -> BoolArray:
    """Tell which texts hold the literals in their order, with any text where None stands."""
    if not tokens:
        return np.equal(text.lengths, 0)
    first, last = tokens[0], tokens[-1]
    if len(tokens) == 1 and first is not None:
        return equal_constant_text(text, first)
    found = np.ones(len(text), np.bool_)
    places, ends = text.offsets[:-1], text.offsets[1:]
    if last is not None:
        found = _stands_at(text, last, ends - len(last), places)
        ends = ends - len(last)
    if first is not None:
        found &= _stands_at(text, first, places, places)
        places = places + len(first)
    for literal in tokens[first is not None : len(tokens) - (last is not None)]:
        if literal is not None:
            places = _next_places(occurrences(text, literal), places, len(text.data)) + len(literal)
    # Where the pattern has no literal in the middle, its ends must not overlap.
    return found & (places <= ends)


def _stands_at(text: StringColumn, literal: bytes, starts: Ints, lows: Ints) -> BoolArray:
    """Tell where a literal stands at a place of its own row, which may lie before the row."""
    fits: BoolArray = (starts >= lows) & (starts + len(literal) <= text.offsets[1:])
    rows = np.flatnonzero(fits)
    if len(rows):
        # An item ends at its zero bytes, but items of one length are equal only if all bytes are.
        fits[rows] = as_items(text.data, len(literal), "S")[starts[rows]] == literal
    return fits


def _next_places(found: Ints, places: Ints, missing: int) -> Ints:
    """Return for each row the first place found at or after its own; `missing` where none is."""
    return np.append(found, missing)[np.searchsorted(found, places)]


def _match(call: Call) -> Column:
    text, patterns = strings(call.columns[0]), strings(call.columns[1])
    if call.constants[1] is None or not call.n_rows:
        return flags(match_each(text, patterns, compile_regex, is_whole=False))
    return flags(match_texts(text, _pattern(call), is_whole=False))


def _pattern(call: Call) -> re.Pattern[str]:
    """Return the compiled pattern of the second argument, a constant."""
    constant = call.constants[1]
    return compile_regex(strings(constant).to_bytes()[0] if constant is not None else b"")


_REFERENCE = re.compile(r"\\(\\|\d|.)", re.DOTALL)


def replacement_parts(template: str, pattern: re.Pattern[str]) -> list[str | int]:
    r"""Take a replacement such as ``<\1>`` apart into texts and numbers of groups.

    Raises
    ------
    ValueExecutionError
        BAD_ARGUMENTS for a group that the pattern does not have.
    """
    parts: list[str | int] = []
    last = 0
    for found in _REFERENCE.finditer(template):
        parts.append(template[last : found.start()])
        last = found.end()
        sign = found.group(1)
        if sign.isascii() and sign.isdigit():
            if int(sign) > pattern.groups:
                message = f"the replacement names group {sign} of {pattern.groups}"
                raise ValueExecutionError(BAD_ARGUMENTS, message)
            parts.append(int(sign))
        else:
            parts.append(sign)
    parts.append(template[last:])
    return parts


def _replace_regexp(is_all: bool) -> Kernel:
    def kernel(call: Call) -> Column:
        text = strings(call.columns[0])
        pattern, constant = _pattern(call), call.constants[2]
        template = readable(strings(constant).to_bytes()[0]) if constant is not None else ""
        parts = replacement_parts(template, pattern)
        if not pattern.pattern:
            return text

        def substitute(found: re.Match[str]) -> str:
            return "".join(p if isinstance(p, str) else found.group(p) or "" for p in parts)

        return map_readable(text, lambda v: pattern.sub(substitute, v, count=0 if is_all else 1))

    return kernel


def _extract(call: Call) -> Column:
    """Return the first group of the first match, or the match when there are no groups."""
    pattern = _pattern(call)
    group = min(pattern.groups, 1)

    def first(value: str) -> str:
        found = pattern.search(value)
        return (found.group(group) or "") if found is not None else ""

    return map_readable(strings(call.columns[0]), first)


def _extract_all(call: Call) -> Column:
    pattern = _pattern(call)
    group = min(pattern.groups, 1)

    def every(value: str) -> list[str]:
        # An empty match ends the search, as in ClickHouse.
        found = takewhile(re.Match.group, pattern.finditer(value))
        return [match.group(group) or "" for match in found]

    offsets, items = find_all(strings(call.columns[0]), every)
    return array_of(TEXT, offsets, items)


def _extract_groups(call: Call) -> Column:
    pattern = _pattern(call)
    if not pattern.groups:
        raise ValueExecutionError(BAD_ARGUMENTS, "the pattern has no groups")

    def groups(value: str) -> list[str]:
        found = pattern.search(value)
        return [group or "" for group in found.groups()] if found is not None else []

    offsets, items = find_all(strings(call.columns[0]), groups)
    return array_of(TEXT, offsets, items)


def _regexp_extract(call: Call) -> Column:
    """Return one group, by number, of the first match."""
    pattern = _pattern(call)
    index = call.constant_value(2) if len(call.columns) > 2 else min(pattern.groups, 1)
    if not isinstance(index, int) or not 0 <= index <= pattern.groups:
        message = f"the pattern has {pattern.groups} groups, and no group {index}"
        raise ValueExecutionError(BAD_ARGUMENTS, message)

    def one(value: str) -> str:
        found = pattern.search(value)
        return (found.group(index) or "") if found is not None else ""

    return map_readable(strings(call.columns[0]), one)


def _count_matches(call: Call) -> Column:
    pattern = _pattern(call)

    def every(value: str) -> list[str]:
        return ["" for match in pattern.finditer(value) if match.group()]

    offsets, _ = find_all(strings(call.columns[0]), every)
    return numeric(U64, np.diff(offsets))


def _split_by_regexp(call: Call) -> Column:
    """Split at every match that is not empty; an empty pattern splits into bytes."""
    constant, text = call.constants[0], strings(call.columns[1])
    pattern = compile_regex(strings(constant).to_bytes()[0] if constant is not None else b"")
    if not pattern.pattern:
        single = StringColumn(np.arange(len(text.data) + 1, dtype=np.int64), text.data)
        return array_of(TEXT, text.offsets, single)

    def split(value: str) -> list[str]:
        pieces, last = [], 0
        for found in pattern.finditer(value):
            if found.end() > found.start():
                pieces.append(value[last : found.start()])
                last = found.end()
        return [*pieces, value[last:]]

    offsets, items = find_all(text, split)
    return array_of(TEXT, offsets, items)


PATTERN = Arg("pattern", STRING, is_constant=True)
TEXT_ARG = Arg("text", TEXT_KIND)
PLAIN_TEXT = Arg("text", STRING)


def _declare(
    name: str,
    args: tuple[Arg, ...],
    result: ResultRule,
    kernel: Kernel,
    help_text: str,
    example: str,
    aliases: tuple[str, ...] = (),
    *,
    is_case_insensitive: bool = False,
    never_fails: Callable[[Sequence[Column | None]], bool] | None = None,
) -> ScalarFunction:
    """Declare one function of this file."""
    return ScalarFunction(
        name=name,
        family="string search",
        args=args,
        result=result,
        kernel=kernel,
        help=help_text,
        example=f"SELECT {example}",
        aliases=aliases,
        is_case_insensitive=is_case_insensitive,
        can_fail=True,
        never_fails=never_fails,
    )


def _can_be_read(constants: Sequence[Column | None]) -> bool:
    """Whether the pattern of LIKE is a constant without a mistake."""
    pattern = constants[1]
    if not isinstance(pattern, StringColumn):
        return False
    try:
        like_tokens(pattern.to_bytes()[0])
    except ValueExecutionError:
        return False
    return True


def _like_function(name: str, *, is_case_insensitive: bool, is_not: bool) -> ScalarFunction:
    """Declare one form of LIKE."""
    help_text = f"{int(not is_not)} if the whole text fits a pattern, else {int(is_not)}: "
    help_text += "% is any text, _ one character" + (
        "; in any case." if is_case_insensitive else "."
    )
    kernel = _like(is_case_insensitive=is_case_insensitive, is_not=is_not)
    args = (TEXT_ARG, Arg("pattern", STRING))
    example = f"{name}('abc', 'a%')"
    return _declare(name, args, U8, kernel, help_text, example, never_fails=_can_be_read)


FUNCTIONS: tuple[ScalarFunction, ...] = (
    _like_function("like", is_case_insensitive=False, is_not=False),
    _like_function("notLike", is_case_insensitive=False, is_not=True),
    _like_function("ilike", is_case_insensitive=True, is_not=False),
    _like_function("notILike", is_case_insensitive=True, is_not=True),
    _declare(
        "match",
        (TEXT_ARG, Arg("pattern", STRING)),
        U8,
        _match,
        "1 if a regular expression matches somewhere in the text, else 0.",
        "match('abc', 'b.')",
        ("REGEXP_MATCHES",),
    ),
    _declare(
        "replaceRegexpOne",
        (Arg("text", STRING), PATTERN, Arg("replacement", STRING, is_constant=True)),
        TEXT,
        _replace_regexp(is_all=False),
        "The text with the first match replaced; \\0 is the match, \\1 to \\9 its groups.",
        "replaceRegexpOne('hello', 'l', 'L')",
    ),
    _declare(
        "replaceRegexpAll",
        (Arg("text", STRING), PATTERN, Arg("replacement", STRING, is_constant=True)),
        TEXT,
        _replace_regexp(is_all=True),
        "The text with every match replaced; \\0 is the match, \\1 to \\9 its groups.",
        "replaceRegexpAll('hello', 'l', 'L')",
        ("REGEXP_REPLACE",),
        is_case_insensitive=True,
    ),
    _declare(
        "extract",
        (PLAIN_TEXT, PATTERN),
        TEXT,
        _extract,
        "The first match of a regular expression, or its first group if it has groups.",
        "extract('abc12', '[0-9]+')",
    ),
    _declare(
        "extractAll",
        (PLAIN_TEXT, PATTERN),
        ArrayType(TEXT),
        _extract_all,
        "All matches of a regular expression, or their first groups if it has groups.",
        "extractAll('a1b22', '[0-9]+')",
    ),
    _declare(
        "extractGroups",
        (PLAIN_TEXT, PATTERN),
        ArrayType(TEXT),
        _extract_groups,
        "All groups of the first match.",
        "extractGroups('a1b2', '([a-z])([0-9])')",
    ),
    _declare(
        "regexpExtract",
        (PLAIN_TEXT, PATTERN, Arg("group", INTEGER, is_optional=True, is_constant=True)),
        TEXT,
        _regexp_extract,
        "One group of the first match: 1 unless told, 0 for the match itself.",
        "regexpExtract('a12', 'a([0-9])([0-9])', 2)",
        ("REGEXP_EXTRACT",),
        is_case_insensitive=True,
    ),
    _declare(
        "countMatches",
        (TEXT_ARG, PATTERN),
        U64,
        _count_matches,
        "How often a regular expression matches.",
        "countMatches('a1b2', '[0-9]')",
    ),
    _declare(
        "splitByRegexp",
        (Arg("pattern", STRING, is_constant=True), Arg("text", STRING)),
        ArrayType(TEXT),
        _split_by_regexp,
        "The pieces of a text between the matches of a regular expression.",
        "splitByRegexp('[0-9]', 'a1b2c')",
    ),
)
