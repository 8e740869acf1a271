"""LIKE and RE2 patterns mean in Python what they mean in ClickHouse."""

from __future__ import annotations

import pytest

from minidb.errors import (
    CANNOT_COMPILE_REGEXP,
    CANNOT_PARSE_ESCAPE_SEQUENCE,
    ValueExecutionError,
)
from minidb.functions.regex import compile_like, compile_regex, like_tokens


@pytest.mark.parametrize(
    ("pattern", "tokens"),
    [
        (b"", []),
        (b"a%_b", [b"a", None, b"", b"b"]),
        (rb"\%\_\\", [b"%_\\"]),
        (rb"a\x", [rb"a\x"]),
    ],
)
def test_a_like_pattern_falls_into_tokens(pattern, tokens):
    assert like_tokens(pattern) == tokens


def test_a_backslash_ends_no_like_pattern():
    with pytest.raises(ValueExecutionError) as error:
        compile_like(b"a\\")
    assert error.value.code == CANNOT_PARSE_ESCAPE_SEQUENCE


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        (rb"a$", "a\n", False),
        (rb"a.b", "a\nb", True),
        (rb"^[[:digit:]]+$", "12", True),
        (rb"^[$]$", "$", True),
        (rb"\Qa.b\E", "axb", False),
        (rb"(?<n>a)", "a", True),
        (rb"\d", "٣", False),
        (rb"a\z", "a", True),
    ],
)
def test_a_regular_expression_is_read_as_re2(pattern, text, matches):
    assert (compile_regex(pattern).search(text) is not None) == matches


@pytest.mark.parametrize(
    "pattern", [rb"(?=a)", rb"(?<!a)", rb"(a)\1", b"[", b"a++", rb"(?>a)", b"("]
)
def test_what_re2_lacks_is_refused(pattern):
    with pytest.raises(ValueExecutionError) as error:
        compile_regex(pattern)
    assert error.value.code == CANNOT_COMPILE_REGEXP
