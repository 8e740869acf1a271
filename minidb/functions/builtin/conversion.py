"""CAST and the functions named after the type they convert to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from minidb.columns import (
    Column,
    NullableColumn,
    StringColumn,
    constant_column,
    default_column,
    split_nulls,
)
from minidb.columns.text import parse_text
from minidb.errors import (
    BAD_ARGUMENTS,
    ILLEGAL_TYPE_OF_ARGUMENT,
    BindError,
    InternalError,
    NotSupportedError,
)
from minidb.functions.arguments import ANY, STRING, TEXT, UNSIGNED, Arg
from minidb.functions.builtin.conditional import select_rows
from minidb.functions.builtin.to_decimal import DECIMAL_CONVERSIONS
from minidb.functions.cast import (
    cast_column,
    check_cast,
    parse_or_null,
    refuse_lossy,
    to_text,
)
from minidb.functions.cast_exact import cast_exactly
from minidb.functions.declaration import Argument, Call, NullPolicy, ScalarFunction
from minidb.types import (
    ArrayType,
    BoolType,
    DataType,
    DateTimeType,
    DateType,
    FixedStringType,
    FloatType,
    IntType,
    NothingType,
    NullableType,
    StringType,
    TupleType,
    UUIDType,
    nullable,
    without_null,
)
from minidb.types.names import parse_type

FAMILY = "conversion"
MAX_FIXED_STRING = 1 << 24
ZONE = Arg("timezone", ANY, is_optional=True)
VALUE_AND_TYPE = (Arg("x", ANY), Arg("type", STRING, is_constant=True))
# The functions to<Type>, and those that also have the forms OrZero, OrNull and OrDefault.
NAMED_TYPES: tuple[DataType, ...] = (
    *(
        IntType(bits, is_signed)
        for is_signed in (True, False)
        for bits in (8, 16, 32, 64, 128, 256)
    ),
    FloatType(32),
    FloatType(64),
    DateType(),
    DateTimeType(),
    BoolType(),
    UUIDType(),
)


def named_type(args: Sequence[Argument], index: int = 1) -> DataType:
    """Return the type that a constant argument names."""
    name = args[index].constant_value()
    if not isinstance(name, str):
        raise BindError(BAD_ARGUMENTS, "the type has to be a constant text")
    return parse_type(name)


def _cast_type(args: Sequence[Argument]) -> DataType:
    target = named_type(args)
    check_cast(args[0].type, target)
    return target


def _cast(call: Call) -> Column:
    return cast_column(call.columns[0], call.result_type)


def _accurate_type(args: Sequence[Argument]) -> DataType:
    target = named_type(args)
    check_cast(args[0].type, target)
    return target


def _accurate_cast(call: Call) -> Column:
    column, target = call.columns[0], call.result_type
    if not isinstance(target, NullableType) and isinstance(column, NullableColumn):
        # NULL is refused by the plain cast, with its own error.
        return cast_column(_accurately(column, nullable(target)), target)
    return _accurately(column, target)


def _accurately(column: Column, target: DataType) -> Column:
    """Convert, and refuse the first value that would change."""
    values, is_null = split_nulls(column)
    bare = without_null(target)
    if isinstance(values.type, NothingType):
        return cast_column(column, target)
    converted, exact = cast_exactly(values, bare)
    if is_null is not None:
        exact = exact | is_null
    if not exact.all():
        if isinstance(values, StringColumn):
            return cast_column(column, target)
        raise refuse_lossy(column.type, target)
    if not isinstance(target, NullableType):
        return converted
    mask = np.zeros(len(column), np.bool_) if is_null is None else is_null
    return NullableColumn(target, converted, mask)


def _accurate_or_null_type(args: Sequence[Argument]) -> DataType:
    target = named_type(args)
    check_cast(args[0].type, target)
    return target if isinstance(target, NullableType) else nullable(target)


def _accurate_or_null(call: Call) -> Column:
    column, target = call.columns[0], call.result_type
    values, is_null = split_nulls(column)
    if isinstance(values.type, NothingType):
        return cast_column(column, target)
    converted, exact = cast_exactly(values, without_null(target))
    if not isinstance(target, NullableType):
        return converted
    mask = ~exact if is_null is None else ~exact | is_null
    return NullableColumn(target, converted, mask)


def _accurate_or_default(call: Call) -> Column:
    return exact_or_default(call, 2)


def _accurate_or_default_type(args: Sequence[Argument]) -> DataType:
    target = named_type(args)
    check_cast(without_null(args[0].type), target)
    require_default(args, 2, target)
    return target


def _convertible(target: DataType) -> Callable[[Sequence[Argument]], DataType]:
    """Return the rule of to<Type>: arrays and tuples are for CAST alone."""

    def rule(args: Sequence[Argument]) -> DataType:
        source = args[0].type
        if isinstance(source, ArrayType | TupleType) and not isinstance(target, StringType):
            message = f"to{target.name} does not take {source.name}"
            raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message)
        check_cast(source, target)
        return target

    return rule


def _or_zero(call: Call) -> Column:
    """Read text, or give the type's default."""
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


