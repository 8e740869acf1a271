"""count, sum, avg, min, max, any and argMin against plain loops, cut into updates at random."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minidb.columns import NumericColumn, column_from_values
from minidb.functions.builtin import (
    aggregates_any,
    aggregates_avg,
    aggregates_count,
    aggregates_extreme,
    aggregates_sum,
)
from minidb.types import (
    BoolType,
    DateTimeType,
    DateType,
    FloatType,
    IntType,
    NullableType,
    StringType,
)
from tests.strategies.aggregates import MAX_GROUPS, grouped_rows, run
from tests.strategies.key_columns import identity, types
from tests.unit.columns.test_order import compare

BY_NAME = {
    function.name: function
    for module in (
        aggregates_any,
        aggregates_avg,
        aggregates_count,
        aggregates_extreme,
        aggregates_sum,
    )
    for function in module.FUNCTIONS
}
INTEGERS = st.sampled_from(
    [IntType(b, s) for b in (8, 16, 32, 64, 128, 256) for s in (False, True)]
)
FLOATS = st.sampled_from([FloatType(32), FloatType(64)])
BARE_TYPES = types().filter(lambda t: not isinstance(t, NullableType))


def of_groups(columns, groups):
    """Return for each group the list of its rows, as tuples."""
    rows = list(zip(*(c.to_pylist() for c in columns), strict=True))
    return [
        [row for row, group in zip(rows, groups, strict=True) if group == number]
        for number in range(MAX_GROUPS)
    ]


def wrap(value: int, data_type: IntType) -> int:
    low = value & ((1 << data_type.bits) - 1)
    return low - (1 << data_type.bits) if low > data_type.maximum else low


def results(name, case, parameters=()):
    columns, groups, cuts = case
    found = run(BY_NAME[name], columns, groups, MAX_GROUPS, cuts, parameters)
    whole = run(BY_NAME[name], columns, groups, MAX_GROUPS, (), parameters)
    assert identity(found.to_pylist()) == identity(whole.to_pylist())
    return found, of_groups(columns, groups)


@given(grouped_rows(st.tuples(INTEGERS)))
def test_sums_of_integers_wrap_around(case):
    for name in ("sum", "sumWithOverflow"):
        found, rows = results(name, case)
        expected = [wrap(sum(value for (value,) in of_group), found.type) for of_group in rows]
        assert found.to_pylist() == expected


@given(grouped_rows(st.tuples(FLOATS)))
def test_sums_of_floats_go_row_by_row(case):
    found, rows = results("sum", case)
    expected = []
    for of_group in rows:
        total = 0.0
        for (value,) in of_group:
            total += value
        expected.append(total)
    assert identity(found.to_pylist()) == identity(expected)


@given(grouped_rows(st.tuples(st.one_of(INTEGERS, FLOATS))))
def test_averages_divide_the_sum(case):
    found, rows = results("avg", case)
    sums, _ = results("sum", case)
    expected = [
        float(total) / len(of_group) if of_group else math.nan
        for total, of_group in zip(sums.to_pylist(), rows, strict=True)
    ]
    assert identity(found.to_pylist()) == identity(expected)


def default_of(data_type):
    return column_from_values(NullableType(data_type), [None]).inner.to_pylist()[0]


@given(grouped_rows(BARE_TYPES.map(lambda t: (t,))))
def test_extremes_of_every_type(case):
    for name, sign in (("min", 1), ("max", -1)):
        found, rows = results(name, case)
        for value, of_group in zip(found.to_pylist(), rows, strict=True):
            if of_group:
                assert identity(value) in [identity(item) for (item,) in of_group]
            for (item,) in of_group:
                assert sign * compare(value, item, sign > 0) <= 0


@given(grouped_rows(st.tuples(BARE_TYPES, BARE_TYPES)))
def test_arg_extremes_take_the_first_such_row(case):
    for name, sign in (("argMin", 1), ("argMax", -1)):
        found, rows = results(name, case)
        for value, of_group in zip(found.to_pylist(), rows, strict=True):
            best = None
            for row in of_group:
                if best is None or sign * compare(row[1], best[1], sign > 0) < 0:
                    best = row
            if best is not None:
                assert identity(value) == identity(best[0])


@given(grouped_rows(BARE_TYPES.map(lambda t: (t,))))
def test_any_is_the_first_row_and_any_last_the_last(case):
    for name, place in (("any", 0), ("anyLast", -1)):
        found, rows = results(name, case)
        for value, of_group in zip(found.to_pylist(), rows, strict=True):
            if of_group:
                assert identity(value) == identity(of_group[place][0])
    found, rows = results("count", case)
    assert found.to_pylist() == [len(of_group) for of_group in rows]


@pytest.mark.parametrize("name", ["min", "max", "any", "anyLast", "sum", "count"])
def test_a_group_without_rows_gets_the_default(name):
    empty = column_from_values(IntType(16, True), [])
    assert run(BY_NAME[name], [empty], [], 2).to_pylist() == [0, 0]


def test_averages_of_dates_are_rounded_to_even():
    days = NumericColumn(DateType(), np.array([1, 1, 2, 1, 2, 2, 3], np.uint16))
    found = run(BY_NAME["avg"], [days], [0, 0, 0, 1, 1, 2, 2], 4)
    assert found.values.tolist() == [1, 2, 2, 0]
    seconds = NumericColumn(DateTimeType(), np.array([4_294_967_295] * 3, np.uint32))
    assert run(BY_NAME["avg"], [seconds], [0, 0, 0], 1).values.tolist() == [4_294_967_295]


def test_results_have_the_types_of_clickhouse():
    bools = column_from_values(BoolType(), [True, True])
    assert run(BY_NAME["sum"], [bools], [0, 0], 1).type == IntType(64, False)
    assert run(BY_NAME["sumWithOverflow"], [bools], [0, 0], 1).type == IntType(8, False)
    assert run(BY_NAME["min"], [bools], [0, 0], 1).type == BoolType()


def test_many_replacements_do_not_pile_up():
    accumulator_rows = 3_000
    text = column_from_values(StringType(), [str(i) for i in range(accumulator_rows)])
    cuts = list(range(0, accumulator_rows, 100))
    groups = [i % 100 for i in range(accumulator_rows)]
    last = run(BY_NAME["anyLast"], [text], groups, 100, cuts)
    assert last.to_pylist() == [str(i) for i in range(2_900, 3_000)]
    assert run(BY_NAME["max"], [text], groups, 100, cuts).to_pylist()[:2] == ["900", "901"]
