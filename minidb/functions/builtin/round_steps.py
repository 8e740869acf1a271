"""Numbers rounded down to steps: powers of two, ages, durations, given limits; and kept in bounds."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from minidb.columns import Column
from minidb.functions.arguments import NUMBER, Arg, Kind
from minidb.functions.builtin.kit import U8, U16, numbers, numeric
from minidb.functions.declaration import Argument, Call, Kernel, ResultRule, ScalarFunction
from minidb.types import DataType, FloatType, IntType

AGES = (0, 17, 18, 25, 35, 45, 55)
AGE_STARTS = (1, 18, 25, 35, 45, 55)
DURATIONS = (0, 1, 10, 30, 60, 120, 180, 240, 300, 600, 1200, 1800, 3600, 7200, 18000, 36000)
NARROW = Kind(
    "a number of at most 64 bits",
    lambda t: NUMBER.accepts(t) and not (isinstance(t, IntType) and t.is_wide),
)


def _steps(call: Call, *, starts: Sequence[int], names: Sequence[int], result: DataType) -> Column:
    """Return the name of the step that a value falls into."""
    values = numbers(call.columns[0])
    if values.dtype.kind == "f":
        values = np.nan_to_num(values)
    places = np.searchsorted(np.array(starts, np.float64), values, side="right")
    return numeric(result, np.array(names)[places])


def _power_of_two(call: Call) -> Column:
    """Return the largest power of two that is not above a number; 0 for integers below 1."""
    values = numbers(call.columns[0])
    if values.dtype.kind == "f":
        with np.errstate(divide="ignore", invalid="ignore"):
            _, exponent = np.frexp(values)
            found = np.ldexp(np.sign(values), exponent - 1)
        return numeric(call.result_type, np.where(np.isfinite(values), found, values))
    magnitude = np.where(values > 0, values, 0).astype(np.uint64)
    for shift in (1, 2, 4, 8, 16, 32):
        magnitude |= magnitude >> np.uint64(shift)
    return numeric(call.result_type, magnitude - (magnitude >> np.uint64(1)))


def _same_type(arguments: Sequence[Argument]) -> DataType:
    found = arguments[0].type
    return found if isinstance(found, IntType | FloatType) else U8


def _declare(
    name: str, result: ResultRule, kernel: Kernel, what: str, shown: str
) -> ScalarFunction:
    return ScalarFunction(
        name=name,
        family="rounding",
        args=(Arg("number", NARROW),),
        result=result,
        kernel=kernel,
        help=what,
        example=f"SELECT {name}({shown})",
    )


FUNCTIONS: tuple[ScalarFunction, ...] = (
    _declare("roundToExp2", _same_type, _power_of_two, "The number rounded down to a power of two.", "100"),
    _declare("roundAge", U8, partial(_steps, starts=AGE_STARTS, names=AGES, result=U8), "The age rounded down to customary limits.", "30"),
    _declare("roundDuration", U16, partial(_steps, starts=DURATIONS[1:], names=DURATIONS, result=U16), "The seconds rounded down to customary limits.", "100"),
)  # fmt: skip