def _or_default_of(target: DataType) -> Callable[[Sequence[Argument]], DataType]:
    """Return the rule of to<Type>OrDefault: the default is of the type itself."""

    def rule(args: Sequence[Argument]) -> DataType:
        result = _convertible(target)([Argument(without_null(args[0].type)), *args[1:]])
        if isinstance(target, DateTimeType) and len(args) > 1:
            message = "toDateTimeOrDefault takes a time zone in front of the default"
            if not isinstance(args[1].type, StringType) or args[1].constant is None:
                raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message)
            raise NotSupportedError("toDateTimeOrDefault takes no time zone here")
        require_default(args, 1, result)
        return result

    return rule


def require_default(args: Sequence[Argument], place: int, target: DataType) -> None:
    """Refuse a default value of another type than the result."""
    if len(args) > place and args[place].type != target:
        message = f"the default has to be {target.name}, not {args[place].type.name}"
        raise BindError(BAD_ARGUMENTS, message)


def _or_default(call: Call) -> Column:
    """Convert exactly, or give the last argument or the type's default."""
    return exact_or_default(call, 1)


def exact_or_default(call: Call, place: int) -> Column:
    """Convert exactly, or give the argument at `place` or the type's default."""
    target = call.result_type
    default: Column = default_column(target, call.n_rows)
    if len(call.columns) > place:
        default = call.columns[place]
    column, is_null = split_nulls(call.columns[0])
    if isinstance(column.type, NothingType):
        return default
    values, exact = cast_exactly(column, target)
    if is_null is not None:
        exact = exact & ~is_null
    return select_rows(exact, values, default)


def _fixed_type(args: Sequence[Argument]) -> DataType:
    width = args[1].constant_value()
    if not isinstance(width, int) or not 1 <= width <= MAX_FIXED_STRING:
        message = f"the width of a FixedString is a constant from 1 to {MAX_FIXED_STRING}"
        raise BindError(BAD_ARGUMENTS, message)
    return FixedStringType(int(width))


def _type_name(call: Call) -> Column:
    name = StringColumn.from_bytes([call.columns[0].type.name.encode()])
    return constant_column(name, call.n_rows)


UUID_SAMPLE = "'61f0c404-5cb3-11e7-907b-a6006ad3dba0'"


