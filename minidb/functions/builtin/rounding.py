"""Rounding to a number of decimal places: floor, ceil, trunc, round and roundBankers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minidb.columns import Column, NumericColumn, WideColumn
from minidb.columns.no_numpy_way import round_wide
from minidb.functions.arguments import INTEGER, NUMBER, Arg
from minidb.functions.cast_numbers import numbers_of, whole_places
from minidb.functions.declaration import Argument, Call, ScalarFunction
from minidb.types import DataType

FAMILY = "rounding"
# 10 to this power is more than any integer of 64 bits, and no longer exact as a float.
MAX_INTEGER_PLACES = 19
MAX_FLOAT_PLACES = 308


@dataclass(frozen=True, slots=True)
class Rounding:
    """One way to round: floats to a whole number; integers by what was cut off.

    `on_integers` gets the truncated quotient, the remainder (same sign as the value) and the
    step, and returns how many steps to add to the quotient: -1, 0 or 1.
    """

    on_floats: Callable[[Any], Any]
    on_integers: Callable[[Any, Any, Any], Any]


def _half_up(quotient: Any, rest: Any, step: Any) -> Any:
    """Round half away from zero."""
    is_over = abs(rest) >= (step + 1) // 2
    return np.where(is_over, np.where(rest < 0, -1, 1), 0)


def _half_even(quotient: Any, rest: Any, step: Any) -> Any:
    """Round half to the even neighbour."""
    half = step // 2
    size = abs(rest)
    is_over = (size > half) | ((size == half) & (step > 1) & (quotient % 2 != 0))
    return np.where(is_over, np.where(rest < 0, -1, 1), 0)


FLOOR = Rounding(np.floor, lambda quotient, rest, step: np.where(rest < 0, -1, 0))
CEIL = Rounding(np.ceil, lambda quotient, rest, step: np.where(rest > 0, 1, 0))
TRUNC = Rounding(np.trunc, lambda quotient, rest, step: np.where(rest == 0, 0, 0))
ROUND = Rounding(np.rint, _half_up)
BANKERS = Rounding(np.rint, _half_even)


def _rounded(call: Call, rounding: Rounding) -> Column:
    column = call.columns[0]
    places = _places(call)
    if isinstance(column, WideColumn):
        if not (places < 0).any():
            return column
        lanes = round_wide(column.lanes, column.type, places, rounding.on_integers)
        return WideColumn(column.type, lanes)
    values = numbers_of(column)
    if values.dtype.kind == "f":
        return NumericColumn(column.type, _round_floats(values, places, rounding))
    if not (places < 0).any():
        return column
    return NumericColumn(column.type, _round_integers(values, places, rounding))


def _places(call: Call) -> NDArray[np.int64]:
    """Return the decimal places per row, one for all where they are constant."""
    if len(call.columns) == 1:
        return np.zeros(1, np.int64)
    constant = call.constants[1]
    return whole_places(call.columns[1] if constant is None else constant)


def _round_floats(values: NDArray[Any], places: NDArray[np.int64], rounding: Rounding) -> Any:
    """Scale, round, and scale back, in the precision of the values."""
    if not places.any():
        return rounding.on_floats(values)
    sizes = np.minimum(np.abs(places), MAX_FLOAT_PLACES)
    scale = np.power(10.0, sizes).astype(values.dtype)
    with np.errstate(all="ignore"):
        finer = rounding.on_floats(values * scale) / scale
        coarser = rounding.on_floats(values / scale) * scale
        result = np.where(places > 0, finer, np.where(places < 0, coarser, values))
        whole = np.where(places == 0, rounding.on_floats(values), result)
    # Where scaling leaves the range there is nothing behind the point that could be cut.
    return np.where(np.isfinite(whole) | ~np.isfinite(values), whole, values)


def _round_integers(values: NDArray[Any], places: NDArray[np.int64], rounding: Rounding) -> Any:
    """Round to multiples of powers of ten, wrapped around; a step over the type gives 0."""
    exponent = np.clip(-places, 0, MAX_INTEGER_PLACES)
    steps = np.array([10**n for n in range(MAX_INTEGER_PLACES + 1)], np.uint64)[exponent]
    common = np.uint64 if values.dtype.kind == "u" else np.int64
    limit = np.uint64(np.iinfo(values.dtype).max)
    too_large = steps > limit
    step = np.where(too_large, np.uint64(1), steps).astype(common)
    wide = values.astype(common)
    with np.errstate(over="ignore"):
        rest = np.fmod(wide, step)
        quotient = (wide - rest) // step
        change = rounding.on_integers(quotient, rest, step).astype(common)
        result = (quotient + change) * step
    return np.where(too_large, 0, result).astype(values.dtype)


def _same_type(args: Sequence[Argument]) -> DataType:
    return args[0].type


def _declare(
    name: str,
    rounding: Rounding,
    text: str,
    aliases: tuple[str, ...] = (),
    *,
    is_case_insensitive: bool = True,
) -> ScalarFunction:
    return ScalarFunction(
        name,
        FAMILY,
        (Arg("x", NUMBER), Arg("places", INTEGER, is_optional=True)),
        _same_type,
        lambda call: _rounded(call, rounding),
        text,
        f"SELECT {name}(12.345, 1)",
        aliases=aliases,
        is_case_insensitive=is_case_insensitive,
    )


FUNCTIONS: tuple[ScalarFunction, ...] = (
    _declare("floor", FLOOR, "the largest number of that many places that is not above x"),
    _declare("ceil", CEIL, "the smallest number of that many places not below x", ("ceiling",)),
    _declare("trunc", TRUNC, "x cut to that many places, towards zero", ("truncate",)),
    _declare("round", ROUND, "x rounded; half goes away from 0 for integers, to even for floats"),
    _declare("roundBankers", BANKERS, "x rounded, half to even", is_case_insensitive=False),
)
