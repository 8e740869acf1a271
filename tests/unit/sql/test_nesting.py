"""Deep nesting is refused by code 306; long flat chains are read."""

import sys

import pytest

from minidb.errors import SYNTAX_ERROR, TOO_DEEP_RECURSION, SqlSyntaxError
from minidb.sql.depth import RECURSION_LIMIT, deep_recursion
from minidb.sql.format import format_statement
from minidb.sql.parser import parse_statement

# What stands before and behind the middle, once for each level.
NESTED = {
    "parentheses": ("(", "1", ")"),
    "arrays": ("[", "1", "]"),
    "calls": ("f(", "1", ")"),
    "not": ("NOT ", "1", ""),
    "minus": ("- ", "a", ""),
    "ternary": ("a ? b : ", "1", ""),
    "ternary in the middle": ("a ? ", "1", " : 1"),
    "lambda": ("x -> ", "1", ""),
    "case": ("CASE WHEN ", "1", " THEN 1 END"),
    "case else": ("CASE WHEN 1 THEN 2 ELSE ", "1", " END"),
    "subqueries": ("(SELECT ", "1", ")"),
    "types": ("1::Array(", "Int8", ")"),
}
LEFT_DEEP = ["::Int8", "[1]", " IS NULL", " = 1", " + 1"]


@pytest.mark.parametrize("shape", NESTED)
def test_nesting_has_a_limit(shape):
    before, middle, behind = NESTED[shape]
    if shape == "types":
        before = "Array("
        middle = "Int8"

    def nested(depth: int) -> str:
        start = "SELECT 1::" if shape == "types" else "SELECT "
        return start + before * depth + middle + behind * depth

    tree = parse_statement(nested(900))
    assert parse_statement(format_statement(tree)).span is not None
    with pytest.raises(SqlSyntaxError) as caught:
        parse_statement(nested(1_001))
    assert caught.value.code is TOO_DEEP_RECURSION
    assert caught.value.span is not None


@pytest.mark.parametrize("link", LEFT_DEEP)
def test_left_deep_chains_have_a_limit(link):
    format_statement(parse_statement("SELECT a" + link * 2_000))
    with pytest.raises(SqlSyntaxError) as caught:
        parse_statement("SELECT a" + link * 10_001)
    assert caught.value.code is TOO_DEEP_RECURSION


def test_flat_chains_may_be_long():
    tree = parse_statement("SELECT " + " AND ".join(["a = 1"] * 5_000))
    assert len(tree.query.projection[0].operands) == 5_000
    wide = parse_statement("SELECT " + ", ".join(["-a ? 1 : -2"] * 2_000))
    assert len(wide.query.projection) == 2_000


@pytest.mark.parametrize("more", [", t", " CROSS JOIN t"])
def test_from_holds_a_thousand_tables(more):
    parse_statement("SELECT 1 FROM t" + more * 1_000)
    with pytest.raises(SqlSyntaxError) as caught:
        parse_statement("SELECT 1 FROM t" + more * 1_001)
    assert caught.value.code is TOO_DEEP_RECURSION


def test_set_operations_of_several_kinds_have_a_limit():
    assert len(parse_statement("SELECT 1" + " UNION ALL SELECT 1" * 1_500).query.operands) == 1_501
    with pytest.raises(SqlSyntaxError) as caught:
        parse_statement("SELECT 1" + " EXCEPT SELECT 1" * 1_001)
    assert caught.value.code is TOO_DEEP_RECURSION


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("(" * 1_000_000, TOO_DEEP_RECURSION),
        (")" * 1_000_000, SYNTAX_ERROR),
        ("'" * 1_000_001, SYNTAX_ERROR),
        ("/*" * 100_000, SYNTAX_ERROR),
        ("\0" * 1_000, SYNTAX_ERROR),
        ("EXPLAIN " * 10_000, SYNTAX_ERROR),
    ],
)
def test_a_megabyte_of_nonsense_is_refused(text, code):
    with pytest.raises(SqlSyntaxError) as caught:
        parse_statement(text)
    assert caught.value.code is code
    assert len(caught.value.message) < 200


def test_deep_recursion_puts_the_limit_back():
    before = sys.getrecursionlimit()
    with deep_recursion():
        with deep_recursion():
            assert sys.getrecursionlimit() == RECURSION_LIMIT
        assert sys.getrecursionlimit() == RECURSION_LIMIT
    assert sys.getrecursionlimit() == before
