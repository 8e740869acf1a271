"""The functions toDecimal32, 64, 128 and 256 with their forms OrZero, OrNull and OrDefault."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from minidb.columns import Column, NullableColumn, default_column, split_nulls
from minidb.columns.text import parse_text
from minidb.errors import (
    BAD_ARGUMENTS,
    ILLEGAL_TYPE_OF_ARGUMENT,
    BindError,
    InternalError,
)
from minidb.functions.arguments import ANY, TEXT, UNSIGNED, Arg
from minidb.functions.builtin.conditional import select_rows
from minidb.functions.builtin.kit import illegal_type
from minidb.functions.cast import cast_column, check_cast, parse_or_null, to_text
from minidb.functions.cast_decimals import decimals_that_fit
from minidb.functions.declaration import Argument, Call, NullPolicy, ScalarFunction
from minidb.types import (
    ArrayType,
    DataType,
    DecimalType,
    NothingType,
    NullableType,
    TupleType,
    is_string_like,
    nullable,
    without_null,
)
from minidb.types.constructors import checked_decimal

FAMILY = "conversion"
PRECISIONS = {32: 9, 64: 18, 128: 38, 256: 76}
SCALE = Arg("scale", UNSIGNED, is_constant=True)


def _target(args: Sequence[Argument], precision: int) -> DataType:
    """Return the Decimal whose scale the second argument names."""
    scale = args[1].constant_value()
    if not isinstance(scale, int):
        raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, "the scale of a Decimal is a constant number")
    return checked_decimal(precision, int(scale))


def _rule(name: str, precision: int) -> Callable[[Sequence[Argument]], DataType]:
    def rule(args: Sequence[Argument]) -> DataType:
        source = args[0].type
        if isinstance(source, ArrayType | TupleType):
            raise illegal_type(name, source, "a number or text")
        target = _target(args, precision)
        check_cast(source, target)
        return target

    return rule


def _text_rule(precision: int, *, is_nullable: bool) -> Callable[[Sequence[Argument]], DataType]:
    def rule(args: Sequence[Argument]) -> DataType:
        target = _target(args, precision)
        return nullable(target) if is_nullable else target

    return rule


def _cast(call: Call) -> Column:
    return cast_column(call.columns[0], call.result_type)


def _or_zero(call: Call) -> Column:
    """Read text, or give 0."""
    values, ok = parse_text(to_text(call.columns[0]), call.result_type, is_strict=True)
    return select_rows(ok, values, default_column(call.result_type, call.n_rows))


def _or_null(call: Call) -> Column:
    """Read text, or give NULL; what is NULL stays so."""
    target = call.result_type
    if not isinstance(target, NullableType):
        raise InternalError("the result of OrNull is Nullable")
    column, is_null = split_nulls(call.columns[0])
    if isinstance(column.type, NothingType):
        return default_column(target, call.n_rows)
    result = parse_or_null(column, target)
    if is_null is None or not isinstance(result, NullableColumn):
        return result
    return NullableColumn(target, result.inner, result.is_null | is_null)


def _or_default_rule(name: str, precision: int) -> Callable[[Sequence[Argument]], DataType]:
    """Return the rule of OrDefault: the default is of the type itself."""

    def rule(args: Sequence[Argument]) -> DataType:
        target = _rule(name, precision)([Argument(without_null(args[0].type)), *args[1:]])
        if len(args) > 2 and args[2].type != target:
            message = f"the default has to be {target.name}, not {args[2].type.name}"
            raise BindError(BAD_ARGUMENTS, message)
        return target

    return rule


def _or_default(call: Call) -> Column:
    """Convert, or give the third argument or 0 where the value does not fit or is NULL."""
    target = call.result_type
    if not isinstance(target, DecimalType):
        raise InternalError("the result of OrDefault is a Decimal")
    default: Column = default_column(target, call.n_rows)
    if len(call.columns) > 2:
        default = call.columns[2]
    column, is_null = split_nulls(call.columns[0])
    if isinstance(column.type, NothingType):
        return default
    if is_string_like(column.type):
        values, ok = parse_text(to_text(column), target, is_strict=True)
    else:
        values, ok = decimals_that_fit(column, target)
    return select_rows(ok if is_null is None else ok & ~is_null, values, default)


def _functions(bits: int, precision: int) -> tuple[ScalarFunction, ...]:
    name, type_name = f"toDecimal{bits}", f"Decimal({precision}, scale)"
    return (
        ScalarFunction(
            name,
            FAMILY,
            (Arg("x", ANY), SCALE),
            _rule(name, precision),
            _cast,
            f"x as {type_name}; digits past the scale are cut off",
            f"SELECT {name}('12.345', 2)",
            can_fail=True,
        ),
        ScalarFunction(
            f"{name}OrZero",
            FAMILY,
            (Arg("x", TEXT), SCALE),
            _text_rule(precision, is_nullable=False),
            _or_zero,
            f"text read as {type_name}, or 0 where it is none",
            f"SELECT {name}OrZero('?', 2)",
        ),
        ScalarFunction(
            f"{name}OrNull",
            FAMILY,
            (Arg("x", TEXT), SCALE),
            _text_rule(precision, is_nullable=True),
            _or_null,
            f"text read as {type_name}, or NULL where it is none",
            f"SELECT {name}OrNull('?', 2)",
            nulls=NullPolicy.OWN,
        ),
        ScalarFunction(
            f"{name}OrDefault",
            FAMILY,
            (Arg("x", ANY), SCALE, Arg("default", ANY, is_optional=True)),
            _or_default_rule(name, precision),
            _or_default,
            f"x as {type_name}, or the default where it does not fit",
            f"SELECT {name}OrDefault('?', 2)",
            nulls=NullPolicy.OWN,
        ),
    )


DECIMAL_CONVERSIONS: tuple[ScalarFunction, ...] = tuple(
    function for bits, precision in PRECISIONS.items() for function in _functions(bits, precision)
)
