"""The memory tracker and the context of one statement."""

from __future__ import annotations

import pytest

from minidb.errors import LimitExecutionError
from minidb.execution.context import ExecutionContext, MemoryTracker, Progress
from minidb.settings import default_settings


def test_memory_is_held_and_given_back():
    memory = MemoryTracker(100)
    memory.hold(60)
    memory.check(40)
    with pytest.raises(LimitExecutionError) as caught:
        memory.hold(41)
    assert caught.value.code.number == 241
    assert (memory.held, memory.peak) == (60, 101)
    memory.release(60)
    memory.hold(100)


def test_no_limit_counts_all_the_same():
    memory = MemoryTracker(0)
    memory.hold(1 << 60)
    assert memory.peak == 1 << 60


def test_a_cancelled_context_stops_at_the_next_check():
    context = ExecutionContext(default_settings())
    context.check()
    context.cancelled.set()
    with pytest.raises(LimitExecutionError) as caught:
        context.check()
    assert caught.value.code.number == 394


def test_progress_adds_up():
    seen: list[Progress] = []
    context = ExecutionContext(default_settings(), on_progress=seen.append)
    context.rows_expected = 30
    context.count_read(10, 80)
    context.count_read(20, 160)
    assert [(p.rows_read, p.bytes_read, p.rows_expected) for p in seen] == [
        (10, 80, 30),
        (30, 240, 30),
    ]


def test_settings_of_the_statement_replace_the_limit():
    settings = default_settings()
    context = ExecutionContext(settings)
    context.use_settings(settings.with_changes({"max_memory_usage": 10, "max_block_size": 3}))
    assert (context.memory.limit, context.batch_rows) == (10, 3)
