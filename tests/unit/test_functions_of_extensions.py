"""What a declared function may ask of the engine: constants kept whole, another one under a setting."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import minidb
from minidb.extension import (
    ARRAY,
    INTEGER,
    Accumulator,
    AggregateFunction,
    Arg,
    Call,
    Column,
    IntType,
    NullPolicy,
    NumericColumn,
    Registry,
    ScalarFunction,
    SettingSpec,
)

UINT64 = IntType(64, False)


def rows_seen(call: Call) -> Column:
    """Tell how many rows of its first argument a kernel is given."""
    return NumericColumn(UINT64, np.full(call.n_rows, len(call.columns[0]), np.uint64))


def declared(name: str, nulls: NullPolicy, *, is_shared: bool) -> ScalarFunction:
    return ScalarFunction(
        name,
        "test",
        (Arg("values", ARRAY, is_shared=is_shared), Arg("n", INTEGER)),
        UINT64,
        rows_seen,
        help="the rows of the first argument",
        example=f"SELECT {name}([1], 2)",
        nulls=nulls,
        can_fail=True,
    )


class Constant(Accumulator):
    """An aggregate that is one number."""

    def __init__(self, number: int) -> None:
        self.number = number

    def update(self, columns, groups, n_groups):
        """Take no notice of the rows."""

    def finish(self, n_groups):
        return NumericColumn(UINT64, np.full(n_groups, self.number, np.uint64))


MODE = SettingSpec("mode", "one", "which aggregate `chosen` is", choices=("one", "two"))
CHOSEN = AggregateFunction(
    "chosen",
    "test",
    (Arg("value", INTEGER),),
    UINT64,
    lambda call: Constant(1),
    help="1, or 2 under a setting",
    example="SELECT chosen(1)",
    under=lambda settings: TWO if settings.text("mode") == "two" else None,
)
TWO = replace(CHOSEN, name="chosenTwo", make=lambda call: Constant(2), under=None)


class Extension:
    name = "test"

    def register(self, registry: Registry) -> None:
        registry.add_setting(MODE)
        registry.add_functions(
            declared("sharedOwn", NullPolicy.OWN, is_shared=True),
            declared("shared", NullPolicy.PROPAGATE, is_shared=True),
            declared("repeated", NullPolicy.PROPAGATE, is_shared=False),
            CHOSEN,
            TWO,
        )


@pytest.fixture
def connection():
    with minidb.connect(extensions=[Extension()]) as opened:
        yield opened


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("shared([1, 2], number)", [1, 1, 1]),
        ("sharedOwn([1, 2], number)", [1, 1, 1]),
        ("repeated([1, 2], number)", [3, 3, 3]),
        ("shared([number], number)", [3, 3, 3]),
        ("shared([1, 2], if(number = 1, NULL, number))", [1, None, 1]),
        ("repeated([1, 2], if(number = 1, NULL, number))", [2, None, 2]),
        ("shared([number], if(number = 1, NULL, number))", [2, None, 2]),
    ],
)
def test_a_shared_constant_is_one_row(connection, call, expected):
    rows = connection.execute(f"SELECT {call} FROM numbers(3)").rows()
    assert [row[0] for row in rows] == expected


@pytest.mark.parametrize(("mode", "expected"), [("one", 1), ("two", 2)])
def test_another_aggregate_stands_in_under_a_setting(connection, mode, expected):
    connection.execute(f"SET mode = '{mode}'")
    for call in (
        "chosen(number)",
        "chosenIf(number, number > 1)",
        "chosen(number) FILTER (WHERE number > 1)",
        "chosenOrNull(number)",
        "chosen(DISTINCT number)",
    ):
        assert connection.execute(f"SELECT {call} FROM numbers(3)").scalar() == expected
    sql = "SELECT chosen(number) OVER () FROM numbers(2)"
    assert connection.execute(sql).rows() == [(expected,), (expected,)]
    plan = str(connection.execute("EXPLAIN SELECT chosen(number) FROM numbers(3)"))
    assert ("chosenTwo" in plan) == (mode == "two")
