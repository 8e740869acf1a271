"""The contextual lexer: characters to tokens, with words that are keywords only where one fits.

Lark's own contextual lexer compiles one regular expression per parser state, which costs more than
a short statement takes. This one takes the same terminals from the grammar, has a single regular
expression, and asks the parser's table what a word may be at this place.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from functools import cache
from typing import Any

from lark.lexer import Lexer, TerminalDef
from lark.parsers.lalr_analysis import Shift

from minidb.errors import SYNTAX_ERROR, SqlSyntaxError
from minidb.source import Span
from minidb.sql.nesting import Nesting
from minidb.sql.scan import Scan, SqlToken, skip_blank
from minidb.sql.words import OPERATOR_FUNCTIONS, RESERVED_WORDS

WORD_SHAPE = re.compile(r"\(?([a-z_|]+)\)?\(\?=")
END_OF_WORD = re.compile(r"[\w$]")
INDEX = re.compile(r"\d+")
NEGATIVE = re.compile(r"-\s*(?=[\d.])")
# A text that ends where a word goes on: 'it's'.
CUT_TEXT = re.compile(r"'(?:[^'\\]|''|\\.)*'(?=\w)", re.DOTALL)
UNCLOSED = {"'": "text", '"': "quoted name", "`": "quoted name"}
FOREIGN_MARKS = {
    "&": "write AND, or bitAnd(a, b) for bits",
    "|": "write OR, or bitOr(a, b) for bits",
    "^": "write pow(a, b), or bitXor(a, b) for bits",
    "~": "write bitNot(a)",
    "!": "write NOT, or != between two values",
    "#": "a comment begins with -- or with # and a blank",
    "\\": "a backslash has a meaning only inside quotes",
}
BEFORE_ANY_NAME = frozenset({"DOT", "AS"})
# A SELECT list may end in a comma; these words behind one are columns all the same.
NAMES_AFTER_COMMA = frozenset({"format", "settings", "window", "qualify", "offset"})


def is_accepted(states: Any, stack: list[int], terminal: str) -> bool:
    """Say whether the parser can take `terminal` now, beyond what its merged look-ahead promises.

    Parameters
    ----------
    states : mapping of state to actions
        Lark's parse table.
    stack : list of int
        The parser's stack of states; it is read, not changed.
    """
    below = len(stack)
    above: list[int] = []
    while True:
        action = states[above[-1] if above else stack[below - 1]].get(terminal)
        if action is None:
            return False
        if action[0] is Shift:
            return True
        rule = action[1]
        size = len(rule.expansion)
        kept = max(0, len(above) - size)
        below -= size - (len(above) - kept)
        del above[kept:]
        above.append(states[above[-1] if above else stack[below - 1]][rule.origin.name][1])


# A keyword's terminal, and what must stand behind it (a look-ahead pattern), if anything.
Candidate = tuple[str, str | None]

SIGNS = frozenset({"MINUS", "PLUS"})
OPENING = frozenset({"LPAR", "LSQB", "LBRACE", "CASE"})
NOTES: dict[str, Callable[[Nesting, int], None]] = {
    **dict.fromkeys(("RPAR", "RSQB", "RBRACE", "END"), Nesting.close),
    **dict.fromkeys(("TERNARY", "ARROW"), Nesting.branch),
    **dict.fromkeys(("DOT", "CAST_MARK", "IS"), Nesting.post),
    **dict.fromkeys(("AND", "OR", "CONCAT"), Nesting.flat),
    **dict.fromkeys(
        [
            "STAR",
            "SLASH",
            "PERCENT",
            "DIV",
            "MOD",
            "EQUAL",
            "DOUBLE_EQUAL",
            "NOT_EQUAL",
            "ANGLE_NOT_EQUAL",
            "LESSTHAN",
            "MORETHAN",
            "LESS_OR_EQUAL",
            "GREATER_OR_EQUAL",
            "NULL_SAFE_EQUAL",
            "LIKE",
            "ILIKE",
            "REGEXP",
            "IN",
            "BETWEEN",
        ],
        Nesting.link,
    ),
    **dict.fromkeys(
        [
            "COMMA",
            "SELECT",
            "FROM",
            "WHERE",
            "GROUP",
            "HAVING",
            "ORDER",
            "LIMIT",
            "WHEN",
            "THEN",
            "ELSE",
            "ON",
            "UNION",
        ],
        Nesting.separate,
    ),
}


class ContextualLexer(Lexer):
    """Lark's lexer plug-in: yields the tokens of one statement to the parser that asks for them."""

    def __init__(self, lexer_conf: Any, states: Any, always_accept: Collection[str] = ()) -> None:
        patterns: dict[str, str] = {}
        self._words: dict[str, list[Candidate]] = {}
        self._marks: dict[str, str] = {}
        for terminal in lexer_conf.terminals:
            self._add(terminal, patterns)
        marks = sorted(self._marks, key=len, reverse=True)
        ordered = ("HEREDOC", "HEX_STRING", "BIT_STRING", "NAMED_PARAMETER", "NAME", "NUMBER")
        groups = [f"(?P<{name}>{patterns[name]})" for name in (*ordered, "STRING")]
        groups.append(f"(?P<MARK>{'|'.join(re.escape(mark) for mark in marks)})")
        groups.append("(?P<SEMICOLON>;)")
        # Comments begin with characters that are also operators.
        self._match = re.compile(r"\s*(?!--|/[*/])(?:" + "|".join(groups) + ")").match

    def _add(self, terminal: TerminalDef, patterns: dict[str, str]) -> None:
        """Sort one terminal of the grammar into words, marks and patterns."""
        value = terminal.pattern.value
        shape = WORD_SHAPE.match(value)
        if terminal.pattern.type == "str" and value[0].isalpha():
            self._words.setdefault(value.lower(), []).append((terminal.name, None))
        elif terminal.pattern.type == "str":
            # `?` is two terminals; the lexer asks the table which one.
            self._marks[value] = terminal.name
        elif shape is not None:
            for word in shape[1].split("|"):
                candidate = (terminal.name, value[shape.end() - 3 :])
                self._words.setdefault(word, []).insert(0, candidate)
        else:
            patterns[terminal.name] = terminal.pattern.to_regexp()

    @property
    def keywords(self) -> list[str]:
        """Return every word that is a keyword somewhere, in capitals."""
        return sorted(word.upper() for word in self._words)

    def lex(self, lexer_state: Any, parser_state: Any) -> Iterator[Any]:
        """Yield the tokens of one statement; stop at its semicolon or at the end."""
        scan: Scan = lexer_state.text
        text, end, pos = scan.text, scan.end, scan.start
        states = parser_state.parse_conf.states
        stack: list[int] = parser_state.state_stack
        match = self._match
        previous = ""
        while True:
            found = match(text, pos, end)
            if found is None:
                pos = _skip_or_raise(scan, pos)
                if pos == end:
                    if scan.keeps_stack:
                        scan.stack = list(stack)
                    return
                continue
            kind = str(found.lastgroup)
            start, pos = found.span(kind)
            if kind == "NAME":
                terminal = self._word_type(found[kind], previous, states, stack, text, pos)
                if terminal in OPENING:
                    scan.nesting.open("CASE", start)
                token = SqlToken(terminal, found[kind], start)
            elif kind == "SEMICOLON":
                if scan.keeps_stack:
                    scan.stack = list(stack)
                scan.stop, scan.is_terminated = start, True
                return
            else:
                token = self._other(kind, found[kind], start, previous, states[stack[-1]], scan)
                pos = token.end_pos
                terminal = token.type
            note = NOTES.get(terminal)
            if note is not None:
                note(scan.nesting, start)
            elif terminal == "NOT" and "NUMBER" in states[stack[-1]]:
                scan.nesting.prefix(start)
            if scan.keeps_stack:
                scan.stack = list(stack)
            yield token
            if previous == "FORMAT" and "INSERT_DATA" in states[stack[-1]]:
                yield _rest(text, pos, end)
                return
            previous = terminal
            scan.before_previous, scan.previous = scan.previous, token

    def _word_type(
        self,
        word: str,
        previous: str,
        states: Any,
        stack: list[int],
        text: str,
        stop: int,
    ) -> str:
        """Decide which keyword a word is here, or that it is a name."""
        lower = word.lower()
        candidates = self._words.get(lower)
        if candidates is None or (previous == "COMMA" and lower in NAMES_AFTER_COMMA):
            return "NAME"
        actions = states[stack[-1]]
        for terminal, check in candidates:
            if (
                terminal in actions
                and (check is None or _compiled(check).match(text, stop))
                and ("NAME" not in actions or is_accepted(states, stack, terminal))
            ):
                return terminal
        if lower not in RESERVED_WORDS or previous in BEFORE_ANY_NAME:
            return "NAME"
        if lower in OPERATOR_FUNCTIONS and "NAME" in actions and text[stop : stop + 1] == "(":
            return "NAME"
        return candidates[-1][0]

    def _other(
        self, kind: str, value: str, start: int, previous: str, actions: Any, scan: Scan
    ) -> SqlToken:
        """Make the token of a number, a text or a mark, as the place asks for."""
        if kind == "NUMBER":
            if value[0] == "." and "DOT" in actions:
                return SqlToken("DOT", ".", start)
            if previous == "DOT" and "INDEX" in actions:
                digits = INDEX.match(value)
                if digits is not None:
                    return SqlToken("INDEX", digits[0], start)
            return _number(value, start, start + len(value), scan)
        if kind == "NAMED_PARAMETER" and kind not in actions:
            kind, value = "MARK", "%"
        if kind != "MARK":
            return SqlToken(kind, value, start)
        terminal = self._marks[value]
        if value == "?":
            if "PARAMETER" in actions:
                scan.n_parameters += 1
                return SqlToken("PARAMETER", str(scan.n_parameters - 1), start, end_pos=start + 1)
            terminal = "TERNARY"
        elif terminal in OPENING:
            scan.nesting.open(value, start)
        elif terminal in SIGNS:
            return self._sign(terminal, value, start, actions, scan)
        return SqlToken(terminal, value, start)

    def _sign(self, terminal: str, value: str, start: int, actions: Any, scan: Scan) -> SqlToken:
        """Make a sign an operator, or the minus a part of the number behind it."""
        if "NUMBER" not in actions:
            scan.nesting.link(start)
            return SqlToken(terminal, value, start)
        if terminal == "MINUS" and NEGATIVE.match(scan.text, start, scan.end):
            found = self._match(scan.text, start + 1, scan.end)
            if found is not None and found.lastgroup == "NUMBER":
                return _number("-" + found["NUMBER"], start, found.end(), scan)
        scan.nesting.prefix(start)
        return SqlToken(terminal, value, start)


