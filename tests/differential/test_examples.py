"""Every function's example runs here and in ClickHouse, with the same names, types and values."""

from __future__ import annotations

import math
from collections.abc import Sequence
from importlib.resources import files

import pytest

from minidb.database import Database, build_registry, installed_extensions
from minidb.extension import Extension
from minidb.functions.declaration import AggregateFunction, ScalarFunction
from minidb.result import Result

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

UNLIKE: dict[str, str] = {"toLowCardinality": "a hint for how to keep a column is no type here"}
"""Functions whose example differs on purpose, with the reason (docs/sql/differences.md)."""


MODEL_FILE = files("nn_ops").joinpath("data/digits.safetensors")
MODELS = (
    f"CREATE MODEL digits FROM '{MODEL_FILE}'",
    f"CREATE MODEL other FROM '{MODEL_FILE}'",
    "CREATE TABLE images (id UInt32, pixels Array(UInt8)) ENGINE = Memory",
    "INSERT INTO images SELECT number, arrayMap(i -> i % 17, range(64)) FROM numbers(2)",
    "CREATE VIEW image AS SELECT pixels FROM images WHERE id = 1",
)
"""What the examples of functions over models read."""


def all_functions(
    extensions: Sequence[Extension],
) -> dict[str, ScalarFunction | AggregateFunction]:
    registry = build_registry(extensions).functions
    found = [*registry.scalars(), *registry.aggregates()]
    return {function.name: function for function in found}


FUNCTIONS = all_functions(installed_extensions())

OWN = FUNCTIONS.keys() - all_functions([]).keys()
"""Functions that ClickHouse does not have: those of networks."""


@pytest.fixture(scope="module")
def clickhouse():
    """One ClickHouse for all examples: starting it takes longer than a query."""
    with chdb_session.Session() as opened:
        yield opened


@pytest.fixture(scope="module")
def session():
    with Database.open() as database:
        opened = database.session()
        for sql in MODELS:
            opened.execute(sql)
        yield opened


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
    example = FUNCTIONS[name].example
    n_rows = len(Result(session.execute(example)).rows())
    assert n_rows == 1 or (n_rows <= 2 and "FROM images" in example)


def test_every_function_is_documented():
    for name, function in FUNCTIONS.items():
        assert function.help, name
        assert function.example.startswith("SELECT "), name
