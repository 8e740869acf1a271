"""Rounding to a number of decimal places: floor, ceil, trunc, round and roundBankers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minidb.columns import Column, NumericColumn, WideColumn
from minidb.columns.no_numpy_way import round_wide
from minidb.errors import ARGUMENT_OUT_OF_BOUND, BindError
from minidb.functions.arguments import INTEGER, NUMERIC, Arg
from minidb.functions.cast_numbers import numbers_of, whole_places
from minidb.functions.declaration import Argument, Call, ScalarFunction
from minidb.record import record
from minidb.types import DataType, DecimalType, IntType

FAMILY = "rounding"
# 10 to this power is more than any integer of 64 bits, and no longer exact as a float.
MAX_INTEGER_PLACES = 19
MAX_FLOAT_PLACES = 308
MAX_PLACES = 32767


@record
class Rounding:
    """One way to round: floats to a whole number, integers to a multiple of a step.

    `shift` gets values and step (over 1) and returns what to divide by the step, towards zero.
    """

    on_floats: Callable[[Any], Any]
    shift: Callable[[Any, Any], Any]
    is_even: bool = False


def _down(values: Any, step: Any) -> Any:
    return values - (step - 1) * (values < 0)


def _up(values: Any, step: Any) -> Any:
    return values + (step - 1) * (values >= 0)


def _to_nearest(values: Any, step: Any) -> Any:
    """Prepare half away from zero; half a step is added later, for values on both sides of 0."""
    return values - step * (values < 0)


FLOOR = Rounding(np.floor, _down)
CEIL = Rounding(np.ceil, _up)
TRUNC = Rounding(np.trunc, lambda values, step: values)
ROUND = Rounding(np.rint, _to_nearest)
BANKERS = Rounding(np.rint, _to_nearest, is_even=True)


def _rounded(call: Call, rounding: Rounding) -> Column:
    column = call.columns[0]
    places = _places(call)
    if isinstance(column.type, DecimalType):
        return _round_decimals(column, column.type, places, rounding)
    if isinstance(column, WideColumn):
        if not (places < 0).any():
            return column
        whole = IntType(column.type.bits, column.type.is_signed)
        lanes = round_wide(column.lanes, whole, places, _round_one(rounding))
        return WideColumn(column.type, lanes)
    values = numbers_of(column)
    if values.dtype.kind == "f":
        return NumericColumn(column.type, _round_floats(values, places, rounding))
    if not (places < 0).any():
        return column
    return NumericColumn(column.type, _round_integers(values, places, rounding))


def _round_decimals(
    column: Column, data_type: DecimalType, places: NDArray[np.int64], rounding: Rounding
) -> Column:
    """Round the stored whole numbers, where places count from the end of the scale."""
    steps = places - data_type.scale
    if not (steps < 0).any():
        return column
    if isinstance(column, WideColumn):
        whole = IntType(data_type.bits, True)
        lanes = round_wide(column.lanes, whole, steps, _round_one(rounding))
        return WideColumn(data_type, lanes)
    values = numbers_of(column)
    return NumericColumn(data_type, _round_integers(values, steps, rounding))


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
    with np.errstate(all="ignore"):
        scale = np.power(10.0, sizes).astype(values.dtype)
        finer = rounding.on_floats(values * scale) / scale
        coarser = rounding.on_floats(values / scale) * scale
        result = np.where(places > 0, finer, np.where(places < 0, coarser, values))
        whole = np.where(places == 0, rounding.on_floats(values), result)
    # Where scaling leaves the range there is nothing behind the point that could be cut.
    return np.where(np.isfinite(whole) | ~np.isfinite(values), whole, values)


def _round_integers(values: NDArray[Any], places: NDArray[np.int64], rounding: Rounding) -> Any:
    """Round to multiples of powers of ten; a step over the type gives 0.

    Near the ends of a type sums wrap around where they do in C++, which is what ClickHouse shows.
    """
    own = values.dtype
    exponent = np.clip(-places, 0, MAX_INTEGER_PLACES)
    steps = np.array([10**n for n in range(MAX_INTEGER_PLACES + 1)], np.uint64)[exponent]
    is_over = steps > np.uint64(np.iinfo(own).max)
    # C++ adds values narrower than int as int.
    work = np.dtype(np.int32) if own.itemsize < np.dtype(np.int32).itemsize else own
    step = np.where(is_over | (steps < 2), np.uint64(10), steps).astype(work)
    with np.errstate(over="ignore"):
        shifted = rounding.shift(values.astype(work), step).astype(own).astype(work)
        if rounding.shift is _to_nearest:
            shifted = shifted + step // 2
        quotient = _towards_zero(shifted, step)
        if rounding.is_even:
            is_tie = np.fmod(shifted.astype(own).astype(work), step) == 0
            away = np.where(shifted < 0, -1, 1).astype(work)
            quotient = np.where(is_tie & (quotient % 2 != 0), quotient - away, quotient)
        result = (quotient * step).astype(own)
    return np.where(is_over, 0, np.where(steps < 2, values, result)).astype(own)


def _round_one(rounding: Rounding) -> Callable[[int, int], int]:
    """Return the rounding of one Python integer to a multiple of a step over 1."""

    def rounded(value: int, step: int) -> int:
        shifted = int(rounding.shift(value, step))
        if rounding.shift is _to_nearest:
            shifted += step // 2
        quotient = abs(shifted) // step * (-1 if shifted < 0 else 1)
        if rounding.is_even and shifted % step == 0 and quotient % 2:
            quotient -= -1 if shifted < 0 else 1
        return quotient * step

    return rounded


def _towards_zero(values: NDArray[Any], step: NDArray[Any]) -> Any:
    """Divide and cut off what is left."""
    return (values - np.fmod(values, step)) // step


def _same_type(args: Sequence[Argument]) -> DataType:
    places = args[1].constant_value() if len(args) > 1 else 0
    if isinstance(places, int) and abs(places) > MAX_PLACES:
        message = f"the places to round to are at most {MAX_PLACES}"
        raise BindError(ARGUMENT_OUT_OF_BOUND, message)
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
        (Arg("x", NUMERIC), Arg("places", INTEGER, is_optional=True)),
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
