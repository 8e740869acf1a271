"""From SQL text to syntax trees: `parse_statement`, `parse_statements`, `parse_expression`."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from typing import Any, cast

import lark
from lark.exceptions import UnexpectedToken

from minidb.errors import SYNTAX_ERROR, InternalError, SqlSyntaxError
from minidb.record import record
from minidb.source import Span
from minidb.sql.ast_base import TypeName
from minidb.sql.ast_expr import Expr
from minidb.sql.ast_statements import Insert, InsertValues, Statement
from minidb.sql.hints import explain_unexpected
from minidb.sql.insert_rows import find_values, read_rows
from minidb.sql.scan import Scan, skip_blank
from minidb.sql.tables import (
    TABLES_FILE,
    grammar_hash,
    grammar_text,
    parser_from_grammar,
    parser_from_json,
)
from minidb.sql.transformer import SqlTransformer

# What a semicolon does not count in; last, a quote or comment that nothing closes.
BOUNDARY = re.compile(
    r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`"""
    r"""|--[^\n]*|\#[ !][^\n]*|//[^\n]*|/\*.*?\*/|\$(?P<tag>\w*)\$.*?\$(?P=tag)\$"""
    r"""|;|(?P<open>['"`]|/\*)""",
    re.DOTALL,
)
COMMENTS = re.compile(r"--[^\n]*|\#[ !][^\n]*|//[^\n]*|/\*.*?\*/", re.DOTALL)


@record
class StatementText:
    """One statement as text.

    Parameters
    ----------
    text : str
        Without its semicolon and the blanks around it.
    span : Span
        Its place in the whole text.
    is_complete : bool
        Whether a semicolon ends it.
    """

    text: str
    span: Span
    is_complete: bool


def parse_statement(text: str) -> Statement:
    """Parse a text that holds exactly one statement, with or without a semicolon behind it.

    Raises
    ------
    SqlSyntaxError
        SYNTAX_ERROR for text outside the grammar, TOO_DEEP_RECURSION for nesting over 1,000.
    """
    statements = parse_statements(text)
    if len(statements) == 1:
        return statements[0]
    if not statements:
        raise SqlSyntaxError(SYNTAX_ERROR, "there is no statement", span=Span(0, len(text)))
    raise SqlSyntaxError(
        SYNTAX_ERROR,
        "expected one statement, found more",
        span=statements[1].span,
        hint="run them one by one",
    )


def parse_statements(text: str) -> list[Statement]:
    """Parse statements that semicolons separate; every span counts from the text's beginning.

    Raises
    ------
    SqlSyntaxError
        As `parse_statement`.
    """
    _refuse_surrogates(text)
    statements: list[Statement] = []
    pos = 0
    while True:
        pos = skip_blank(text, pos, len(text))
        if pos == len(text):
            return statements
        if text[pos] == ";":
            pos += 1
            continue
        insert = _parse_plain_insert(text, pos)
        if insert is not None:
            statements.append(insert[0])
            pos = insert[1]
            continue
        scan = Scan(text, pos, len(text))
        statements.append(cast(Statement, _run(scan, "statement")))
        pos = scan.stop + 1 if scan.is_terminated else len(text)


def parse_expression(text: str) -> Expr:
    """Parse one expression, without an alias.

    Raises
    ------
    SqlSyntaxError
        As `parse_statement`.
    """
    return cast(Expr, _parse_whole(text, "expr"))


def parse_type(text: str) -> TypeName:
    """Parse the name of a type, such as the text behind ``CAST(x, 'Array(UInt8)')``.

    Raises
    ------
    SqlSyntaxError
        As `parse_statement`.
    """
    return cast(TypeName, _parse_whole(text, "type"))


def split_statements(text: str) -> list[StatementText]:
    """Cut a text at the semicolons that stand outside quotes and comments.

    It never fails: what cannot be read (an open quote) belongs to the last statement, which is then
    not complete. A shell asks this whether to wait for another line.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    list of StatementText
        Empty parts, such as that behind the last semicolon, are left out.
    """
    parts: list[StatementText] = []
    start = 0
    for found in BOUNDARY.finditer(text):
        if found[0] == ";":
            _add_part(parts, text, start, found.start(), is_complete=True)
            start = found.end()
        elif found.lastgroup == "open":
            break
    _add_part(parts, text, start, len(text), is_complete=False)
    return parts


def _add_part(
    parts: list[StatementText], text: str, start: int, end: int, *, is_complete: bool
) -> None:
    code = COMMENTS.sub("", text[start:end])
    if code.strip():
        blank = len(text[start:end]) - len(text[start:end].lstrip())
        span = Span(start + blank, end)
        parts.append(StatementText(text[span.start : span.end].rstrip(), span, is_complete))


def keywords() -> list[str]:
    """Return every word that is a keyword somewhere, in capitals and in order."""
    lexer: Any = _parser().parser.lexer
    return cast("list[str]", lexer.keywords)


def _parse_plain_insert(text: str, start: int) -> tuple[Insert, int] | None:
    """Parse an INSERT of plain constants the short way; None when it is anything else."""
    begin = find_values(text, start)
    read = read_rows(text, begin) if begin is not None else None
    if begin is None or read is None:
        return None
    rows, stop = read
    head: Insert = _run(Scan(text, start, begin), "statement")
    span = Span(head.source.span.start, rows[-1][1].end)
    values = InsertValues(
        tuple(row for row, _ in rows), tuple(place for _, place in rows), span=span
    )
    insert = replace(head, source=values, span=Span(head.span.start, span.end))
    return insert, min(stop + 1, len(text))


def _parse_whole(text: str, start: str) -> Any:
    _refuse_surrogates(text)
    scan = Scan(text, 0, len(text))
    tree = _run(scan, start)
    if scan.is_terminated:
        raise SqlSyntaxError(SYNTAX_ERROR, "unexpected ';'", span=Span(scan.stop, scan.stop + 1))
    return tree


def _run(scan: Scan, start: str) -> Any:
    parser = _parser()
    try:
        # Lark hands a text that is no str to the lexer as it is.
        return parser.parse(cast(Any, scan), start=start)
    except UnexpectedToken as error:
        raise explain_unexpected(error, scan, _stack_before(scan, start)) from None
    except RecursionError as error:
        raise InternalError("the parser ran out of stack") from error


def _stack_before(scan: Scan, start: str) -> list[int] | None:
    """Return the parser's states before the token that does not fit, by reading once more.

    The parser itself has gone on to reduce, and no longer knows all that could have stood there.
    """
    again = Scan(scan.text, scan.start, scan.end, keeps_stack=True)
    try:
        _parser().parse(cast(Any, again), start=start)
    except UnexpectedToken:
        return again.stack
    return None


def _refuse_surrogates(text: str) -> None:
    """Lone surrogates are no characters, except those that stand for raw bytes."""
    try:
        text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError as error:
        raise SqlSyntaxError(
            SYNTAX_ERROR,
            "the text holds half of a surrogate pair, which is no character",
            span=Span(error.start, error.end),
        ) from None


@cache
def _parser() -> lark.Lark:
    """Load the tables, or make them where the build has not (a source checkout)."""
    grammar = grammar_text()
    transformer = SqlTransformer()
    if TABLES_FILE.is_file():
        content = TABLES_FILE.read_text(encoding="utf-8")
        loaded = parser_from_json(content, grammar_hash(grammar), transformer)
        if loaded is not None:
            return loaded
    return parser_from_grammar(grammar, transformer)
