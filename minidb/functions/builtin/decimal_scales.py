"""multiplyDecimal and divideDecimal: exact results of 76 digits at a scale of one's choice."""

from __future__ import annotations

from collections.abc import Sequence

from minidb.columns import Column
from minidb.errors import ILLEGAL_TYPE_OF_ARGUMENT, BindError, InternalError
from minidb.functions.arguments import DECIMAL, INTEGER, Arg
from minidb.functions.builtin.decimal_math import decimal_quotient
from minidb.functions.decimals import checked, multiply, raw_of, rescale, scale_of
from minidb.functions.declaration import Argument, Call, ScalarFunction
from minidb.types import DataType, DecimalType

DIGITS = 76


def _result(arguments: Sequence[Argument]) -> DataType:
    scale: object = max(scale_of(argument.type) for argument in arguments[:2])
    if len(arguments) > 2:
        scale = arguments[2].constant_value()
    if not isinstance(scale, int) or not 0 <= scale <= DIGITS:
        message = f"the scale of the result is from 0 to {DIGITS}, not {scale}"
        raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message)
    return DecimalType(DIGITS, scale)


def _target(call: Call) -> DecimalType:
    if not isinstance(call.result_type, DecimalType):
        raise InternalError("a Decimal was expected")
    return call.result_type


def _multiply(call: Call) -> Column:
    left, right = call.columns[:2]
    target = _target(call)
    product = multiply(raw_of(left), raw_of(right))
    scale = scale_of(left.type) + scale_of(right.type)
    return checked(rescale(product, scale, target.scale), target, "a product")


def _divide(call: Call) -> Column:
    """Divide with at least the digits of the dividend, then cut."""
    left, right = call.columns[:2]
    target = _target(call)
    scale = max(target.scale, scale_of(left.type))
    found = decimal_quotient(left, right, DecimalType(DIGITS, scale))
    return checked(rescale(raw_of(found), scale, target.scale), target, "a quotient")


SCALE = Arg("scale", INTEGER, is_optional=True, is_constant=True)
FUNCTIONS: tuple[ScalarFunction, ...] = tuple(
    ScalarFunction(
        name=name,
        family="arithmetic",
        args=(Arg("x", DECIMAL), Arg("y", DECIMAL), SCALE),
        result=_result,
        kernel=kernel,
        help=what,
        example=f"SELECT {name}(toDecimal32('2.5', 1), toDecimal32('1.25', 2), 3)",
        can_fail=True,
    )
    for name, kernel, what in (
        ("multiplyDecimal", _multiply, "The product as Decimal256, cut off at a scale."),
        ("divideDecimal", _divide, "The quotient as Decimal256, cut off at a scale."),
    )
)
