"""One zero where rows are grouped, two where they are joined."""

from __future__ import annotations

import numpy as np
import pytest

import minidb
from minidb.columns import NumericColumn
from minidb.columns.zeros import with_one_zero
from minidb.types import FloatType, IntType


def test_columns_without_a_negative_zero_stay_as_they_are():
    floats = NumericColumn(FloatType(64), np.array([0.0, 1.0, np.nan, -1.0]))
    whole = NumericColumn(IntType(8, True), np.array([0, -1], np.int8))
    assert with_one_zero([floats])[0] is floats
    assert with_one_zero([whole])[0] is whole


def test_a_negative_zero_becomes_zero():
    floats = NumericColumn(FloatType(64), np.array([-0.0, -1.0]))
    (found,) = with_one_zero([floats])
    assert not np.signbit(found.values[0])
    assert found.values[1] == -1.0


@pytest.mark.parametrize("key", ["x", "toNullable(x)", "[x]", "(x, 1)", "[toNullable(x)]"])
@pytest.mark.parametrize("block", [1, 1000])
def test_both_zeros_are_one_group(key: str, block: int):
    rows = "(SELECT arrayJoin([-0.0, 0.0, 1.0]) AS x)"
    sql = f"SELECT count() FROM (SELECT DISTINCT {key} AS k FROM {rows})"
    with minidb.connect(extensions=[]) as connection:
        connection.execute(f"SET max_block_size = {block}")
        assert connection.execute(sql).scalar() == 2


def test_set_operations_tell_the_zeros_apart():
    with minidb.connect(extensions=[]) as connection:
        assert connection.execute("SELECT 0.0 EXCEPT SELECT -0.0").rows() == [(0.0,)]
