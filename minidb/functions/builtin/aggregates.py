"""All built-in aggregates, gathered from their files."""

from __future__ import annotations

from minidb.functions.builtin import (
    aggregates_any,
    aggregates_array,
    aggregates_avg,
    aggregates_bits,
    aggregates_collected,
    aggregates_count,
    aggregates_extreme,
    aggregates_kahan,
    aggregates_levels,
    aggregates_moments,
    aggregates_nothing,
    aggregates_pairs,
    aggregates_quantile,
    aggregates_sum,
    aggregates_top,
    aggregates_uniq,
    aggregates_variants,
)
from minidb.functions.declaration import AggregateFunction

FUNCTIONS: tuple[AggregateFunction, ...] = (
    *aggregates_count.FUNCTIONS,
    *aggregates_sum.FUNCTIONS,
    *aggregates_kahan.FUNCTIONS,
    *aggregates_avg.FUNCTIONS,
    *aggregates_extreme.FUNCTIONS,
    *aggregates_any.FUNCTIONS,
    *aggregates_array.FUNCTIONS,
    *aggregates_uniq.FUNCTIONS,
    *aggregates_bits.FUNCTIONS,
    *aggregates_moments.FUNCTIONS,
    *aggregates_nothing.FUNCTIONS,
    *aggregates_quantile.FUNCTIONS,
    *aggregates_levels.FUNCTIONS,
    *aggregates_top.FUNCTIONS,
    *aggregates_pairs.FUNCTIONS,
    *aggregates_collected.FUNCTIONS,
    *aggregates_variants.FUNCTIONS,
)
