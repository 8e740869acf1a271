"""A value in a plan is written as it is inside an array."""

from __future__ import annotations

import pytest

from minidb.columns import StringColumn, column_from_values
from minidb.columns.text import render_quoted
from minidb.columns.text_shown import quoted_value
from minidb.types.names import parse_type

EVERY_BYTE = [bytes([byte]) for byte in range(128)]


@pytest.mark.parametrize(
    "text", [b"", b"plain text", b"it's", rb"a\b", b"two\nlines", "é".encode(), *EVERY_BYTE]
)
def test_a_text_is_quoted_as_in_an_array(text):
    column = StringColumn.from_bytes([b"before", text, b"behind"]).slice(1, 2)
    assert quoted_value(column).encode() == render_quoted(column).to_bytes()[0]


def test_a_byte_that_is_no_text_is_escaped():
    assert quoted_value(StringColumn.from_bytes([b"\xff"])) == "'\\xff'"


def test_whole_numbers_have_no_quotes():
    assert quoted_value(column_from_values(parse_type("Int8"), [-5])) == "-5"
