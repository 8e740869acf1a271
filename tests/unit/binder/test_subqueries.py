"""Queries inside expressions: what is run once, what becomes a join, what is refused."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from minidb.database import Session
from tests.support.engine import code_of, error_of, rows, run, session_at


@pytest.fixture
def session() -> Iterator[Session]:
    with session_at() as opened:
        run(opened, "CREATE TABLE t (a Int64, b Nullable(Int64))")
        run(opened, "INSERT INTO t VALUES (1, 1), (2, NULL), (3, 1)")
        yield opened


def plan(session: Session, sql: str) -> str:
    return "\n".join(line for (line,) in rows(session, f"EXPLAIN {sql}"))


def test_a_query_on_its_own_is_a_constant_of_the_plan(session: Session) -> None:
    shown = plan(session, "SELECT a FROM t WHERE a = (SELECT max(a) FROM t)")
    assert "a = 3" in shown
    assert "Join" not in shown


def test_a_common_value_is_drawn_once(session: Session) -> None:
    sql = "WITH (SELECT rand64()) AS r SELECT r = r, (SELECT r) = r FROM t"
    assert rows(session, sql) == [(1, 1)] * 3


def test_equalities_become_join_keys_and_no_domain(session: Session) -> None:
    shown = plan(session, "SELECT (SELECT count() FROM t AS u WHERE u.a = t.a) FROM t")
    assert "Join single a = a" in shown
    assert "Distinct" not in shown


def test_exists_becomes_a_semi_join(session: Session) -> None:
    shown = plan(session, "SELECT a FROM t WHERE EXISTS (SELECT 1 FROM t AS u WHERE u.a = t.a)")
    assert "Join semi a = a" in shown


def test_other_conditions_are_joined_over_the_distinct_outer_values(session: Session) -> None:
    shown = plan(session, "SELECT (SELECT count() FROM t AS u WHERE u.a < t.a) FROM t")
    assert "Distinct a" in shown


def test_equal_queries_of_one_select_become_one_join(session: Session) -> None:
    query = "(SELECT count() FROM t AS u WHERE u.a < t.a)"
    assert plan(session, f"SELECT {query}, {query} + 1 FROM t").count("Join single") == 1


def test_two_rows_are_no_value(session: Session) -> None:
    assert code_of(session, "SELECT (SELECT a FROM t)") == 125
    assert code_of(session, "SELECT (SELECT a FROM t AS u WHERE u.b = t.b) FROM t") == 125


def test_no_row_of_an_array_is_an_error(session: Session) -> None:
    assert code_of(session, "SELECT (SELECT [a] FROM t WHERE a = 9)") == 125


def test_the_operand_of_in_has_as_many_values_as_columns(session: Session) -> None:
    assert code_of(session, "SELECT (1, 2) IN (SELECT a FROM t)") == 20
    assert code_of(session, "SELECT 1 IN (SELECT a, b FROM t)") == 20


def test_an_unknown_name_is_compared_with_those_around_too(session: Session) -> None:
    error = error_of(session, "SELECT (SELECT pricee) FROM (SELECT 1 AS price)")
    assert error.code.number == 47
    assert error.hint == "did you mean 'price'?"


@pytest.mark.parametrize("operand", ["a", "b", "toString(a)", "toInt8(a)"])
def test_a_long_list_says_what_a_short_one_does(session: Session, operand: str) -> None:
    members = ["1", "2", "-1"]
    if operand == "toString(a)":
        members = ["'1'", "'x'", "'2'"]
    short = f"SELECT {operand} IN ({', '.join(members)}) FROM t"
    long = f"SELECT {operand} IN ({', '.join(members * 20)}) FROM t"
    assert rows(session, short) == rows(session, long)
    assert rows(session, short)[0] == (1,)


def test_the_set_behind_in_counts_as_memory(session: Session) -> None:
    sql = "SELECT 1 IN (SELECT number FROM numbers(1000000)) SETTINGS max_memory_usage = 100000"
    assert code_of(session, sql) == 241


def test_lambdas_are_equal_whatever_their_parameters_are_called(session: Session) -> None:
    sql = "SELECT arrayMap(x -> x + 1, [a]) FROM t GROUP BY arrayMap(y -> y + 1, [a])"
    assert rows(session, sql) == [([2],), ([3],), ([4],)]
    assert code_of(session, sql.replace("y + 1", "y + 2")) == 215
