"""The JSON formats: one object per line, or one document."""

from __future__ import annotations

import re
from collections.abc import Iterator

from minidb.columns import Batch
from minidb.formats.assemble import Piece, concat_rows
from minidb.formats.format import Format, Table
from minidb.formats.json_input import infer_json_lines, read_json_lines
from minidb.formats.json_values import Indent, json_string, json_values

# A lead byte with as many further bytes as it announces, or any other byte that is not ASCII.
UTF8_SEQUENCE = re.compile(
    rb"[\xc0-\xdf][\x80-\xbf]?|[\xe0-\xef][\x80-\xbf]{0,2}|[\xf0-\xf7][\x80-\xbf]{0,3}|[\x80-\xff]"
)
TABS = Indent(b"\t")
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


def write_each_row(table: Table) -> Iterator[bytes]:
    """Yield one object per row and line."""
    keys = [json_string(name) + b":" for name in table.names]
    for batch in table.batches:
        pieces: list[Piece] = [b"{"]
        for place, (key, column) in enumerate(zip(keys, batch.columns, strict=True)):
            pieces += [(b"," if place else b"") + key, json_values(column)]
        yield concat_rows([*pieces, b"}\n"], batch.n_rows).data.tobytes()


def _list_pieces(batch: Batch) -> list[Piece]:
    """Return the pieces of a row as a list."""
    pieces: list[Piece] = [b"["]
    for place, column in enumerate(batch.columns):
        pieces += [b", " if place else b"", json_values(column)]
    return [*pieces, b"]"]


def write_compact_each_row(table: Table) -> Iterator[bytes]:
    """Yield one list per row and line."""
    for batch in table.batches:
        yield concat_rows([*_list_pieces(batch), b"\n"], batch.n_rows).data.tobytes()


def _object_pieces(batch: Batch, keys: list[bytes], depth: int = 2) -> list[Piece]:
    """Return the pieces of a row as an object, whose end is indented by `depth`."""
    tabs = b"\t" * depth
    pieces: list[Piece] = [b"{\n"]
    for place, (key, column) in enumerate(zip(keys, batch.columns, strict=True)):
        pieces += [
            (b",\n" if place else b"") + tabs + b"\t" + key,
            json_values(column, TABS, depth + 1),
        ]
    return [*pieces, b"\n" + tabs + b"}"]


def _document(table: Table, is_compact: bool) -> Iterator[bytes]:
    """Yield one document: meta, data, rows and, when known, statistics."""
    yield valid_utf8(_meta(table))
    keys = [json_string(name) + b": " for name in table.names]
    n_rows = 0
    yield b'\t"data":\n\t[\n'
    for batch in table.batches:
        if not batch.n_rows:
            continue
        pieces = _list_pieces(batch) if is_compact else _object_pieces(batch, keys)
        lines = concat_rows([b",\n\t\t", *pieces], batch.n_rows).data.tobytes()
        yield valid_utf8(lines if n_rows else lines[2:])
        n_rows += batch.n_rows
    yield b"\n\t],"
    totals = table.totals_table()
    for batch in () if totals is None else totals.batches:
        pieces = [b" ", *_list_pieces(batch)]
        if not is_compact:
            pieces = [b"\n\t", *_object_pieces(batch, keys, 1)]
        yield b'\n\n\t"totals":'
        yield valid_utf8(concat_rows([*pieces, b","], 1).data.tobytes())
    yield b'\n\n\t"rows": %d' % n_rows
    if table.statistics is not None:
        statistics = table.statistics()
        yield b',\n\n\t"statistics":\n\t{\n\t\t"elapsed": %s,' % repr(statistics.elapsed_s).encode()
        yield b'\n\t\t"rows_read": %d,' % statistics.rows_read
        yield b'\n\t\t"bytes_read": %d\n\t}' % statistics.bytes_read
    yield b"\n}\n"


def _meta(table: Table) -> bytes:
    """Return the document up to its data."""
    columns = [
        b'\t\t{\n\t\t\t"name": %b,\n\t\t\t"type": %b\n\t\t}'
        % (json_string(name), json_string(data_type.name))
        for name, data_type in zip(table.names, table.types, strict=True)
    ]
    return b'{\n\t"meta":\n\t[\n' + b",\n".join(columns) + b"\n\t],\n\n"


def write_json(table: Table) -> Iterator[bytes]:
    """Yield one document whose rows are objects."""
    return _document(table, is_compact=False)


def write_json_compact(table: Table) -> Iterator[bytes]:
    """Yield one document whose rows are lists."""
    return _document(table, is_compact=True)


JSON_FORMATS = (
    Format(
        "JSONEachRow",
        "one JSON object per row and line",
        write_each_row,
        read_json_lines,
        infer_json_lines,
        aliases=("JSONLines", "NDJSON"),
        suffixes=("jsonl", "ndjson", "json"),
    ),
    Format("JSONCompactEachRow", "one JSON list per row and line", write_compact_each_row),
    Format("JSON", "one JSON document with types, rows as objects", write_json),
    Format("JSONCompact", "one JSON document with types, rows as lists", write_json_compact),
)
