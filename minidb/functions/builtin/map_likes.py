"""Maps: pairs whose key or value is LIKE a pattern, and series of keys without gaps."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from minidb.columns import ArrayColumn, BoolArray, Column
from minidb.errors import BAD_ARGUMENTS, ValueExecutionError
from minidb.functions.arguments import INTEGER, STRING, Arg
from minidb.functions.builtin.kit import (
    Ints,
    count_per_row,
    flags,
    illegal_type,
    numbers,
    numeric,
    offsets_of,
    places_of,
    rows_of,
    strings,
    take_or_default,
    whole_numbers,
)
from minidb.functions.builtin.maps import MAP_ARG, SAMPLE, declare, made, map_type, parts
from minidb.functions.builtin.patterns import FUNCTIONS as PATTERNS
from minidb.functions.declaration import Argument, Call, Kernel, ResultRule, ScalarFunction
from minidb.types import DataType, IntType, StringType

LIKE = next(function for function in PATTERNS if function.name == "like")
U8 = IntType(8, False)
MAX_SERIES = 1 << 24


def _matches(call: Call, *, is_key: bool) -> tuple[ArrayColumn, BoolArray]:
    """Return the map, and which of its pairs have a key or value LIKE the pattern."""
    whole, keys, values = parts(call.columns[0])
    texts = strings(keys if is_key else values)
    pattern = call.columns[1].take(rows_of(whole.offsets))
    constants = (None, call.constants[1])
    inner = Call((texts, pattern), len(texts), U8, constants, call.settings)
    return whole, numbers(LIKE.kernel(inner)) != 0


def _contains(call: Call, *, is_key: bool) -> Column:
    whole, is_match = _matches(call, is_key=is_key)
    return flags(count_per_row(is_match, whole.offsets) > 0)


def _extract(call: Call, *, is_key: bool) -> Column:
    whole, is_match = _matches(call, is_key=is_key)
    offsets = offsets_of(count_per_row(is_match, whole.offsets))
    return ArrayColumn(whole.type, offsets, whole.child.filter(is_match))


def _rule(arguments: Sequence[Argument], *, name: str, is_key: bool) -> DataType:
    found = map_type(arguments[0].type)
    side = found.key if is_key else found.value
    if not isinstance(side, StringType):
        raise illegal_type(name, side, "texts in the map")
    return U8 if "Contains" in name else found


def _series_type(arguments: Sequence[Argument]) -> DataType:
    found = map_type(arguments[0].type)
    for side in (found.key, found.value):
        if not isinstance(side, IntType) or side.is_wide:
            raise illegal_type("mapPopulateSeries", side, "integers in the map")
    return found


def _series(call: Call) -> Column:
    """Return maps of every key from the least to the greatest, or to a given one."""
    target = map_type(call.result_type)
    whole, keys, values = parts(call.columns[0])
    rows = rows_of(whole.offsets)
    found = numbers(keys).astype(np.int64)
    has_any = whole.lengths > 0
    low = np.full(call.n_rows, np.iinfo(np.int64).max)
    high = np.full(call.n_rows, np.iinfo(np.int64).min)
    np.minimum.at(low, rows, found)
    np.maximum.at(high, rows, found)
    if len(call.columns) > 1:
        high = whole_numbers(call.columns[1])
    low, high = np.where(has_any, low, 0), np.where(has_any, high, -1)
    lengths: Ints = np.maximum(high - low + 1, 0)
    if lengths.sum() > MAX_SERIES:
        raise ValueExecutionError(BAD_ARGUMENTS, f"a series of over {MAX_SERIES:,} keys")
    offsets = offsets_of(lengths)
    places = found - low[rows] + offsets[:-1][rows]
    is_inside = found <= high[rows]
    index = np.full(int(offsets[-1]), -1, np.int64)
    # Of equal keys the first one stays.
    chosen = np.flatnonzero(is_inside)[::-1]
    index[places[chosen]] = chosen
    all_keys = numeric(target.key, places_of(offsets) + np.repeat(low, lengths))
    filled = take_or_default(values, np.maximum(index, 0), index >= 0)
    return made(target, offsets, all_keys, filled)


def _declare(
    name: str, args: tuple[Arg, ...], result: ResultRule, kernel: Kernel, what: str, shown: str
) -> ScalarFunction:
    return declare(name, args, result, kernel, what, shown)


def _like(name: str, is_key: bool, what: str) -> ScalarFunction:
    kernel = _contains if "Contains" in name else _extract
    sample = SAMPLE if is_key else "map('a', 'x', 'b', 'y')"
    return _declare(
        name,
        (MAP_ARG, Arg("pattern", STRING)),
        partial(_rule, name=name, is_key=is_key),
        partial(kernel, is_key=is_key),
        what,
        f"{name}({sample}, '{'a' if is_key else 'x'}%')",
    )


FUNCTIONS: tuple[ScalarFunction, ...] = (
    _like("mapContainsKeyLike", True, "1 where a key is LIKE a pattern"),
    _like("mapContainsValueLike", False, "1 where a value is LIKE a pattern"),
    _like("mapExtractKeyLike", True, "the pairs whose key is LIKE a pattern"),
    _like("mapExtractValueLike", False, "the pairs whose value is LIKE a pattern"),
    _declare(
        "mapPopulateSeries",
        (MAP_ARG, Arg("last", INTEGER, is_optional=True)),
        _series_type,
        _series,
        "the map with every key between the least and the greatest; new ones have defaults",
        "mapPopulateSeries(map(1, 10, 4, 40))",
    ),
)
