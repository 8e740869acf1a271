"""What the lexer hands on: tokens, and the scan of one statement through a text."""

from __future__ import annotations

import re
from typing import ClassVar

from minidb.errors import SYNTAX_ERROR, SqlSyntaxError
from minidb.source import Span
from minidb.sql.nesting import Nesting

SKIPPED = re.compile(r"(?:\s+|--[^\n]*|\#[ !][^\n]*|//[^\n]*)+")
COMMENT_EDGE = re.compile(r"/\*|\*/")


class SqlToken:
    """One token: its terminal, its text and its place.

    Lark's `Token` is a str subclass whose construction alone takes longer than this whole step;
    the parser only asks for `type`.
    """

    __slots__ = ("end_pos", "start_pos", "type", "value")

    line: ClassVar[int] = 0
    column: ClassVar[int] = 0
    end_line: ClassVar[int] = 0
    end_column: ClassVar[int] = 0

    def __init__(
        self,
        type_: str,
        value: str,
        start_pos: int,
        line: int = 0,
        column: int = 0,
        end_line: int = 0,
        end_column: int = 0,
        end_pos: int = 0,
    ) -> None:
        self.type = type_
        self.value = value
        self.start_pos = start_pos
        self.end_pos = end_pos or start_pos + len(value)

    @classmethod
    def new_borrow_pos(cls, type_: str, value: str, other: SqlToken) -> SqlToken:
        """Make a token at the place of another, as Lark does for the end of the text."""
        return cls(type_, value, other.start_pos)

    def __repr__(self) -> str:
        return f"SqlToken({self.type}, {self.value!r}, {self.start_pos})"


class Scan:
    """One statement's way through the lexer: where it begins, and what is learnt on the way.

    Parameters
    ----------
    text : str
        The whole SQL text; spans count from its beginning.
    start, end : int
        Where the statement begins, and where the lexer must stop.

    Attributes
    ----------
    stop : int
        Where the statement ended: the place of its semicolon or of the end of the text.
    is_terminated : bool
        Whether a semicolon ended it.
    n_parameters : int
        How many ``?`` have been met.
    previous : SqlToken or None
        The last token that the parser has taken.
    before_previous : SqlToken or None
        The token before that one.
    stack : list of int or None
        The parser's states before the last token, where `keeps_stack` asks for them.
    """

    __slots__ = (
        "before_previous", "end", "is_terminated", "keeps_stack", "n_parameters", "nesting", "previous", "stack", "start", "stop", "text",
    )  # fmt: skip

    def __init__(self, text: str, start: int, end: int, *, keeps_stack: bool = False) -> None:
        self.text = text
        self.keeps_stack = keeps_stack
        self.stack: list[int] | None = None
        self.start = start
        self.end = end
        self.stop = end
        self.is_terminated = False
        self.n_parameters = 0
        self.previous: SqlToken | None = None
        self.before_previous: SqlToken | None = None
        self.nesting = Nesting()


def skip_blank(text: str, pos: int, end: int) -> int:
    """Return the first place from `pos` on that is neither white space nor comment.

    Raises
    ------
    SqlSyntaxError
        SYNTAX_ERROR for a ``/*`` without its ``*/``; such comments nest.
    """
    while pos < end:
        blank = SKIPPED.match(text, pos, end)
        if blank is not None:
            pos = blank.end()
        if not text.startswith("/*", pos, end):
            break
        pos = _comment_end(text, pos, end)
    return pos


def _comment_end(text: str, start: int, end: int) -> int:
    depth = 0
    for edge in COMMENT_EDGE.finditer(text, start, end):
        depth += 1 if edge[0] == "/*" else -1
        if depth == 0:
            return edge.end()
    raise SqlSyntaxError(
        SYNTAX_ERROR,
        "the comment that begins here is not closed",
        span=Span(start, start + 2),
        hint="close it with */",
    )
