"""Values of JSON texts in a type of one's own, and the kinds of JSON values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from minidb.columns import Column, NullableColumn, NumericColumn
from minidb.columns.values import column_from_values
from minidb.errors import ILLEGAL_COLUMN, BindError, NotSupportedError
from minidb.functions.arguments import STRING, Arg
from minidb.functions.builtin.json_text import (
    FIELD,
    KEY,
    MISSING,
    PATH,
    Value,
    found_values,
    is_object,
    number_of,
    shown_value,
    simple_value,
)
from minidb.functions.builtin.kit import TEXT, U64, numeric, strings
from minidb.functions.declaration import Argument, Call, ScalarFunction
from minidb.types import (
    ArrayType,
    BoolType,
    DataType,
    EnumType,
    FixedStringType,
    FloatType,
    IntType,
    MapType,
    NullableType,
    StringType,
    TupleType,
    nullable,
)
from minidb.types.names import parse_type

KINDS = EnumType(
    8,
    (
        *(("Null", 0), ("String", 34), ("Array", 91), ("Bool", 98), ("Double", 100)),
        *(("Int64", 105), ("UInt64", 117), ("Object", 123)),
    ),
)
PAIRS = ArrayType(TupleType((TEXT, TEXT)))
LONGEST = 1 << 63


def _kind(value: Value) -> int:
    """Return the number of the kind of a JSON value."""
    if value is MISSING or value is None:
        return 0
    if isinstance(value, bool):
        return 98
    if isinstance(value, int):
        return 105 if -LONGEST <= value < LONGEST else 117 if 0 < value < 2 * LONGEST else 100
    if isinstance(value, float):
        return 100
    if isinstance(value, str):
        return 34
    return 123 if is_object(value) else 91


def _kinds(call: Call) -> Column:
    found = np.fromiter(map(_kind, found_values(call)), np.int8, call.n_rows)
    return NumericColumn(KINDS, found)


def _array_length(call: Call) -> Column:
    """Return the length of a JSON array, NULL for everything else."""
    found = [
        len(value) if isinstance(value, list) and not is_object(value) else -1
        for value in found_values(call)
    ]
    lengths = np.array(found, np.int64)
    inner = numeric(U64, np.maximum(lengths, 0))
    return NullableColumn(NullableType(U64), inner, lengths < 0)


def _raw_pairs(call: Call) -> Column:
    """Return keys and values of an object, the values as JSON."""
    found = [
        [(key, shown_value(item)) for key, item in value] if is_object(value) else []
        for value in found_values(call)
    ]
    return column_from_values(PAIRS, found)


def _check_target(target: DataType) -> None:
    """Refuse types that no JSON value is read as."""
    match target:
        case MapType(key=StringType(), value=inner) | NullableType(inner=inner):
            _check_target(inner)
        case MapType():
            raise NotSupportedError("JSONExtract reads a Map with keys of type String alone")
        case ArrayType(element=inner):
            _check_target(inner)
        case TupleType(elements=elements):
            for element in elements:
                _check_target(element)
        case IntType() | FloatType() | BoolType() | StringType() | FixedStringType():
            return
        case _:
            raise NotSupportedError(f"JSONExtract does not read {target.name}")


def _target(arguments: Sequence[Argument]) -> DataType:
    written = arguments[-1].constant_value()
    if not isinstance(written, str):
        message = "the last argument names a type as a constant text"
        raise BindError(ILLEGAL_COLUMN, message)
    target = parse_type(written)
    _check_target(target)
    return target


def _pairs_target(arguments: Sequence[Argument]) -> DataType:
    return ArrayType(TupleType((TEXT, _target(arguments))))


def _default(target: DataType) -> object:
    """Return what stands where no value can be read."""
    match target:
        case NullableType():
            return None
        case StringType() | FixedStringType():
            return ""
        case MapType():
            return {}
        case ArrayType():
            return []
        case TupleType(elements=elements):
            return tuple(map(_default, elements))
        case _:
            return 0


def _read(value: Value, target: DataType) -> Any:
    """Return a value as the Python value of a type, MISSING if it is none."""
    match target:
        case NullableType(inner=inner):
            return _read(value, inner)
        case IntType() | FloatType() | BoolType():
            return number_of(value, target)
        case StringType() | FixedStringType():
            return _read_text(value, target)
        case MapType(value=inner):
            if not is_object(value):
                return MISSING
            return {key: _read_or_default(item, inner) for key, item in value}
        case ArrayType(element=inner):
            if not isinstance(value, list) or is_object(value):
                return MISSING
            return [_read_or_default(item, inner) for item in value]
        case TupleType():
            return _read_tuple(value, target)
        case _:
            return MISSING


def _read_text(value: Value, target: DataType) -> Any:
    if value is MISSING or value is None:
        return MISSING
    text = value if isinstance(value, str) else shown_value(value)
    is_long = isinstance(target, FixedStringType) and len(text.encode()) > target.width
    return MISSING if is_long else text


def _read_tuple(value: Value, target: TupleType) -> Any:
    """Read an array or object place by place; an object by names where the type has them."""
    if not isinstance(value, list):
        return MISSING
    items: list[Value] = list(value)
    if is_object(value):
        named = dict(reversed(value))
        items = [item for _, item in value]
        if target.names:
            items = [named.get(name, MISSING) for name in target.names]
    items += [MISSING] * (len(target.elements) - len(items))
    return tuple(map(_read_or_default, items, target.elements))


def _read_or_default(value: Value, target: DataType) -> object:
    found = _read(value, target)
    return _default(target) if found is MISSING else found


def _extract(call: Call) -> Column:
    target = call.result_type
    found = [_read_or_default(value, target) for value in found_values(call, skip=1)]
    return column_from_values(target, found)


def _extract_pairs(call: Call) -> Column:
    """Return keys and values of an object, the values in a type; others are left out."""
    result = call.result_type
    pair = result.element if isinstance(result, ArrayType) else result
    target = pair.elements[1] if isinstance(pair, TupleType) else pair
    found = []
    for value in found_values(call, skip=1):
        read = [(key, _read(item, target)) for key, item in value] if is_object(value) else []
        found.append([(key, item) for key, item in read if item is not MISSING])
    return column_from_values(result, found)


def _simple_unsigned(call: Call) -> Column:
    """Return the digits behind a field's name as a number."""
    pairs = zip(*(strings(column).to_bytes() for column in call.columns), strict=True)
    found = []
    for text, name in pairs:
        shown = (simple_value(text, name) or b"").strip(b' "')
        digits = shown[: len(shown) - len(shown.lstrip(b"0123456789"))]
        found.append(int(digits or b"0") % (2 * LONGEST))
    return numeric(U64, np.array(found, np.uint64))


