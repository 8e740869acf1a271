"""Expressions whose parts are used many times over cost what they hold, not what they spell."""

from __future__ import annotations

import pytest

import minidb

LEVELS = 60
DOUBLED = "WITH number AS a0, " + ", ".join(
    f"a{level} + a{level} AS a{level + 1}" for level in range(LEVELS)
)


@pytest.fixture(scope="module")
def connection():
    with minidb.connect() as opened:
        opened.execute("CREATE FUNCTION twice AS x -> x + x")
        yield opened


def test_an_alias_used_twice_at_every_level_is_bound_and_evaluated_once(connection):
    rows = connection.execute(f"{DOUBLED} SELECT a{LEVELS} AS a FROM numbers(2)").rows()
    assert rows == [(0,), (2**LEVELS,)]


def test_such_an_alias_is_a_key(connection):
    sql = f"{DOUBLED} SELECT a{LEVELS} AS a, count() FROM numbers(2) GROUP BY a ORDER BY a"
    assert connection.execute(sql).rows() == [(0, 1), (2**LEVELS, 1)]


def test_explain_shows_only_the_beginning(connection):
    (first, *_), *_ = connection.execute(
        f"EXPLAIN PLAN {DOUBLED} SELECT a{LEVELS} AS a FROM numbers(2)"
    ).rows()
    assert len(first) < 500


def test_equal_keys_written_twice_are_found(connection):
    deep = "number"
    for _ in range(40):
        deep = f"twice({deep})"
    sql = f"SELECT {deep} AS k, count() FROM numbers(2) GROUP BY {deep} ORDER BY k"
    assert connection.execute(sql).rows() == [(0, 1), (2**40, 1)]


def test_a_chain_of_constants_is_evaluated_once(connection):
    assert connection.execute("SELECT " + "+".join(["1"] * 3_000)).scalar() == 3_000
    nested = "negate(" * 300 + "1" + ")" * 300
    assert connection.execute(f"SELECT {nested}").scalar() == 1


@pytest.mark.parametrize(
    ("written", "other"),
    [
        ("number + 1", "number + 2"),
        ("number + 1", "1 + number"),
        ("number + 1", "number - 1"),
        ("number + 1", "number + toUInt16(1)"),
        ("arrayMap(x -> x + number, [1])", "arrayMap(x -> x, [1])"),
    ],
)
def test_different_expressions_are_different_keys(connection, written, other):
    sql = f"SELECT {written} FROM numbers(2) GROUP BY {other}"
    with pytest.raises(minidb.ProgrammingError, match="neither in GROUP BY"):
        connection.execute(sql)


def test_a_deep_tree_is_shown(connection):
    tree = connection.execute("EXPLAIN AST SELECT " + "+".join(["0"] * 1_000)).rows()
    assert len(tree) > 1_000
    assert tree[-1][0].endswith("Literal value=0")
