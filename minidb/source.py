"""Places in a SQL text: spans, lines and columns, and the caret drawing under them."""

from __future__ import annotations

from minidb.record import record

MIN_DRAWN_LINE = 20
MAX_DRAWN_LINE = 120
INDENT = "  "
NEXT_LINE = f"\n{INDENT}"


@record
class Span:
    """A half-open range of characters in one SQL text.

    Parameters
    ----------
    start, end : int
        Offsets in characters, counted from 0; ``start <= end``.
    """

    start: int
    end: int

    def cover(self, other: Span) -> Span:
        """Return the smallest span that holds this one and `other`."""
        return Span(min(self.start, other.start), max(self.end, other.end))


@record
class Place:
    """A line and a column for people, both counted from 1."""

    line: int
    column: int


def place_of(text: str, offset: int) -> Place:
    """Translate a character offset of `text` into a line and a column.

    Parameters
    ----------
    text : str
        The whole SQL text.
    offset : int
        Characters from its beginning; past the end means the end.
    """
    before = text[: max(0, min(offset, len(text)))]
    return Place(before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1)


def draw_caret(text: str, span: Span, note: str = "", width: int | None = None) -> str:
    """Draw the line of `text` that `span` begins on, with carets below the span.

    Parameters
    ----------
    text : str
        The whole SQL text.
    span : Span
        What to point at; at least one caret is drawn.
    note : str
        A hint, written behind the place.
    width : int, optional
        Characters of a line of the terminal, the indentation included; it only narrows.

    Returns
    -------
    str
        Two indented lines, three where the note would not fit a line of `width`; a long line is cut
        to a window around the span.
    """
    start = min(span.start, len(text))
    place = place_of(text, start)
    line = text.split("\n")[place.line - 1].rstrip("\r")
    at = place.column - 1
    limit = min(MAX_DRAWN_LINE, max(MIN_DRAWN_LINE, (width or MAX_DRAWN_LINE) - len(INDENT)))
    first = max(0, at - limit // 2) if len(line) > limit else 0
    shown = "".join(c if c.isprintable() else " " for c in line[first : first + limit])
    n_carets = max(1, min(span.end - start, len(line) - at, limit - (at - first)))
    where = f"line {place.line}, column {place.column}" + (f"; {note}" if note else "")
    carets = " " * (at - first) + "^" * n_carets
    fits = width is None or len(INDENT) + len(carets) + 2 + len(where) <= width
    return f"{INDENT}{shown}\n{INDENT}{carets}{'  ' if fits else NEXT_LINE}{where}"
