"""Columns as JSON texts, on one line or indented."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from minidb.columns import ArrayColumn, Column, NumericColumn, StringColumn, TupleColumn
from minidb.columns.nulls import split_nulls
from minidb.formats.assemble import (
    JSON_QUOTED,
    ListMarks,
    Piece,
    concat_rows,
    join_lists,
    replace_rows,
)
from minidb.formats.cells import plain_cells
from minidb.types import ArrayType, FloatType, NothingType, TupleType, is_numeric


@dataclass(frozen=True, slots=True)
class Indent:
    """What stands before a line of a nested value.

    Parameters
    ----------
    unit : bytes
        One level.
    extra : int
        Units beyond the depth, on every level but the outermost.
    """

    unit: bytes
    extra: int = 0

    def line(self, depth: int) -> bytes:
        """Return a line feed and the blanks of `depth`."""
        return b"\n" + self.unit * (depth + self.extra if depth else 0)


LINE_SEPARATORS = ("\u2028".encode(), "\u2029".encode())


def json_string(text: str) -> bytes:
    """Return one text as a JSON string, for the names of columns."""
    raw = StringColumn.from_bytes([text.encode("utf-8", "surrogateescape")])
    return json_strings(raw).data.tobytes()


def json_strings(column: StringColumn) -> StringColumn:
    """Return texts as JSON strings; bytes that are not UTF-8 stay as they are."""
    escaped = JSON_QUOTED.escape(column)
    return concat_rows([b'"', _without_line_separators(escaped), b'"'], len(column))


def _without_line_separators(column: StringColumn) -> StringColumn:
    """Write U+2028 and U+2029 as escapes, which JavaScript needs; they are rare."""
    raw = column.data.tobytes()
    if not any(separator in raw for separator in LINE_SEPARATORS):
        return column
    escapes = (b"\\u2028", b"\\u2029")
    texts = column.to_bytes()
    for separator, escape in zip(LINE_SEPARATORS, escapes, strict=True):
        texts = [text.replace(separator, escape) for text in texts]
    return StringColumn.from_bytes(texts)


def json_values(column: Column, indent: Indent | None = None, depth: int = 0) -> StringColumn:
    """Return the values of a column as JSON.

    Parameters
    ----------
    column : Column
        Any column.
    indent : Indent, optional
        None writes each value on one line.
    depth : int
        The level that the values stand on.

    Returns
    -------
    StringColumn
        Integers of every width as bare numbers, NaN and infinities as null, named tuples as
        objects, other tuples as lists.
    """
    values, mask = split_nulls(column)
    match values:
        case ArrayColumn():
            text = _array(values, indent, depth)
        case TupleColumn():
            text = _tuple(values, indent, depth)
        case NumericColumn(type=NothingType()):
            text = concat_rows([b"null"], len(values))
        case NumericColumn(type=FloatType(), values=numbers):
            is_finite = np.isfinite(numbers.astype(np.float64, copy=False))
            text = replace_rows(plain_cells(values), ~is_finite, b"null")
        case _ if is_numeric(values.type):
            text = plain_cells(values)
        case _:
            text = json_strings(plain_cells(values))
    return text if mask is None else replace_rows(text, mask, b"null")


def _array(column: ArrayColumn, indent: Indent | None, depth: int) -> StringColumn:
    """Join lists; those of simple values stay on one line, as ClickHouse has them."""
    whole = column.compact()
    if indent is None or not isinstance(column.type.element, ArrayType | TupleType):
        elements = json_values(whole.child, indent)
        return join_lists(elements, whole.offsets, ListMarks(b"[", b",", b"]", b"[]"))
    inside, outside = indent.line(depth + 1), indent.line(depth)
    elements = json_values(whole.child, indent, depth + 1)
    marks = ListMarks(b"[" + inside, b"," + inside, outside + b"]", b"[]")
    return join_lists(elements, whole.offsets, marks)


def _tuple(column: TupleColumn, indent: Indent | None, depth: int) -> StringColumn:
    """Tuples with names are objects."""
    names = column.type.names
    opening, closing = (b"{", b"}") if names else (b"[", b"]")
    inside = b"" if indent is None else indent.line(depth + 1)
    outside = b"" if indent is None else indent.line(depth)
    colon = b":" if indent is None else b": "
    pieces: list[Piece] = [opening]
    for place, child in enumerate(column.children):
        pieces.append((b"," if place else b"") + inside)
        if names:
            pieces.append(json_string(names[place]) + colon)
        pieces.append(json_values(child, indent, depth + 1))
    if not column.children and indent is not None:
        pieces.append(b"\n")
    pieces.append(outside + closing)
    return concat_rows(pieces, len(column))
