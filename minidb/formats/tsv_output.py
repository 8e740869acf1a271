"""TabSeparated and its relatives: one line per row, a tab between values."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from minidb.columns import Column, StringColumn
from minidb.formats.assemble import ESCAPED, Piece, concat_rows
from minidb.formats.cells import escaped_cells, plain_cells
from minidb.formats.format import Format, Table
from minidb.formats.tsv_input import infer_tsv, read_tsv, read_tsv_with_names


def escaped_line(texts: tuple[str, ...]) -> bytes:
    """Return one line of texts, escaped."""
    raw = StringColumn.from_bytes(text.encode("utf-8", "surrogateescape") for text in texts)
    return b"\t".join(ESCAPED.escape(raw).to_bytes()) + b"\n"


def _lines(table: Table, cells: Callable[[Column], StringColumn]) -> Iterator[bytes]:
    """Yield the lines of each batch."""
    for batch in table.batches:
        pieces: list[Piece] = []
        for place, column in enumerate(batch.columns):
            pieces += [b"\t" if place else b"", cells(column)]
        yield concat_rows([*pieces, b"\n"], batch.n_rows).data.tobytes()
    totals = table.totals_table()
    if totals is not None:
        yield b"\n"
        yield from _lines(totals, cells)


def write_tsv(table: Table) -> Iterator[bytes]:
    """Yield escaped lines."""
    return _lines(table, escaped_cells)


def write_raw(table: Table) -> Iterator[bytes]:
    """Yield lines without escapes, which cannot be read back when a value holds a tab."""
    return _lines(table, plain_cells)


def write_names(table: Table) -> Iterator[bytes]:
    """Yield a line of names before the rows."""
    yield escaped_line(table.names)
    yield from write_tsv(table)


def write_names_and_types(table: Table) -> Iterator[bytes]:
    """Yield a line of names and one of types before the rows."""
    yield escaped_line(table.names)
    yield escaped_line(tuple(data_type.name for data_type in table.types))
    yield from write_tsv(table)


TSV_FORMATS = (
    Format(
        "TabSeparated",
        "one line per row, a tab between values, special bytes behind a backslash",
        write_tsv,
        read_tsv,
        infer_tsv,
        aliases=("TSV",),
        suffixes=("tsv", "tab"),
    ),
    Format(
        "TabSeparatedRaw",
        "TabSeparated without escapes",
        write_raw,
        aliases=("TSVRaw", "Raw"),
    ),
    Format(
        "TabSeparatedWithNames",
        "TabSeparated below a line of names",
        write_names,
        read_tsv_with_names,
        infer_tsv,
        aliases=("TSVWithNames",),
    ),
    Format(
        "TabSeparatedWithNamesAndTypes",
        "TabSeparated below a line of names and a line of types",
        write_names_and_types,
        aliases=("TSVWithNamesAndTypes",),
    ),
)
