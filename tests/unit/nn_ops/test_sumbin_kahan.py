"""sumbinKahan against math.fsum, and against Python's integers."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import minidb
from minidb.columns import NumericColumn, concat_columns
from minidb.functions.declaration import AggregateCall
from minidb.settings import Settings
from minidb.types import BoolType, FloatType, IntType
from nn_ops.sumbin_kahan import SUMBIN_KAHAN
from tests.strategies.aggregates import MAX_GROUPS, grouped_rows, run

FLOAT64 = FloatType(64)
CALL = AggregateCall((FLOAT64,), FLOAT64, (), Settings({}))


def same(found: float, expected: float) -> bool:
    return found == expected or (math.isnan(found) and math.isnan(expected))


def exact_sum(values: list[object]) -> float:
    """Return the float nearest to a sum, inf where it is beyond all of them."""
    special = [v for v in values if isinstance(v, float) and not math.isfinite(v)]
    if special:
        return sum(special)
    total = sum((Fraction(v) for v in values), Fraction(0))
    try:
        return float(total)
    except OverflowError:
        return math.inf if total > 0 else -math.inf


NUMBERS = st.sampled_from(
    [
        *(FloatType(64), FloatType(64), FloatType(32), BoolType()),
        *(IntType(bits, signed) for bits in (8, 64, 128, 256) for signed in (False, True)),
    ]
)


@given(grouped_rows(st.tuples(NUMBERS), max_rows=30))
def test_the_nearest_float_to_the_exact_sum(case):
    columns, groups, cuts = case
    by_group: list[list[object]] = [[] for _ in range(MAX_GROUPS)]
    for value, group in zip(columns[0].to_pylist(), groups, strict=True):
        by_group[group].append(value)
    found = run(SUMBIN_KAHAN, columns, groups, MAX_GROUPS, cuts).to_pylist()
    assert all(map(same, found, map(exact_sum, by_group)))


FLOATS = st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=20)


@given(FLOATS, st.integers(0, 20))
@example([1e308, 1e308, -1e308, -1e308, 5e-324], 2)
@example([2.0**53, 1.0, 2.0**-1074], 1)
@example([2.0**53, 1.0, -(2.0**-1074)], 0)
@example([1.7976931348623157e308, 9.9792015476736e291], 1)
@example([-5e-324, 2.2250738585072014e-308], 1)
def test_states_in_any_order(values, split):
    whole = SUMBIN_KAHAN.make(CALL)
    states = []
    for part in (values[split:], values[:split]):
        made = SUMBIN_KAHAN.make(CALL)
        made.update([NumericColumn(FLOAT64, np.array(part))], np.zeros(len(part), np.intp), 1)
        states.append(made.save(1))
        assert states[-1].type == made.state_type
    whole.merge(concat_columns(states[0].type, states), np.zeros(2, np.intp), 1)
    assert whole.finish(1).to_pylist() == [exact_sum(values)]


@pytest.mark.parametrize("seed", [1, 2])
def test_a_million_mixed_magnitudes(seed):
    generator = np.random.default_rng(seed)
    values = generator.normal(size=1_000_000) * 10.0 ** generator.integers(-30, 30, 1_000_000)
    values[::2] = -values[1::2]
    values[:1000] += 1e-20
    column = NumericColumn(FLOAT64, generator.permutation(values))
    (found,) = run(SUMBIN_KAHAN, [column], np.zeros(1_000_000, np.intp), 1, [12_345]).to_pylist()
    assert found == math.fsum(values)


def test_in_sql():
    with minidb.connect() as connection:

        def value(sql):
            return connection.execute(sql).scalar()

        assert value("SELECT sumbinKahan(x) FROM (SELECT arrayJoin([1e100, 1, -1e100]) AS x)") == 1
        assert value("SELECT sumbinKahan(number) FROM numbers(0)") == 0
        assert value("SELECT sumbinKahan(if(number = 1, NULL, 0.1)) FROM numbers(3)") == 0.2
        assert value("SELECT sumbinKahanIf(0.1, number < 10) FROM numbers(20)") == 1.0
        assert math.isnan(value("SELECT sumbinKahan(if(number = 0, inf, -inf)) FROM numbers(2)"))
        merged = "SELECT sumbinKahanMerge(s) FROM (SELECT sumbinKahanState(0.1) AS s FROM numbers(10) GROUP BY number)"
        assert value(merged) == 1.0
        with pytest.raises(minidb.Error, match="must be a number"):
            value("SELECT sumbinKahan('1')")
