"""Queries inside queries answer as loops over the rows do, whatever the batches and the rules."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from minidb.database import Session
from minidb.errors import INCORRECT_RESULT_OF_SCALAR_SUBQUERY, MiniDBError
from minidb.optimizer.rules import BUILTIN_RULES
from tests.strategies.nested_queries import nested_queries, tables
from tests.support.engine import rows, run, session_at
from tests.support.nested_queries import Query, Tables, TwoRowsError

VARIANTS = (
    "max_block_size = 1",
    "max_block_size = 2",
    "disabled_rules = 'all', max_block_size = 3",
    *(f"disabled_rules = '{rule.name}'" for rule in BUILTIN_RULES),
)


def fill(session: Session, data: Tables) -> None:
    for name, content in data.items():
        run(session, f"CREATE TABLE {name} (a Nullable(Int64), b Int64)")
        if content:
            values = [(row["a"], row["b"]) for row in content]
            session.insert_rows(f"INSERT INTO {name} VALUES", values)


def answer(session: Session, sql: str) -> Counter[tuple[object, ...]] | int:
    """Return the rows of a query, or the number of its error."""
    try:
        return Counter(rows(session, sql))
    except MiniDBError as error:
        return error.code.number


def by_loops(query: Query, data: Tables) -> Counter[tuple[object, ...]] | None:
    """Return the rows by plain loops; None where a value has two rows."""
    try:
        query.check_constants(data)
        return Counter(query.rows(data, {}))
    except TwoRowsError:
        return None


@given(tables(), nested_queries(), st.sampled_from(VARIANTS))
def test_nested_queries_answer_as_loops_over_rows_do(
    data: Tables, query: Query, variant: str
) -> None:
    expected = by_loops(query, data)
    with session_at() as session:
        fill(session, data)
        sql = query.sql()
        for text in (sql, f"{sql} SETTINGS {variant}"):
            found = answer(session, text)
            if expected is None:
                # Loops look at rows that a join need not look at.
                assert found == INCORRECT_RESULT_OF_SCALAR_SUBQUERY.number or isinstance(
                    found, Counter
                ), text
            else:
                assert found == expected, text
