"""Finding the types of columns from texts, as ClickHouse infers a schema."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from minidb.columns import BoolArray, StringColumn
from minidb.errors import CANNOT_EXTRACT_TABLE_STRUCTURE, ValueExecutionError
from minidb.formats.format import Target
from minidb.types import (
    ArrayType,
    BoolType,
    DataType,
    DateTimeType,
    DateType,
    FloatType,
    IntType,
    NothingType,
    NullableType,
    StringType,
)

MAX_ROWS = 25_000
INT64, UINT64, FLOAT64 = IntType(64, True), IntType(64, False), FloatType(64)

DATE = re.compile(rb"\d{4}-\d\d-\d\d")
DATE_TIME = re.compile(rb"\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d")
INTEGER = re.compile(rb"[+-]?\d{1,40}")
DECIMAL = re.compile(rb"[+-]?(\d+\.\d*|\.\d+|nan|inf)")
ELEMENT = re.compile(rb"'(?:[^'\\]|\\.)*'|[^\[\],\s]+")


def infer_fields(
    columns: Sequence[StringColumn],
    nulls: Sequence[BoolArray],
    is_quoted: BoolArray,
    first_row: list[str],
) -> Target:
    """Find the names and types of columns of texts.

    Parameters
    ----------
    columns : sequence of StringColumn
        The texts, the first row included.
    nulls : sequence of ndarray of bool
        Which of them are NULL or empty.
    is_quoted : ndarray of bool, shape (rows, columns)
        Quoted texts are never numbers.
    first_row : list of str
        The names, if the first row turns out to be a header: all of it is text, and some
        column below it is not.

    Raises
    ------
    ValueExecutionError
        CANNOT_EXTRACT_TABLE_STRUCTURE for empty input.
    """
    if not columns or not len(columns[0]):
        raise ValueExecutionError(CANNOT_EXTRACT_TABLE_STRUCTURE, "the input is empty")
    first, rest = [], []
    for place, (column, null) in enumerate(zip(columns, nulls, strict=True)):
        texts = column.slice(0, MAX_ROWS).to_bytes()
        found = [
            None if is_null else _text_type(text, quoted)
            for text, is_null, quoted in zip(texts, null, is_quoted[:, place], strict=False)
        ]
        first.append(found[0])
        rest.append(merged_type(found[1:]))
    is_header = all(isinstance(t, StringType) for t in first) and any(
        not isinstance(t, StringType | NothingType) for t in rest
    )
    if is_header:
        return Target(tuple(first_row), tuple(nullable_type(t) for t in rest), has_header=True)
    types = tuple(nullable_type(merged_type([a, b])) for a, b in zip(first, rest, strict=True))
    return Target(tuple(f"c{place + 1}" for place in range(len(types))), types)


def nullable_type(data_type: DataType) -> DataType:
    """Return the type that a column gets: Nullable, for arrays inside; text if nothing is known."""
    match data_type:
        case ArrayType(element=element):
            return ArrayType(nullable_type(element))
        case NothingType():
            return NullableType(StringType())
        case _:
            return NullableType(data_type)


def merged_type(types: Iterable[DataType | None]) -> DataType:
    """Return the type that holds all of `types`; None is NULL and fits everything."""
    distinct = {t for t in types if t is not None and not isinstance(t, NothingType)}
    if len(distinct) <= 1:
        return distinct.pop() if distinct else NothingType()
    if all(isinstance(t, ArrayType) for t in distinct):
        return ArrayType(merged_type(t.element for t in distinct if isinstance(t, ArrayType)))
    if distinct <= {INT64, UINT64, FLOAT64}:
        return FLOAT64 if FLOAT64 in distinct else UINT64
    if distinct == {DateType(), DateTimeType()}:
        return DateTimeType()
    return StringType()


def text_type(text: bytes) -> DataType:
    """Return the date type of a text, else String."""
    if DATE.fullmatch(text):
        return DateType()
    return DateTimeType() if DATE_TIME.fullmatch(text) else StringType()


def integer_type(value: int) -> DataType:
    """Return the 64-bit type that holds `value`, or Float64."""
    if INT64.minimum <= value <= INT64.maximum:
        return INT64
    return UINT64 if 0 <= value <= UINT64.maximum else FLOAT64


def _text_type(text: bytes, is_quoted: bool) -> DataType:
    """Return the type that one field seems to have."""
    if text[:1] == b"[" and text[-1:] == b"]":
        return _array_type(text)
    if is_quoted:
        return text_type(text)
    if INTEGER.fullmatch(text):
        return integer_type(int(text))
    if DECIMAL.fullmatch(text):
        return FLOAT64
    return BoolType() if text in {b"true", b"false"} else text_type(text)


def _array_type(text: bytes) -> DataType:
    """Return the array type of a text in brackets."""
    depth = len(text) - len(text.lstrip(b"["))
    elements = [found[0] for found in ELEMENT.finditer(text)]
    types = [
        StringType() if element[:1] == b"'" else _text_type(element, is_quoted=False)
        for element in elements
        if element != b"NULL"
    ]
    found = merged_type(types)
    for _ in range(depth):
        found = ArrayType(found)
    return found
