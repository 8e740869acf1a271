"""Turns what the parser did not expect into a message for people, with a hint for common slips."""

from __future__ import annotations

from lark.exceptions import UnexpectedToken

from minidb.errors import SYNTAX_ERROR, SqlSyntaxError
from minidb.source import Span
from minidb.sql.lexer import Scan


def explain_unexpected(error: UnexpectedToken, scan: Scan) -> SqlSyntaxError:
    """Return the error to raise for a token that does not fit."""
    token = error.token
    if token.type == "$END":
        return SqlSyntaxError(SYNTAX_ERROR, "unexpected end", span=Span(scan.stop, scan.stop + 1))
    return SqlSyntaxError(
        SYNTAX_ERROR,
        f"unexpected {token.value!r}",
        span=Span(token.start_pos, token.end_pos),
    )
