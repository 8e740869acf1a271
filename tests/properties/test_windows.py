"""Window functions give what a loop over the rows gives, for every frame and batch size."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from minidb.columns import NumericColumn
from minidb.functions.builtin import frames
from minidb.types import IntType
from tests.strategies.windows import AGGREGATES, Case, Frame, cases
from tests.support.engine import rows, run, session_at


@given(cases(), st.sampled_from([1, 2, 7]))
@example(Case([], False, False, False, Frame("ROWS", None, 0)), 1)
@example(Case([(0, 0, None, 1), (1, 0, 3, 2)], True, True, False, Frame("RANGE", -1, None)), 1)
@settings(max_examples=120)
def test_frames_hold_what_a_loop_puts_into_them(case: Case, batch_rows: int) -> None:
    calls = ", ".join(f"{call} OVER w" for call in AGGREGATES)
    query = f"SELECT i, {calls} FROM t WINDOW w AS ({case.window()}) "
    query += f"SETTINGS max_block_size = {batch_rows}"
    with session_at() as session:
        run(
            session,
            "CREATE TABLE t (i UInt8, p UInt8, k Nullable(Int8), v Nullable(Int32)) "
            "ENGINE = Memory",
        )
        session.insert_rows("INSERT INTO t VALUES", case.rows)
        found = {row[0]: list(row[1:]) for row in rows(session, query)}
    expected = {
        i: [aggregate(frame) for aggregate in AGGREGATES.values()]
        for i, frame in case.frames().items()
    }
    assert found == expected


def _frames(n: int) -> tuple[np.ndarray, np.ndarray]:
    pairs = [(i, j) for i in range(n + 1) for j in range(i, n + 1)]
    return np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])


@pytest.mark.parametrize("way", ["running", "stepped", "halves"])
@given(values=st.lists(st.integers(-1000, 1000), max_size=17))
@settings(max_examples=30)
def test_every_way_of_summing_floats_agrees(way: str, values: Sequence[int]) -> None:
    numbers = np.array(values, np.float64)
    starts, ends = _frames(len(values))
    sizes = ends - starts
    if way == "halves":
        found = frames._sums_by_halves(numbers, starts, ends)
    elif way == "stepped":
        found = frames._stepped_sums(numbers, starts, sizes)
    else:
        anchors, anchor_of = np.unique(starts, return_inverse=True)
        furthest = np.zeros(len(anchors), np.intp)
        np.maximum.at(furthest, anchor_of, sizes)
        found = frames._running_sums(numbers, anchors, anchor_of, furthest, sizes)
    assert found.tolist() == [sum(values[i:j]) for i, j in zip(starts, ends, strict=True)]


def test_infinite_floats_leave_frames_without_them_alone() -> None:
    numbers = np.array([1.0, np.inf, 2.0, np.nan, 3.0])
    starts, ends = np.array([0, 2, 4, 3]), np.array([1, 3, 5, 5])
    assert frames.sum_frames(numbers, starts, ends)[:3].tolist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    "call", ["median(v)", "groupArray(v)", "uniqExact(v)", "argMinIf(i, v, i % 2)"]
)
def test_a_state_that_grows_gives_what_states_of_frames_give(call: str, monkeypatch) -> None:
    query = f"SELECT {call} OVER (PARTITION BY intDiv(v, 4) ORDER BY intDiv(i, 2)) FROM "
    query += "(SELECT number AS i, number * 7 % 13 AS v FROM numbers(60))"
    with session_at() as session:
        laid_out = rows(session, query)
        monkeypatch.setattr("minidb.execution.windows.aggregates.LAID_OUT_ROW_NS", 1e12)
        assert rows(session, query) == laid_out
        monkeypatch.setattr("minidb.execution.windows.aggregates.LAID_OUT_ROW_NS", 0)
        monkeypatch.setattr("minidb.execution.windows.aggregates.ROWS_AT_A_TIME", 5)
        assert rows(session, query) == laid_out


@given(st.lists(st.integers(0, 4), max_size=17))
@settings(max_examples=40)
def test_distinct_values_of_every_frame_are_counted(values: Sequence[int]) -> None:
    starts, ends = _frames(len(values))
    column = NumericColumn(IntType(8, False), np.array(values, np.uint8))
    found = frames.distinct_in_frames([column], starts, ends)
    assert found.tolist() == [len(set(values[i:j])) for i, j in zip(starts, ends, strict=True)]


def test_windows_count_their_memory() -> None:
    with session_at() as session:
        query = "SELECT sum(number) OVER (ORDER BY number % 7) FROM numbers(200000) "
        with pytest.raises(Exception, match="max_memory_usage"):
            rows(session, query + "SETTINGS max_memory_usage = 1000000")
        assert len(rows(session, query + "SETTINGS max_memory_usage = 100000000")) == 200000
