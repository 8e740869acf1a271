"""Quantiles by other rules than the plain ones: low, high, inclusive, exclusive, with weights."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from minidb.columns import Column, concat_columns, default_column
from minidb.errors import BAD_ARGUMENTS, BindError
from minidb.functions.arguments import UNSIGNED, Arg, Kind
from minidb.functions.builtin.aggregates_collected import (
    NARROW,
    Collected,
    CollectedAccumulator,
)
from minidb.functions.builtin.aggregates_quantile import VALUE, levels_of
from minidb.functions.builtin.grouped import sorted_in_groups
from minidb.functions.builtin.kit import array_of, interleave, numeric, offsets_of
from minidb.functions.builtin.ranks import rank
from minidb.functions.cast_numbers import floats_of, numbers_of
from minidb.functions.declaration import AggregateCall, AggregateFunction, Argument
from minidb.record import record
from minidb.types import ArrayType, DataType, FloatType, numpy_dtype

Floats: TypeAlias = NDArray[np.float64]
Ints: TypeAlias = NDArray[np.int64]
Weights: TypeAlias = NDArray[np.uint64]
FLOAT32, FLOAT64 = FloatType(32), FloatType(64)
SLOWEST_MS = 30_000


@record
class Sorted:
    """The values of all groups in order, group by group, each with the weights up to its own."""

    values: Column
    weights: Weights
    starts: Ints
    sizes: Ints
    element: DataType

    def pick(self, places: Ints) -> Column:
        """Return the value at a place of each group; the default of groups without rows."""
        whole = concat_columns(self.values.type, [self.values, default_column(self.values.type, 1)])
        inside = np.clip(places, 0, np.maximum(self.sizes - 1, 0))
        return whole.take(np.where(self.sizes > 0, self.starts + inside, len(self.values)))

    def floats(self, places: Ints) -> Floats:
        """Return the value at a place of each group as a float; NaN without rows."""
        return np.where(self.sizes > 0, floats_of(self.pick(places)), np.nan)

    def upper(self, wanted: Floats, sums: Floats | Weights) -> Ints:
        """Return the first place of each group whose rising sum reaches what is wanted."""
        groups = np.repeat(np.arange(len(self.sizes)), self.sizes)
        is_below = sums < wanted[groups]
        return np.bincount(groups[is_below], minlength=len(self.sizes)).astype(np.int64)

    def totals(self) -> Weights:
        """Return the weights of each group, added."""
        ends = np.concatenate([self.weights, np.zeros(1, np.uint64)])
        places = np.where(self.sizes > 0, self.starts + self.sizes - 1, len(self.weights))
        found: Weights = ends[places]
        return found


Finder: TypeAlias = Callable[[Sorted, float], Column]


def _exact_place(rows: Sorted, level: float) -> Ints:
    places: Ints = (level * rows.sizes).astype(np.int64)
    return places


def _low(rows: Sorted, level: float) -> Column:
    """Return the lower of the two middle values as the median."""
    half = (rows.sizes - 1) // 2
    return rows.pick(half if level == 0.5 else _exact_place(rows, level))


def _high(rows: Sorted, level: float) -> Column:
    """Return the higher of the two middle values as the median."""
    return rows.pick(_exact_place(rows, level))


def _between(rows: Sorted, place: NDArray[np.floating[Any]]) -> Column:
    """Interpolate around a place that counts from 1."""
    left = np.floor(place).astype(np.int64)
    low, high = rows.floats(left - 1), rows.floats(left)
    inside = (left >= 1) & (left < rows.sizes)
    share = np.where(inside, place - left, 0.0)
    step = np.where(inside, high - low, 0.0)
    return numeric(FLOAT64, np.where(left < 1, rows.floats(left), low) + share * step)


def _exclusive(rows: Sorted, level: float) -> Column:
    return _between(rows, level * (rows.sizes + 1))


def _inclusive(rows: Sorted, level: float) -> Column:
    return _between(rows, level * (rows.sizes - 1) + 1.0)


def _weighted(rows: Sorted, level: float) -> Column:
    """Return the first value whose weights, added from the least on, reach the level."""
    return rows.pick(rows.upper(np.ceil(level * rows.totals().astype(np.float64)), rows.weights))


def _merged(rows: Sorted) -> Sorted:
    """Return each group's distinct values, with the weights of equal ones added."""
    keys = rank(rows.values)
    groups = np.repeat(np.arange(len(rows.sizes)), rows.sizes)
    is_last = np.ones(len(keys), np.bool_)
    is_last[:-1] = (keys[1:] != keys[:-1]) | (groups[1:] != groups[:-1])
    sizes = np.bincount(groups[is_last], minlength=len(rows.sizes)).astype(np.int64)
    starts = offsets_of(sizes)[:-1]
    return Sorted(rows.values.filter(is_last), rows.weights[is_last], starts, sizes, rows.element)


