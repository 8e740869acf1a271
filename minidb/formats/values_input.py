"""Reading Values: rows of constants in parentheses, with commas between."""

from __future__ import annotations

import re

import numpy as np

from minidb.columns import Column, StringColumn
from minidb.errors import ValueExecutionError
from minidb.formats.fields import RowError, input_error, typed_column
from minidb.formats.format import Target
from minidb.formats.unescape import unescape
from minidb.types import ArrayType, DataType, TupleType

QUOTED = rb"'(?:[^'\\]|\\.|'')*+'"
# A constant: a text, a list in brackets (whose texts may hold brackets), or a word or number.
VALUE = re.compile(rb"\s*(" + QUOTED + rb"|[^\s,()\[\]{}'\"`;]+|(?=[\[({]))\s*", re.DOTALL)
INSIDE = re.compile(rb"(?:[^'\[\](){}]|" + QUOTED + rb")*+", re.DOTALL)
BLANK = re.compile(rb"[\s,;]*")
CLOSING = {ord("["): ord("]"), ord("("): ord(")"), ord("{"): ord("}")}


def read_values(raw: bytes, target: Target) -> tuple[Column, ...]:
    """Read rows of constants, in the order of the target.

    Raises
    ------
    ValueExecutionError
        CANNOT_PARSE_INPUT where something else than a constant stands, or it does not fit.
    """
    width = len(target.names)
    texts: list[list[bytes]] = [[] for _ in range(width)]
    starts: list[int] = []
    position = _skip(raw, 0)
    while position < len(raw):
        starts.append(position)
        if raw[position : position + 1] != b"(":
            raise _error(raw, position, len(starts), "expected a row in parentheses")
        position += 1
        for place in range(width):
            value, position = _value(raw, position, len(starts))
            texts[place].append(value)
            wanted = b")" if place == width - 1 else b","
            if raw[position : position + 1] != wanted:
                message = f"expected {width} values in a row, with {wanted.decode()!r} here"
                raise _error(raw, position, len(starts), message)
            position += 1
        position = _skip(raw, position)
    columns = []
    for name, data_type, values in zip(target.names, target.types, texts, strict=True):
        try:
            columns.append(_column(data_type, values))
        except RowError as error:
            start = starts[error.row]
            line = raw.count(b"\n", 0, start) + 1
            row = error.row + 1
            raise input_error(line, name, error.text, row=row, byte=start) from None
    return tuple(columns)


def _skip(raw: bytes, position: int) -> int:
    found = BLANK.match(raw, position)
    return found.end() if found is not None else position


def _error(raw: bytes, position: int, row: int, message: str) -> ValueExecutionError:
    line = raw.count(b"\n", 0, position) + 1
    return input_error(line, None, message, row=row, byte=position)


def _value(raw: bytes, position: int, row: int) -> tuple[bytes, int]:
    """Return the text of one constant and where the next mark stands."""
    found = VALUE.match(raw, position)
    if found is None:
        raise _error(raw, position, row, "expected a constant; expressions are for VALUES in SQL")
    start = found.start(1)
    if start == found.end(1):
        end = _end_of_list(raw, start, row)
        return raw[start:end], _blank_end(raw, end)
    return found[1], found.end()


def _blank_end(raw: bytes, position: int) -> int:
    while raw[position : position + 1].isspace():
        position += 1
    return position


def _end_of_list(raw: bytes, start: int, row: int) -> int:
    """Return where the list that begins at `start` ends."""
    waiting: list[int] = []
    position = start
    while position < len(raw):
        mark = raw[position]
        if mark in CLOSING:
            waiting.append(CLOSING[mark])
        elif not waiting or mark != waiting.pop():
            break
        position += 1
        if not waiting:
            return position
        found = INSIDE.match(raw, position)
        position = found.end() if found is not None else position
    raise _error(raw, start, row, "a bracket is never closed")


def _column(data_type: DataType, texts: list[bytes]) -> Column:
    """Read the texts of one column."""
    is_null = np.fromiter((text.upper() == b"NULL" for text in texts), np.bool_, len(texts))
    bare = [text[1:-1].replace(b"''", b"\\'") if text[:1] == b"'" else text for text in texts]
    column = StringColumn.from_bytes(bare)
    if not isinstance(data_type, ArrayType | TupleType):
        column = unescape(column)
    return typed_column(column, data_type, is_null, np.zeros(len(texts), np.bool_))
