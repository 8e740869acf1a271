"""One query, one answer: whatever the batch size, the rules, the store and the layout of parts."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from minidb.database import Session
from minidb.optimizer.rules import BUILTIN_RULES
from tests.golden.golden_file import read_cases
from tests.strategies.queries import (
    INT64,
    STRING,
    Named,
    QueryText,
    TableData,
    conditions,
    database,
    expressions,
    plain_queries,
    queries,
    sources,
)
from tests.support.engine import rows, run, session_at, shown

VARIANTS = (
    "max_block_size = 1",
    "max_block_size = 2, aggregation_buffer_bytes = 1",
    "max_block_size = 7",
    "max_block_size = 1024, aggregation_buffer_bytes = 1",
    "disabled_rules = 'all', max_block_size = 3",
    *(f"disabled_rules = '{rule.name}'" for rule in BUILTIN_RULES),
)

Data = Sequence[TableData]


def fill(session: Session, data: Data, tail: str = "", n_parts: int = 1) -> None:
    """Make the tables, each with its rows spread over parts in order."""
    for table in data:
        run(session, table.create(tail))
        if not table.rows:
            continue
        step = -(-len(table.rows) // n_parts)
        for start in range(0, len(table.rows), step):
            session.insert_rows(
                f"INSERT INTO {table.name} VALUES", table.rows[start : start + step]
            )


# Several queries over the same rows: to make the rows costs as much as to run a query.
FEWER = settings(max_examples=max(1, settings().max_examples // 2))


@st.composite
def data_and_queries(draw: st.DrawFn) -> tuple[Data, list[QueryText]]:
    data = draw(database())
    return data, [draw(queries(data)) for _ in range(5)]


@FEWER
@given(data_and_queries())
def test_settings_do_not_change_the_answer(drawn):
    data, texts = drawn
    with session_at() as session:
        run(session, "SET index_granularity = 2")
        fill(session, data, n_parts=2)
        for query in texts:
            expected = shown(session, query.sql)
            assert expected[1] == [t.name for t in query.types], query.sql
            check_variants(session, query.sql, expected)


def check_variants(session: Session, sql: str, expected: object) -> None:
    """Run a query with every variant of the settings."""
    for variant in VARIANTS:
        changed = f"SELECT * FROM ({sql}) SETTINGS {variant}"
        assert shown(session, changed) == expected, changed


RESULTS = Path(__file__).parents[1] / "golden" / "results.golden"


def test_settings_do_not_change_the_results_that_are_written_down():
    with session_at() as session:
        for case in read_cases(RESULTS):
            if case.word == "rows":
                check_variants(session, case.sql, shown(session, f"SELECT * FROM ({case.sql})"))


@FEWER
@given(data_and_queries(), st.integers(2, 5), st.integers(1, 3))
def test_stores_parts_and_restarts_do_not_change_the_answer(drawn, n_parts, granule_rows):
    data, texts = drawn

    def answers(session: Session) -> list[object]:
        return [shown(session, query.sql) for query in texts]

    with session_at() as session:
        fill(session, data)
        expected = answers(session)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "db"
        with session_at(path) as session:
            run(session, f"SET index_granularity = {granule_rows}")
            fill(session, data, n_parts=n_parts)
            assert answers(session) == expected, "many parts"
        with session_at(path) as session:
            assert answers(session) == expected, "opened again"
            for table in data:
                run(session, f"OPTIMIZE TABLE {table.name} FINAL")
            assert answers(session) == expected, "one part"
        with session_at(path) as session:
            assert answers(session) == expected, "one part, opened again"


@st.composite
def data_and_conditions(draw: st.DrawFn) -> tuple[Data, str, list[str]]:
    data = draw(database())
    source, scope = draw(sources(data, 1))
    return data, source, [draw(conditions(scope, 2)) for _ in range(2)]


@given(data_and_conditions())
def test_where_keeps_as_many_rows_as_have_a_true_condition(drawn):
    # NoREC: the optimizer sees a filter in the first query and an expression in the second.
    data, source, (condition, _) = drawn
    with session_at() as session:
        fill(session, data)
        kept = rows(session, f"SELECT count() FROM {source} WHERE {condition}")
        seen = rows(session, f"SELECT sum(if({condition}, 1, 0)) FROM {source}")
        counted = rows(session, f"SELECT countIf({condition}) FROM {source}")
    assert kept == seen == counted


@given(data_and_conditions())
def test_a_condition_its_negation_and_its_absence_part_the_rows(drawn):
    # TLP: every row is in exactly one of the three.
    data, source, (condition, also) = drawn
    with session_at() as session:
        fill(session, data)
        whole = rows(session, f"SELECT * FROM {source} WHERE {also}")
        parts = [
            row
            for third in (condition, f"NOT {condition}", f"({condition}) IS NULL")
            for row in rows(session, f"SELECT * FROM {source} WHERE {third} AND {also}")
        ]
    assert sorted(map(repr, parts)) == sorted(map(repr, whole))


@st.composite
def data_and_key(draw: st.DrawFn) -> tuple[Data, str, str]:
    data = draw(database())
    source, scope = draw(sources(data, 1))
    key = draw(
        st.one_of(
            st.sampled_from([column.sql for column in scope]),
            expressions(scope, INT64, 1),
            expressions(scope, STRING, 1),
        )
    )
    return data, source, key


@given(data_and_key(), st.sampled_from(VARIANTS))
def test_groups_come_in_order_of_first_appearance(drawn, variant):
    data, source, key = drawn
    with session_at() as session:
        fill(session, data)
        keys = [repr(row) for row in rows(session, f"SELECT {key} FROM {source}")]
        sql = f"SELECT {key} AS k, count() AS n FROM {source} GROUP BY k SETTINGS {variant}"
        groups = [(repr((k,)), n) for k, n in rows(session, sql)]
        distinct = rows(session, f"SELECT DISTINCT {key} FROM {source} SETTINGS {variant}")
    # 0.0 and -0.0 are one key: only the first of a group is shown.
    merged = [k.replace("-0.0", "0.0") for k in keys]
    expected = [k for i, k in enumerate(keys) if merged[i] not in merged[:i]]
    assert [k for k, _ in groups] == expected == [repr(row) for row in distinct]
    assert [n for _, n in groups] == [merged.count(k.replace("-0.0", "0.0")) for k, _ in groups]


@st.composite
def data_and_plain(draw: st.DrawFn) -> tuple[Data, QueryText]:
    data = draw(database())
    return data, draw(plain_queries(data, 1))


@given(data_and_plain(), st.integers(0, 5), st.integers(0, 3))
def test_limit_cuts_what_there_is_without_it(drawn, count, offset):
    data, query = drawn
    with session_at() as session:
        fill(session, data)
        whole = shown(session, f"SELECT * FROM ({query.sql})")[2]
        for size in (1, 2, 1000):
            sql = f"SELECT * FROM ({query.sql}) LIMIT {count} OFFSET {offset}"
            sql += f" SETTINGS max_block_size = {size}"
            assert shown(session, sql)[2] == whole[offset : offset + count]


@given(data_and_plain())
def test_a_query_fills_a_table_with_what_it_shows(drawn):
    data, query = drawn
    with session_at() as session:
        fill(session, data)
        expected = shown(session, query.sql)
        run(session, f"CREATE TABLE made ENGINE = Memory AS {query.sql}")
        assert shown(session, "SELECT * FROM made") == expected
        run(session, f"INSERT INTO made {query.sql}")
        assert shown(session, "SELECT * FROM made")[2] == expected[2] * 2


@st.composite
def data_and_deletion(draw: st.DrawFn) -> tuple[Data, str]:
    data = draw(database())
    scope = [Named(name, t) for name, t in data[0].columns]
    return data, draw(conditions(scope, 2))


@given(data_and_deletion(), st.integers(1, 4))
def test_delete_removes_what_where_finds(drawn, n_parts):
    data, condition = drawn
    with session_at() as session:
        fill(session, data, n_parts=n_parts)
        kept = shown(session, f"SELECT * FROM t WHERE NOT ifNull({condition}, 0)")
        run(session, f"DELETE FROM t WHERE {condition}")
        assert shown(session, "SELECT * FROM t") == kept
