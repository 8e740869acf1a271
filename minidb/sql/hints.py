"""Turns what the parser did not expect into a message for people, with a hint for common slips."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from lark.exceptions import UnexpectedToken

from minidb.errors import SYNTAX_ERROR, SqlSyntaxError
from minidb.source import Span, place_of
from minidb.sql.lexer import is_accepted
from minidb.sql.scan import Scan, SqlToken
from minidb.sql.slips import find_slip
from minidb.sql.words import RESERVED_WORDS

MAX_EXPECTED = 5
MAX_SHOWN = 40

MARKS = {
    "LPAR": "'('", "RPAR": "')'", "LSQB": "'['", "RSQB": "']'", "LBRACE": "'{'", "RBRACE": "'}'",
    "COMMA": "','", "DOT": "'.'", "COLON": "':'", "EQUAL": "'='",
}  # fmt: skip
KINDS = {
    "NAME": "a name", "NUMBER": "a number", "STRING": "a text in single quotes",
    "INDEX": "a number", "$END": "the end of the statement", "INSERT_DATA": "data",
    "PRIMARY": "PRIMARY KEY", "QUERY": "QUERY TREE", "IF": "IF", "TYPE_WORD": "a name",
    "INDEX_IN_TABLE": "INDEX", "ROLLUP_CALL": "ROLLUP", "CUBE_CALL": "CUBE",
    "GROUPING": "GROUPING SETS", "EXISTS_QUERY": "EXISTS",
}  # fmt: skip
# Named in this order when more could stand than are named.
PREFERRED = (
    "RPAR", "RSQB", "RBRACE", "COLON", "THEN", "WHEN", "END", "COMMA", "EQUAL", "NAME", "STRING",
    "NUMBER", "LPAR", "FROM", "WHERE", "GROUP", "BY", "HAVING", "ORDER", "LIMIT", "SELECT",
    "TABLE", "INTO", "VALUES", "AS", "ON", "USING", "JOIN", "SET", "TO", "EXISTS", "CREATE",
    "INSERT", "$END",
)  # fmt: skip
AFTER_QUERY = frozenset({"FORMAT", "SETTINGS", "$END"})
BINARY_SIGNS = frozenset({"STAR", "SLASH", "PERCENT"})
CLAUSE_WORDS = (
    "FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "UNION", "JOIN", "INNER", "LEFT", "ON",
    "SELECT", "VALUES", "INTO", "SETTINGS", "FORMAT", "BETWEEN", "LIKE", "ENGINE", "DEFAULT",
)  # fmt: skip


def explain_unexpected(
    error: UnexpectedToken, scan: Scan, stack: list[int] | None = None
) -> SqlSyntaxError:
    """Return the error to raise for a token that does not fit.

    Parameters
    ----------
    error : UnexpectedToken
        Lark's exception, with the parser's state at that moment.
    scan : Scan
        The statement that was being read.
    stack : list of int, optional
        The parser's states before the token, if they are known.

    Returns
    -------
    SqlSyntaxError
        SYNTAX_ERROR at the token, or at the word before it when that is a misspelt keyword; names
        at most five things that could stand there.
    """
    token: SqlToken = error.token
    expected = _accepted(error, stack)
    slip = find_slip(token, expected, scan)
    if slip is not None:
        return slip
    span = Span(token.start_pos, token.end_pos)
    found = f"found {_clipped(token.value)!r}"
    if token.type == "$END":
        span = Span(scan.stop, scan.stop + 1)
        found = "found ';'" if scan.is_terminated else "found the end"
    misspelt = _misspelt(token, expected, scan)
    if misspelt is not None:
        wrong, right = misspelt
        return SqlSyntaxError(
            SYNTAX_ERROR,
            f"unexpected {_clipped(wrong.value)!r}",
            span=Span(wrong.start_pos, wrong.end_pos),
            hint=f"did you mean {right}?",
        )
    return SqlSyntaxError(
        SYNTAX_ERROR,
        f"expected {_listed(_words_for(expected))}, {found}",
        span=span,
        hint=_hint(token, expected, scan),
    )


def _clipped(written: str) -> str:
    return written if len(written) <= MAX_SHOWN else written[: MAX_SHOWN - 3] + "..."


def _accepted(error: UnexpectedToken, before: list[int] | None) -> set[str]:
    """Return the terminals that could really stand here.

    The parser has folded what it had read when it met the token, and then knows only what could
    follow the whole. Where that is no more than the end of a query, what could have stood before
    the folding is meant.
    """
    state: Any = error.state
    states = state.parse_conf.states
    folded = _acceptable(states, state.state_stack)
    if before is None or not folded <= AFTER_QUERY:
        return folded
    return _acceptable(states, before)


def _acceptable(states: Any, stack: list[int]) -> set[str]:
    """Return the terminals that a stack of the parser's states can take."""
    candidates = (name for name in states[stack[-1]] if name.isupper() or name == "$END")
    return {name for name in candidates if is_accepted(states, stack, name)}


