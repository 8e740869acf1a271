"""Operators bind as in ClickHouse, and the formatter writes the fewest parentheses."""

import pytest

from minidb.errors import SqlSyntaxError
from minidb.sql.ast import In, Literal, Operator, TupleLiteral
from minidb.sql.format import format_expression
from minidb.sql.operators import OPERATORS
from minidb.sql.parser import parse_expression

# Left as one may write it, right with every operator in parentheses: checked with ClickHouse's
# formatQuery.
PAIRS = [
    ("a or b and not c = 1", "a OR (b AND (NOT (c = 1)))"),
    ("not not a", "NOT (NOT a)"),
    ("a = b < c", "(a = b) < c"),
    ("a = b is null", "(a = b) IS NULL"),
    ("a is null = b", "(a IS NULL) = b"),
    ("not a is null", "NOT (a IS NULL)"),
    ("a between 1 and 2 and c", "(a BETWEEN 1 AND 2) AND c"),
    ("a between b + 1 and c or d", "(a BETWEEN (b + 1) AND c) OR d"),
    ("a between 1 and 2 = 3", "a BETWEEN 1 AND (2 = 3)"),
    ("a is null between 1 and 2", "(a IS NULL) BETWEEN 1 AND 2"),
    ("a between 1 and 2 between 3 and 4", "(a BETWEEN 1 AND 2) BETWEEN 3 AND 4"),
    ("not a between 1 and 2", "NOT (a BETWEEN 1 AND 2)"),
    ("a || b + c", "a || (b + c)"),
    ("a || b = c", "(a || b) = c"),
    ("a like b || c", "a LIKE (b || c)"),
    ("a like b is null", "(a LIKE b) IS NULL"),
    ("-a * b", "(-a) * b"),
    ("a * -b", "a * (-b)"),
    ("a div b * c", "(a DIV b) * c"),
    ("a + b - c", "(a + b) - c"),
    ("-x[1]", "-(x[1])"),
    ("-a::Int8", "-(a::Int8)"),
    ("a = not b", "a = (NOT b)"),
    ("not a = not b", "NOT (a = (NOT b))"),
    ("a in (1, 2) + 1", "a IN ((1, 2) + 1)"),
    ("a = 3 in (1, 2)", "(a = 3) IN (1, 2)"),
    ("a or b ? c : d", "if(a OR b, c, d)"),
    ("a ? b : c ? d : e", "if(a, b, if(c, d, e))"),
    ("a ? b ? 1 : 2 : 3", "if(a, if(b, 1, 2), 3)"),
    ("x -> x ? 1 : 2", "x -> if(x, 1, 2)"),
    ("x -> y -> x + y", "x -> (y -> (x + y))"),
    ("a <=> b is distinct from c", "(a <=> b) IS DISTINCT FROM c"),
    ("a not regexp b", "NOT (a REGEXP b)"),
    ("a is not true", "a IS DISTINCT FROM true"),
]


@pytest.mark.parametrize(("written", "grouped"), PAIRS)
def test_operators_bind_as_in_clickhouse(written, grouped):
    assert parse_expression(written) == parse_expression(grouped)


@pytest.mark.parametrize(
    ("text", "n_operands"), [("a AND b AND c", 3), ("a OR b OR c OR d", 4), ("a || b || c", 3)]
)
def test_a_chain_of_one_operator_is_one_node(text, n_operands):
    assert len(parse_expression(text).operands) == n_operands


def test_parentheses_keep_a_chain_apart():
    tree = parse_expression("(a AND b) AND c")
    assert len(tree.operands) == 2
    assert format_expression(tree) == "(a AND b) AND c"


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("((a))+((b*c))", "a + b * c"),
        ("(a+b)*c", "(a + b) * c"),
        ("a-(b-c)", "a - (b - c)"),
        ("- - a", "- -a"),
        ("-(1)", "-(1)"),
        ("- 1", "-1"),
        ("a - -1", "a - -1"),
        ("NOT(a)", "NOT a"),
        ("a ==b", "a = b"),
        ("a<>b", "a != b"),
        ("a MOD b", "a % b"),
        ("a IN 1", "a IN (1)"),
        ("a IN (1,)", "a IN (1)"),
        ("(1).2", "(1).2"),
        ("`select` + `a b`", "`select` + `a b`"),
        ("\"a\" || 'it''s\\n'", "a || 'it\\'s\\n'"),
        ("CASE a WHEN 1 THEN 2 END", "CASE a WHEN 1 THEN 2 END"),
        ("quantile(0.5)(DISTINCT x)", "quantile(0.5)(DISTINCT x)"),
        ("sum(a) OVER (PARTITION BY b)", "sum(a) OVER (PARTITION BY b)"),
    ],
)
def test_the_written_form_is_canonical(text, canonical):
    assert format_expression(parse_expression(text)) == canonical


def test_a_list_of_one_is_a_tuple():
    assert parse_expression("a IN (1)").target == TupleLiteral((Literal(1),))
    negated = parse_expression("a GLOBAL NOT IN (1, 2)")
    assert isinstance(negated, In)
    assert (negated.is_negated, negated.is_global) == (True, True)


def test_every_operator_knows_its_function():
    assert Operator("DIV", (Literal(1), Literal(2))).function_name == "intDiv"
    assert all(spec.symbol == symbol for symbol, spec in OPERATORS.items())


@pytest.mark.parametrize(
    "text", ["a BETWEEN 1 OR 2", "a BETWEEN 1 IS NULL AND 2", "f(a) -> b", "a + x -> y", "1 -> x"]
)
def test_chains_that_cannot_be_folded_are_refused(text):
    with pytest.raises(SqlSyntaxError):
        parse_expression(text)
