"""Writing JSON: one value per line and row, one document, or one list per column."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import numpy as np

from minidb.columns import Batch, Column, StringColumn
from minidb.formats.assemble import ListMarks, Piece, concat_rows, join_lists
from minidb.formats.cells import PRETTY_NULL, plain_cells
from minidb.formats.format import FormatOptions, Table
from minidb.formats.json_values import Indent, JsonStyle, json_string, json_strings, json_values
from minidb.record import record

# A lead byte with as many further bytes as it announces, or any other byte that is not ASCII.
UTF8_SEQUENCE = re.compile(
    rb"[\xc0-\xdf][\x80-\xbf]?|[\xe0-\xef][\x80-\xbf]{0,2}|[\xf0-\xf7][\x80-\xbf]{0,3}|[\x80-\xff]"
)
TABS = Indent(b"\t")
BLANKS = Indent(b"    ")
REPLACEMENT = "\ufffd".encode()


def valid_utf8(text: bytes) -> bytes:
    """Replace each sequence of bytes that is not UTF-8 by U+FFFD."""
    try:
        text.decode()
    except UnicodeDecodeError:
        return UTF8_SEQUENCE.sub(lambda found: _valid_sequence(found[0]), text)
    return text


def _valid_sequence(sequence: bytes) -> bytes:
    try:
        sequence.decode()
    except UnicodeDecodeError:
        return REPLACEMENT
    return sequence


@record
class JsonForm:
    """What a format of the family does with values.

    Parameters
    ----------
    is_compact : bool
        Rows are lists, not objects.
    is_text : bool
        Every value is its text in quotes.
    n_header_lines : int
        1 for a line of names before the rows, 2 for a further one of types.
    """

    is_compact: bool = False
    is_text: bool = False
    n_header_lines: int = 0


def _cells(column: Column, form: JsonForm, style: JsonStyle, depth: int = 0) -> StringColumn:
    """Return the values of a column as JSON."""
    if form.is_text:
        return json_strings(plain_cells(column, PRETTY_NULL), style)
    return json_values(column, style, depth)


def _list_pieces(batch: Batch, form: JsonForm, style: JsonStyle) -> list[Piece]:
    """Return the pieces of a row as a list on one line."""
    pieces: list[Piece] = [b"["]
    for place, column in enumerate(batch.columns):
        pieces += [b", " if place else b"", _cells(column, form, style)]
    return [*pieces, b"]"]


def _line_pieces(batch: Batch, keys: list[bytes], form: JsonForm, style: JsonStyle) -> list[Piece]:
    """Return the pieces of a row as an object on one line."""
    pieces: list[Piece] = [b"{"]
    for place, (key, column) in enumerate(zip(keys, batch.columns, strict=True)):
        pieces += [(b"," if place else b"") + key, _cells(column, form, style)]
    return [*pieces, b"}"]


def each_row_writer(form: JsonForm) -> Callable[[Table], Iterator[bytes]]:
    """Return what writes one JSON value per row and line."""

    def write(table: Table) -> Iterator[bytes]:
        style = JsonStyle(None, table.options)
        is_one_list = table.options.json_array_of_rows and not form.is_compact
        keys = [json_string(name, style) + b":" for name in table.names]
        headers = (table.names, tuple(t.name for t in table.types))[: form.n_header_lines]
        for texts in headers:
            yield b"[" + b", ".join(json_string(text, style) for text in texts) + b"]\n"
        n_rows = 0
        for batch in table.batches:
            pieces = (
                _list_pieces(batch, form, style)
                if form.is_compact
                else _line_pieces(batch, keys, form, style)
            )
            if not is_one_list:
                yield concat_rows([*pieces, b"\n"], batch.n_rows).data.tobytes()
            elif batch.n_rows:
                lines = concat_rows([b",\n", *pieces], batch.n_rows).data.tobytes()
                yield lines if n_rows else b"[" + lines[1:]
            n_rows += batch.n_rows
        if is_one_list and n_rows:
            yield b"\n]\n"

    return write


def write_pretty_each_row(table: Table) -> Iterator[bytes]:
    """Yield one indented object per row."""
    style = JsonStyle(BLANKS, table.options)
    keys = [json_string(name, style) + b": " for name in table.names]
    for batch in table.batches:
        pieces: list[Piece] = [b"{\n"]
        for place, (key, column) in enumerate(zip(keys, batch.columns, strict=True)):
            before = b",\n    " if place else b"    "
            pieces += [before + key, json_values(column, style, 1)]
        yield concat_rows([*pieces, b"\n}\n"], batch.n_rows).data.tobytes()


def write_object_each_row(table: Table) -> Iterator[bytes]:
    """Yield one document: an object that holds each row under its number."""
    style = JsonStyle(None, table.options)
    keys = [json_string(name, style) + b":" for name in table.names]
    n_rows = 0
    yield b"{\n"
    for batch in table.batches:
        if not batch.n_rows:
            continue
        numbers = range(n_rows + 1, n_rows + batch.n_rows + 1)
        names = StringColumn.from_bytes(b"%d" % number for number in numbers)
        pieces = [b',\n\t"row_', names, b'": ', *_line_pieces(batch, keys, JsonForm(), style)]
        lines = concat_rows(pieces, batch.n_rows).data.tobytes()
        yield lines if n_rows else lines[2:]
        n_rows += batch.n_rows
    yield b"\n}\n"


def _object_pieces(
    batch: Batch, keys: list[bytes], form: JsonForm, options: FormatOptions, depth: int = 2
) -> list[Piece]:
    """Return the pieces of a row as an object, whose end is indented by `depth`."""
    style = JsonStyle(TABS, options)
    tabs = b"\t" * depth
    pieces: list[Piece] = [b"{\n"]
    for place, (key, column) in enumerate(zip(keys, batch.columns, strict=True)):
        before = (b",\n" if place else b"") + tabs + b"\t"
        pieces += [before + key, _cells(column, form, style, depth + 1)]
    return [*pieces, b"\n" + tabs + b"}"]


def document_writer(form: JsonForm) -> Callable[[Table], Iterator[bytes]]:
    """Return what writes one document: meta, data, rows and, when known, statistics."""

    def write(table: Table) -> Iterator[bytes]:
        style = JsonStyle(None, table.options)
        keys = [json_string(name, style) + b": " for name in table.names]
        yield valid_utf8(_meta(table, style))
        n_rows = 0
        yield b'\t"data":\n\t[\n'
        for batch in table.batches:
            if not batch.n_rows:
                continue
            pieces = (
                _list_pieces(batch, form, style)
                if form.is_compact
                else _object_pieces(batch, keys, form, table.options)
            )
            lines = concat_rows([b",\n\t\t", *pieces], batch.n_rows).data.tobytes()
            yield valid_utf8(lines if n_rows else lines[2:])
            n_rows += batch.n_rows
        yield b"\n\t],\n\n" + _totals(table, keys, form) + _foot(table, n_rows)

    return write


def _totals(table: Table, keys: list[bytes], form: JsonForm) -> bytes:
    """Return the row of WITH TOTALS, if there is one."""
    totals = table.totals_table()
    text = b""
    for batch in () if totals is None else totals.batches:
        pieces: list[Piece] = [b" ", *_list_pieces(batch, form, JsonStyle(None, table.options))]
        if not form.is_compact:
            pieces = [b"\n\t", *_object_pieces(batch, keys, form, table.options, 1)]
        row = concat_rows([b'\t"totals":', *pieces, b",\n\n"], 1)
        text += valid_utf8(row.data.tobytes())
    return text


def _meta(table: Table, style: JsonStyle) -> bytes:
    """Return the document up to its data."""
    columns = [
        b'\t\t{\n\t\t\t"name": %b,\n\t\t\t"type": %b\n\t\t}'
        % (json_string(name, style), json_string(data_type.name, style))
        for name, data_type in zip(table.names, table.types, strict=True)
    ]
    return b'{\n\t"meta":\n\t[\n' + b",\n".join(columns) + b"\n\t],\n\n"


def _foot(table: Table, n_rows: int) -> bytes:
    """Return the document behind its data."""
    text = b'\t"rows": %d' % n_rows
    if table.statistics is not None:
        statistics = table.statistics()
        text += (
            b',\n\n\t"statistics":\n\t{\n\t\t"elapsed": %s,' % repr(statistics.elapsed_s).encode()
        )
        text += b'\n\t\t"rows_read": %d,' % statistics.rows_read
        text += b'\n\t\t"bytes_read": %d\n\t}' % statistics.bytes_read
    return text + b"\n}\n"


def _column_lists(table: Table, style: JsonStyle) -> tuple[list[bytes], int]:
    """Return each column as one list, and the number of rows; all rows are held."""
    parts: list[list[bytes]] = [[] for _ in table.names]
    n_rows = 0
    for batch in table.batches:
        if not batch.n_rows:
            continue
        n_rows += batch.n_rows
        offsets = np.array([0, batch.n_rows])
        for found, column in zip(parts, batch.columns, strict=True):
            marks = ListMarks(b"", b", ", b"", b"")
            joined = join_lists(json_values(column, style), offsets, marks)
            found.append(joined.data.tobytes())
    return [b"[" + b", ".join(found) + b"]" for found in parts], n_rows


def write_columns(table: Table) -> Iterator[bytes]:
    """Yield one object that holds each column as a list."""
    style = JsonStyle(None, table.options)
    lists, _ = _column_lists(table, style)
    pairs = zip(table.names, lists, strict=True)
    lines = [b"\t" + json_string(name, style) + b": " + found for name, found in pairs]
    yield b"{\n" + b",\n".join(lines) + b"\n}\n"


def write_compact_columns(table: Table) -> Iterator[bytes]:
    """Yield one list of the columns' lists."""
    lists, n_rows = _column_lists(table, JsonStyle(None, table.options))
    lines = b",\n".join(b"\t" + found for found in lists) if n_rows else b""
    yield b"[\n" + lines + b"\n]\n"


def write_columns_with_metadata(table: Table) -> Iterator[bytes]:
    """Yield one document whose data holds each column as a list."""
    style = JsonStyle(None, table.options)
    lists, n_rows = _column_lists(table, style)
    pairs = zip(table.names, lists, strict=True)
    lines = [b"\t\t" + json_string(name, style) + b": " + found for name, found in pairs]
    body = b",\n".join(lines) if n_rows else b""
    yield valid_utf8(_meta(table, style))
    yield b'\t"data":\n\t{\n' + body + b"\n\t},\n\n" + _foot(table, n_rows)
