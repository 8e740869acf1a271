"""Set operations, grouping sets, limits and ARRAY JOIN against a few lines of Python."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import chain
from operator import itemgetter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minidb.database import Database
from minidb.result import Result
from tests.strategies.clauses import Row, arrays, batch_sizes, limits, rows

COLUMNS = "a UInt8, b Nullable(String)"


def run(
    tables: dict[str, tuple[str, Sequence[tuple[object, ...]]]], sql: str, batch_rows: int
) -> list[Any]:
    """Return the rows of a query over tables of their columns and rows."""
    with Database.open(":memory:", extensions=[]) as database:
        session = database.session()
        for name, (columns, values) in tables.items():
            session.execute(f"CREATE TABLE {name} ({columns}) ENGINE = Memory")
            if values:
                session.insert_rows(f"INSERT INTO {name} VALUES", values)
        session.execute(f"SET max_block_size = {batch_rows}")
        return list(Result(session.execute(sql)).rows())


@settings(max_examples=40, deadline=None)
@given(rows, rows, st.sampled_from(["UNION", "INTERSECT", "EXCEPT"]), st.booleans(), batch_sizes)
def test_set_operations_are_those_of_multisets(
    left: list[Row], right: list[Row], operator: str, is_all: bool, batch_rows: int
) -> None:
    mode = "ALL" if is_all else "DISTINCT"
    sql = f"SELECT a, b FROM l {operator} {mode} SELECT a, b FROM r"
    found = Counter(run({"l": (COLUMNS, left), "r": (COLUMNS, right)}, sql, batch_rows))
    one, other = Counter(left), Counter(right)
    if not is_all:
        one, other = Counter(set(left)), Counter(set(right))
    match operator:
        case "UNION":
            expected = one + other if is_all else one | other
        case "INTERSECT":
            expected = one & other
        case _:
            expected = one - other
    assert found == expected


def sets_of(mode: str) -> list[tuple[int, ...]]:
    return {
        "ROLLUP(a, b)": [(0, 1), (0,), ()],
        "CUBE(a, b)": [(0, 1), (0,), (1,), ()],
        "GROUPING SETS ((b), (a, b), (b), ())": [(1,), (0, 1), (1,), ()],
    }[mode]


@settings(max_examples=40, deadline=None)
@given(
    rows,
    st.sampled_from(["ROLLUP(a, b)", "CUBE(a, b)", "GROUPING SETS ((b), (a, b), (b), ())"]),
    batch_sizes,
)
def test_grouping_sets_are_groupings_one_after_another(
    table: list[Row], mode: str, batch_rows: int
) -> None:
    sql = f"SELECT a, b, grouping(a, b), count() FROM t GROUP BY {mode}"
    found = run({"t": (COLUMNS, table)}, sql, batch_rows)
    expected: Counter[object] = Counter()
    for chosen in sets_of(mode):
        keys = [(a if 0 in chosen else 0, b if 1 in chosen else None) for a, b in table]
        if not chosen and not table and mode.startswith("GROUPING"):
            expected[(0, None, 3, 0)] += 1
        mask = 2 * (0 not in chosen) + (1 not in chosen)
        for (a, b), count in Counter(keys).items():
            expected[(a, b, mask, count)] += 1
    assert Counter(found) == expected


def window(values: list[Any], count: int, offset: int) -> list[Any]:
    """Return what LIMIT count OFFSET offset keeps; negative numbers count from the end."""
    values = values[offset:] if offset >= 0 else values[: max(0, len(values) + offset)]
    return values[:count] if count >= 0 else values[max(0, len(values) + count) :]


@settings(max_examples=60, deadline=None)
@given(rows, limits, limits, st.booleans(), batch_sizes)
def test_limits_keep_windows_of_all_rows_or_of_each_group(
    table: list[Row], count: int, offset: int, is_by: bool, batch_rows: int
) -> None:
    by = " BY a" if is_by else ""
    sql = f"SELECT a, n FROM t ORDER BY n LIMIT {count} OFFSET {offset}{by}"
    values = [(a, n) for n, (a, _) in enumerate(table)]
    found = run({"t": ("a UInt8, n UInt32", values)}, sql, batch_rows)
    groups = [[v for v in values if not is_by or v[0] == key] for key in range(4 if is_by else 1)]
    kept = chain.from_iterable(window(list(group), count, offset) for group in groups)
    assert found == sorted(kept, key=itemgetter(1))


@settings(max_examples=40, deadline=None)
@given(arrays, st.booleans(), batch_sizes)
def test_array_join_repeats_rows_for_their_elements(
    table: list[list[int]], is_left: bool, batch_rows: int
) -> None:
    left = "LEFT " if is_left else ""
    sql = f"SELECT n, x, i FROM t {left}ARRAY JOIN v AS x, arrayEnumerate(v) AS i"
    values = list(enumerate(table))
    found = run({"t": ("n UInt32, v Array(UInt8)", values)}, sql, batch_rows)
    expected: list[object] = []
    for n, elements in values:
        expected += [(n, x, i) for i, x in enumerate(elements, 1)]
        expected += [(n, 0, 0)] if is_left and not elements else []
    assert found == expected


@settings(max_examples=20, deadline=None)
@given(rows, batch_sizes)
def test_totals_are_the_aggregates_of_the_rows_that_having_keeps(
    table: list[Row], batch_rows: int
) -> None:
    with Database.open(":memory:", extensions=[]) as database:
        session = database.session()
        session.execute(f"CREATE TABLE t ({COLUMNS}) ENGINE = Memory")
        if table:
            session.insert_rows("INSERT INTO t VALUES", table)
        session.execute(f"SET max_block_size = {batch_rows}")
        sql = "SELECT a, count(), max(b) FROM t GROUP BY a WITH TOTALS HAVING count() > 1 LIMIT 1"
        totals = Result(session.execute(sql)).totals
    sizes = Counter(a for a, _ in table)
    kept = [b for a, b in table if sizes[a] > 1]
    assert totals == (0, len(kept), max((b for b in kept if b is not None), default=None))


@pytest.mark.parametrize("depth", [0, 1, 5, 40])
def test_recursion_counts(depth: int) -> None:
    step = f"SELECT n + 1 FROM t WHERE n < {depth}"
    sql = f"WITH RECURSIVE t AS (SELECT 0 AS n UNION ALL {step}) SELECT n FROM t"
    assert run({}, sql, 1024) == [(n,) for n in range(depth + 1)]
