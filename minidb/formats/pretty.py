"""Pretty, PrettyCompact and PrettySpace: tables drawn with lines, for people."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum
from itertools import accumulate

from minidb.formats.cells import is_right_aligned
from minidb.formats.format import Format, Table, Writer
from minidb.formats.shown_rows import ShownRows, cut, first_and_last, large_number_tip
from minidb.formats.text_width import text_width
from minidb.formats.vertical import encoded, vertical_lines
from minidb.record import record

FOOTER_FROM_ROWS = 50
VERTICAL_FROM_COLUMNS = 5
VERTICAL_FROM_WIDTH = 250
VERTICAL_UP_TO_ROWS = 10
MAX_PADDING = 250


class Look(Enum):
    """What a table is drawn with; the value is the end of the format's name."""

    LINES = ""
    COMPACT = "Compact"
    SPACE = "Space"


@record
class Grid:
    """Where the columns of one table stand.

    `margin` is the width of the row numbers, `edge` that of the border with its blank, `widths`
    those of the columns.
    """

    margin: int
    edge: int
    widths: tuple[int, ...]
    is_right: tuple[bool, ...]

    @property
    def total(self) -> int:
        """Return the width of the table from border to border."""
        return sum(self.widths) + 3 * len(self.widths) + 1

    @property
    def starts(self) -> list[int]:
        """Return the place at which the texts of each column begin."""
        widths = (self.margin + self.edge, *self.widths[:-1])
        return list(accumulate(widths, lambda at, width: at + width + 3))

    def rule(self, left: str, line: str, cross: str, right: str) -> str:
        """Return a horizontal line."""
        segments = cross.join(line * (width + 2) for width in self.widths)
        return f"{' ' * self.margin}{left}{segments}{right}\n"

    def names_rule(self, names: tuple[str, ...], left: str, cross: str, right: str) -> str:
        """Return a horizontal line with the names in it."""
        places = zip(names, self.widths, self.is_right, strict=True)
        segments = [f"─{_padded(name, width, at_right, '─')}─" for name, width, at_right in places]
        return f"{' ' * self.margin}{left}{cross.join(segments)}{right}\n"

    def bare_names(self, names: tuple[str, ...]) -> str:
        """Return the line of names without borders."""
        places = zip(names, self.widths, self.is_right, strict=True)
        segments = [_padded(name, width, at_right, " ") for name, width, at_right in places]
        return f"{' ' * self.margin} {'   '.join(segments)}"

    def names_line(self, names: tuple[str, ...]) -> str:
        """Return the line of names between thick borders."""
        places = zip(names, self.widths, self.is_right, strict=True)
        segments = [f" {_padded(name, width, at_right, ' ')} " for name, width, at_right in places]
        return f"{' ' * self.margin}┃{'┃'.join(segments)}┃\n"


def _padded(text: str, width: int, at_right: bool, filler: str, start: int = 0) -> str:
    """Fill a text up to the width of its column, which begins at `start`."""
    padding = filler * (width - text_width(text, start))
    return padding + text if at_right else text + padding


def _lines_of(cell: str) -> list[str]:
    """Return the lines of a cell; a line feed at the end begins none."""
    lines = cell.split("\n")
    return lines[:-1] if len(lines) > 1 and not lines[-1] else lines


def _grid(table: Table, rows: ShownRows, look: Look) -> Grid:
    """Measure names and cells."""
    margin = len(str(rows.n_rows)) + 2 if table.options.pretty_row_numbers else 0
    edge = 1 if look is Look.SPACE else 2
    at = margin + edge
    widths = []
    for place, name in enumerate(table.names):
        lines = (line for cells in rows.cells for line in _lines_of(cells[place]))
        widest = max((text_width(line, at) for line in lines), default=0)
        widths.append(max(text_width(name), min(widest, MAX_PADDING)))
        at += widths[-1] + 3
    return Grid(margin, edge, tuple(widths), tuple(map(is_right_aligned, table.types)))


def _is_better_vertical(table: Table, rows: ShownRows, grid: Grid) -> bool:
    """Whether few rows of many columns are too wide, or hold line feeds."""
    if len(table.names) < VERTICAL_FROM_COLUMNS or rows.n_rows > VERTICAL_UP_TO_ROWS:
        return False
    has_lines = any("\n" in cell for cells in rows.cells for cell in cells)
    return has_lines or grid.total > VERTICAL_FROM_WIDTH


