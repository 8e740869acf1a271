"""A Pygments lexer for ClickHouse's SQL, for the shell."""

from __future__ import annotations

import re

from pygments.lexer import RegexLexer, words
from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Whitespace

from minidb.sql.parser import keywords
from minidb.types.names import type_names


class ClickHouseLexer(RegexLexer):  # type: ignore[misc] # pygments has no annotations
    """Keywords, types, functions, texts, numbers and comments."""

    name = "ClickHouse SQL"
    aliases = ("clickhouse",)
    flags = re.IGNORECASE | re.MULTILINE

    tokens = {  # noqa: RUF012 - pygments reads it from the class
        "root": [
            (r"\s+", Whitespace),
            (r"--[^\n]*|#[ !][^\n]*", Comment.Single),
            (r"/\*(?:[^*]|\*(?!/))*(?:\*/)?", Comment.Multiline),
            (r"'(?:[^'\\]|\\.|'')*'?", String.Single),
            (r'"(?:[^"\\]|\\.)*"?|`(?:[^`\\]|\\.)*`?', Name.Variable),
            (r"0x[0-9a-f]+|0b[01]+|\d+(?:\.\d*)?(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?", Number),
            (words(tuple(keywords()), prefix=r"\b", suffix=r"\b"), Keyword),
            (words(tuple(type_names()), prefix=r"\b", suffix=r"\b"), Keyword.Type),
            (r"[a-z_]\w*(?=\s*\()", Name.Function),
            (r"[a-z_]\w*", Name),
            (r"->|::|<=>|[-+*/%=<>!|?:]", Operator),
            (r"[\[\](){},;.]", Punctuation),
        ],
    }
