"""Other spellings of a statement: what another writer's hand changes, and no parser should mind."""

from __future__ import annotations

import re
from random import Random

_TOKEN = re.compile(r"\s+|'(?:[^'\\]|\\.)*'|\d+(?:\.\d+)?|\w+|==|<=|>=|!=|.")
KEYWORDS = frozenset(
    [
        "select",
        "from",
        "group",
        "by",
        "as",
        "inner",
        "join",
        "on",
        "set",
        "create",
        "table",
        "if",
        "not",
        "exists",
        "drop",
        "engine",
        "order",
        "primary",
        "key",
        "insert",
        "into",
        "values",
        "optimize",
        "final",
        "and",
        "or",
        "when",
        "then",
        "else",
        "case",
        "end",
    ]
)
# ClickHouse finds these functions in any case.
CASELESS = frozenset(("avg", "max", "sum", "if"))
COMMENTS = ("/* layer */", "-- next level\n", "# note\n", "/* a 'quoted' (word) */")
ENDS = ("", ";", " ;", ";\n", "\n", "  ; \n\n", "; -- end", "\t;")


def respell(sql: str, seed: int) -> str:
    """Return the statement in the hand that the seed stands for; 0 is the hand it is in.

    Changed are: case of keywords and of caseless functions, blanks, comments, backquotes around
    names, ``==`` for ``=``, ``AS`` left out, and what stands behind the end.
    """
    if not seed:
        return sql
    random = Random(seed)
    cases = random.choice((str.lower, str.upper, str.title, lambda word: _mixed(word, random)))
    habits = {habit: random.random() < 0.4 for habit in ("quote", "comment", "loose", "no as")}
    tokens = [token for token in _TOKEN.findall(sql) if not token.isspace()]
    out: list[str] = []
    for place, token in enumerate(tokens):
        before = tokens[place - 1] if place else ""
        after = tokens[place + 1] if place + 1 < len(tokens) else ""
        if token == "as" and habits["no as"] and _may_drop_as(before, after):
            continue
        spelled = _spelled(token, before, after, cases, habits["quote"] and random.random() < 0.5)
        if token == "=" and random.random() < 0.3:
            spelled = "=="
        out.append(_blank(out[-1] if out else "", spelled, habits, random) + spelled)
    return "".join(out) + random.choice(ENDS)


def _mixed(word: str, random: Random) -> str:
    return "".join(random.choice((letter.lower(), letter.upper())) for letter in word)


def _may_drop_as(before: str, after: str) -> bool:
    """Whether AS may be left out: behind an expression or table and before a plain name."""
    return before not in {"memory", "Memory"} and after.lower() not in KEYWORDS and after != "("


def _spelled(token: str, before: str, after: str, cases: object, is_quoted: bool) -> str:
    """Return one token as this hand writes it."""
    is_word = token[0].isalpha() or token[0] == "_"
    if token in KEYWORDS or (token in CASELESS and after == "("):
        return cases(token)  # type: ignore[no-any-return, operator] # a method of str
    names_something = is_word and after != "(" and before not in {"engine", "set", "="}
    if names_something and is_quoted:
        return f"`{token}`"
    return token


def _blank(before: str, token: str, habits: dict[str, bool], random: Random) -> str:
    """Return what stands between two tokens."""
    last, first = before[-1:], token[0]
    is_needed = (last.isalnum() or last in "_`'") and (first.isalnum() or first in "_`'")
    blank = " " if is_needed or (last and last not in "([.`" and random.random() < 0.3) else ""
    if token == "." or last == ".":
        return ""
    if habits["loose"] and random.random() < 0.2:
        blank += random.choice(("  ", "\n", "\t", "\n    ", "\r\n"))
    if habits["comment"] and random.random() < 0.03:
        blank += " " + random.choice(COMMENTS) + " "
    return blank