@cache
def _compiled(check: str) -> re.Pattern[str]:
    """Compile a look-ahead when its word first appears: most statements meet none."""
    return re.compile(check, re.IGNORECASE)


def _number(value: str, start: int, stop: int, scan: Scan) -> SqlToken:
    behind = END_OF_WORD.match(scan.text, stop, scan.end)
    if behind is not None:
        raise SqlSyntaxError(
            SYNTAX_ERROR,
            f"a number ends in {behind[0]!r}",
            span=Span(stop, stop + 1),
            hint="a name that begins with a digit must be quoted: `1st`",
        )
    return SqlToken("NUMBER", value, start, end_pos=stop)


def _rest(text: str, pos: int, end: int) -> SqlToken:
    """Make one token of the data behind FORMAT, which begin in the next line or after blanks."""
    start = pos
    while start < end and text[start] in " \t\r":
        start += 1
    if start < end and text[start] == "\n":
        start += 1
    return SqlToken("INSERT_DATA", text[start:end], start, end_pos=end)


def cut_text(quote: int) -> SqlSyntaxError:
    """Return the error for a quote that ends a text in the middle of a word."""
    return SqlSyntaxError(
        SYNTAX_ERROR,
        "a text ends in the middle of a word",
        span=Span(quote, quote + 1),
        hint="a quote inside a text is written twice: 'it''s'; or one is missing before it",
    )


def _skip_or_raise(scan: Scan, pos: int) -> int:
    """Step over comments; raise if what stands there is no token at all."""
    text, end = scan.text, scan.end
    after = skip_blank(text, pos, end)
    if after > pos or after == end:
        return after
    mark = text[pos]
    if mark in UNCLOSED:
        cut = CUT_TEXT.search(text, scan.start, pos) if mark == "'" else None
        if cut is not None:
            raise cut_text(cut.end() - 1)
        raise SqlSyntaxError(
            SYNTAX_ERROR,
            f"the {UNCLOSED[mark]} that begins here is not closed",
            span=Span(pos, pos + 1),
            hint=f"close it with {mark}",
        )
    hint = FOREIGN_MARKS.get(mark)
    if mark.isalpha():
        hint = "quote names that are not plain letters, digits and _: `name`"
    raise SqlSyntaxError(
        SYNTAX_ERROR, f"unexpected character {mark!r}", span=Span(pos, pos + 1), hint=hint
    )
