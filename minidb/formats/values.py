"""Small formats: Values, Markdown, Null, and those without any structure."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from minidb.columns import Column, StringColumn
from minidb.errors import INCORRECT_DATA, ValueExecutionError
from minidb.formats.assemble import MARKDOWN, MARKDOWN_ALL, EscapeTable, Piece, concat_rows
from minidb.formats.cells import escaped_cells, is_right_aligned, plain_cells, value_cells
from minidb.formats.format import Format, Table, Target
from minidb.formats.tsv_output import escaped_texts
from minidb.formats.values_input import read_values
from minidb.types import StringType


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
    """Yield a table in Markdown; a bar inside a cell stands behind a backslash."""
    escapes: EscapeTable = MARKDOWN_ALL if table.options.markdown_escapes else MARKDOWN
    names = MARKDOWN.escape(StringColumn.from_bytes(escaped_texts(table.names))).to_bytes()
    yield b"| " + b" | ".join(names) + b" |\n"
    marks = [b"-:" if is_right_aligned(data_type) else b":-" for data_type in table.types]
    yield b"|" + b"|".join(marks) + b"|\n"
    for batch in table.batches:
        pieces: list[Piece] = [b"| "]
        for place, column in enumerate(batch.columns):
            cells = escaped_cells(column)
            if not is_right_aligned(column.type):
                cells = escapes.escape(cells)
            pieces += [b" | " if place else b"", cells]
        yield concat_rows([*pieces, b" |\n"], batch.n_rows).data.tobytes()


def write_null(table: Table) -> Iterator[bytes]:
    """Read every row and write nothing."""
    for _ in table.batches:
        yield b""


def write_lines(table: Table) -> Iterator[bytes]:
    """Yield one line per row, values as they are with tabs between."""
    for batch in table.batches:
        pieces: list[Piece] = []
        for place, column in enumerate(batch.columns):
            pieces += [b"\t" if place else b"", plain_cells(column)]
        yield concat_rows([*pieces, b"\n"], batch.n_rows).data.tobytes()


def _only_text(target: Target, name: str) -> None:
    """Check that there is one column, of text."""
    if len(target.types) != 1 or not isinstance(target.types[0], StringType):
        wanted = f"{name} is read into one column of type String"
        raise ValueExecutionError(INCORRECT_DATA, wanted)


def read_lines(raw: bytes, target: Target) -> tuple[Column, ...]:
    """Read each line as one text."""
    _only_text(target, "LineAsString")
    lines = raw.split(b"\n")
    return (StringColumn.from_bytes(lines if lines[-1] else lines[:-1]),)


def read_blob(raw: bytes, target: Target) -> tuple[Column, ...]:
    """Read the whole input as one text."""
    _only_text(target, "RawBLOB")
    return (StringColumn(np.array([0, len(raw)]), np.frombuffer(raw, np.uint8)),)


def infer_line(_raw: bytes) -> Target:
    """Return the one column that a text without structure has."""
    return Target(("line",), (StringType(),))


def infer_blob(_raw: bytes) -> Target:
    """Return the one column of a blob."""
    return Target(("raw_blob",), (StringType(),))


OTHER_FORMATS = (
    Format("Values", "rows in parentheses, as INSERT takes them", write_values, read_values),
    Format(
        "Markdown",
        "a table in Markdown",
        write_markdown,
        aliases=("MD",),
        suffixes=("md",),
    ),
    Format("Null", "nothing; the query runs all the same", write_null),
    Format("LineAsString", "each line is one text", write_lines, read_lines, infer_line),
)
