"""Rows with groups, cut into updates at random, for aggregates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
from hypothesis import strategies as st

from minidb.columns import Column, column_from_values
from minidb.functions.declaration import AggregateCall, AggregateFunction, Argument
from minidb.settings import Settings
from minidb.types import DataType
from tests.strategies.key_columns import values

MAX_GROUPS = 4


def run(
    function: AggregateFunction,
    columns: Sequence[Column],
    groups: Sequence[int],
    n_groups: int,
    cuts: Sequence[int] = (),
    parameters: tuple[object, ...] = (),
) -> Column:
    """Return what an aggregate gives for rows handed over in pieces that end at `cuts`."""
    types = tuple(column.type for column in columns)
    result = function.result
    result_type = result if isinstance(result, DataType) else result([Argument(t) for t in types])
    accumulator = function.make(AggregateCall(types, result_type, parameters, Settings({})))
    codes = np.array(groups, np.intp)
    for start, stop in pairwise([0, *sorted(min(cut, len(codes)) for cut in cuts), len(codes)]):
        # As a GROUP BY does it: groups are known only from their first row on.
        known = int(codes[:stop].max(initial=-1)) + 1
        accumulator.update([c.slice(start, stop) for c in columns], codes[start:stop], known)
        assert accumulator.nbytes >= 0
    found = accumulator.finish(n_groups)
    assert found.type == result_type
    assert len(found) == n_groups
    return found


@st.composite
def grouped_rows(
    draw: st.DrawFn,
    types: st.SearchStrategy[tuple[DataType, ...]],
    values_of: Callable[[DataType], st.SearchStrategy[object]] = values,
    max_rows: int = 25,
) -> tuple[list[Column], list[int], list[int]]:
    """Return columns of the drawn types, a group per row, and cuts into updates."""
    column_types = draw(types)
    n_rows = draw(st.integers(0, max_rows))
    columns = [
        column_from_values(t, draw(st.lists(values_of(t), min_size=n_rows, max_size=n_rows)))
        for t in column_types
    ]
    groups = draw(st.lists(st.integers(0, MAX_GROUPS - 1), min_size=n_rows, max_size=n_rows))
    cuts = draw(st.lists(st.integers(0, n_rows), max_size=4))
    return columns, groups, cuts
