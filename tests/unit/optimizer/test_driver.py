"""Rules can be left out by name, and fire in their order."""

from __future__ import annotations

import pytest

from minidb.optimizer.rules import BUILTIN_RULES
from tests.support.engine import error_of, rows, run, session_at

SQL = "SELECT y + (1 + 1) AS z FROM (SELECT x AS y, s FROM t) WHERE y > 3 ORDER BY z LIMIT 2"


@pytest.fixture
def session():
    with session_at() as made:
        run(made, "CREATE TABLE t (x UInt8, s String) ORDER BY x")
        run(made, "INSERT INTO t SELECT number, 'a' FROM numbers(10)")
        yield made


def fired(session, disabled: str) -> list[str]:
    lines = [
        line for (line,) in rows(session, f"EXPLAIN {SQL} SETTINGS disabled_rules = '{disabled}'")
    ]
    return [line.strip() for line in lines[lines.index("") + 2 :]] if "" in lines else []


def test_rules_fire_in_order_and_all_can_be_left_out(session):
    # One table of ten rows has no joins to order.
    assert fired(session, "") == [r.name for r in BUILTIN_RULES if r.name != "order_joins"]
    assert fired(session, "all") == []


@pytest.mark.parametrize("rule", [rule.name for rule in BUILTIN_RULES])
def test_a_rule_left_out_does_not_fire_and_the_answer_stays(session, rule):
    assert rule not in fired(session, rule)
    assert rule not in fired(session, f" limit_sort , {rule}")
    assert rows(session, f"{SQL} SETTINGS disabled_rules = '{rule}'") == [(6,), (7,)]


def test_a_rule_that_is_not_there_is_an_error(session):
    error = error_of(session, f"{SQL} SETTINGS disabled_rules = 'limit_sort, push_filter'")
    assert error.code.number == 36
    assert error.hint == "did you mean 'push_filters'?"
    assert error.sql[error.span.start :].startswith("disabled_rules")
    assert error_of(session, "SET disabled_rules = 'x'").code.number == 36
    assert run(session, SQL)


def test_the_setting_of_the_session_counts_too(session):
    run(session, "SET disabled_rules = 'all'")
    assert [line for (line,) in rows(session, f"EXPLAIN {SQL}")][-1].strip().startswith("Scan")


def test_rules_have_names_that_are_verb_phrases_and_one_line_of_help():
    for rule in BUILTIN_RULES:
        assert "_" in rule.name
        assert rule.help
        assert "\n" not in rule.help
