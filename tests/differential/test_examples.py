"""Every function's example runs here and in ClickHouse, with the same names, types and values."""

from __future__ import annotations

import math

import pytest

from minidb.database import Database, build_registry, installed_extensions
from minidb.functions.declaration import AggregateFunction, ScalarFunction
from minidb.result import Result
from nn_ops.register import FAMILIES

chdb_session = pytest.importorskip("chdb.session")


CHANGING = {
    "now",
    "today",
    "yesterday",
    "rand",
    "rand32",
    "rand64",
    "randConstant",
    "version",
}
"""Functions whose value differs from call to call or from build to build: types are compared."""

UNLIKE: dict[str, str] = {}
"""Functions whose example differs on purpose, with the reason (docs/sql/differences.md)."""


def all_functions() -> dict[str, ScalarFunction | AggregateFunction]:
    registry = build_registry(installed_extensions()).functions
    found = [*registry.scalars(), *registry.aggregates()]
    return {function.name: function for function in found}


FUNCTIONS = all_functions()

OWN = FUNCTIONS.keys() & {key for keys in FAMILIES.values() for key in keys}
"""Functions that ClickHouse does not have: those of networks."""


@pytest.fixture(scope="module")
def clickhouse():
    """One ClickHouse for all examples: starting it takes longer than a query."""
    with chdb_session.Session() as opened:
        yield opened


@pytest.fixture(scope="module")
def session():
    with Database.open() as database:
        yield database.session()


def ours(session, sql: str) -> tuple[list[str], list[str], list[list[str]]]:
    result = Result(session.execute(sql))
    text = result.text("TabSeparatedWithNamesAndTypes")
    return split(text)


def theirs(clickhouse, sql: str) -> tuple[list[str], list[str], list[list[str]]]:
    return split(str(clickhouse.query(sql, "TabSeparatedWithNamesAndTypes")))


def split(text: str) -> tuple[list[str], list[str], list[list[str]]]:
    lines = [line.split("\t") for line in text.removesuffix("\n").split("\n")]
    return lines[0], lines[1], lines[2:]


def same(a: str, b: str) -> bool:
    """Texts are equal, or numbers that differ in the last digits alone."""
    if a == b:
        return True
    try:
        return math.isclose(float(a), float(b), rel_tol=1e-12)
    except ValueError:
        return False


@pytest.mark.parametrize("name", sorted(FUNCTIONS.keys() - OWN - UNLIKE.keys()))
def test_example_equals_clickhouse(session, clickhouse, name):
    sql = FUNCTIONS[name].example
    our_names, our_types, our_rows = ours(session, sql)
    their_names, their_types, their_rows = theirs(clickhouse, sql)
    assert our_types == their_types
    if name in CHANGING:
        return
    assert our_names == their_names
    assert len(our_rows) == len(their_rows)
    for row, other in zip(sorted(our_rows), sorted(their_rows), strict=True):
        assert all(map(same, row, other)), (row, other)


@pytest.mark.parametrize("name", sorted(OWN))
def test_own_example_runs(session, name):
    assert Result(session.execute(FUNCTIONS[name].example)).n_rows == 1


def test_every_function_is_documented():
    for name, function in FUNCTIONS.items():
        assert function.help, name
        assert function.example.startswith("SELECT "), name
