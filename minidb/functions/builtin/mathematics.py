"""Powers, logarithms, trigonometry and constants; all results are Float64."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minidb.columns import Column, NumericColumn
from minidb.columns.no_numpy_way import apply_to_floats
from minidb.errors import BAD_ARGUMENTS, ILLEGAL_TYPE_OF_ARGUMENT, BindError, ValueExecutionError
from minidb.functions.arguments import INTEGER, NUMBER, NUMERIC, Arg, Kind
from minidb.functions.builtin.number_types import FLOAT64, illegal_pair
from minidb.functions.cast import cast_column
from minidb.functions.cast_numbers import floats_of, numbers_of
from minidb.functions.declaration import Argument, Call, ScalarFunction
from minidb.types import BoolType, DataType, IntType, is_numeric
from minidb.types.promotion import common_type

FAMILY = "mathematical"
UINT8 = IntType(8, False)
UINT64 = IntType(64, False)
MAX_FACTORIAL = 20
NARROW = Kind(
    "a number of at most 64 bits",
    lambda t: is_numeric(t) and not (isinstance(t, IntType) and t.is_wide),
)


def _unary(
    name: str,
    compute: Callable[[Any], Any],
    text: str,
    sample: str = "1",
    aliases: tuple[str, ...] = (),
    *,
    is_case_insensitive: bool = True,
) -> ScalarFunction:
    """Declare a function of one number."""

    def kernel(call: Call) -> Column:
        with np.errstate(all="ignore"):
            values = compute(floats_of(call.columns[0]))
        return NumericColumn(FLOAT64, values.astype(np.float64, copy=False))

    return ScalarFunction(
        name,
        FAMILY,
        (Arg("x", NUMERIC),),
        FLOAT64,
        kernel,
        text,
        f"SELECT {name}({sample})",
        aliases=aliases,
        is_case_insensitive=is_case_insensitive,
    )


def _loop(function: Callable[[float], float]) -> Callable[[Any], Any]:
    """Return a function of arrays for one that NumPy lacks."""
    return lambda values: apply_to_floats(function, values)


def _log_gamma(value: float) -> float:
    if value == -math.inf or (value < 0 and value == math.floor(value)):
        return math.nan
    if value in {0.0, math.inf}:
        return math.inf
    return math.lgamma(value)


def _gamma(value: float) -> float:
    if value == 0:
        return math.copysign(math.inf, value)
    if value == -math.inf or (value < 0 and value == math.floor(value)):
        return math.nan
    try:
        return math.gamma(value)
    except OverflowError:
        return math.inf


def _pair_type(name: str) -> Callable[[Sequence[Argument]], DataType]:
    def rule(args: Sequence[Argument]) -> DataType:
        if not all(NARROW.accepts(arg.type) for arg in args):
            raise illegal_pair(name, args[0].type, args[1].type)
        return FLOAT64

    return rule


def _binary(
    name: str, compute: Callable[[Any, Any], Any], text: str, aliases: tuple[str, ...] = ()
) -> ScalarFunction:
    """Declare a function of two numbers."""

    def kernel(call: Call) -> Column:
        left, right = call.columns
        with np.errstate(all="ignore"):
            return NumericColumn(FLOAT64, compute(floats_of(left), floats_of(right)))

    return ScalarFunction(
        name,
        FAMILY,
        (Arg("x", NUMERIC), Arg("y", NUMERIC)),
        _pair_type(name),
        kernel,
        text,
        f"SELECT {name}(2, 3)",
        aliases=aliases,
        is_case_insensitive=True,
    )


def _constant(name: str, value: float, text: str) -> ScalarFunction:
    return ScalarFunction(
        name,
        FAMILY,
        (),
        FLOAT64,
        lambda call: NumericColumn(FLOAT64, np.broadcast_to(np.float64(value), call.n_rows)),
        text,
        f"SELECT {name}()",
        is_case_insensitive=name == "pi",
    )


def _test(name: str, compute: Callable[[Any], Any], text: str) -> ScalarFunction:
    """Declare a question about a number; integers are always finite."""

    def kernel(call: Call) -> Column:
        values = numbers_of(call.columns[0])
        if values.dtype.kind != "f":
            values = np.broadcast_to(np.float64(0), len(values))
        return NumericColumn(UINT8, compute(values).view(np.uint8))

    return ScalarFunction(
        name,
        FAMILY,
        (Arg("x", NARROW),),
        UINT8,
        kernel,
        text,
        f"SELECT {name}(1.5)",
    )


def _if_not_finite_type(args: Sequence[Argument]) -> DataType:
    return common_type([arg.type for arg in args])


def _if_not_finite(call: Call) -> Column:
    a, b = (numbers_of(cast_column(column, call.result_type)) for column in call.columns)
    return NumericColumn(call.result_type, np.where(np.isfinite(a), a, b))


def _factorial_type(args: Sequence[Argument]) -> DataType:
    if not isinstance(args[0].type, IntType | BoolType):
        raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, "factorial takes an integer")
    return UINT64


def _factorial(call: Call) -> Column:
    """Look the value up; below 0 it is 1."""
    table = np.array([math.factorial(n) for n in range(MAX_FACTORIAL + 1)], np.uint64)
    values = floats_of(call.columns[0])
    if (values > MAX_FACTORIAL).any():
        message = f"factorial takes numbers up to {MAX_FACTORIAL}"
        raise ValueExecutionError(BAD_ARGUMENTS, message)
    return NumericColumn(UINT64, table[np.maximum(values, 0).astype(np.intp)])


def _int_exp(base: int, top: int) -> Callable[[Call], Column]:
    """Return the kernel of a whole power of `base`: 0 below 0, the largest UInt64 past `top`."""

    def kernel(call: Call) -> Column:
        table = np.array([0, *(base**n for n in range(top + 1)), 2**64 - 1], np.uint64)
        values = floats_of(call.columns[0])
        if np.isnan(values).any():
            raise ValueExecutionError(BAD_ARGUMENTS, f"a power of {base} cannot be NaN")
        places = np.clip(values, -1, top + 1) + 1
        return NumericColumn(UINT64, table[np.trunc(places).astype(np.intp)])

    return kernel


def _exp10(values: Any) -> Any:
    return np.power(10.0, values)


def _power(base: Any, exponent: Any) -> Any:
    # NumPy takes the square root for one exponent of 0.5, which is not a number for -inf.
    return np.power(base, np.ascontiguousarray(exponent))


def _sigmoid(values: Any) -> Any:
    return 1.0 / (1.0 + np.exp(-values))


FUNCTIONS: tuple[ScalarFunction, ...] = (
    _unary("exp", np.exp, "e raised to x"),
    _unary("exp2", np.exp2, "2 raised to x"),
    _unary("exp10", _exp10, "10 raised to x", is_case_insensitive=False),
    _unary("log", np.log, "the natural logarithm", aliases=("ln",)),
    _unary("log2", np.log2, "the logarithm to base 2"),
    _unary("log10", np.log10, "the logarithm to base 10"),
    _unary("log1p", np.log1p, "the natural logarithm of 1 + x", is_case_insensitive=False),
    _unary("sqrt", np.sqrt, "the square root"),
    _unary("cbrt", np.cbrt, "the cube root", is_case_insensitive=False),
    _unary("erf", _loop(math.erf), "the error function", is_case_insensitive=False),
    _unary("erfc", _loop(math.erfc), "1 - erf(x)", is_case_insensitive=False),
    _unary("lgamma", _loop(_log_gamma), "the logarithm of gamma", is_case_insensitive=False),
    _unary("tgamma", _loop(_gamma), "the gamma function", is_case_insensitive=False),
    _unary("sin", np.sin, "the sine of x radians"),
    _unary("cos", np.cos, "the cosine of x radians"),
    _unary("tan", np.tan, "the tangent of x radians"),
    _unary("asin", np.arcsin, "the arc sine in radians"),
    _unary("acos", np.arccos, "the arc cosine in radians"),
    _unary("atan", np.arctan, "the arc tangent in radians"),
    _unary("sinh", np.sinh, "the hyperbolic sine", is_case_insensitive=False),
    _unary("cosh", np.cosh, "the hyperbolic cosine", is_case_insensitive=False),
    _unary("tanh", np.tanh, "the hyperbolic tangent"),
    _unary("asinh", np.arcsinh, "the inverse hyperbolic sine", is_case_insensitive=False),
    _unary("acosh", np.arccosh, "the inverse hyperbolic cosine", is_case_insensitive=False),
    _unary("atanh", np.arctanh, "the inverse hyperbolic tangent", "0.5", is_case_insensitive=False),
    _unary("degrees", lambda x: x * (180.0 / math.pi), "radians as degrees"),
    _unary("radians", lambda x: x * (math.pi / 180.0), "degrees as radians"),
    _unary("sigmoid", _sigmoid, "1 / (1 + exp(-x))", is_case_insensitive=False),
    _binary("pow", _power, "x raised to y", aliases=("power",)),
    _binary("atan2", np.arctan2, "the angle of the point (y, x) in radians"),
    _binary("hypot", np.hypot, "the square root of x*x + y*y"),
    _constant("e", math.e, "the base of the natural logarithm"),
    _constant("pi", math.pi, "the circumference of a circle of diameter 1"),
    _test("isNaN", np.isnan, "1 where x is not a number"),
    _test("isFinite", np.isfinite, "1 where x is neither infinite nor NaN"),
    _test("isInfinite", np.isinf, "1 where x is infinite"),
    ScalarFunction(
        "ifNotFinite",
        FAMILY,
        (Arg("x", NARROW), Arg("instead", NARROW)),
        _if_not_finite_type,
        _if_not_finite,
        "x, or the second argument where x is infinite or NaN",
        "SELECT ifNotFinite(1 / 0, 42)",
    ),
    ScalarFunction(
        "factorial",
        FAMILY,
        (Arg("n", INTEGER),),
        _factorial_type,
        _factorial,
        "the product of 1 to n",
        "SELECT factorial(5)",
        can_fail=True,
        is_case_insensitive=True,
    ),
    ScalarFunction(
        "intExp2",
        FAMILY,
        (Arg("n", NUMBER),),
        UINT64,
        _int_exp(2, 63),
        "2 raised to n as UInt64",
        "SELECT intExp2(10)",
        can_fail=True,
    ),
    ScalarFunction(
        "intExp10",
        FAMILY,
        (Arg("n", NUMBER),),
        UINT64,
        _int_exp(10, 19),
        "10 raised to n as UInt64",
        "SELECT intExp10(3)",
        can_fail=True,
    ),
)
