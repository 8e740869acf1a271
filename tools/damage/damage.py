"""Damaging a query at one place: a token or a character goes, comes, changes or moves."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

TOKEN = re.compile(r"'(?:[^'\\]|\\.)*'|[A-Za-z_][A-Za-z0-9_]*|\d+(?:\.\d+)?|[<>=!|:-]{1,2}|\S")
LETTERS = "abcdefgimnorstuxyEFRST_0123456789()[],.;'\"+-*/=<>? "


@dataclass(frozen=True, slots=True)
class Damaged:
    """A damaged query.

    Parameters
    ----------
    text : str
        The query.
    start, end : int
        Where the damage is; equal where something is missing.
    kind : str
        What was done.
    """

    text: str
    start: int
    end: int
    kind: str

    def distance(self, place: int) -> int:
        """Return how many characters a place is away from the damage; blanks beside it count as it."""
        start, end = self.start, self.end
        while start and self.text[start - 1].isspace():
            start -= 1
        while end < len(self.text) and self.text[end].isspace():
            end += 1
        return max(0, start - place, place - end)


def damage(sql: str, tokens: Sequence[str], rng: random.Random) -> Damaged:
    """Return a query with one thing wrong, drawn at random.

    Parameters
    ----------
    tokens : sequence of str
        What may come into a query.
    """
    kind = rng.choice(["delete", "insert", "replace", "transpose"])
    if rng.random() < 0.5:
        return _of_token(sql, kind, tokens, rng)
    return _of_character(sql, kind, rng)


def _of_token(sql: str, kind: str, tokens: Sequence[str], rng: random.Random) -> Damaged:
    found = list(TOKEN.finditer(sql))
    place = rng.randrange(len(found))
    start, end = found[place].span()
    name = f"{kind} token"
    match kind:
        case "delete":
            return Damaged(sql[:start] + sql[end:], start, start, name)
        case "insert":
            new = rng.choice(tokens)
            text = f"{sql[:start]}{new} {sql[start:]}"
            return Damaged(text, start, start + len(new), name)
        case "replace":
            new = rng.choice(tokens)
            return Damaged(sql[:start] + new + sql[end:], start, start + len(new), name)
        case _:
            place = min(place, len(found) - 2)
            if place < 0:
                return Damaged(sql[:start] + sql[end:], start, start, "delete token")
            (start, middle), (other, end) = found[place].span(), found[place + 1].span()
            swapped = sql[other:end] + sql[middle:other] + sql[start:middle]
            return Damaged(sql[:start] + swapped + sql[end:], start, end, name)


def _of_character(sql: str, kind: str, rng: random.Random) -> Damaged:
    place = rng.randrange(len(sql))
    name = f"{kind} character"
    match kind:
        case "delete":
            return Damaged(sql[:place] + sql[place + 1 :], place, place, name)
        case "insert":
            return Damaged(sql[:place] + rng.choice(LETTERS) + sql[place:], place, place + 1, name)
        case "replace":
            text = sql[:place] + rng.choice(LETTERS) + sql[place + 1 :]
            return Damaged(text, place, place + 1, name)
        case _:
            place = min(place, len(sql) - 2)
            text = sql[:place] + sql[place + 1] + sql[place] + sql[place + 2 :]
            return Damaged(text, place, place + 2, name)