def _interpolated_weighted(all_rows: Sorted, level: float) -> Column:
    """Interpolate where each distinct value stands in the middle of its weight."""
    rows = _merged(all_rows)
    groups = np.repeat(np.arange(len(rows.sizes)), rows.sizes)
    sums = rows.weights.astype(np.float64)
    before = np.concatenate([[0.0], sums[:-1]])[: len(sums)]
    before[rows.starts[rows.sizes > 0]] = 0
    totals = rows.totals().astype(np.float64)
    middles = np.append((sums + before) / 2 / np.where(totals > 0, totals, 1)[groups], 0.0)
    n_below = rows.upper(np.full(len(rows.sizes), level), middles[:-1])
    is_tail = level >= middles[np.clip(rows.starts + rows.sizes - 2, 0, len(sums))]
    left = np.where(is_tail, rows.sizes - 2, np.maximum(n_below, 1) - 1)
    left = np.clip(left, 0, np.maximum(rows.sizes - 2, 0))
    right = np.minimum(left + 1, np.maximum(rows.sizes - 1, 0))
    places = np.where(rows.sizes > 0, rows.starts, len(sums))
    x_left, x_right = middles[places + left], middles[places + right]
    low, high = rows.floats(left), rows.floats(right)
    low, high = np.where(level > x_right, high, low), np.where(level < x_left, low, high)
    width = np.where(x_right > x_left, x_right - x_left, 1.0)
    found = np.where(rows.sizes > 0, low + (high - low) / width * (level - x_left), 0.0)
    dtype = numpy_dtype(rows.element)
    if dtype.kind not in "iu":
        return numeric(rows.element, found.astype(dtype))
    # What a float cannot hold exactly needs no interpolation, or may be off by its rounding.
    bounds = np.iinfo(dtype.name)
    inside = np.clip(found, float(bounds.min), np.nextafter(float(bounds.max), 0))
    exact = numbers_of(rows.pick(np.where(level > x_right, right, left)))
    return numeric(rows.element, np.where(low == high, exact, inside.astype(dtype)))


def _repeated_weighted(rows: Sorted, level: float) -> Column:
    """Interpolate as if each value stood there as often as its weight says."""
    totals = rows.totals().astype(np.float64)
    place = level * np.maximum(totals - 1, 0)
    left = np.floor(place)
    low = rows.floats(rows.upper(left + 1, rows.weights))
    high = rows.floats(rows.upper(np.minimum(left + 2, totals), rows.weights))
    found = low + (high - low) * (place - left)
    return numeric(FLOAT64, np.where(totals > 0, found, np.nan))


def _timing(rows: Sorted, level: float) -> Column:
    """Return a value, at most 30,000, as milliseconds of a request."""
    found = np.minimum(rows.floats(_exact_place(rows, level)), SLOWEST_MS)
    return numeric(FLOAT32, found.astype(np.float32))


def _digest(rows: Sorted, level: float) -> Column:
    """Return the value that a digest with one centroid per value gives."""
    places = np.ceil(np.float32(level) * rows.sizes.astype(np.float32)).astype(np.int64) - 1
    return numeric(FLOAT32, rows.floats(places).astype(np.float32))


def _plain(rows: Sorted, level: float) -> Column:
    return _between(rows, level * np.maximum(rows.sizes - 1, 0) + 1.0)


class LevelsAccumulator(CollectedAccumulator):
    """Keep all rows, and find the quantiles of every level at the end; NaN is left out."""

    def __init__(
        self, call: AggregateCall, *, find: Finder, is_list: bool, is_weighted: bool
    ) -> None:
        levels = levels_of(call, is_list=is_list)
        if find is _exclusive and {0.0, 1.0} & set(levels):
            message = "an exclusive quantile has no level 0 or 1"
            raise BindError(BAD_ARGUMENTS, message)
        formula = partial(
            _all_levels, find=find, levels=levels, is_list=is_list, is_weighted=is_weighted
        )
        super().__init__(call, formula=formula)


