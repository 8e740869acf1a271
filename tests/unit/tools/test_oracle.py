"""The oracle's parts: cases are repeatable, scripts are read back, small cases stay failing."""

from __future__ import annotations

import io
from dataclasses import replace
from random import Random

import pytest
from rich.console import Console

from minidb.sql.parser import parse_statement
from tools.oracle.__main__ import parser
from tools.oracle.answers import Answer, compare
from tools.oracle.calls import LAMBDAS, aggregate_calls, scalar_calls
from tools.oracle.cases import KINDS, Case, parse_query
from tools.oracle.check import Judge
from tools.oracle.engines import MinidbEngine
from tools.oracle.generate import make_case
from tools.oracle.page import functions
from tools.oracle.run import run_file
from tools.oracle.script import Step, read_script, write_script
from tools.oracle.shrink import candidates, shrink
from tools.oracle.tables import TableData, literal


@pytest.mark.parametrize("kind", KINDS)
def test_equal_seeds_give_equal_cases(kind):
    assert make_case(7, kind) == make_case(7, kind)
    texts = {make_case(seed, kind).queries() for seed in range(30)}
    assert len(texts) > 25


def test_most_values_are_at_a_boundary():
    random = Random(1)
    drawn = [literal(random, "UInt8") for _ in range(500)]
    assert sum(value in ("0", "1", "2", "127", "128", "255") for value in drawn) > 350
    assert "NULL" in {literal(random, "Nullable(Int64)") for _ in range(50)}


def test_a_script_is_read_back():
    script = "-- a note\nSELECT 1;\n-- oracle: restart\n-- oracle: same\nSELECT ';';"
    first, restart, second = read_script(script)
    assert first.sql.endswith("SELECT 1")
    assert restart == Step("", "restart")
    assert (second.directive, second.sql.splitlines()[-1]) == ("same", "SELECT ';'")


def test_every_script_of_the_fuzzer_runs(tmp_path):
    for seed in range(16):
        path = tmp_path / f"{seed}.sql"
        path.write_text(write_script(make_case(seed), "", seed))
        assert run_file(path, None, Console(quiet=True)) == 0


@pytest.mark.parametrize(
    ("script", "code"),
    [
        ("SELECT 1;\n-- oracle: same\nSELECT 1", 0),
        ("SELECT 1;\n-- oracle: same\nSELECT 2", 1),
        ("-- oracle: contains 2, b\nSELECT 1, 'a' UNION ALL SELECT 2, 'b'", 0),
        ("-- oracle: contains 3, b\nSELECT 1, 'a' UNION ALL SELECT 2, 'b'", 1),
        ("CREATE TABLE t (a UInt8);\nINSERT INTO t VALUES (1);\nSELECT a FROM t;\n"
         "-- oracle: restart\n-- oracle: same\nSELECT a FROM t", 0),
    ],
)  # fmt: skip
def test_directives_are_checked(tmp_path, script, code):
    path = tmp_path / "script.sql"
    path.write_text(script)
    assert run_file(path, None, Console(quiet=True)) == code


@pytest.mark.parametrize(
    ("engine", "script", "code"),
    [
        ("duckdb", "CREATE TABLE t (a INTEGER, b VARCHAR);\nINSERT INTO t VALUES (1, 'x');\n"
                   "SELECT a + 1.5, b FROM t", 0),
        ("duckdb", "SELECT 7 / 2 AS r;\nSELECT length('é')", 1),
        ("clickhouse", "SELECT 7 / 2 AS r;\nSELECT nope;\nSELECT length('é')", 0),
        ("clickhouse", "SELECT [true, 2]", 1),
    ],
)  # fmt: skip
def test_a_script_is_run_beside_another_engine(tmp_path, engine, script, code):
    pytest.importorskip("chdb" if engine == "clickhouse" else engine)
    path = tmp_path / "script.sql"
    path.write_text(script)
    console = Console(record=True, width=100, file=io.StringIO())
    assert run_file(path, engine, console) == code
    text = console.export_text()
    assert ("0 differences" in text) == (code == 0)


def first_values(case: Case) -> list[str]:
    """Return the values of column a of the first table; none where it has no such column."""
    table = case.tables[0]
    names = [name for name, _ in table.columns]
    return [row[names.index("a")] for row in table.rows] if "a" in names else []


def test_a_case_gets_small_and_keeps_what_fails():
    rows = tuple((str(n), str(n % 7), "'x'") for n in range(40))
    columns = (("tid", "UInt32"), ("a", "Int64"), ("b", "String"))
    table = TableData("t", columns, rows)
    sql = "SELECT a + 1 AS c0, upper(b) AS c1 FROM t WHERE a > 2 AND (b != 'q' OR a = 9) ORDER BY a"
    case = Case("differential", (table,), parse_query(sql))

    def fails(smaller: Case) -> bool:
        (query,) = smaller.queries()
        return "upper(b)" in query and len(smaller.tables) == 1 and "5" in first_values(smaller)

    small = shrink(case, fails)
    assert small.queries() == ("SELECT upper(b) AS c1 FROM t",)
    assert first_values(small) == ["5"]
    assert [name for name, _ in small.tables[0].columns] == ["tid", "a"]


def test_candidates_can_be_written_and_read():
    for seed in range(24):
        case = make_case(seed)
        for number, smaller in enumerate(candidates(case)):
            if number > 40:
                break
            try:
                queries = smaller.queries()
            except ValueError:
                continue  # an aggregate that no longer fits the property
            for sql in queries:
                parse_statement(sql)


def test_a_pivot_that_is_gone_is_no_failure():
    case = make_case(5, "pqs")
    with Judge() as judge:
        assert judge.verdict(replace(case, pivot=())).is_skipped


def test_answers_are_compared_by_error_names_types_and_rows():
    answer = Answer(("a",), ("UInt8",), (("1",), ("2",)))
    assert not compare("q", answer, replace(answer, rows=(("2",), ("1",))), is_ordered=False)
    assert compare("q", answer, replace(answer, rows=(("2",), ("1",))), is_ordered=True)
    assert compare("q", answer, replace(answer, names=("b",)), is_ordered=False)
    assert compare("q", answer, replace(answer, types=("UInt16",)), is_ordered=False)
    assert compare("q", answer, Answer(code=47), is_ordered=False)


def test_most_functions_can_be_called_by_their_declaration():
    answered = 0
    found = [f for number, f in enumerate(functions()) if number % 12 == 0]
    with MinidbEngine() as engine:
        for function in found:
            make = aggregate_calls if hasattr(function, "make") else scalar_calls
            codes = {engine.answer(sql).code for sql in make(function, 10)}
            answered += 0 in codes
    assert answered > 0.8 * len(found)
    assert all("->" in text for text in LAMBDAS)


def test_the_command_line():
    options = parser().parse_args(["fuzz", "--seed", "3", "--time", "5", "--kind", "pqs"])
    assert (options.seed, options.time, options.kind) == (3, 5.0, ["pqs"])
    assert parser().parse_args(["run", "x.sql"]).against == "clickhouse"
