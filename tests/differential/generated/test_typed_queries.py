"""Typed queries of `tests.strategies.queries`, which never fail, answer as ClickHouse does."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from minidb.types import BitsType, DataType
from minidb.types.family import ArrayType, NullableType
from tests.strategies.queries import TableData, database, queries
from tests.support.engines import Engines
from tests.support.literals import literal

# Which rows come is open in ClickHouse: types alone are compared then.
OPEN = re.compile(
    r"LIMIT|OFFSET|DISTINCT|groupUniqArray|any|arg|GROUP BY|groupArray|nan|inf|sqrt|/"
)


@pytest.fixture(scope="module")
def engines() -> Iterator[Engines]:
    with Engines() as both:
        yield both


def is_shared(data_type: DataType) -> bool:
    """Whether ClickHouse has the type too."""
    match data_type:
        case ArrayType(element=inner) | NullableType(inner=inner):
            return is_shared(inner)
        case _:
            return not isinstance(data_type, BitsType)


def make(engines: Engines, table: TableData) -> None:
    engines.both(f"DROP TABLE IF EXISTS {table.name}")
    engines.both(table.create("ENGINE = Memory"))
    types = [data_type for _, data_type in table.columns]
    for row in table.rows:
        cells = ", ".join(literal(t, value) for t, value in zip(types, row, strict=True))
        engines.both(f"INSERT INTO {table.name} SELECT {cells}")


# An example makes two tables in both engines and runs four queries.
@settings(
    max_examples=settings.default.max_examples // 4,
    suppress_health_check=list(HealthCheck),
)
@given(st.data())
def test_typed_queries_answer_as_clickhouse(engines: Engines, data: st.DataObject) -> None:
    tables = data.draw(database())
    assume(all(is_shared(t) for table in tables for _, t in table.columns))
    for table in tables:
        make(engines, table)
    for _ in range(4):
        query = data.draw(queries(tables))
        sql = f"DESCRIBE ({query.sql})" if OPEN.search(query.sql) else query.sql
        assert not engines.difference(sql)
