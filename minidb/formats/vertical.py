"""Vertical: one line per value, for rows with many columns."""

from __future__ import annotations

from collections.abc import Iterator

from minidb.formats.cells import is_right_aligned
from minidb.formats.format import Format, Table
from minidb.formats.shown_rows import ShownRows, cut, first_rows, large_number_tip
from minidb.formats.text_width import text_width


def write_vertical(table: Table) -> Iterator[bytes]:
    """Yield the first rows, value below value."""
    yield from vertical_lines(table, first_rows(table))
    totals = table.totals_table()
    if totals is not None:
        lines = b"".join(vertical_lines(totals, first_rows(totals)))
        yield encoded(f"\n\nTotals:\n{'─' * 7}\n") + lines.split(b"\n", 2)[2]


def vertical_lines(table: Table, rows: ShownRows) -> Iterator[bytes]:
    """Yield `rows`, value below value."""
    width = max(map(text_width, table.names), default=0)
    labels = [f"{name}:{' ' * (width - text_width(name) + 1)}" for name in table.names]
    is_number = [is_right_aligned(data_type) for data_type in table.types]
    for number, cells in zip(rows.numbers, rows.cells, strict=True):
        # ClickHouse's rule is as long as the title of the next row.
        lines = [f"Row {number}:", "─" * (len(str(number + 1)) + 5)]
        for label, cell, numeric in zip(labels, cells, is_number, strict=True):
            lines.append(label + cut(cell) + (large_number_tip(cell) if numeric else ""))
        gap = "\n" if number > 1 else ""
        yield encoded(gap + "\n".join(lines) + "\n")
    if rows.n_rows > table.max_pretty_rows:
        yield encoded(f"\nShowed first {table.max_pretty_rows}.\n")


def encoded(text: str) -> bytes:
    """Return the bytes of a text, with those that were not UTF-8 as they were."""
    return text.encode("utf-8", "surrogateescape")


VERTICAL_FORMATS = (Format("Vertical", "one line per value", write_vertical),)
