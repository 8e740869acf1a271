"""The short way for INSERT ... VALUES: rows of plain constants, read without the grammar.

A constant costs the parser some ten microseconds; here it costs one. Anything that is not a plain
constant makes this reader give up, and the grammar reads the statement from its beginning: both
ways give the same tree.
"""

from __future__ import annotations

import re
from typing import TypeAlias

from minidb.source import Span
from minidb.sql.ast_expr import ArrayLiteral, Expr, Literal, TupleLiteral
from minidb.sql.literals import MAX_DIGITS, read_number, read_text
from minidb.sql.scan import SKIPPED

# INSERT INTO [TABLE] [database.]table [(columns)] VALUES, when nothing in it is quoted by '.
NAME = r'(?:[A-Za-z_$][\w$]*|`[^`\\]*`|"[^"\\]*")'
HEAD = re.compile(
    rf"\s*(?:INSERT|REPLACE)\s+INTO\s+(?:TABLE\s+)?{NAME}(?:\s*\.\s*{NAME})?\s*"
    rf"(?:\(\s*{NAME}(?:\s*,\s*{NAME})*\s*\)\s*)?VALUES(?=[\s(])",
    re.IGNORECASE | re.ASCII,
)
CONSTANT = re.compile(
    r"\s*(?:(?P<number>-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)(?![\w$.])"
    r"|(?P<text>'(?:[^'\\]|''|\\.)*')"
    r"|(?P<word>NULL|TRUE|FALSE)(?![\w$(.])"
    r"|(?P<mark>[\[\](),;]))",
    re.IGNORECASE | re.ASCII | re.DOTALL,
)
WORDS = {"NULL": None, "TRUE": True, "FALSE": False}
CLOSING = {"(": ")", "[": "]"}
MAX_DEPTH = 100

Row: TypeAlias = tuple[tuple[Expr, ...], Span]


class _GiveUpError(Exception):
    """Raised inside this file when something else than plain constants stands there."""


def find_values(text: str, start: int) -> int | None:
    """Return where the rows of an INSERT that begins at `start` begin, if it is a plain one."""
    head = HEAD.match(text, start)
    return None if head is None else head.end()


def read_rows(text: str, start: int) -> tuple[list[Row], int] | None:
    """Read rows of constants up to a semicolon or the end of the text.

    Parameters
    ----------
    text : str
        The whole SQL text.
    start : int
        The place behind VALUES.

    Returns
    -------
    rows, stop
        The rows with their places, and the place of the semicolon or the end of the text. None when
        anything else stands there.
    """
    rows: list[Row] = []
    pos = start
    try:
        while True:
            mark, at, pos = _mark(text, pos)
            if rows and mark == ",":
                mark, at, pos = _mark(text, pos)
            if mark in ("", ";") and rows:
                return rows, at
            if mark != "(":
                return None
            values, pos = _values(text, pos, ")", 1)
            rows.append((tuple(values), Span(at, pos)))
    except _GiveUpError:
        return None


def _mark(text: str, pos: int) -> tuple[str, int, int]:
    """Return the mark at `pos`, where it stands, and what follows; "" at the end of the text."""
    found = CONSTANT.match(text, pos)
    if found is not None and found["mark"]:
        return found["mark"], found.start("mark"), found.end()
    blank = SKIPPED.match(text, pos)
    if found is None and (blank.end() if blank is not None else pos) == len(text):
        return "", len(text), len(text)
    raise _GiveUpError


def _values(text: str, pos: int, closing: str, depth: int) -> tuple[list[Expr], int]:
    """Read constants between commas up to a closing bracket."""
    match = CONSTANT.match
    values: list[Expr] = []
    while True:
        found = match(text, pos)
        if found is None or depth > MAX_DEPTH:
            raise _GiveUpError
        kind = found.lastgroup
        start, pos = found.span(str(kind))
        if kind != "mark":
            values.append(_literal(str(kind), found[0].lstrip(), Span(start, pos)))
        elif found["mark"] in CLOSING:
            value, pos = _bracket(text, found["mark"], start, pos, depth)
            values.append(value)
        elif found["mark"] == closing and not values and closing == "]":
            return values, pos
        else:
            raise _GiveUpError
        behind = match(text, pos)
        if behind is None or not behind["mark"]:
            raise _GiveUpError
        pos = behind.end()
        if behind["mark"] == closing:
            return values, pos
        if behind["mark"] != ",":
            raise _GiveUpError


def _bracket(text: str, mark: str, start: int, pos: int, depth: int) -> tuple[Expr, int]:
    values, end = _values(text, pos, CLOSING[mark], depth + 1)
    if mark == "[":
        return ArrayLiteral(tuple(values), span=Span(start, end)), end
    if len(values) < 2:
        # (1) is the number and (1,) a tuple: the grammar knows.
        raise _GiveUpError
    return TupleLiteral(tuple(values), span=Span(start, end)), end


def _literal(kind: str, written: str, span: Span) -> Literal:
    if kind == "text":
        return Literal(read_text(written), span=span)
    if kind == "word":
        return Literal(WORDS[written.upper()], span=span)
    if len(written) > MAX_DIGITS:
        raise _GiveUpError
    return Literal(read_number(written, span), span=span)
