"""Which type of Arrow stands for which type of ours."""

from __future__ import annotations

from typing import Any

from minidb.types import (
    ArrayType,
    BoolType,
    DataType,
    DateTimeType,
    DateType,
    DecimalType,
    FixedStringType,
    FloatType,
    IntType,
    MapType,
    NothingType,
    NullableType,
    StringType,
    TupleType,
    map_of,
    nullable,
)


def arrow_type(pa: Any, data_type: DataType) -> Any:
    """Return pyarrow's type for ours; what Arrow does not have is its text."""
    match data_type:
        case NullableType(inner=inner):
            return arrow_type(pa, inner)
        case NothingType():
            return pa.null()
        case BoolType():
            return pa.bool_()
        case IntType(is_wide=True, bits=bits):
            return pa.binary(bits // 8)
        case IntType(bits=bits, is_signed=signed):
            return getattr(pa, f"{'' if signed else 'u'}int{bits}")()
        case FloatType(bits=bits):
            return getattr(pa, f"float{bits}")()
        case DateType():
            return pa.date32()
        case DateTimeType():
            return pa.timestamp("s", "UTC")
        case DecimalType(precision=precision, scale=scale):
            make = pa.decimal128 if precision <= 38 else pa.decimal256
            return make(precision, scale)
        case FixedStringType(width=width):
            return pa.binary(width)
        case MapType(key=key, value=value):
            item = pa.field("value", arrow_type(pa, value), isinstance(value, NullableType))
            return pa.map_(arrow_type(pa, key), item)
        case ArrayType(element=element):
            inner_type = arrow_type(pa, element)
            return pa.list_(pa.field("item", inner_type, isinstance(element, NullableType)))
        case TupleType(elements=elements, names=names):
            labels = names or tuple(str(place + 1) for place in range(len(elements)))
            return pa.struct(
                [
                    pa.field(label, arrow_type(pa, element), isinstance(element, NullableType))
                    for label, element in zip(labels, elements, strict=True)
                ]
            )
        case _:
            return pa.string()


def type_of_arrow(pa: Any, kind: Any) -> DataType | None:
    """Return our type for pyarrow's, None where there is none; NULLs are the caller's affair."""
    is_a = pa.types
    if is_a.is_dictionary(kind):
        return type_of_arrow(pa, kind.value_type)
    if is_a.is_integer(kind):
        return IntType(kind.bit_width, is_a.is_signed_integer(kind))
    if is_a.is_decimal(kind):
        return DecimalType(kind.precision, kind.scale) if kind.scale >= 0 else None
    if is_a.is_floating(kind):
        return FloatType(64 if kind.bit_width == 64 else 32)
    if is_a.is_list(kind) or is_a.is_large_list(kind) or is_a.is_fixed_size_list(kind):
        element = type_of_arrow(pa, kind.value_type)
        if element is None:
            return None
        return ArrayType(nullable(element) if kind.value_field.nullable else element)
    if is_a.is_map(kind):
        return _map_type(pa, kind)
    if is_a.is_fixed_size_binary(kind):
        return FixedStringType(kind.byte_width) if kind.byte_width else StringType()
    if is_a.is_struct(kind):
        return _tuple_type(pa, kind)
    simple: tuple[tuple[Any, DataType], ...] = (
        (is_a.is_null, NothingType()),
        (is_a.is_boolean, BoolType()),
        (is_a.is_date, DateType()),
        (is_a.is_timestamp, DateTimeType()),
        (is_a.is_string, StringType()),
        (is_a.is_large_string, StringType()),
        (is_a.is_binary, StringType()),
        (is_a.is_large_binary, StringType()),
    )
    return next((found for is_kind, found in simple if is_kind(kind)), None)


def _map_type(pa: Any, kind: Any) -> DataType | None:
    """Return the type of a map."""
    key, value = type_of_arrow(pa, kind.key_type), type_of_arrow(pa, kind.item_type)
    if key is None or value is None:
        return None
    return map_of(key, nullable(value) if kind.item_field.nullable else value)


def _tuple_type(pa: Any, kind: Any) -> DataType | None:
    """Return the tuple of a struct."""
    elements = []
    for place in range(kind.num_fields):
        found = type_of_arrow(pa, kind.field(place).type)
        if found is None:
            return None
        elements.append(nullable(found) if kind.field(place).nullable else found)
    names = tuple(kind.field(place).name for place in range(kind.num_fields))
    is_numbered = names == tuple(str(place + 1) for place in range(len(names)))
    return TupleType(tuple(elements), () if is_numbered else names)
