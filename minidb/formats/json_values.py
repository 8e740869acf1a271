"""Columns as JSON texts, on one line or indented."""

from __future__ import annotations

import numpy as np

from minidb.columns import ArrayColumn, BoolArray, Column, NumericColumn, StringColumn, TupleColumn
from minidb.columns.nulls import split_nulls
from minidb.errors import InternalError
from minidb.formats.assemble import (
    JSON_QUOTED,
    JSON_QUOTED_WITHOUT_SLASH,
    ListMarks,
    Piece,
    concat_rows,
    constant_where,
    join_lists,
    replace_rows,
)
from minidb.formats.cells import plain_cells
from minidb.formats.format import DEFAULT_OPTIONS, FormatOptions
from minidb.record import record
from minidb.types import ArrayType, FloatType, IntType, MapType, NothingType, TupleType, is_numeric


@record
class JsonStyle:
    """How values are written: on one line or indented, and what the settings ask for."""

    indent: Indent | None = None
    options: FormatOptions = DEFAULT_OPTIONS


@record
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
PLAIN = JsonStyle()


def json_string(text: str, style: JsonStyle = PLAIN) -> bytes:
    """Return one text as a JSON string, for the names of columns."""
    raw = StringColumn.from_bytes([text.encode("utf-8", "surrogateescape")])
    return json_strings(raw, style).data.tobytes()


def json_strings(column: StringColumn, style: JsonStyle = PLAIN) -> StringColumn:
    """Return texts as JSON strings; bytes that are not UTF-8 stay as they are."""
    has_slashes = style.options.json_escape_forward_slashes
    escaped = (JSON_QUOTED if has_slashes else JSON_QUOTED_WITHOUT_SLASH).escape(column)
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


def json_values(column: Column, style: JsonStyle = PLAIN, depth: int = 0) -> StringColumn:
    """Return the values of a column as JSON.

    Parameters
    ----------
    column : Column
        Any column.
    style : JsonStyle
        By default each value stands on one line.
    depth : int
        The level that the values stand on.

    Returns
    -------
    StringColumn
        Integers of every width as bare numbers, NaN and infinities as null, named tuples as
        objects, other tuples as lists; the settings may ask for quotes.
    """
    values, mask = split_nulls(column)
    match values:
        case ArrayColumn(type=MapType()):
            text = _map(values, style, depth)
        case ArrayColumn():
            text = _array(values, style, depth)
        case TupleColumn():
            text = _tuple(values, style, depth)
        case NumericColumn(type=NothingType()):
            text = concat_rows([b"null"], len(values))
        case NumericColumn(type=FloatType(bits=bits), values=numbers):
            text = _floats(values, np.isfinite(numbers.astype(np.float64, copy=False)), bits, style)
        case _ if isinstance(values.type, IntType) and values.type.bits >= 64:
            text = plain_cells(values)
            if style.options.json_quote_64bit_integers:
                text = _in_quotes(text)
        case _ if is_numeric(values.type):
            text = plain_cells(values)
        case _:
            text = json_strings(plain_cells(values), style)
    return text if mask is None else replace_rows(text, mask, b"null")


def _in_quotes(text: StringColumn) -> StringColumn:
    return concat_rows([b'"', text, b'"'], len(text))


def _floats(column: Column, is_finite: BoolArray, bits: int, style: JsonStyle) -> StringColumn:
    """Write floats; those that JSON does not have as null or as text."""
    options, text = style.options, plain_cells(column)
    if not options.json_quote_denormals:
        text = replace_rows(text, ~is_finite, b"null")
    if options.json_quote_64bit_floats and bits == 64:
        return _in_quotes(text)
    if options.json_quote_denormals and not is_finite.all():
        quote = constant_where(b'"', ~is_finite)
        return concat_rows([quote, text, quote], len(text))
    return text


def _array(column: ArrayColumn, style: JsonStyle, depth: int) -> StringColumn:
    """Join lists; those of simple values stay on one line, as ClickHouse has them."""
    whole, indent = column.compact(), style.indent
    if indent is None or not isinstance(column.type.element, ArrayType | TupleType):
        elements = json_values(whole.child, style)
        return join_lists(elements, whole.offsets, ListMarks(b"[", b",", b"]", b"[]"))
    inside, outside = indent.line(depth + 1), indent.line(depth)
    elements = json_values(whole.child, style, depth + 1)
    marks = ListMarks(b"[" + inside, b"," + inside, outside + b"]", b"[]")
    return join_lists(elements, whole.offsets, marks)


def _map(column: ArrayColumn, style: JsonStyle, depth: int) -> StringColumn:
    """Write maps as objects, whatever their keys are."""
    whole = column.compact()
    pairs = whole.child
    if not isinstance(pairs, TupleColumn):
        raise InternalError("a map holds pairs")
    keys, values = pairs.children
    indent = style.indent
    inside = b"" if indent is None else indent.line(depth + 1)
    outside = b"" if indent is None else indent.line(depth)
    colon = b":" if indent is None else b": "
    members = concat_rows(
        [json_strings(plain_cells(keys)), colon, json_values(values, style, depth + 1)], len(pairs)
    )
    marks = ListMarks(b"{" + inside, b"," + inside, outside + b"}", b"{}")
    return join_lists(members, whole.offsets, marks)


def _tuple(column: TupleColumn, style: JsonStyle, depth: int) -> StringColumn:
    """Tuples with names are objects."""
    indent = style.indent
    names = column.type.names if style.options.json_named_tuples_as_objects else ()
    opening, closing = (b"{", b"}") if names else (b"[", b"]")
    inside = b"" if indent is None else indent.line(depth + 1)
    outside = b"" if indent is None else indent.line(depth)
    colon = b":" if indent is None else b": "
    pieces: list[Piece] = [opening]
    for place, child in enumerate(column.children):
        pieces.append((b"," if place else b"") + inside)
        if names:
            pieces.append(json_string(names[place], style) + colon)
        pieces.append(json_values(child, style, depth + 1))
    if not column.children and indent is not None:
        pieces.append(b"\n")
    pieces.append(outside + closing)
    return concat_rows(pieces, len(column))
