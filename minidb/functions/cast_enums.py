"""Numbers and other Enums to an Enum."""

from __future__ import annotations

import numpy as np

from minidb.columns import Column, NumericColumn
from minidb.columns.text_enums import enum_places
from minidb.errors import CANNOT_CONVERT_TYPE, UNKNOWN_ELEMENT_OF_ENUM, ValueExecutionError
from minidb.functions.cast_numbers import cast_number, numbers_of
from minidb.types import BoolType, EnumType, FloatType, IntType, numpy_dtype

INT64 = IntType(64, True)


def to_enum(column: Column, target: EnumType) -> Column:
    """Convert numbers, or the numbers of another Enum.

    Raises
    ------
    ValueExecutionError
        UNKNOWN_ELEMENT_OF_ENUM for a number that is none of the type's, CANNOT_CONVERT_TYPE where
        a text has another number in the other Enum.
    """
    if isinstance(column.type, EnumType):
        _check_numbers(column.type, target)
        values = numbers_of(column).astype(np.int64)
    elif isinstance(column.type, IntType | FloatType | BoolType):
        values = numbers_of(cast_number(column, INT64))
    else:
        values = numbers_of(column).astype(np.int64)
    known = enum_places(values, target)[1]
    if not known.all():
        value = int(values[np.argmin(known)])
        message = f"{value} is the number of no element of {target.name}"
        raise ValueExecutionError(UNKNOWN_ELEMENT_OF_ENUM, message)
    return NumericColumn(target, values.astype(numpy_dtype(target)))


def _check_numbers(source: EnumType, target: EnumType) -> None:
    """Refuse two types in which one text has two numbers."""
    numbers = dict(target.entries)
    for text, number in source.entries:
        if numbers.get(text, number) != number:
            message = f"{text!r} is {number} in {source.name} and {numbers[text]} in {target.name}"
            raise ValueExecutionError(CANNOT_CONVERT_TYPE, message)
