"""Constant texts beside values of other types: ``day < '2021-01-01'`` reads the text as a Date."""

from __future__ import annotations

import numpy as np

from minidb.columns import Column, NumericColumn, StringColumn
from minidb.columns.text import parse_text
from minidb.errors import TYPE_MISMATCH, ValueExecutionError
from minidb.functions.cast import parse_error
from minidb.types import DataType, DateTimeType, DateType, EnumType, IntType

NO_ELEMENT = -(1 << 31)
WIDEST = IntType(256, True)


def read_constant(text: Column, data_type: DataType) -> Column:
    """Read a constant text as the type it is compared with.

    Parameters
    ----------
    text : StringColumn, one row
        The constant.
    data_type : DataType
        The type of the other side. For an integer the text may be outside of it: then it
        differs from all its values.

    Raises
    ------
    ValueExecutionError
        TYPE_MISMATCH, CANNOT_PARSE_DATE or CANNOT_PARSE_DATETIME for text that is no value.
    """
    if not isinstance(text, StringColumn):
        raise ValueExecutionError(TYPE_MISMATCH, f"text was expected, not {text.type.name}")
    wanted = data_type
    if isinstance(data_type, IntType) and (data_type.bits < 256 or not data_type.is_signed):
        wanted = data_type if data_type.bits == 256 else WIDEST
    column, ok = parse_text(text, wanted)
    if not ok.all() and isinstance(data_type, EnumType):
        # It equals none of the elements.
        return NumericColumn(IntType(32, True), np.array([NO_ELEMENT], np.int32))
    if not ok.all():
        error = parse_error(text, ok, data_type)
        if not isinstance(data_type, DateType | DateTimeType):
            error.code = TYPE_MISMATCH
        raise error
    return column
