"""Small formats: Values, Markdown and Null."""

from __future__ import annotations

from collections.abc import Iterator

from minidb.formats.assemble import Piece, concat_rows
from minidb.formats.cells import escaped_cells, is_right_aligned, value_cells
from minidb.formats.format import Format, Table
from minidb.formats.tsv_output import escaped_line


def write_values(table: Table) -> Iterator[bytes]:
    """Yield rows in parentheses, as INSERT INTO ... VALUES takes them."""
    is_first = True
    for batch in table.batches:
        pieces: list[Piece] = [b",("]
        for place, column in enumerate(batch.columns):
            pieces += [b"," if place else b"", value_cells(column)]
        rows = concat_rows([*pieces, b")"], batch.n_rows).data.tobytes()
        yield rows[1:] if is_first else rows
        is_first = is_first and not batch.n_rows


def write_markdown(table: Table) -> Iterator[bytes]:
    """Yield a table in Markdown."""
    names = escaped_line(table.names).rstrip(b"\n").split(b"\t")
    yield b"| " + b" | ".join(names) + b" |\n"
    marks = [b"-:" if is_right_aligned(data_type) else b":-" for data_type in table.types]
    yield b"|" + b"|".join(marks) + b"|\n"
    for batch in table.batches:
        pieces: list[Piece] = [b"| "]
        for place, column in enumerate(batch.columns):
            pieces += [b" | " if place else b"", escaped_cells(column)]
        yield concat_rows([*pieces, b" |\n"], batch.n_rows).data.tobytes()


def write_null(table: Table) -> Iterator[bytes]:
    """Read every row and write nothing."""
    for _ in table.batches:
        yield b""


OTHER_FORMATS = (
    Format("Values", "rows in parentheses, as INSERT takes them", write_values),
    Format(
        "Markdown",
        "a table in Markdown",
        write_markdown,
        aliases=("MD",),
        suffixes=("md",),
    ),
    Format("Null", "nothing; the query runs all the same", write_null),
)
