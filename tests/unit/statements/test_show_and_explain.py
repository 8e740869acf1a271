"""SHOW, DESCRIBE, EXISTS, SET and EXPLAIN."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from importlib.resources import files

import pytest

from tests.support.engine import code_of, error_of, rows, run, run_all, session_at


@pytest.fixture
def session():
    with session_at() as made:
        run_all(
            made,
            [
                "CREATE TABLE first (a UInt8, b String DEFAULT 'x')",
                "CREATE TABLE second (a UInt8)",
                "CREATE FUNCTION twice AS (x) -> x * 2",
                "INSERT INTO first (a) SELECT number FROM numbers(10)",
            ],
        )
        yield made


def names(session, sql: str) -> list[str]:
    return [row[0] for row in rows(session, sql)]


def test_show_tables_with_patterns(session):
    assert names(session, "SHOW TABLES") == ["first", "second"]
    assert names(session, "SHOW TABLES LIKE 'f%'") == ["first"]
    assert names(session, "SHOW TABLES NOT LIKE 'f%'") == ["second"]
    assert names(session, "SHOW TABLES LIKE 'F%'") == []
    assert names(session, "SHOW TABLES ILIKE 'F_RST'") == ["first"]
    assert "settings" in names(session, "SHOW TABLES FROM system")
    assert code_of(session, "SHOW TABLES FROM nowhere") == 81


def test_show_databases_functions_and_settings(session):
    assert names(session, "SHOW DATABASES") == ["default", "system"]
    assert names(session, "SHOW FUNCTIONS LIKE 'twice'") == ["twice"]
    ((name, value, *_),) = rows(session, "SHOW SETTINGS LIKE 'max_block%'")
    assert (name, value) == ("max_block_size", "65536")


def test_describe_of_tables_queries_and_functions(session):
    found = rows(session, "DESCRIBE TABLE first")
    assert found[1][:4] == ("b", "String", "DEFAULT", "'x'")
    assert rows(session, "DESC first") == found
    assert [r[:2] for r in rows(session, "DESCRIBE (SELECT a + 1 AS n FROM first)")] == [
        ("n", "UInt16")
    ]
    assert rows(session, "DESCRIBE numbers(3)")[0][:2] == ("number", "UInt64")
    assert rows(session, "DESCRIBE system.one")[0][:2] == ("dummy", "UInt8")
    assert code_of(session, "DESCRIBE TABLE fisrt") == 60


def test_exists_says_1_or_0(session):
    for sql, found in (
        ("EXISTS first", 1),
        ("EXISTS TABLE third", 0),
        ("EXISTS TABLE system.tables", 1),
        ("EXISTS DATABASE default", 1),
        ("EXISTS DATABASE nowhere", 0),
    ):
        assert rows(session, sql) == [(found,)], sql


def test_set_holds_for_the_session_and_settings_for_a_statement(session):
    value = "SELECT value FROM system.settings WHERE name = 'max_block_size'"
    run(session, "SET max_block_size = 3")
    assert rows(session, value) == [("3",)]
    assert rows(session, f"{value} SETTINGS max_block_size = 4") == [("4",)]
    assert rows(session, value) == [("3",)]
    other = session.database.session()
    assert rows(other, value) == [("65536",)]


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("SET no_such = 1", 115),
        ("SET max_block_size = 'many'", None),
        ("SET max_block_size = -1", None),
        ("SET max_block_size = 1.5", None),
        ("SELECT 1 SETTINGS no_such = 1", 115),
    ],
)
def test_a_setting_of_the_wrong_name_or_kind_is_refused(session, sql, code):
    error = error_of(session, sql)
    assert error.span is not None
    assert code is None or error.code.number == code


def test_explain_ast_shows_any_statement(session):
    assert names(session, "EXPLAIN AST SELECT a FROM first")[0].startswith("QueryStatement")
    assert names(session, "EXPLAIN AST DROP TABLE first")[0].startswith("Drop")
    assert names(session, "SHOW TABLES") == ["first", "second"]


def test_explain_shows_each_stage(session):
    sql = "SELECT a + (1 + 1) AS n FROM first WHERE a > 2 ORDER BY n LIMIT 2"
    tree = "\n".join(names(session, f"EXPLAIN QUERY TREE {sql}"))
    plan = "\n".join(names(session, f"EXPLAIN PLAN {sql}"))
    assert "1 + 1" in tree
    assert "1 + 1" not in plan
    assert names(session, f"EXPLAIN {sql}") == plan.split("\n")
    assert "limit_sort" in plan
    pipeline = [line.split()[0] for line in names(session, f"EXPLAIN PIPELINE {sql}")]
    assert pipeline == ["Limit", "Sort", "Project", "Filter", "Scan"]
    assert rows(session, f"EXPLAIN SYNTAX {sql}")


def test_explain_analyze_runs_and_counts(session):
    lines = names(session, "EXPLAIN ANALYZE SELECT count() FROM first WHERE a > 2")
    assert any("Filter" in line and "rows 7" in line for line in lines)
    assert any("Scan" in line and "rows 10" in line for line in lines)
    assert "read 10 rows" in lines[-1]


def test_explain_estimate_counts_what_is_read(session):
    sql = "EXPLAIN ESTIMATE SELECT * FROM first, second, numbers(3)"
    assert rows(session, sql) == [("default", "first", 1, 10, 1), ("default", "second", 0, 0, 0)]
    assert rows(session, "EXPLAIN ESTIMATE SELECT a FROM first WHERE a > 200") == [
        ("default", "first", 0, 0, 0)
    ]


def test_explain_as_json_is_a_tree_of_plans(session):
    sql = "SELECT a, count() OVER () FROM first, numbers(3) WHERE b = '\"]'"
    for kind in ("QUERY TREE", "PLAN", "PIPELINE", "ANALYZE", "AST", ""):
        ((text,),) = rows(session, f"EXPLAIN {kind} json = 1 {sql}")
        (explained,) = json.loads(text)
        found = list(_nodes(explained["Plan"]))
        assert len(found) > 4
        assert all("Node Type" in node for node in found)
    deep = f"EXPLAIN AST json = 1 SELECT {'[' * 900}1{']' * 900}"
    assert rows(session, deep)[0][0].count('"Node Type": "elements: ArrayLiteral"') == 899


def _nodes(node: dict) -> Iterator[dict]:
    yield node
    for child in node.get("Plans", ()):
        yield from _nodes(child)


def test_explain_as_mermaid_names_and_joins_every_node(session):
    lines = names(session, "EXPLAIN mermaid = 1 SELECT a FROM first WHERE b = '\"<x>'")
    assert lines[0] == "flowchart BT"
    labels = [line for line in lines if '["' in line]
    assert [line.split("[")[0].strip() for line in labels] == ["n0", "n1", "n2"]
    assert [line.strip() for line in lines if "-->" in line] == ["n1 --> n0", "n2 --> n1"]
    assert "#quot;#lt;x#gt;" in labels[1]
    measured = names(session, "EXPLAIN ANALYZE mermaid = 1 SELECT a FROM first")
    assert "rows 10, estimated 10" in measured[1]


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("EXPLAIN merm = 1 SELECT 1", 115),
        ("EXPLAIN json = 2 SELECT 1", 36),
        ("EXPLAIN json = 1, mermaid = 1 SELECT 1", 36),
        ("EXPLAIN graph = 1 SELECT 1", 48),
        ("EXPLAIN SYNTAX json = 1 SELECT 1", 48),
    ],
)
def test_settings_that_explain_does_not_have_are_refused(session, sql, code):
    assert code_of(session, sql) == code


def test_explain_shows_estimated_rows_and_columns(session):
    lines = names(session, "EXPLAIN header = 1 SELECT a FROM first")
    assert "about 10 rows; columns a UInt8" in lines[0]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT b, count() FROM first GROUP BY b HAVING count() > 0 ORDER BY b LIMIT 1",
        "SELECT * FROM first, numbers(3) AS n WHERE a = number UNION ALL SELECT 1, 'x', 2",
        "SELECT a, rank() OVER (ORDER BY a) FROM first WHERE a IN (SELECT a FROM second)",
        "SELECT a, count() FROM first GROUP BY a WITH TOTALS",
        "WITH RECURSIVE r AS (SELECT 1 AS x UNION ALL SELECT x + 1 FROM r WHERE x < 4) "
        "SELECT sum(x) FROM r",
        "SELECT a FROM first INTERSECT SELECT a FROM first LIMIT 1 BY a",
    ],
)
def test_times_of_operators_add_up_to_the_total(session, query, monkeypatch):
    # Steps of different lengths, all exact in binary, so that sums are exact too.
    ticks = itertools.accumulate(itertools.cycle([1.0, 0.25, 3.0, 0.5, 8.0]))
    monkeypatch.setattr("minidb.execution.context.CLOCK", lambda: next(ticks))
    ((text,),) = rows(session, f"EXPLAIN ANALYZE json = 1 {query}")
    (explained,) = json.loads(text)
    own = [node["Own Time ms"] for node in _nodes(explained["Plan"])]
    assert min(own) >= 0
    assert sum(own) == explained["Total Time ms"] > 0


def test_explain_reports_errors_of_the_query(session):
    for kind in ("QUERY TREE", "PLAN", "PIPELINE", "ANALYZE", ""):
        error = error_of(session, f"EXPLAIN {kind} SELECT nothing FROM first")
        assert (error.code.number, error.sql[error.span.start : error.span.end]) == (47, "nothing")
    assert code_of(session, "EXPLAIN SELEC 1") == 62
    assert code_of(session, "EXPLAIN ANALYZE SELECT intDiv(1, 0)") == 153


def test_system_tables_tell_about_the_catalog(session):
    assert rows(session, "SELECT name, total_rows, engine FROM system.tables") == [
        ("first", 10, "MergeTree"),
        ("second", 0, "MergeTree"),
    ]
    sql = "SELECT table, name, type, position FROM system.columns ORDER BY table, position"
    assert rows(session, sql) == [
        ("first", "a", "UInt8", 1),
        ("first", "b", "String", 2),
        ("second", "a", "UInt8", 1),
    ]
    kinds = {kind for (kind,) in rows(session, "SELECT DISTINCT kind FROM system.functions")}
    assert kinds == {"scalar", "aggregate", "window", "table", "sql"}
    assert rows(session, "SELECT * FROM system.one") == [(0,)]


# These read files, which are not here.
OF_FILES = "('file', 'idx', 'cifar10', 'cifar100')"
MODEL = str(files("nn_ops").joinpath("data/digits.safetensors"))


def test_every_function_has_an_example_that_runs(session):
    for name in ("digits", "other"):
        run(session, f"CREATE MODEL {name} FROM ?", [MODEL])
    run(session, "CREATE TABLE images (id UInt32, pixels Array(UInt8)) ENGINE = Memory")
    run(
        session,
        "INSERT INTO images SELECT number, arrayMap(i -> i % 17, range(64)) FROM numbers(2)",
    )
    run(session, "CREATE VIEW image AS SELECT pixels FROM images WHERE id = 1")
    sql = (
        f"SELECT name, example FROM system.functions WHERE example != '' AND name NOT IN {OF_FILES}"
    )
    for name, example in rows(session, sql):
        assert name, example
        run(session, example)
