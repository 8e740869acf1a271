"""Constants and names keep their value between text and tree."""

import math

import pytest

from minidb.errors import SqlSyntaxError
from minidb.sql.ast import Identifier, Literal
from minidb.sql.format import format_expression
from minidb.sql.parser import parse_expression


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0),
        ("-0", 0),
        ("1_000", 1000),
        (str(2**256 - 1), 2**256 - 1),
        (f"-{2**255}", -(2**255)),
        (str(10**100), 10**100),
        ("0x1F", 31),
        ("0b101", 5),
        ("0x1.8p3", 12.0),
        ("1e5", 1e5),
        (".5", 0.5),
        ("1.", 1.0),
        ("1e-3", 0.001),
        ("1e999", math.inf),
        ("inf", math.inf),
        ("Infinity", math.inf),
        ("NULL", None),
        ("true", True),
        ("FALSE", False),
        ("'it''s'", "it's"),
        (r"'\x41\n\t\\\'\0'", "A\n\t\\'\0"),
        (r"'\q'", "\\q"),
        (r"'\xe4\xbd\xa0'", "你"),
        (r"'\xff'", "\udcff"),
        ("x'4142'", "AB"),
        ("b'01000001'", "A"),
        ("$$it's$$", "it's"),
        ("$tag$a$$b$tag$", "a$$b"),
    ],
)
def test_constants_have_their_value(text, value):
    tree = parse_expression(text)
    assert tree == Literal(value)
    assert parse_expression(format_expression(tree)) == tree


def test_equality_tells_types_and_signs_apart():
    assert Literal(1) != Literal(1.0)
    assert Literal(1) != Literal(True)
    assert Literal(0.0) != Literal(-0.0)
    assert Literal(math.nan) == Literal(float("nan"))
    assert Literal("1") != Literal(1)
    assert len({Literal(1), Literal(True), Literal(1.0), Literal(1)}) == 3


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("`a b`", "a b"),
        ('"a b"', "a b"),
        ("`a``b`", "a`b"),
        ('"a""b"', 'a"b'),
        (r"`a\`b`", "a`b"),
        ("`it''s`", "it''s"),
        ("`SELECT`", "SELECT"),
        ("a$1", "a$1"),
    ],
)
def test_names_may_be_quoted(text, name):
    tree = parse_expression(text)
    assert tree == Identifier((name,))
    assert parse_expression(format_expression(tree)) == tree


@pytest.mark.parametrize("text", ["1abc", "0x", "1__0", "9" * 2000, "1_"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(SqlSyntaxError):
        parse_expression(text)
