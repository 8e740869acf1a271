"""Enums as text, and back: the number of a text by looking it up in the type."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from minidb.columns.base import BoolArray, Column
from minidb.columns.grouping import factorize
from minidb.columns.make import concat_columns
from minidb.columns.numeric import NumericColumn
from minidb.columns.strings import StringColumn
from minidb.types import EnumType, numpy_dtype


def enum_names(data_type: EnumType) -> StringColumn:
    """Return the texts of a type, by their numbers."""
    texts = (text.encode("utf-8", "surrogateescape") for text, _ in data_type.entries)
    return StringColumn.from_bytes(texts)


def enum_numbers(data_type: EnumType) -> NDArray[Any]:
    """Return the numbers of a type, rising."""
    return np.array([number for _, number in data_type.entries], numpy_dtype(data_type))


def enum_places(values: NDArray[Any], data_type: EnumType) -> tuple[NDArray[np.intp], BoolArray]:
    """Return for each number its place among the type's, and whether it is one of them."""
    numbers = enum_numbers(data_type).astype(np.int64)
    places = np.minimum(np.searchsorted(numbers, values), len(numbers) - 1)
    known: BoolArray = numbers[places] == values
    return np.where(known, places, 0), known


def render_enums(values: NDArray[Any], data_type: EnumType) -> StringColumn:
    """Return the text of each value; what is no value, under a NULL, has the first text."""
    return enum_names(data_type).take(enum_places(values.astype(np.int64), data_type)[0])


def parse_enums(strings: StringColumn, data_type: EnumType) -> tuple[Column, BoolArray]:
    """Read the texts of a type, or their numbers in digits."""
    numbers = enum_numbers(data_type)
    if not len(strings):
        return NumericColumn(data_type, numbers[:0]), np.zeros(0, np.bool_)
    codes = factorize([concat_columns(strings.type, [enum_names(data_type), strings])]).codes
    # The texts of the type are distinct, so the first codes are theirs in order.
    found = codes[len(numbers) :]
    ok: BoolArray = found < len(numbers)
    values = numbers[np.where(ok, found, 0)]
    rows = np.flatnonzero(~ok)
    if len(rows):
        written = StringColumn.from_bytes(b"%d" % number for number in numbers.tolist())
        rest, is_number = _look_up(strings.take(rows), written)
        values[rows], ok[rows] = numbers[rest], is_number
    return NumericColumn(data_type, values), ok


def _look_up(strings: StringColumn, keys: StringColumn) -> tuple[NDArray[np.intp], BoolArray]:
    """Return the place of each text among distinct ones, and whether it is there."""
    codes = factorize([concat_columns(strings.type, [keys, strings])]).codes[len(keys) :]
    ok: BoolArray = codes < len(keys)
    return np.where(ok, codes, 0), ok
