"""Patterns: LIKE and RE2 (ClickHouse's regular expressions) as patterns of Python's `re`."""

from __future__ import annotations

import re
from functools import lru_cache

from minidb.errors import (
    CANNOT_COMPILE_REGEXP,
    CANNOT_PARSE_ESCAPE_SEQUENCE,
    ValueExecutionError,
)
from minidb.functions.no_numpy_way import readable

CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "ascii": "\\x00-\\x7F",
    "blank": "\\t ",
    "cntrl": "\\x00-\\x1F\\x7F",
    "digit": "0-9",
    "graph": "!-~",
    "lower": "a-z",
    "print": " -~",
    "punct": "!-/:-@\\[-`{-~",
    "space": "\\t\\n\\v\\f\\r ",
    "upper": "A-Z",
    "word": "0-9A-Za-z_",
    "xdigit": "0-9A-Fa-f",
}

# One piece of a pattern at a time; what RE2 lacks, and Python would read, is named here.
_TOKEN = re.compile(
    r"(?P<quoted>\\Q.*?(?:\\E|$))|(?P<end>\\z)|(?P<refused>\\[1-9Z]|\(\?(?:[=!>#(]|<[=!]|P=|P>)|[*+?}][+])"
    r"|(?P<escape>\\.)|(?P<class>\[(?:\^?\]?)(?:\[:\^?\w+:\]|\\.|[^\]\\])*\])"
    r"|(?P<named>\(\?<(?=\w))|(?P<dollar>\$)|(?P<other>.)",
    re.DOTALL,
)
_POSIX = re.compile(r"\[:(\w+):\]")


def _refuse(pattern: str, reason: str) -> ValueExecutionError:
    """Return the error for a pattern that RE2 does not take."""
    return ValueExecutionError(CANNOT_COMPILE_REGEXP, f"cannot compile {pattern!r}: {reason}")


def _translated(pattern: str) -> str:
    """Write an RE2 pattern in Python's way."""
    out: list[str] = []
    for token in _TOKEN.finditer(pattern):
        text = token.group()
        match token.lastgroup:
            case "quoted":
                out.append(re.escape(text[2:].removesuffix("\\E")))
            case "end" | "dollar":
                out.append("\\Z")
            case "refused":
                raise _refuse(pattern, f"{text!r} is not in RE2's syntax")
            case "class":
                out.append(_POSIX.sub(lambda found: CLASSES.get(found.group(1), ""), text))
            case "named":
                out.append("(?P<")
            case _:
                out.append(text)
    return "".join(out)


@lru_cache(maxsize=256)
def compile_regex(pattern: bytes) -> re.Pattern[str]:
    """Return the compiled form of an RE2 pattern; ``.`` takes line ends, classes are ASCII.

    Raises
    ------
    ValueExecutionError
        CANNOT_COMPILE_REGEXP.
    """
    text = readable(pattern)
    try:
        return re.compile(_translated(text), re.ASCII | re.DOTALL)
    except (re.error, OverflowError, RecursionError) as error:
        raise _refuse(text, str(error)) from error


def like_tokens(pattern: bytes) -> list[bytes | None]:
    """Take a LIKE pattern apart: a text stands for itself, b"" for ``_`` and None for ``%``.

    Raises
    ------
    ValueExecutionError
        CANNOT_PARSE_ESCAPE_SEQUENCE for a backslash at the end.
    """
    tokens: list[bytes | None] = []
    literal = bytearray()
    place = 0
    while place < len(pattern):
        byte = pattern[place : place + 1]
        place += 1
        if byte in b"%_":
            tokens += [bytes(literal)] if literal else []
            literal.clear()
            tokens.append(None if byte == b"%" else b"")
            continue
        if byte == b"\\":
            if place == len(pattern):
                message = f"a backslash ends the pattern {readable(pattern)!r}"
                raise ValueExecutionError(CANNOT_PARSE_ESCAPE_SEQUENCE, message)
            # Before another byte than these a backslash stands for itself.
            following = pattern[place : place + 1]
            if following in b"%_\\":
                byte, place = following, place + 1
        literal += byte
    return tokens + ([bytes(literal)] if literal else [])


@lru_cache(maxsize=256)
def compile_like(pattern: bytes, is_case_insensitive: bool = False) -> re.Pattern[str]:
    """Return the pattern that matches a whole text as LIKE does."""
    forms = {None: ".*", b"": "."}
    parts = [forms.get(t) or re.escape(readable(t or b"")) for t in like_tokens(pattern)]
    options = re.DOTALL | (re.IGNORECASE if is_case_insensitive else re.NOFLAG)
    return re.compile("".join(parts), options)