def _sorted(rows: Collected, *, is_weighted: bool) -> Sorted:
    values, groups = rows.columns[0], rows.groups
    weights = np.ones(len(groups), np.uint64)
    if is_weighted:
        weights = numbers_of(rows.columns[1]).astype(np.uint64)
    keeps = np.ones(len(groups), np.bool_)
    if isinstance(values.type, FloatType):
        keeps = ~np.isnan(numbers_of(values))
    values, groups, weights = values.filter(keeps), groups[keeps], weights[keeps]
    order = sorted_in_groups(values, groups, rows.n_groups)
    sizes = np.bincount(groups, minlength=rows.n_groups).astype(np.int64)
    starts = offsets_of(sizes)[:-1]
    sums = np.cumsum(weights[order])
    earlier = np.concatenate([np.zeros(1, np.uint64), sums])[starts]
    element = rows.call.result_type
    element = element.element if isinstance(element, ArrayType) else element
    return Sorted(values.take(order), sums - np.repeat(earlier, sizes), starts, sizes, element)


def _all_levels(
    rows: Collected, *, find: Finder, levels: list[float], is_list: bool, is_weighted: bool
) -> Column:
    """Return a quantile, or an array of one per level."""
    ordered = _sorted(rows, is_weighted=is_weighted)
    found = [find(ordered, level) for level in levels]
    if not is_list:
        return found[0]
    offsets = np.arange(rows.n_groups + 1, dtype=np.int64) * len(found)
    return array_of(ordered.element, offsets, interleave(ordered.element, found, rows.n_groups))


def _own_type(arguments: Sequence[Argument]) -> DataType:
    return arguments[0].type


@record
class Rule:
    """One way to find a quantile, under the name that follows ``quantile``."""

    suffix: str
    find: Finder
    result: DataType | None
    what: str
    kind: Kind = NARROW
    second: str = ""


RULES = (
    Rule("ExactLow", _low, None, "the lower middle value as median", VALUE),
    Rule("ExactHigh", _high, None, "the higher middle value as median", VALUE),
    Rule("ExactExclusive", _exclusive, FLOAT64, "interpolated as Excel's PERCENTILE.EXC"),
    Rule("ExactInclusive", _inclusive, FLOAT64, "interpolated as Excel's PERCENTILE.INC"),
    Rule("ExactWeighted", _weighted, None, "a value, each counted by its weight", VALUE, "weight"),
    Rule("InterpolatedWeighted", _interpolated_weighted, None, "interpolated, with weights", second="weight"),
    Rule("ExactWeightedInterpolated", _repeated_weighted, FLOAT64, "interpolated, each value repeated by its weight", second="weight"),
    Rule("Deterministic", _plain, FLOAT64, "interpolated; exact, where ClickHouse takes a sample", second="seed"),
    Rule("Timing", _timing, FLOAT32, "for milliseconds up to 30,000; exact, where ClickHouse rounds"),
    Rule("TDigest", _digest, FLOAT32, "by t-digest in ClickHouse, exact here"),
)  # fmt: skip


def _one(rule: Rule) -> AggregateFunction:
    second = (Arg(rule.second, UNSIGNED),) if rule.second else ()
    return AggregateFunction(
        name=f"quantile{rule.suffix}",
        family="aggregate",
        args=(Arg("value", rule.kind), *second),
        result=rule.result or _own_type,
        make=partial(
            LevelsAccumulator, find=rule.find, is_list=False, is_weighted=rule.second == "weight"
        ),
        parameters=(Arg("level", is_optional=True, is_constant=True),),
        help=f"Quantile of a level (0.5 unless given): {rule.what}.",
        example=f"SELECT quantile{rule.suffix}(0.3)(number{', number' * bool(second)}) FROM numbers(11)",
        aliases=(f"median{rule.suffix}",),
    )


def _list(rule: Rule) -> AggregateFunction:
    one = _one(rule)
    result: Any = rule.result
    return replace(
        one,
        name=f"quantiles{rule.suffix}",
        result=ArrayType(result) if result else lambda arguments: ArrayType(arguments[0].type),
        make=partial(
            LevelsAccumulator, find=rule.find, is_list=True, is_weighted=rule.second == "weight"
        ),
        parameters=(Arg("level", is_repeated=True, is_constant=True),),
        help=f"Array of quantiles, one per level: {rule.what}.",
        example=one.example.replace("quantile", "quantiles").replace("(0.3)", "(0.1, 0.9)"),
        aliases=(),
        is_null_if_empty=False,
    )


FUNCTIONS: tuple[AggregateFunction, ...] = (*map(_one, RULES), *map(_list, RULES))
