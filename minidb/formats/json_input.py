"""Reading JSONEachRow: one object per row, keys in any order, missing keys as defaults."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from minidb.columns import (
    ArrayColumn,
    Column,
    StringColumn,
    TupleColumn,
    column_from_values,
)
from minidb.errors import ValueExecutionError
from minidb.formats.fields import MAX_SHOWN, RowError, input_error, typed_column
from minidb.formats.format import Target
from minidb.formats.inference import (
    FLOAT64,
    MAX_ROWS,
    integer_type,
    merged_type,
    nullable_type,
    text_type,
)
from minidb.types import (
    ArrayType,
    BoolType,
    DataType,
    FloatType,
    IntType,
    NothingType,
    StringType,
    TupleType,
    without_null,
)

# What may stand between rows: blanks, commas, and the brackets of a list around all of them.
BETWEEN = re.compile(r"[\s,\[\]]*")


@dataclass(frozen=True, slots=True)
class JsonRows:
    """The objects of the input, and the character at which each begins."""

    text: str
    objects: list[dict[str, object]]
    starts: list[int]

    def line_of(self, row: int) -> int:
        """Return the line of a row, from 1."""
        return self.text.count("\n", 0, self.starts[row]) + 1


class _FloatText(float):
    """A float that remembers how it was written, for columns of text."""

    __slots__ = ("text",)

    def __new__(cls, text: str) -> _FloatText:
        """Read a float."""
        made = super().__new__(cls, text)
        made.text = text
        return made

    text: str


def _whole_number(text: str) -> int | float:
    """Read an integer; minus zero is one for floats alone."""
    return _FloatText(text) if text == "-0" else int(text)


def _parse_rows(raw: bytes, limit: int | None = None) -> JsonRows:
    """Parse the objects, one after another."""
    text = raw.decode("utf-8", "surrogateescape")
    decoder = json.JSONDecoder(parse_float=_FloatText, parse_int=_whole_number)
    rows = JsonRows(text, [], [])
    position = _next(text, 0)
    while position < len(text) and (limit is None or len(rows.objects) < limit):
        try:
            value, end = decoder.raw_decode(text, position)
        except (json.JSONDecodeError, RecursionError, ValueError) as error:
            at = error.pos if isinstance(error, json.JSONDecodeError) else position
            message = error.msg.lower() if isinstance(error, json.JSONDecodeError) else "bad value"
            raise input_error(text.count("\n", 0, at) + 1, None, f"not JSON: {message}") from None
        if not isinstance(value, dict):
            line = text.count("\n", 0, position) + 1
            raise input_error(line, None, "a row has to be an object in braces")
        rows.objects.append(value)
        rows.starts.append(position)
        position = _next(text, end)
    return rows


def _next(text: str, position: int) -> int:
    """Skip what stands between rows."""
    found = BETWEEN.match(text, position)
    return found.end() if found is not None else position


def read_json_lines(raw: bytes, target: Target) -> tuple[Column, ...]:
    """Read one object per row; unknown keys are skipped, missing ones give defaults."""
    rows = _parse_rows(raw)
    columns = []
    for name, data_type in zip(target.names, target.types, strict=True):
        values = [row.get(name) for row in rows.objects]
        try:
            columns.append(json_column(data_type, values))
        except RowError as error:
            raise input_error(rows.line_of(error.row), name, error.text) from None
    return tuple(columns)


def json_column(data_type: DataType, values: Sequence[object]) -> Column:
    """Build a column from values as `json` gives them; null is the type's default or NULL.

    Raises
    ------
    RowError
        For the first value that its type refuses.
    """
    match data_type:
        case ArrayType(element=element):
            return _array(data_type, element, values)
        case TupleType():
            return _tuple(data_type, values)
        case IntType() | FloatType() if all(_is_plain_number(v) for v in values):
            try:
                return column_from_values(data_type, values)
            except ValueExecutionError:
                pass
    return _by_text(data_type, values)


def _is_plain_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _by_text(data_type: DataType, values: Sequence[object]) -> Column:
    """Build a column of single values by way of their texts."""
    if isinstance(without_null(data_type), IntType | FloatType):
        values = [int(v) if isinstance(v, bool) else v for v in values]
    texts = [b"" if v is None else _leaf_text(v) for v in values]
    is_null = np.fromiter((v is None for v in values), np.bool_, len(values))
    no_row = np.zeros(len(values), np.bool_)
    return typed_column(StringColumn.from_bytes(texts), data_type, is_null, no_row)


def _leaf_text(value: object) -> bytes:
    """Return the text of one value."""
    match value:
        case str():
            return value.encode("utf-8", "surrogatepass" if _has_lone(value) else "surrogateescape")
        case bool():
            return b"true" if value else b"false"
        case _FloatText():
            return value.text.encode("ascii")
        case _:
            return json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogateescape")


def _has_lone(text: str) -> bool:
    """Whether a text holds surrogates that stand for no byte."""
    return any("\ud800" <= c <= "\udfff" and not "\udc80" <= c <= "\udcff" for c in text)


def _refused(row: int, value: object, data_type: DataType) -> RowError:
    shown = repr(value)
    shown = shown if len(shown) <= MAX_SHOWN else shown[:MAX_SHOWN] + "..."
    return RowError(row, f"cannot read {shown} as {data_type.name}")


def _array(data_type: ArrayType, element: DataType, values: Sequence[object]) -> Column:
    """Build a column of lists."""
    flat: list[object] = []
    offsets = np.zeros(len(values) + 1, np.int64)
    for row, value in enumerate(values):
        if value is not None and not isinstance(value, list):
            raise _refused(row, value, data_type)
        flat.extend(value or [])
        offsets[row + 1] = len(flat)
    return ArrayColumn(data_type, offsets, _nested(element, flat, lambda at: _row_of(offsets, at)))


def _row_of(offsets: np.ndarray[tuple[int], np.dtype[np.int64]], at: int) -> int:
    """Return the list that holds element `at`."""
    return int(np.searchsorted(offsets, at, "right")) - 1


def _nested(data_type: DataType, values: Sequence[object], row_of: Callable[[int], int]) -> Column:
    """Build a column inside another, so that an error names the outer row."""
    try:
        return json_column(data_type, values)
    except RowError as error:
        raise RowError(row_of(error.row), error.text) from None


def _tuple(data_type: TupleType, values: Sequence[object]) -> Column:
    """Build a column of tuples from lists, or from objects by the elements' names."""
    size = len(data_type.elements)
    for row, value in enumerate(values):
        is_list = isinstance(value, list) and len(value) == size
        if value is not None and not is_list and not (isinstance(value, dict) and data_type.names):
            raise _refused(row, value, data_type)
    children = []
    for place, element in enumerate(data_type.elements):
        name = data_type.names[place] if data_type.names else ""
        parts = [_part(value, place, name) for value in values]
        children.append(json_column(element, parts))
    return TupleColumn(data_type, tuple(children), len(values))


def _part(value: object, place: int, name: str) -> object:
    """Return one element of a tuple."""
    match value:
        case dict():
            return value.get(name)
        case list():
            return value[place]
        case _:
            return None


def infer_json_lines(raw: bytes) -> Target:
    """Find names, in order of first appearance, and types."""
    rows = _parse_rows(raw, MAX_ROWS)
    found: dict[str, list[DataType]] = {}
    for row in rows.objects:
        for name, value in row.items():
            found.setdefault(name, []).append(_value_type(value))
    types = tuple(nullable_type(merged_type(types)) for types in found.values())
    return Target(tuple(found), types)


def _value_type(value: object) -> DataType:
    """Return the type that one value seems to have; objects stay text."""
    match value:
        case None:
            return NothingType()
        case bool():
            return BoolType()
        case int():
            return integer_type(value)
        case float():
            return FLOAT64
        case str():
            return text_type(value.encode("utf-8", "replace"))
        case list():
            return ArrayType(merged_type(map(_value_type, value)))
        case _:
            return StringType()
