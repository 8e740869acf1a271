"""Under `max_memory_usage` the process itself does not grow much beyond the limit."""

import sys

import pytest

from tools.bench.memory import LIMIT_BYTES, STATEMENTS, measured

MEBIBYTE = 1 << 20
LIMIT = 64 * MEBIBYTE
# What is not counted: modules that a statement imports, free memory between arrays, and the
# quarter by which estimates may be wrong.
UNCOUNTED = 80 * MEBIBYTE
WRONG_BY = 1.25
MEMORY_LIMIT_EXCEEDED = 241

TEXTS = "(SELECT number, toString(number) AS k FROM numbers(1000000))"
HUNGRY = {
    "group by": f"SELECT count() FROM (SELECT k, count() FROM {TEXTS} GROUP BY k)",
    "distinct": f"SELECT count() FROM (SELECT DISTINCT k FROM {TEXTS})",
    "order by": f"SELECT max(k) FROM (SELECT k FROM {TEXTS} ORDER BY k DESC LIMIT 900000)",
    "count distinct": f"SELECT count(DISTINCT k) FROM {TEXTS}",
    "groupArray": f"SELECT length(groupArray(k)) FROM {TEXTS}",
    "window": f"SELECT max(r) FROM (SELECT row_number() OVER (ORDER BY k) AS r FROM {TEXTS})",
    "join": f"SELECT count() FROM {TEXTS} AS a JOIN {TEXTS} AS b ON a.k = b.k",
    "in": f"SELECT count() FROM {TEXTS} WHERE k IN (SELECT k FROM {TEXTS})",
    "result": "SELECT number, repeat('x', 100) FROM numbers(1000000)",
}
AT_ONCE = {
    "repeat": "SELECT length(repeat(repeat('x', 1000000), 1000))",
    "range": "SELECT length(range(400000000))",
    "arrayResize": "SELECT length(arrayResize([1], 900000000))",
    "constant text in each row": "SELECT max(concat(repeat('x', 100000), k)) FROM " + TEXTS,
}
only_linux = pytest.mark.skipif(sys.platform != "linux", reason="sizes of processes differ")


@only_linux
@pytest.mark.parametrize("name", HUNGRY)
def test_a_hungry_statement_works_or_is_refused(name):
    _, grown, code = measured(HUNGRY[name], LIMIT)
    assert code in {0, MEMORY_LIMIT_EXCEEDED}
    assert grown < WRONG_BY * LIMIT + UNCOUNTED


@only_linux
@pytest.mark.parametrize("name", AT_ONCE)
def test_one_value_too_large_is_refused_before_it_is_made(name):
    _, grown, code = measured(AT_ONCE[name], LIMIT)
    assert code == MEMORY_LIMIT_EXCEEDED
    assert grown < LIMIT


@only_linux
@pytest.mark.nightly
@pytest.mark.parametrize("name", STATEMENTS)
def test_ten_million_rows_under_one_gibibyte(name):
    _, grown, code = measured(STATEMENTS[name].format(n=10_000_000), LIMIT_BYTES)
    assert code in {0, MEMORY_LIMIT_EXCEEDED}
    assert code == 0 or "GROUP BY" not in name
    assert grown < WRONG_BY * LIMIT_BYTES + UNCOUNTED
