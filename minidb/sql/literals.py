"""Texts, names and numbers between their written form and their value."""

from __future__ import annotations

import math
import re

from minidb.errors import SYNTAX_ERROR, SqlSyntaxError
from minidb.source import Span

MAX_DIGITS = 1_000

ESCAPE = re.compile(r"\\x([0-9A-Fa-f]{2})|\\(.)|''", re.DOTALL)
NAME_ESCAPES = {
    "`": re.compile(r"\\x([0-9A-Fa-f]{2})|\\(.)|``", re.DOTALL),
    '"': re.compile(r'\\x([0-9A-Fa-f]{2})|\\(.)|""', re.DOTALL),
}
CONTROLS = {
    "a": "\a", "b": "\b", "e": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "0": "\0", "N": "",
}  # fmt: skip
BARE_AFTER_BACKSLASH = frozenset("\\`\"'/=")

# The single object that stands for NaN, so that trees with it stay equal to themselves.
NAN = math.nan

TO_ESCAPE = re.compile(r"['\\\x00-\x1f\x7f\udc80-\udcff]")
SHORT_ESCAPES = {
    "'": "\\'", "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t",
    "\0": "\\0",
}  # fmt: skip


def _unescape_match(found: re.Match[str]) -> str:
    if found[1] is not None:
        byte = int(found[1], 16)
        return chr(byte) if byte < 0x80 else chr(0xDC00 + byte)
    if found[2] is None:
        return found[0][0]
    if found[2] in CONTROLS:
        return CONTROLS[found[2]]
    return found[2] if found[2] in BARE_AFTER_BACKSLASH else found[0]


def join_bytes(value: str) -> str:
    """Join lone bytes (``surrogateescape``) that together are UTF-8 into their characters."""
    if value.isascii():
        return value
    return value.encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape")


def read_text(written: str) -> str:
    """Return the value of a text literal with its quotes."""
    inner = written[1:-1]
    if "\\" in inner or "'" in inner:
        return join_bytes(ESCAPE.sub(_unescape_match, inner))
    return inner


def read_name(written: str) -> str:
    """Return the name that a NAME token stands for, quotes and escapes undone."""
    if written[0] not in '`"':
        return written
    inner = written[1:-1]
    if "\\" not in inner and written[0] not in inner:
        return inner
    return join_bytes(NAME_ESCAPES[written[0]].sub(_unescape_match, inner))


def read_number(written: str, span: Span) -> int | float:
    """Return the value of a number: an int of any size, or a float.

    Raises
    ------
    SqlSyntaxError
        SYNTAX_ERROR for more than a thousand digits.
    """
    digits = written.lstrip("-")
    if len(digits) > MAX_DIGITS:
        raise SqlSyntaxError(SYNTAX_ERROR, f"a number has more than {MAX_DIGITS} digits", span=span)
    marker = digits[:2].lower()
    if marker == "0x":
        return _hex_float(written) if "p" in digits or "P" in digits else int(written, 16)
    if marker == "0b":
        return int(written, 2)
    if "." in digits or "e" in digits or "E" in digits:
        return float(written)
    return int(written)


def _hex_float(written: str) -> float:
    try:
        return float.fromhex(written)
    except OverflowError:
        return -math.inf if written[0] == "-" else math.inf


def write_text(value: str) -> str:
    """Write a text as a literal that `read_text` reads back."""
    return "'" + TO_ESCAPE.sub(_escape_match, value) + "'"


def _escape_match(found: re.Match[str]) -> str:
    char = found[0]
    return SHORT_ESCAPES.get(char) or f"\\x{ord(char) & 0xFF:02X}"


def write_quoted_name(name: str) -> str:
    """Write a name between backquotes."""
    return "`" + TO_ESCAPE_IN_NAME.sub(_escape_match_in_name, name) + "`"


TO_ESCAPE_IN_NAME = re.compile(r"[`\\\x00-\x1f\x7f\udc80-\udcff]")


def _escape_match_in_name(found: re.Match[str]) -> str:
    return "\\`" if found[0] == "`" else _escape_match(found)


def write_number(value: float) -> str:
    """Write an int or a float so that it reads back as the same value and type."""
    if isinstance(value, int):
        return str(value)
    if math.isnan(value):
        return "nan"
    if math.isinf(value):
        # -inf would be the unary minus before inf.
        return "inf" if value > 0 else "-1e999"
    return repr(value)