def _conversions(target: DataType) -> tuple[ScalarFunction, ...]:
    """Return to<Type> with its forms OrZero, OrNull and OrDefault."""
    name = f"to{target.name}"
    sample = "'2020-01-31'" if isinstance(target, DateType | DateTimeType) else "'12'"
    sample = "'true'" if isinstance(target, BoolType) else sample
    sample = UUID_SAMPLE if isinstance(target, UUIDType) else sample
    plain = ScalarFunction(
        name,
        FAMILY,
        (Arg("x", ANY),),
        _convertible(target),
        _cast,
        f"x as {target.name}",
        f"SELECT {name}({sample})",
        aliases={"toDate": ("date", "DATE")}.get(name, ()),
        can_fail=True,
    )
    if isinstance(target, BoolType):
        return (plain,)
    zone = (ZONE,) if isinstance(target, DateTimeType) else ()
    return (
        plain,
        ScalarFunction(
            f"{name}OrZero",
            FAMILY,
            (Arg("x", TEXT),),
            target,
            _or_zero,
            f"text read as {target.name}, or its default where it is none",
            f"SELECT {name}OrZero('?')",
        ),
        ScalarFunction(
            f"{name}OrNull",
            FAMILY,
            (Arg("x", TEXT),),
            nullable(target),
            _or_null,
            f"text read as {target.name}, or NULL where it is none",
            f"SELECT {name}OrNull('?')",
            nulls=NullPolicy.OWN,
        ),
        ScalarFunction(
            f"{name}OrDefault",
            FAMILY,
            (Arg("x", ANY), *zone, Arg("default", ANY, is_optional=True)),
            _or_default_of(target),
            _or_default,
            f"x as {target.name}, or the default where that would change its value",
            f"SELECT {name}OrDefault('?')",
            nulls=NullPolicy.OWN,
        ),
    )


FUNCTIONS: tuple[ScalarFunction, ...] = (
    ScalarFunction(
        "CAST",
        FAMILY,
        VALUE_AND_TYPE,
        _cast_type,
        _cast,
        "x converted to the type that a constant text names",
        "SELECT CAST('12' AS UInt8)",
        aliases=("_CAST",),
        is_case_insensitive=True,
        nulls=NullPolicy.OWN,
        can_fail=True,
    ),
    ScalarFunction(
        "accurateCast",
        FAMILY,
        VALUE_AND_TYPE,
        _accurate_type,
        _accurate_cast,
        "as CAST, but an error where a number would change its value",
        "SELECT accurateCast(12, 'UInt8')",
        nulls=NullPolicy.OWN,
        can_fail=True,
    ),
    ScalarFunction(
        "accurateCastOrNull",
        FAMILY,
        VALUE_AND_TYPE,
        _accurate_or_null_type,
        _accurate_or_null,
        "as CAST, but NULL where a value would change or cannot be read",
        "SELECT accurateCastOrNull(300, 'UInt8')",
        nulls=NullPolicy.OWN,
    ),
    ScalarFunction(
        "accurateCastOrDefault",
        FAMILY,
        (*VALUE_AND_TYPE, Arg("default", ANY, is_optional=True)),
        _accurate_or_default_type,
        _accurate_or_default,
        "as CAST, but a default where a value would change or cannot be read",
        "SELECT accurateCastOrDefault(300, 'UInt8')",
        nulls=NullPolicy.OWN,
    ),
    ScalarFunction(
        "toString",
        FAMILY,
        (Arg("x", ANY),),
        StringType(),
        _cast,
        "the text form of x",
        "SELECT toString(12)",
    ),
    ScalarFunction(
        "toFixedString",
        FAMILY,
        (Arg("x", TEXT), Arg("n", UNSIGNED, is_constant=True)),
        _fixed_type,
        _cast,
        "text as FixedString(n), filled with zero bytes",
        "SELECT toFixedString('ab', 4)",
        can_fail=True,
    ),
    ScalarFunction(
        "toTypeName",
        FAMILY,
        (Arg("x", ANY),),
        StringType(),
        _type_name,
        "the name of the type of x",
        "SELECT toTypeName(1)",
        nulls=NullPolicy.OWN,
    ),
    *(function for target in NAMED_TYPES for function in _conversions(target)),
    *DECIMAL_CONVERSIONS,
)
