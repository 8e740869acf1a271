"""How many places a text takes in a terminal."""

from __future__ import annotations

import re
import unicodedata

# Terminals swallow escape sequences: brackets with parameters, or one further character.
ESCAPE_SEQUENCE = re.compile("\x1b(?:\\[[0-?]*[ -/]*[@-~]|[^\\[])?")


def text_width(text: str, start: int = 0) -> int:
    """Return the places that a text takes.

    Parameters
    ----------
    text : str
        Bytes that are not UTF-8 stand in it as surrogates and take no place.
    start : int
        The place it begins at, from which tabs reach to the next multiple of eight.
    """
    if text.isascii() and text.isprintable():
        return len(text)
    at = start
    for character in ESCAPE_SEQUENCE.sub("", text):
        at += 8 - at % 8 if character == "\t" else _character_width(character)
    return at - start


def _character_width(character: str) -> int:
    """Return 2 for wide characters, 0 for marks, controls and surrogates."""
    if unicodedata.east_asian_width(character) in {"W", "F"}:
        return 2
    return 0 if unicodedata.category(character) in {"Mn", "Me", "Cc", "Cf", "Cs", "Zl", "Zp"} else 1