def _row_lines(number: int, cells: list[str], grid: Grid, tip: str, look: Look) -> Iterator[str]:
    """Yield the lines of one row."""
    columns = [_lines_of(cell) for cell in cells]
    starts = grid.starts
    for line in range(max(map(len, columns))):
        label = f"{number}. " if line == 0 and grid.margin else ""
        segments = []
        for place, lines in enumerate(columns):
            text = cut(lines[line]) if line < len(lines) else ""
            is_last = line >= len(lines) - 1
            continues = not is_last or (line == len(lines) - 1 and cells[place].endswith("\n"))
            before = "↳" if 0 < line < len(lines) else " "
            after = "↴" if continues else " "
            filled = _padded(text, grid.widths[place], grid.is_right[place], " ", starts[place])
            segments.append(before + filled + after)
        bar, edge = (" ", "") if look is Look.SPACE else ("│", "│")
        shown = f"{label.rjust(grid.margin)}{edge}{bar.join(segments)}{edge}"
        yield f"{shown}{tip if line == 0 else ''}\n"


def _draw(table: Table, look: Look) -> Iterator[bytes]:
    """Yield one table."""
    rows = first_and_last(table)
    if not rows.n_rows or not table.names:
        return
    grid = _grid(table, rows, look)
    if _is_better_vertical(table, rows, grid):
        yield from vertical_lines(table, rows)
        return
    if look is Look.COMPACT:
        yield encoded(grid.names_rule(table.names, "┌", "┬", "┐"))
    elif look is Look.SPACE:
        yield encoded(grid.bare_names(table.names) + "\n\n")
    else:
        top, bottom = grid.rule("┏", "━", "┳", "┓"), grid.rule("┡", "━", "╇", "┩")
        yield encoded(top + grid.names_line(table.names) + bottom)
    yield from _body(rows, grid, look)
    yield encoded(_foot(table, rows, grid, look))
    if rows.n_rows >= table.max_pretty_rows:
        space = "\n" if look is Look.SPACE else ""
        yield encoded(f"{space}Showed {len(rows.cells)} out of {rows.n_rows} rows.\n")


def _foot(table: Table, rows: ShownRows, grid: Grid, look: Look) -> str:
    """Return what stands below the rows: long tables repeat the names."""
    has_names = rows.n_rows >= FOOTER_FROM_ROWS
    match look:
        case Look.SPACE:
            return f"\n{grid.bare_names(table.names)}\n\n" if has_names else ""
        case Look.COMPACT if has_names:
            return grid.names_rule(table.names, "└", "┴", "┘")
        case Look.LINES if has_names:
            top, bottom = grid.rule("┢", "━", "╈", "┪"), grid.rule("┗", "━", "┻", "┛")
            return top + grid.names_line(table.names) + bottom
        case _:
            return grid.rule("└", "─", "┴", "┘")


def _body(rows: ShownRows, grid: Grid, look: Look) -> Iterator[bytes]:
    """Yield the rows, with a broken line where rows are left out."""
    between = grid.rule("├", "─", "┼", "┤") if look is Look.LINES else ""
    total = grid.total - (3 if look is Look.SPACE else 0)
    gap = " " * grid.margin + ("─ " * total)[:total] + "\n"
    before = 0
    for number, cells in zip(rows.numbers, rows.cells, strict=True):
        if before:
            yield encoded(between)
        if before and number != before + 1:
            yield encoded(gap + between)
        tip = large_number_tip(cells[-1]) if grid.is_right[-1] else ""
        yield encoded("".join(_row_lines(number, cells, grid, tip, look)))
        before = number


def pretty_writer(look: Look) -> Writer:
    """Return what draws a table."""

    def write(table: Table) -> Iterator[bytes]:
        yield from _draw(table, look)
        totals = table.totals_table()
        if totals is not None:
            yield b"\nTotals:\n"
            yield from _draw(totals, look)

    return write


write_pretty_compact = pretty_writer(Look.COMPACT)

PRETTY_FORMATS = tuple(
    Format(
        f"Pretty{look.value}",
        help_text,
        pretty_writer(look),
        aliases=tuple(
            f"Pretty{look.value}{ending}"
            for ending in ("NoEscapes", "MonoBlock", "NoEscapesMonoBlock")
        ),
    )
    for look, help_text in (
        (Look.LINES, "a drawn table with lines between rows"),
        (Look.COMPACT, "a drawn table without lines between rows"),
        (Look.SPACE, "a table drawn with blanks"),
    )
)
