"""Cutting a script into its statements, at semicolons outside of quotes and comments."""

from __future__ import annotations

import re
from collections.abc import Iterator

from minidb.record import record

# Text in quotes, a comment, a semicolon, or \G, which ends a statement and asks for Vertical.
PIECE = re.compile(
    r"""
      (?P<quoted>'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`)
    | (?P<comment>--[^\n]*|\#[ !][^\n]*|/\*.*?\*/)
    | (?P<open>['"`]|/\*)
    | (?P<end>;|\\G)
    """,
    re.VERBOSE | re.DOTALL,
)
# What people type alone on a line, without a semicolon.
LEAVING = frozenset({"\\q", ".quit", ".exit", "quit", "exit"})
ASKING = frozenset({"help", "?"})


@record
class ScriptStatement:
    r"""One statement of a script.

    Parameters
    ----------
    text : str
        Without what ended it.
    start : int
        Where it begins in the script.
    is_ended : bool
        Whether a semicolon or ``\G`` stands behind it.
    is_vertical : bool
        Whether that was ``\G``.
    """

    text: str
    start: int
    is_ended: bool
    is_vertical: bool = False


def split_script(script: str) -> Iterator[ScriptStatement]:
    """Yield the statements of a script; blank ones and those of comments alone are left out."""
    start = position = 0
    has_content = False
    while position < len(script):
        found = PIECE.search(script, position)
        until = found.start() if found is not None else len(script)
        has_content = has_content or bool(script[position:until].strip())
        if found is None or found["open"]:
            has_content = has_content or found is not None
            break
        position = found.end()
        has_content = has_content or found["quoted"] is not None
        if found["end"]:
            if has_content:
                text = script[start : found.start()]
                yield ScriptStatement(text, start, True, found["end"] != ";")
            start, has_content = position, False
    if has_content:
        yield ScriptStatement(script[start:], start, False)


def is_complete(text: str) -> bool:
    """Whether a text typed in the shell can be run: nothing in it waits for its end."""
    stripped = text.strip()
    is_word = stripped.lower() in LEAVING | ASKING
    if not stripped or is_word or stripped.startswith((".", "\\")):
        return True
    statements = list(split_script(text))
    return all(statement.is_ended for statement in statements)
