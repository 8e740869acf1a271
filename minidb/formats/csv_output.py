"""CSV: one line per row, commas between values, texts in double quotes."""

from __future__ import annotations

from collections.abc import Iterator

from minidb.columns import Column, StringColumn, TupleColumn
from minidb.formats.assemble import CSV_QUOTED, Piece, concat_rows
from minidb.formats.cells import csv_cells
from minidb.formats.csv_input import (
    infer_csv,
    infer_csv_types,
    read_csv,
    read_csv_with_names,
    read_csv_with_types,
)
from minidb.formats.format import Format, FormatOptions, Table
from minidb.types import DataType, TupleType


def quoted_line(texts: list[str], options: FormatOptions) -> bytes:
    """Return one line of texts in double quotes."""
    raw = StringColumn.from_bytes(text.encode("utf-8", "surrogateescape") for text in texts)
    quoted = [b'"%b"' % text for text in CSV_QUOTED.escape(raw).to_bytes()]
    return _delimiter(options).join(quoted) + _line_end(options)


def _delimiter(options: FormatOptions) -> bytes:
    return options.csv_delimiter.encode("utf-8", "surrogateescape")


def _line_end(options: FormatOptions) -> bytes:
    return b"\r\n" if options.csv_crlf else b"\n"


def flat_columns(column: Column) -> list[Column | None]:
    """Return the columns that a value fills: a tuple's elements each have their own.

    None stands for the one empty field of an empty tuple.
    """
    if not isinstance(column, TupleColumn):
        return [column]
    return [leaf for child in column.children for leaf in flat_columns(child)] or [None]


def flat_names(name: str, data_type: DataType) -> list[tuple[str, DataType]]:
    """Return the names and types of `flat_columns`."""
    if not isinstance(data_type, TupleType) or not data_type.elements:
        return [(name, data_type)]
    parts = data_type.names or tuple(str(i + 1) for i in range(len(data_type.elements)))
    return [
        leaf
        for part, element in zip(parts, data_type.elements, strict=True)
        for leaf in flat_names(f"{name}.{part}", element)
    ]


def write_csv(table: Table) -> Iterator[bytes]:
    """Yield the lines of each batch."""
    delimiter, end = _delimiter(table.options), _line_end(table.options)
    null = table.options.csv_null.encode("utf-8", "surrogateescape")
    for batch in table.batches:
        pieces: list[Piece] = []
        leaves = [leaf for column in batch.columns for leaf in flat_columns(column)]
        for place, leaf in enumerate(leaves):
            pieces.append(delimiter if place else b"")
            if leaf is not None:
                pieces.append(csv_cells(leaf, null))
        yield concat_rows([*pieces, end], batch.n_rows).data.tobytes()
    totals = table.totals_table()
    if totals is not None:
        yield end
        yield from write_csv(totals)


def _flat_header(table: Table) -> list[tuple[str, DataType]]:
    columns = zip(table.names, table.types, strict=True)
    return [leaf for name, data_type in columns for leaf in flat_names(name, data_type)]


def write_names(table: Table) -> Iterator[bytes]:
    """Yield a line of names before the rows."""
    yield quoted_line([name for name, _ in _flat_header(table)], table.options)
    yield from write_csv(table)


def write_names_and_types(table: Table) -> Iterator[bytes]:
    """Yield a line of names and one of types before the rows."""
    header = _flat_header(table)
    yield quoted_line([name for name, _ in header], table.options)
    yield quoted_line([data_type.name for _, data_type in header], table.options)
    yield from write_csv(table)


CSV_FORMATS = (
    Format(
        "CSV",
        "one line per row, commas between values, texts in double quotes",
        write_csv,
        read_csv,
        infer_csv,
        suffixes=("csv",),
    ),
    Format(
        "CSVWithNames",
        "CSV below a line of names",
        write_names,
        read_csv_with_names,
        infer_csv,
    ),
    Format(
        "CSVWithNamesAndTypes",
        "CSV below a line of names and a line of types",
        write_names_and_types,
        read_csv_with_types,
        infer_csv_types,
    ),
)
