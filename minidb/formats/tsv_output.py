"""TabSeparated and its relatives: one line per row, a tab between values."""

from __future__ import annotations

from collections.abc import Iterator

from minidb.columns import StringColumn
from minidb.formats.assemble import BACKSLASHED, ESCAPED, EscapeTable, Piece, concat_rows
from minidb.formats.cells import escaped_cells, plain_cells
from minidb.formats.format import Format, Table, Writer
from minidb.formats.tsv_input import infer_tsv, infer_tsv_types, tsv_reader

# A name ends at its equals sign; a quote in it needs no backslash.
TSKV_NAME = EscapeTable(
    {
        **{byte: text for byte, text in BACKSLASHED.items() if byte != ord("'")},
        ord("="): b"\\=",
    }
)


def escaped_texts(texts: tuple[str, ...]) -> list[bytes]:
    """Return names as TabSeparated writes texts."""
    raw = StringColumn.from_bytes(text.encode("utf-8", "surrogateescape") for text in texts)
    return ESCAPED.escape(raw).to_bytes()


def tsv_writer(n_header_lines: int = 0, *, is_raw: bool = False) -> Writer:
    """Return what writes lines: below names, or names and types; with or without escapes."""
    cells = plain_cells if is_raw else escaped_cells

    def write(table: Table) -> Iterator[bytes]:
        end = b"\r\n" if table.options.tsv_crlf else b"\n"
        null = table.options.tsv_null.encode("utf-8", "surrogateescape")
        headers = (table.names, tuple(data_type.name for data_type in table.types))
        for texts in headers[:n_header_lines]:
            raw = [text.encode("utf-8", "surrogateescape") for text in texts]
            yield b"\t".join(raw if is_raw else escaped_texts(texts)) + end
        for batch in table.batches:
            pieces: list[Piece] = []
            for place, column in enumerate(batch.columns):
                pieces += [b"\t" if place else b"", cells(column, null)]
            yield concat_rows([*pieces, end], batch.n_rows).data.tobytes()
        totals = table.totals_table()
        if totals is not None:
            yield end
            yield from tsv_writer(is_raw=is_raw)(totals)

    return write


def write_tskv(table: Table) -> Iterator[bytes]:
    """Yield lines of ``name=value``."""
    raw = StringColumn.from_bytes(name.encode("utf-8", "surrogateescape") for name in table.names)
    names = TSKV_NAME.escape(raw).to_bytes()
    for batch in table.batches:
        pieces: list[Piece] = []
        for place, (name, column) in enumerate(zip(names, batch.columns, strict=True)):
            before = (b"\t" if place else b"") + name + b"="
            pieces += [before, escaped_cells(column)]
        yield concat_rows([*pieces, b"\n"], batch.n_rows).data.tobytes()


TSV_FORMATS = (
    Format(
        "TabSeparated",
        "one line per row, a tab between values, special bytes behind a backslash",
        tsv_writer(),
        tsv_reader(),
        infer_tsv,
        aliases=("TSV",),
        suffixes=("tsv", "tab"),
    ),
    Format(
        "TabSeparatedRaw",
        "TabSeparated without escapes",
        tsv_writer(is_raw=True),
        tsv_reader(is_raw=True),
        aliases=("TSVRaw", "Raw"),
    ),
    Format(
        "TabSeparatedWithNames",
        "TabSeparated below a line of names",
        tsv_writer(1),
        tsv_reader(1),
        infer_tsv,
        aliases=("TSVWithNames",),
    ),
    Format(
        "TabSeparatedWithNamesAndTypes",
        "TabSeparated below a line of names and a line of types",
        tsv_writer(2),
        tsv_reader(2),
        infer_tsv_types,
        aliases=("TSVWithNamesAndTypes",),
    ),
    Format(
        "TabSeparatedRawWithNames",
        "TabSeparatedRaw below a line of names",
        tsv_writer(1, is_raw=True),
        tsv_reader(1, is_raw=True),
        aliases=("TSVRawWithNames", "RawWithNames"),
    ),
    Format(
        "TabSeparatedRawWithNamesAndTypes",
        "TabSeparatedRaw below a line of names and a line of types",
        tsv_writer(2, is_raw=True),
        tsv_reader(2, is_raw=True),
        aliases=("TSVRawWithNamesAndTypes", "RawWithNamesAndTypes"),
    ),
    Format("TSKV", "one line per row of name=value, a tab between", write_tskv),
)
