"""Reading JSONEachRow: one object per row, keys in any order, missing keys as defaults."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from minidb.columns import (
    ArrayColumn,
    Column,
    StringColumn,
    TupleColumn,
    column_from_values,
)
from minidb.errors import ValueExecutionError
from minidb.formats.cells import PRETTY_NULL
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
from minidb.formats.maps import map_of_sides
from minidb.record import record
from minidb.types import (
    ArrayType,
    BoolType,
    DataType,
    FloatType,
    IntType,
    MapType,
    NothingType,
    NullableType,
    StringType,
    TupleType,
    without_null,
)

# What may stand between rows: blanks, commas, and the brackets of a list around all of them.
BETWEEN = re.compile(r"[\s,\[\]]*")
BETWEEN_LISTS = re.compile(r"[\s,]*")


@record
class JsonRows:
    """The rows of the input, and the character at which each begins (if that is known)."""

    text: str
    values: list[Any]
    starts: list[int]

    def error_at(self, row: int, name: str, message: str) -> ValueExecutionError:
        """Return the error for one value."""
        if row >= len(self.starts):
            return input_error(None, name, message, row=row + 1)
        return _error_at(self.text, self.starts[row], message, row, name)


def _error_at(
    text: str, position: int, message: str, row: int | None = None, name: str | None = None
) -> ValueExecutionError:
    """Return the error for a character of the input."""
    line = text.count("\n", 0, position) + 1
    byte = len(text[:position].encode("utf-8", "surrogateescape"))
    return input_error(line, name, message, row=None if row is None else row + 1, byte=byte)


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


class _Repeating(dict[str, object]):
    """An object that names a key more than once: for a Map every pair counts.

    Parameters
    ----------
    pairs : list[tuple[str, object]]
        All pairs, in their order.
    """

    def __init__(self, pairs: list[tuple[str, object]]) -> None:
        super().__init__(pairs)
        self.pairs = pairs


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    return found if len(found) == len(pairs) else _Repeating(pairs)


DECODER = json.JSONDecoder(
    parse_float=_FloatText, parse_int=_whole_number, object_pairs_hook=_object
)


def _decoded(text: str, position: int) -> tuple[Any, int]:
    """Return the value at a character, and where it ends."""
    try:
        return DECODER.raw_decode(text, position)
    except (json.JSONDecodeError, RecursionError, ValueError) as error:
        at = error.pos if isinstance(error, json.JSONDecodeError) else position
        message = error.msg.lower() if isinstance(error, json.JSONDecodeError) else "bad value"
        raise _error_at(text, at, f"not JSON: {message}") from None


def parse_rows(
    raw: bytes, kind: type, limit: int | None = None, between: re.Pattern[str] = BETWEEN
) -> JsonRows:
    """Parse values that stand one after another: objects (`dict`) or lists.

    Raises
    ------
    ValueExecutionError
        CANNOT_PARSE_INPUT where the text is no JSON, or a value is of another kind.
    """
    text = raw.decode("utf-8", "surrogateescape")
    rows = JsonRows(text, [], [])
    position = _next(text, 0, between)
    while position < len(text) and (limit is None or len(rows.values) < limit):
        value, end = _decoded(text, position)
        if not isinstance(value, kind):
            wanted = "an object in braces" if kind is dict else "a list in brackets"
            raise _error_at(text, position, f"a row has to be {wanted}", len(rows.values))
        rows.values.append(value)
        rows.starts.append(position)
        position = _next(text, end, between)
    return rows


def parse_document(raw: bytes) -> Any:
    """Parse input that is one JSON value.

    Raises
    ------
    ValueExecutionError
        CANNOT_PARSE_INPUT where the text is no JSON, or more stands behind it.
    """
    text = raw.decode("utf-8", "surrogateescape")
    start = len(text) - len(text.lstrip())
    value, end = _decoded(text, start)
    if text[end:].strip():
        raise _error_at(text, end, "more text stands behind the document")
    return value


def _next(text: str, position: int, between: re.Pattern[str]) -> int:
    """Skip what stands between rows."""
    found = between.match(text, position)
    return found.end() if found is not None else position


def columns_of_objects(rows: JsonRows, target: Target, is_text: bool = False) -> tuple[Column, ...]:
    """Return the columns of rows that are objects: unknown keys are skipped."""
    values = [[row.get(name) for row in rows.values] for name in target.names]
    return columns_of(rows, values, target, is_text)


def columns_of(
    rows: JsonRows, values: Sequence[Sequence[object]], target: Target, is_text: bool = False
) -> tuple[Column, ...]:
    """Return one column per list of values.

    Raises
    ------
    ValueExecutionError
        CANNOT_PARSE_INPUT for the first value that its type refuses.
    """
    columns = []
    for name, data_type, found in zip(target.names, target.types, values, strict=True):
        try:
            made = _text_column(data_type, found) if is_text else json_column(data_type, found)
        except RowError as error:
            raise rows.error_at(error.row, name, error.text) from None
        columns.append(made)
    return tuple(columns)


def _text_column(data_type: DataType, values: Sequence[object]) -> Column:
    """Build a column from values that are all written as texts."""
    texts = [b"" if v is None else _leaf_text(v) for v in values]
    is_null = np.fromiter((t == PRETTY_NULL for t in texts), np.bool_, len(texts))
    if not isinstance(data_type, NullableType):
        is_null = np.zeros(len(texts), np.bool_)
    return typed_column(
        StringColumn.from_bytes(texts),
        data_type,
        is_null,
        np.array([v is None for v in values], np.bool_),
    )


def read_json_lines(raw: bytes, target: Target) -> tuple[Column, ...]:
    """Read one object per row; unknown keys are skipped, missing ones give defaults."""
    return columns_of_objects(parse_rows(raw, dict), target)


def read_json_string_lines(raw: bytes, target: Target) -> tuple[Column, ...]:
    """Read one object of texts per row."""
    return columns_of_objects(parse_rows(raw, dict), target, is_text=True)


def json_column(data_type: DataType, values: Sequence[object]) -> Column:
    """Build a column from values as `json` gives them; null is the type's default or NULL.

    Raises
    ------
    RowError
        For the first value that its type refuses.
    """
    match data_type:
        case MapType():
            return _map(data_type, values)
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


def _map(data_type: MapType, values: Sequence[object]) -> Column:
    """Build a column of maps from objects; their keys are texts, of whatever type."""
    keys: list[object] = []
    found: list[object] = []
    offsets = np.zeros(len(values) + 1, np.int64)
    for row, value in enumerate(values):
        if value is not None and not isinstance(value, dict):
            raise _refused(row, value, data_type)
        pairs = value.pairs if isinstance(value, _Repeating) else list((value or {}).items())
        keys.extend(key for key, _ in pairs)
        found.extend(each for _, each in pairs)
        offsets[row + 1] = len(keys)
    sides = (
        _nested(side, side_values, lambda at: _row_of(offsets, at))
        for side, side_values in ((data_type.key, keys), (data_type.value, found))
    )
    return map_of_sides(data_type, offsets, *sides)


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
    return infer_objects(parse_rows(raw, dict, MAX_ROWS).values)


def infer_objects(rows: Sequence[dict[str, object]]) -> Target:
    """Find the names, in order of first appearance, and types of rows that are objects."""
    found: dict[str, list[DataType]] = {}
    for row in rows:
        for name, value in row.items():
            found.setdefault(name, []).append(value_type(value))
    types = tuple(nullable_type(merged_type(types)) for types in found.values())
    return Target(tuple(found), types)


def value_type(value: object) -> DataType:
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
            return ArrayType(merged_type(map(value_type, value)))
        case _:
            return StringType()
