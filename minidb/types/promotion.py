"""The least common type of several types, as ClickHouse finds it (its "supertype")."""

from __future__ import annotations

from collections.abc import Sequence

from minidb.errors import NO_COMMON_TYPE, BindError
from minidb.source import Span
from minidb.types.family import (
    DECIMAL_BITS,
    ArrayType,
    BitsType,
    BoolType,
    DataType,
    DateTimeType,
    DateType,
    DecimalType,
    EnumType,
    FloatType,
    IntType,
    MapType,
    NothingType,
    NullableType,
    StringType,
    TupleType,
    is_string_like,
    map_of,
    nullable,
    without_null,
)

FLOAT32_MANTISSA_BITS = 24
FLOAT64_MANTISSA_BITS = 53


def common_type(types: Sequence[DataType], span: Span | None = None) -> DataType:
    """Return the smallest type that holds every value of all `types`.

    Parameters
    ----------
    types : sequence of DataType
        At least one.
    span : Span, optional
        Where the error points.

    Raises
    ------
    BindError
        NO_COMMON_TYPE, for example for a String and a number.
    """
    distinct = list(dict.fromkeys(types))
    known = [t for t in distinct if not isinstance(without_null(t), NothingType)]
    if not known:
        return distinct[0] if len(distinct) == 1 else NullableType(NothingType())
    has_null = any(isinstance(t, NullableType) for t in distinct)
    bare = list(dict.fromkeys(without_null(t) for t in known))
    result = bare[0] if len(bare) == 1 else _common_bare(bare)
    if result is None or (has_null and isinstance(result, ArrayType | TupleType)):
        names = ", ".join(t.name for t in distinct)
        raise BindError(NO_COMMON_TYPE, f"there is no common type for {names}", span=span)
    return nullable(result) if has_null else result


def mixed_type(types: Sequence[DataType]) -> DataType:
    """Return the type of values side by side: the common one; of Bool and UInt8 the first."""
    bare = [without_null(t) for t in types if not isinstance(without_null(t), NothingType)]
    if set(bare) == {BoolType(), IntType(8, False)}:
        has_null = any(isinstance(t, NullableType) for t in types)
        return nullable(bare[0]) if has_null else bare[0]
    return common_type(list(types))


def _common_bare(types: list[DataType]) -> DataType | None:
    """Return the common type of distinct types without Nullable, or None."""
    if any(isinstance(t, MapType) for t in types):
        maps = [t for t in types if isinstance(t, MapType)]
        if len(maps) < len(types):
            return None
        return map_of(common_type([t.key for t in maps]), common_type([t.value for t in maps]))
    if all(isinstance(t, ArrayType) for t in types):
        elements = [t.element for t in types if isinstance(t, ArrayType)]
        return ArrayType(common_type(elements))
    if all(isinstance(t, TupleType) for t in types):
        return _common_tuple([t for t in types if isinstance(t, TupleType)])
    if all(is_string_like(t) for t in types):
        return StringType()
    if any(isinstance(t, EnumType) for t in types):
        return _common_enum(types)
    if all(isinstance(t, DateType | DateTimeType) for t in types):
        return DateTimeType()
    if all(isinstance(t, BitsType) for t in types):
        return None
    if any(isinstance(t, DecimalType) for t in types):
        return _common_decimal(types)
    if all(isinstance(t, IntType | BoolType) for t in types):
        return _common_integer([_as_integer(t) for t in types])
    if all(isinstance(t, IntType | FloatType | BoolType) for t in types):
        return _common_float(types)
    return None


# The whole digits that a Decimal needs beside an integer of some bits, as ClickHouse counts them.
SIGNED_DIGITS = {8: 3, 16: 5, 32: 9, 64: 18}
UNSIGNED_DIGITS = {8: 3, 16: 5, 32: 10, 64: 20}


def _common_decimal(types: list[DataType]) -> DataType | None:
    """Return the Decimal for Decimals and integers: the greatest scale, and digits for all."""
    scale = max(t.scale for t in types if isinstance(t, DecimalType))
    precision = max(t.widest_precision for t in types if isinstance(t, DecimalType))
    for data_type in types:
        if isinstance(data_type, BoolType | IntType):
            integer = _as_integer(data_type)
            digits = (SIGNED_DIGITS if integer.is_signed else UNSIGNED_DIGITS).get(integer.bits)
            if digits is None:
                return None
            precision = max(precision, digits + scale)
        elif not isinstance(data_type, DecimalType):
            return None
    decimals = [t for t in types if isinstance(t, DecimalType)]
    if len(decimals) == len(types) and len({(t.widest_precision, t.scale) for t in decimals}) == 1:
        # Types that differ in nothing but how many digits they promise.
        return decimals[0]
    if precision > max(DECIMAL_BITS):
        return None
    return DecimalType(DecimalType(precision, 0).widest_precision, scale)


def _common_enum(types: list[DataType]) -> DataType | None:
    """Return String beside a text, else the integer for the numbers."""
    if any(is_string_like(t) for t in types):
        return (
            StringType()
            if all(isinstance(t, EnumType) or is_string_like(t) for t in types)
            else None
        )
    numbers: list[DataType] = [
        IntType(t.bits, True) if isinstance(t, EnumType) else t for t in types
    ]
    distinct = list(dict.fromkeys(numbers))
    return distinct[0] if len(distinct) == 1 else _common_bare(distinct)


def _common_tuple(types: list[TupleType]) -> DataType | None:
    """Return the element-wise common tuple, or None when the sizes differ."""
    if len({len(t.elements) for t in types}) != 1:
        return None
    columns = zip(*(t.elements for t in types), strict=True)
    names = {t.names for t in types}
    return TupleType(
        tuple(common_type(list(column)) for column in columns),
        names.pop() if len(names) == 1 else (),
    )


def _as_integer(data_type: DataType) -> IntType:
    """Read Bool as UInt8."""
    return data_type if isinstance(data_type, IntType) else IntType(8, False)


def _common_integer(types: list[IntType]) -> DataType | None:
    """Return the narrowest integer for all; an unsigned one beside a signed one needs a bit more."""
    signed = max((t.bits for t in types if t.is_signed), default=0)
    unsigned = max((t.bits for t in types if not t.is_signed), default=0)
    if not signed:
        return IntType(unsigned, False)
    needed = signed if unsigned < signed else unsigned * 2
    # ClickHouse has no signed type for UInt64, although Int128 would hold it.
    exists = needed == signed or (needed <= 256 and unsigned != 64)
    return IntType(needed, True) if exists else None


def _common_float(types: list[DataType]) -> DataType | None:
    """Return the float that holds all values, as long as the integers fit its mantissa."""
    widest_integer = max(
        (t.bits - int(t.is_signed) for t in types if isinstance(t, IntType)), default=0
    )
    widest_float = max(t.bits for t in types if isinstance(t, FloatType))
    if widest_integer <= FLOAT32_MANTISSA_BITS and widest_float == 32:
        return FloatType(32)
    return FloatType(64) if widest_integer <= FLOAT64_MANTISSA_BITS else None