def _words_for(expected: set[str]) -> list[str]:
    """Name what could stand here: whole groups first, then single words, at most five."""
    if {"SELECT", "INSERT", "CREATE", "SHOW"} <= expected:
        return ["a statement"]
    rest = set(expected)
    named: list[str] = []
    if {"NUMBER", "CASE"} <= rest:
        # Everything an expression may begin with.
        named.append("an expression")
        starters = {"SELECT", "WITH", "FROM", "$END", "RPAR", "RSQB", "COMMA", "DISTINCT", "WHEN"}
        rest &= starters
    elif rest >= BINARY_SIGNS:
        named.append("an operator")
        rest &= set(PREFERRED) - {"EQUAL", "LPAR"}
    ordered = [name for name in PREFERRED if name in rest]
    ordered += sorted(rest - set(PREFERRED))
    for name in ordered:
        word = MARKS.get(name) or KINDS.get(name) or name
        if word not in named:
            named.append(word)
    return named[:MAX_EXPECTED]


def _listed(words: list[str]) -> str:
    if not words:
        return "nothing more"
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _misspelt(token: SqlToken, expected: set[str], scan: Scan) -> tuple[SqlToken, str] | None:
    """Find a keyword that is misspelt here, or just before, where it passed for an alias."""
    if token.type == "NAME" and "NAME" not in expected:
        right = _nearest(token.value, (w for w in expected if w.isalpha() and w not in MARKS))
        if right is not None:
            return token, right
    previous = scan.previous
    if previous is not None and previous.type == "NAME" and token.type in ("NAME", "BY", "NUMBER"):
        right = _nearest(previous.value, (word for word in CLAUSE_WORDS if word in expected))
        if right is not None:
            return previous, right
    return None


def _nearest(word: str, keywords: Iterable[str]) -> str | None:
    """Return the keyword that is one slip away from a word, or two from a long one."""
    if len(word) < 3 or not word.isalpha():
        return None
    allowed = 1 if len(word) < 6 else 2
    near = [(_slips(word.upper(), keyword), keyword) for keyword in keywords]
    best = min(near, default=(allowed + 1, ""))
    return best[1] if 0 < best[0] <= allowed else None


def _slips(first: str, second: str) -> int:
    """Count letters left out, added, changed or swapped with their neighbour."""
    before: list[int] = []
    last = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        row = [i]
        for j, b in enumerate(second, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == second[j - 2] and b == first[i - 2]:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before, last = last, row
    return last[-1]


def _hint(token: SqlToken, expected: set[str], scan: Scan) -> str | None:
    """Return the advice for a common slip, if this looks like one."""
    previous = scan.previous
    opened = scan.nesting.opened
    ends_here = token.type in ("$END", "FROM", "WHERE", "GROUP", "ORDER", "LIMIT")
    if ends_here and opened is not None and expected & {"RPAR", "RSQB", "RBRACE", "END"}:
        bracket, start = opened
        place = place_of(scan.text, start)
        return f"{bracket} of line {place.line}, column {place.column} is not closed"
    if token.type in ("RPAR", "RSQB", "RBRACE") and scan.nesting.has_unmatched:
        return "nothing is open that it could close"
    if token.type == "NAME" and token.value[0] == '"' and "STRING" in expected:
        return "double quotes make a name; a text takes single quotes"
    if token.value in ("%", ":") and {"NUMBER", "CASE"} <= expected:
        return "a value passed beside the text is written ? or %(name)s"
    if previous is not None and previous.type == "COMMA" and token.type != "$END":
        return "remove the comma before it"
    if token.type != "FROM" and token.value.lower() in RESERVED_WORDS and "NAME" in expected:
        return f"to use it as a name, quote it: `{token.value}`"
    if token.type in ("NAME", "NUMBER", "STRING", "CASE", "LPAR") and "COMMA" in expected:
        return "is a comma or an operator missing before it?"
    return None
