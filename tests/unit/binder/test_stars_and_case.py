"""``*`` as an argument, ``count(DISTINCT ...)`` of several, and CASE over NULL."""

from __future__ import annotations

import pytest

import minidb

PAIRS = (
    "(SELECT 1 AS a, 2 AS b UNION ALL SELECT 1, 3 UNION ALL SELECT 1, 2 UNION ALL SELECT 1, NULL)"
)
MAYBE = "(SELECT NULL AS x, 'u' AS y UNION ALL SELECT 1, 'v' UNION ALL SELECT 2, 'w')"


@pytest.fixture(scope="module")
def connection():
    with minidb.connect() as opened:
        yield opened


@pytest.mark.parametrize(
    ("expr", "value", "name"),
    [
        ("count(*)", 4, "count()"),
        ("countIf(*, b = 2)", 2, "countIf(equals(b, 2))"),
        ("count(DISTINCT *)", 2, "countDistinct(a, b)"),
        ("count(DISTINCT a, b)", 2, "countDistinct(a, b)"),
        ("count(DISTINCT a)", 1, "countDistinct(a)"),
        ("uniqExact(t.*)", 2, "uniqExact(a, b)"),
    ],
)
def test_a_star_stands_for_all_columns(connection, expr, value, name):
    result = connection.execute(f"SELECT {expr} FROM {PAIRS} AS t")
    assert (result.scalar(), result.names) == (value, (name,))


def test_a_star_is_an_argument_of_a_scalar_function(connection):
    result = connection.execute("SELECT plus(*, 1) FROM numbers(2)")
    assert (result.rows(), result.names) == ([(1,), (2,)], ("plus(number, 1)",))


def test_a_star_means_columns_where_an_alias_has_the_name(connection):
    sql = "SELECT number + 1 AS number, sum(*) FROM numbers(2) GROUP BY number ORDER BY number"
    assert connection.execute(sql).rows() == [(1, 0), (2, 1)]


@pytest.mark.parametrize(
    ("case", "values"),
    [
        (
            "CASE x WHEN 1 THEN 'one' WHEN NULL THEN 'null' ELSE 'other' END",
            ["null", "one", "other"],
        ),
        ("CASE x WHEN 1 THEN y WHEN NULL THEN 'null' END", ["null", "v", None]),
        ("CASE x WHEN x THEN 'same' ELSE 'other' END", ["same", "same", "same"]),
        ("CASE WHEN x = NULL THEN 'null' ELSE 'other' END", ["other", "other", "other"]),
    ],
)
def test_case_with_an_operand_takes_null_for_a_value(connection, case, values):
    assert connection.execute(f"SELECT {case} FROM {MAYBE}").rows() == [(v,) for v in values]
