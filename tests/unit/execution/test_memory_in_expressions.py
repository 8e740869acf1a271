"""max_memory_usage counts what functions make inside an expression."""

from __future__ import annotations

import pytest

import minidb


@pytest.mark.parametrize(
    "expr",
    [
        "concat(repeat('x', 1000), toString(number))",
        "arrayMap(x -> concat(repeat('x', 1000), toString(x)), [number])",
        "if(number > 5, repeat('y', 2000), 'z')",
    ],
)
def test_a_large_result_inside_an_expression_is_refused(expr):
    with minidb.connect() as connection:
        sql = f"SELECT sum(length({expr})) FROM numbers(50000) SETTINGS max_memory_usage=10000000"
        with pytest.raises(minidb.OperationalError) as caught:
            connection.execute(sql)
        assert caught.value.code.number == 241
        assert connection.execute("SELECT 1").rows() == [(1,)]
