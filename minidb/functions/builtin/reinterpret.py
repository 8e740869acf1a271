"""The same bytes read as another type: reinterpretAsUInt64 and its relatives."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from minidb.columns import (
    Column,
    FixedStringColumn,
    NumericColumn,
    StringColumn,
    WideColumn,
)
from minidb.columns.text_layout import padded_matrix
from minidb.functions.arguments import NUMERIC, STRING, TEMPORAL, TEXT, Arg, either
from minidb.functions.builtin.conversion import named_type
from minidb.functions.builtin.number_types import illegal_type
from minidb.functions.cast import to_text
from minidb.functions.cast_numbers import is_plain_number, numbers_of
from minidb.functions.declaration import Argument, Call, ScalarFunction
from minidb.types import (
    DataType,
    DateTimeType,
    DateType,
    DecimalType,
    FixedStringType,
    FloatType,
    IntType,
    StringType,
    is_string_like,
    numpy_dtype,
)

FAMILY = "conversion"
STORED = either(NUMERIC, TEMPORAL, TEXT)
TARGETS: tuple[DataType, ...] = (
    *(IntType(bits, signed) for signed in (True, False) for bits in (8, 16, 32, 64, 128, 256)),
    FloatType(32),
    FloatType(64),
    DateType(),
    DateTimeType(),
    StringType(),
)


def _width(data_type: DataType) -> int:
    """Return the bytes of one value; 0 for String."""
    match data_type:
        case FixedStringType(width=width):
            return width
        case IntType(is_wide=True, bits=bits) | DecimalType(is_wide=True, bits=bits):
            return bits // 8
        case StringType():
            return 0
        case _:
            return numpy_dtype(data_type).itemsize


def _bytes_of(column: Column, width: int) -> NDArray[np.uint8]:
    """Return the bytes of each value, least significant first, cut or filled to `width`."""
    match column:
        case StringColumn():
            return padded_matrix(column, width)
        case FixedStringColumn(data=data):
            raw = data
        case WideColumn(lanes=lanes):
            little = np.ascontiguousarray(lanes, "<u8")
            raw = little.view(np.uint8).reshape(len(lanes), lanes.shape[1] * 8)
        case _:
            values = numbers_of(column)
            little = np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
            raw = little.view(np.uint8).reshape(len(values), values.itemsize)
    if raw.shape[1] >= width:
        return raw[:, :width]
    padded = np.zeros((len(raw), width), np.uint8)
    padded[:, : raw.shape[1]] = raw
    return padded


def _reinterpret(call: Call) -> Column:
    column, target = call.columns[0], call.result_type
    match target:
        case StringType():
            if isinstance(column, StringColumn):
                return column
            # Zero bytes at the end are no text.
            width = _width(column.type)
            return to_text(FixedStringColumn(FixedStringType(width), _bytes_of(column, width)))
        case FixedStringType(width=width):
            return FixedStringColumn(target, _bytes_of(column, width))
        case IntType(is_wide=True, n_lanes=n_lanes) | DecimalType(is_wide=True, n_lanes=n_lanes):
            raw = np.ascontiguousarray(_bytes_of(column, n_lanes * 8))
            lanes = raw.view("<u8").reshape(len(column), n_lanes)
            return WideColumn(target, lanes.astype(np.uint64, copy=False))
        case _:
            dtype = numpy_dtype(target)
            raw = np.ascontiguousarray(_bytes_of(column, dtype.itemsize))
            values = raw.view(dtype.newbyteorder("<")).reshape(len(column))
            return NumericColumn(target, values.astype(dtype, copy=False))


def _fixed_type(args: Sequence[Argument]) -> DataType:
    source = args[0].type
    if isinstance(source, StringType):
        raise illegal_type("reinterpretAsFixedString", source, "a value of fixed size")
    return FixedStringType(_width(source))


def _named_type(args: Sequence[Argument]) -> DataType:
    target = named_type(args)
    is_number = is_plain_number(target) or isinstance(target, DecimalType)
    if not is_number and not is_string_like(target):
        raise illegal_type("reinterpret", target, "the name of a number type or text type")
    return target


def _declare(
    name: str, result: DataType | Callable[[Sequence[Argument]], DataType], sample: str
) -> ScalarFunction:
    return ScalarFunction(
        name,
        FAMILY,
        (Arg("x", STORED),),
        result,
        _reinterpret,
        "the bytes of x, least significant first, read as the type in the name",
        f"SELECT {name}({sample})",
    )


FUNCTIONS: tuple[ScalarFunction, ...] = (
    *(_declare(f"reinterpretAs{target.name}", target, "65") for target in TARGETS),
    _declare("reinterpretAsFixedString", _fixed_type, "65"),
    ScalarFunction(
        "reinterpret",
        FAMILY,
        (Arg("x", STORED), Arg("type", STRING, is_constant=True)),
        _named_type,
        _reinterpret,
        "the bytes of x, least significant first, read as the type that a constant names",
        "SELECT reinterpret(65, 'Int8')",
    ),
)
