"""The other aggregates against plain loops, cut into updates at random."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from functools import reduce
from operator import and_, or_, xor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidb.columns import NumericColumn, column_from_values
from minidb.errors import (
    ARGUMENT_OUT_OF_BOUND,
    BAD_ARGUMENTS,
    CANNOT_CONVERT_TYPE,
    NUMBER_OF_ARGUMENTS_DOESNT_MATCH,
    PARAMETER_OUT_OF_BOUND,
    BindError,
)
from minidb.functions.builtin.aggregates import FUNCTIONS
from minidb.functions.registry import FunctionRegistry
from minidb.types import BoolType, DateType, FloatType, IntType, NullableType
from tests.strategies.aggregates import MAX_GROUPS, grouped_rows, run
from tests.strategies.key_columns import identity, types

BY_NAME = {function.name: function for function in FUNCTIONS}
UINT8 = IntType(8, False)
FLOAT64 = FloatType(64)
INTEGERS = st.sampled_from([IntType(b, s) for b in (8, 64, 128, 256) for s in (False, True)])
NUMBERS = st.one_of(INTEGERS, st.sampled_from([FloatType(32), FLOAT64]))
BARE_TYPES = types().filter(lambda t: not isinstance(t, NullableType))
SMALL_FLOATS = st.floats(-1e3, 1e3).map(lambda v: round(v, 2))


def of_groups(columns, groups):
    rows = list(zip(*(c.to_pylist() for c in columns), strict=True))
    return [
        [row for row, group in zip(rows, groups, strict=True) if group == number]
        for number in range(MAX_GROUPS)
    ]


def results(name, case, parameters=()):
    columns, groups, cuts = case
    found = run(BY_NAME[name], columns, groups, MAX_GROUPS, cuts, parameters)
    whole = run(BY_NAME[name], columns, groups, MAX_GROUPS, (), parameters)
    assert identity(found.to_pylist()) == identity(whole.to_pylist())
    return found.to_pylist(), of_groups(columns, groups)


def first_values(of_group):
    return [row[0] for row in of_group]


@given(grouped_rows(BARE_TYPES.map(lambda t: (t,))), st.integers(1, 4))
def test_group_array_keeps_the_input_order(case, size):
    found, rows = results("groupArray", case)
    assert identity(found) == identity([first_values(of_group) for of_group in rows])
    found, _ = results("groupArray", case, (size,))
    assert identity(found) == identity([first_values(of_group)[:size] for of_group in rows])


@given(grouped_rows(BARE_TYPES.map(lambda t: (t,))), st.integers(1, 4))
def test_distinct_values_come_by_first_appearance(case, size):
    found, rows = results("groupUniqArray", case)
    expected = []
    for of_group in rows:
        seen = {}
        for item in first_values(of_group):
            seen.setdefault(identity(item), item)
        expected.append(list(seen.values()))
    assert identity(found) == identity(expected)
    found, _ = results("groupUniqArray", case, (size,))
    assert identity(found) == identity([items[:size] for items in expected])
    for name in ("uniq", "uniqExact"):
        found, _ = results(name, case)
        assert found == [len(items) for items in expected]


@given(grouped_rows(st.tuples(BARE_TYPES, BARE_TYPES)))
def test_distinct_combinations_are_counted(case):
    found, rows = results("uniqExact", case)
    assert found == [len({identity(row) for row in of_group}) for of_group in rows]


@given(grouped_rows(BARE_TYPES.map(lambda t: (t,))), st.integers(1, 3))
def test_top_values_by_count_then_by_first_appearance(case, size):
    found, rows = results("topK", case, (size,))
    expected = []
    for of_group in rows:
        counts = Counter(identity(item) for item in first_values(of_group))
        expected.append([key for key, _ in counts.most_common(size)])
    assert [[identity(item) for item in items] for items in found] == expected


@given(grouped_rows(st.tuples(INTEGERS)))
def test_bits_of_integers(case):
    full = -1 if case[0][0].type.is_signed else case[0][0].type.maximum
    for name, combine, start in (
        ("groupBitAnd", and_, full),
        ("groupBitOr", or_, 0),
        ("groupBitXor", xor, 0),
    ):
        found, rows = results(name, case)
        assert found == [reduce(combine, first_values(of_group), start) for of_group in rows]


def test_bits_of_bool_are_a_byte():
    bools = column_from_values(BoolType(), [True, False])
    assert run(BY_NAME["groupBitXor"], [bools], [0, 0], 1).type == UINT8


@given(grouped_rows(st.just((FLOAT64,)), lambda _: SMALL_FLOATS))
def test_variances_are_those_of_the_statistics_module(case):
    for name, model, least in (
        ("varPop", statistics.pvariance, 1),
        ("varSamp", statistics.variance, 2),
        ("stddevPop", statistics.pstdev, 1),
        ("stddevSamp", statistics.stdev, 2),
    ):
        found, rows = results(name, case)
        for value, of_group in zip(found, rows, strict=True):
            if len(of_group) < least:
                assert math.isnan(value)
            else:
                expected = model(first_values(of_group))
                assert value == pytest.approx(expected, rel=1e-9, abs=1e-6)


@given(grouped_rows(st.just((FLOAT64, FLOAT64)), lambda _: SMALL_FLOATS))
def test_covariances_are_those_of_the_statistics_module(case):
    for name, population in (("covarPop", True), ("covarSamp", False)):
        found, rows = results(name, case)
        for value, of_group in zip(found, rows, strict=True):
            n_rows = len(of_group)
            if n_rows < 2:
                assert math.isnan(value) or (population and n_rows == 1 and value == 0)
                continue
            expected = statistics.covariance(*zip(*of_group, strict=True))
            expected *= (n_rows - 1) / n_rows if population else 1
            assert value == pytest.approx(expected, rel=1e-9, abs=1e-6)


def test_a_spread_that_is_small_against_the_mean_is_not_lost():
    column = column_from_values(FLOAT64, [1e9 + 4, 1e9 + 7, 1e9 + 13, 1e9 + 16])
    assert run(BY_NAME["varSamp"], [column], [0] * 4, 1).to_pylist() == [30.0]
    line = column_from_values(FLOAT64, [-8.0, -14.0, -26.0, -32.0])
    assert run(BY_NAME["corr"], [column, line], [0] * 4, 1).to_pylist() == [-1.0]


@given(grouped_rows(st.tuples(NUMBERS)), st.sampled_from([0, 0.1, 0.5, 0.75, 1, 1.0]))
def test_exact_quantiles_are_values(case, level):
    found, rows = results("quantileExact", case, (level,))
    several, _ = results("quantilesExact", case, (level, 0.5))
    for value, values, of_group in zip(found, several, rows, strict=True):
        items = sorted(v for v in first_values(of_group) if v == v)
        if items:
            assert identity(values[0]) == identity(value)
            assert value == items[min(int(level * len(items)), len(items) - 1)]
        else:
            assert value == 0 or math.isnan(value)


@given(
    grouped_rows(st.just((FLOAT64,)), lambda _: st.one_of(SMALL_FLOATS, st.just(math.nan))),
    st.floats(0, 1),
)
def test_quantiles_are_interpolated(case, level):
    found, rows = results("quantile", case, (level,))
    several, _ = results("quantiles", case, (0.5, level))
    for value, values, of_group in zip(found, several, rows, strict=True):
        items = [v for v in first_values(of_group) if v == v]
        assert identity(values[1]) == identity(value)
        if items:
            assert value == pytest.approx(float(np.quantile(items, level)), rel=1e-9, abs=1e-9)
        else:
            assert math.isnan(value)


def test_quantiles_of_dates_are_dates():
    days = NumericColumn(DateType(), np.array([3, 1, 2], np.uint16))
    found = run(BY_NAME["quantile"], [days], [0, 0, 0], 2, (), (0.4,))
    assert found.values.tolist() == [1, 0]


@given(
    grouped_rows(
        st.just((FLOAT64,)),
        lambda _: st.sampled_from([1e16, 1.0, -1e16, 0.1, 0.2, 0.3, math.inf, -1e-3]),
    )
)
def test_kahan_sums_lose_nothing_to_rounding(case):
    found, rows = results("sumKahan", case)
    for value, of_group in zip(found, rows, strict=True):
        assert value == pytest.approx(math.fsum(first_values(of_group)), rel=1e-15, abs=1e-15)


@pytest.mark.parametrize(
    ("name", "parameters", "code"),
    [
        ("groupArray", (0,), BAD_ARGUMENTS),
        ("groupArray", (1.5,), BAD_ARGUMENTS),
        ("groupUniqArray", ("a",), BAD_ARGUMENTS),
        ("topK", (0,), ARGUMENT_OUT_OF_BOUND),
        ("topK", (1 << 24,), ARGUMENT_OUT_OF_BOUND),
        ("quantile", (1.5,), PARAMETER_OUT_OF_BOUND),
        ("quantileExact", (-0.1,), PARAMETER_OUT_OF_BOUND),
        ("quantile", ("a",), CANNOT_CONVERT_TYPE),
        ("quantiles", (), NUMBER_OF_ARGUMENTS_DOESNT_MATCH),
    ],
)
def test_wrong_parameters_are_refused(name, parameters, code):
    column = column_from_values(UINT8, [1])
    with pytest.raises(BindError) as caught:
        run(BY_NAME[name], [column], [0], 1, (), parameters)
    assert caught.value.code == code


def test_names_are_read_as_clickhouse_reads_them():
    registry = FunctionRegistry()
    registry.add_all(FUNCTIONS)
    for name in ("SUM", "Count", "AVG", "Min", "corr", "CORR", "var_pop", "ANY_VALUE", "bit_and"):
        assert registry.aggregate(name) is not None, name
    for name in ("ANY", "VarPop", "GROUPARRAY", "MEDIAN", "argmin", "grouparray"):
        assert registry.aggregate(name) is None, name
    assert registry.aggregate("median") is registry.aggregate("quantile")
