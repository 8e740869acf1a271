"""All built-in aggregates, gathered from their files."""

from __future__ import annotations

from minidb.functions.builtin import (
    aggregates_any,
    aggregates_avg,
    aggregates_count,
    aggregates_extreme,
    aggregates_sum,
)
from minidb.functions.declaration import AggregateFunction

FUNCTIONS: tuple[AggregateFunction, ...] = (
    *aggregates_count.FUNCTIONS,
    *aggregates_sum.FUNCTIONS,
    *aggregates_avg.FUNCTIONS,
    *aggregates_extreme.FUNCTIONS,
    *aggregates_any.FUNCTIONS,
)
