"""Values that a statement or its caller gives, as a column of the table's type: exactly or not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minidb.columns import Column, NullableColumn, column_from_values, concat_columns
from minidb.errors import ARGUMENT_OUT_OF_BOUND, CANNOT_PARSE_TEXT, ValueExecutionError
from minidb.functions.cast import cast_column
from minidb.functions.cast_exact import cast_exactly
from minidb.types import (
    BitsType,
    DataType,
    FixedStringType,
    IntType,
    NullableType,
    StringType,
    without_null,
)


def given_column(data_type: DataType, values: Sequence[object]) -> Column:
    """Return Python values as a column; text is read where the column is no text.

    Parameters
    ----------
    data_type : DataType
        The table's.
    values : sequence
        As `column_from_values` takes them, or text in the type's written form.

    Raises
    ------
    ValueExecutionError
        When a value does not fit the type; numbers never wrap around.
    """
    bare = without_null(data_type)
    is_text = [isinstance(value, str | bytes | bytearray) for value in values]
    if isinstance(bare, StringType | FixedStringType | BitsType) or not any(is_text):
        return column_from_values(data_type, values)
    places = np.array(is_text, dtype=np.bool_)
    texts = column_from_values(StringType(), [v for v in values if isinstance(v, str | bytes)])
    others = [value for value, text in zip(values, is_text, strict=True) if not text]
    read = exact_column(texts, data_type)
    if not others:
        return read
    both = concat_columns(data_type, [read, column_from_values(data_type, others)])
    source = np.empty(len(values), np.intp)
    source[places] = np.arange(len(read))
    source[~places] = np.arange(len(read), len(both))
    return both.take(source)


def exact_column(column: Column, data_type: DataType) -> Column:
    """Convert a column without NULL to the table's type; what does not keep its value is refused.

    Raises
    ------
    ValueExecutionError
        CANNOT_PARSE_TEXT or ARGUMENT_OUT_OF_BOUND, with the first value that does not fit.
    """
    bare = without_null(data_type)
    if column.type == bare:
        converted = column
    else:
        converted, is_exact = cast_exactly(column, bare)
        if not is_exact.all():
            row = int(np.argmin(is_exact))
            value = column.to_pylist()[row]
            is_text = isinstance(value, str | bytes)
            code = CANNOT_PARSE_TEXT if is_text else ARGUMENT_OUT_OF_BOUND
            message = f"{value!r} does not fit {bare.name}"
            if isinstance(bare, IntType):
                message += f" ({bare.minimum} to {bare.maximum})"
            raise ValueExecutionError(code, message)
    if isinstance(data_type, NullableType):
        return NullableColumn(data_type, converted, np.zeros(len(converted), np.bool_))
    return cast_column(converted, data_type)