def _declare(name: str, shown: str, what: str, **more: Any) -> ScalarFunction:
    return ScalarFunction(
        name=name, family="JSON", help=what, example=f"SELECT {name}({shown})", **more
    )


FUNCTIONS: tuple[ScalarFunction, ...] = (
    _declare(
        "JSONType", """'{"a": [1, "x"]}', 'a', 1""", "The kind of a value.",
        args=PATH, result=KINDS, kernel=_kinds,
    ),
    _declare(
        "JSONArrayLength", "'[1, 2, 3]'", "The length of an array, NULL for all else.",
        args=(Arg("json", STRING),), result=nullable(U64), kernel=_array_length,
        aliases=("JSON_ARRAY_LENGTH",), is_case_insensitive=True,
    ),
    _declare(
        "JSONExtract", """'{"a": [1, 2.5, null]}', 'a', 'Array(Nullable(Int32))'""",
        "A value in the type that the last argument names; the type's default where it is none.",
        args=KEY, result=_target, kernel=_extract,
    ),
    _declare(
        "JSONExtractKeysAndValues", """'{"a": 1, "b": 2}', 'Int8'""",
        "The keys and values of an object, the values in a type.",
        args=KEY, result=_pairs_target, kernel=_extract_pairs,
    ),
    _declare(
        "JSONExtractKeysAndValuesRaw", """'{"a": 1, "b": [2]}'""",
        "The keys and values of an object, the values as JSON.",
        args=PATH, result=PAIRS, kernel=_raw_pairs,
    ),
    _declare(
        "simpleJSONExtractUInt", """'{"a":12}', 'a'""", "The number of a field, without a sign.",
        args=FIELD, result=U64, kernel=_simple_unsigned, aliases=("visitParamExtractUInt",),
    ),
)  # fmt: skip
