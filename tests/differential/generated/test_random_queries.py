"""Random queries over all shared types give the same names, types and rows on both engines."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.engines import Engines, compare
from tests.support.random_queries import QueryMaker, table_statements

# Where two types have no common one ClickHouse answers with a Variant, which minidb lacks.
NO_COMMON_TYPE = 386
N_QUERIES = 300
N_NIGHTLY = 10_000


@pytest.fixture(scope="module")
def engines() -> Iterator[Engines]:
    with Engines() as both:
        for sql in (*table_statements("t", 40, seed=1), *table_statements("u", 12, seed=1)):
            both.both(sql)
        yield both


def differences(engines: Engines, seeds: range) -> tuple[list[str], int]:
    """Return what differs, and how many queries both engines answered."""
    found = []
    n_answered = 0
    for seed in seeds:
        query = QueryMaker(seed).query()
        ours, theirs = engines.ours(query.sql), engines.theirs(query.sql)
        if NO_COMMON_TYPE in (ours.code, theirs.code) or (ours.code and theirs.code):
            continue
        n_answered += 1
        difference = compare(query.sql, ours, theirs, query.is_ordered)
        if difference:
            found.append(f"seed {seed}: {difference}")
    return found, n_answered


def test_random_queries_answer_as_clickhouse(engines: Engines) -> None:
    found, n_answered = differences(engines, range(N_QUERIES))
    assert not "\n".join(found)
    assert n_answered > 0.8 * N_QUERIES


@pytest.mark.nightly
@pytest.mark.parametrize("start", range(N_QUERIES, N_NIGHTLY, 1_000))
def test_many_random_queries_answer_as_clickhouse(engines: Engines, start: int) -> None:
    found, _ = differences(engines, range(start, start + 1_000))
    assert not "\n".join(found)


def test_equal_seeds_give_equal_queries() -> None:
    assert QueryMaker(7).query() == QueryMaker(7).query()
