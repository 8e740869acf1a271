"""Slips whose true place is not the token that does not fit, but one before it."""

from __future__ import annotations

import re

from minidb.errors import SYNTAX_ERROR, SqlSyntaxError
from minidb.source import Span
from minidb.sql.lexer import cut_text
from minidb.sql.scan import Scan, SqlToken

BARE_WINDOW = re.compile(r"\bOVER\s+(PARTITION|ORDER)\s+BY\b", re.IGNORECASE)
# What people write, and what SQL has for it.
MISWRITTEN = {
    "=>": ">=",
    "=<": "<=",
    "=!": "!=",
    "><": "<>",
    "= =": "=",
    "= <": "<=",
    "= >": ">=",
    "< =": "<=",
    "> =": ">=",
    "! =": "!=",
    "< >": "<>",
}


def find_slip(token: SqlToken, expected: set[str], scan: Scan) -> SqlSyntaxError | None:
    """Return the error of a known slip at its own place, None where there is none.

    Parameters
    ----------
    token : SqlToken
        What does not fit.
    expected : set of str
        The terminals that could stand there.
    scan : Scan
        The statement, with the tokens before.
    """
    previous = scan.previous
    if previous is None:
        return None
    if _is_cut_text(previous, token):
        return cut_text(previous.end_pos - 1)
    written = scan.text[previous.start_pos : token.end_pos]
    right = MISWRITTEN.get(" ".join(written.split()))
    if right is not None:
        return _error(
            f"unexpected {written!r}", previous.start_pos, token.end_pos, f"write {right}"
        )
    bare = _bare_window(token, scan)
    if bare is not None:
        return bare
    if token.type == "LPAR" and _is_call(previous) and _ends_value(scan.before_previous, expected):
        message = f"a call of {previous.value} cannot follow a value"
        hint = "is a comma or an operator missing before it?"
        return _error(message, previous.start_pos, previous.end_pos, hint)
    return None


def _is_cut_text(previous: SqlToken, token: SqlToken) -> bool:
    """Whether a word follows a text at once: a quote stands where none should."""
    is_word = token.value[:1].isalnum()
    return previous.type == "STRING" and is_word and previous.end_pos == token.start_pos


def _bare_window(token: SqlToken, scan: Scan) -> SqlSyntaxError | None:
    """Return the error for a window without parentheses, where the token is in or behind it."""
    for found in BARE_WINDOW.finditer(scan.text, scan.start, scan.end):
        is_behind = not scan.text[found.end() : token.start_pos].strip()
        if found.start(1) <= token.start_pos and is_behind:
            hint = f"write OVER ({found[1].upper()} BY ...)"
            return _error("a window stands in parentheses", *found.span(1), hint)
    return None


def _is_call(token: SqlToken) -> bool:
    """Whether a name before a parenthesis is that of a function, and not of a clause."""
    return token.type == "NAME" and token.value.upper() not in ("OVER", "FILTER")


def _ends_value(before: SqlToken | None, expected: set[str]) -> bool:
    """Whether a name passed for the alias of the value before it."""
    ends = ("NAME", "NUMBER", "STRING", "RPAR", "RSQB", "END")
    return before is not None and before.type in ends and "COMMA" in expected


def _error(message: str, start: int, end: int, hint: str) -> SqlSyntaxError:
    return SqlSyntaxError(SYNTAX_ERROR, message, span=Span(start, end), hint=hint)
