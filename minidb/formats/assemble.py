"""Text put together for whole columns: rows of pieces, lists, escapes, without a loop over values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from minidb.columns import BoolArray, StringColumn
from minidb.record import record

Piece: TypeAlias = "bytes | StringColumn"


def concat_rows(pieces: Sequence[Piece], n_rows: int) -> StringColumn:
    """Concatenate pieces row by row.

    Parameters
    ----------
    pieces : sequence of bytes or StringColumn
        Bytes stand in every row; a column has one value per row.
    n_rows : int
        The rows.

    Returns
    -------
    StringColumn
        `n_rows` values; its data has no slack, so it is the text of all rows end to end.

    Notes
    -----
    All pieces are laid into one buffer, each value is a segment of it, and one gather moves
    every byte once.
    """
    pieces = _merged(pieces)
    starts = np.empty((n_rows, len(pieces)), np.int64)
    lengths = np.empty((n_rows, len(pieces)), np.int64)
    buffers: list[NDArray[np.uint8]] = []
    base = 0
    for place, piece in enumerate(pieces):
        if isinstance(piece, bytes):
            buffer = np.frombuffer(piece, np.uint8)
            starts[:, place] = base
            lengths[:, place] = len(piece)
        else:
            buffer = piece.data
            starts[:, place] = piece.offsets[:-1] + base
            lengths[:, place] = piece.lengths
        buffers.append(buffer)
        base += len(buffer)
    whole = np.concatenate(buffers) if buffers else np.zeros(0, np.uint8)
    ends = np.zeros(n_rows + 1, np.int64)
    np.cumsum(lengths.sum(axis=1), out=ends[1:])
    return StringColumn(ends, _gather(whole, starts.ravel(), lengths.ravel()))


def _merged(pieces: Sequence[Piece]) -> list[Piece]:
    """Join bytes that stand side by side and drop empty ones."""
    merged: list[Piece] = []
    for piece in pieces:
        last = merged[-1] if merged else None
        if isinstance(piece, bytes) and isinstance(last, bytes):
            merged[-1] = last + piece
        elif piece != b"":
            merged.append(piece)
    return merged


def _gather(
    data: NDArray[np.uint8], starts: NDArray[np.int64], lengths: NDArray[np.int64]
) -> NDArray[np.uint8]:
    """Lay segments of `data` end to end."""
    ends = np.cumsum(lengths)
    total = int(ends[-1]) if len(ends) else 0
    where = np.arange(total, dtype=np.int64)
    where += np.repeat(starts - (ends - lengths), lengths)
    return data[where]


def replace_rows(column: StringColumn, mask: BoolArray, text: bytes) -> StringColumn:
    """Return `column` with `text` in the rows where `mask` (bool, shape (n,)) is true."""
    if not mask.any():
        return column
    data = np.concatenate([column.data, np.frombuffer(text, np.uint8)])
    starts = np.where(mask, len(column.data), column.offsets[:-1])
    lengths = np.where(mask, len(text), column.lengths)
    offsets = np.zeros(len(column) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    return StringColumn(offsets, _gather(data, starts, lengths))


def constant_where(text: bytes, mask: BoolArray) -> StringColumn:
    """Return `text` where `mask` is true and nothing elsewhere."""
    offsets = np.zeros(len(mask) + 1, np.int64)
    np.cumsum(mask.astype(np.int64) * len(text), out=offsets[1:])
    return StringColumn(offsets, np.tile(np.frombuffer(text, np.uint8), int(mask.sum())))


@record
class ListMarks:
    """What stands around and between the elements of a list, and for a list without any."""

    opening: bytes
    separator: bytes
    closing: bytes
    empty: bytes


def join_lists(
    elements: StringColumn, offsets: NDArray[np.int64], marks: ListMarks
) -> StringColumn:
    """Join the texts of elements to the texts of their lists.

    Parameters
    ----------
    elements : StringColumn
        The texts of all elements, end to end.
    offsets : ndarray of int64, shape (n + 1,)
        Row i holds elements ``offsets[i]`` up to ``offsets[i + 1]``, beginning at 0.
    marks : ListMarks
        Brackets and separator.
    """
    n_rows, is_first = len(offsets) - 1, np.zeros(len(elements), np.bool_)
    is_filled = offsets[1:] > offsets[:-1]
    is_first[offsets[:-1][is_filled]] = True
    separators = constant_where(marks.separator, ~is_first)
    decorated = concat_rows([separators, elements], len(elements))
    body = StringColumn(decorated.offsets[offsets], decorated.data)
    opening = constant_where(marks.opening, is_filled)
    closing = constant_where(marks.closing, is_filled)
    empty = constant_where(marks.empty, ~is_filled)
    return concat_rows([opening, body, closing, empty], n_rows)


class EscapeTable:
    """Bytes that are written as other bytes, in a form for whole columns.

    Parameters
    ----------
    replacements : mapping of int to bytes
        From a byte to what is written for it.
    """

    def __init__(self, replacements: Mapping[int, bytes]) -> None:
        width = max(map(len, replacements.values()))
        self.lengths = np.ones(256, np.int64)
        self.texts = np.zeros((256, width), np.uint8)
        self.texts[:, 0] = np.arange(256)
        self.is_special = np.zeros(256, np.bool_)
        for byte, text in replacements.items():
            self.lengths[byte] = len(text)
            self.texts[byte, : len(text)] = np.frombuffer(text, np.uint8)
            self.is_special[byte] = True

    def escape(self, column: StringColumn) -> StringColumn:
        """Return the column with every special byte written as its replacement."""
        column = column.compact()
        special = np.flatnonzero(self.is_special[column.data])
        if not len(special):
            return column
        bytes_there = column.data[special]
        growth = np.zeros(len(column.data) + 1, np.int64)
        growth[special + 1] = self.lengths[bytes_there] - 1
        np.cumsum(growth, out=growth)
        places = np.arange(len(column.data), dtype=np.int64) + growth[:-1]
        escaped = np.empty(len(column.data) + int(growth[-1]), np.uint8)
        escaped[places] = column.data
        for at in range(self.texts.shape[1]):
            reaching = self.lengths[bytes_there] > at
            escaped[places[special[reaching]] + at] = self.texts[bytes_there[reaching], at]
        return StringColumn(column.offsets + growth[column.offsets], escaped)


BACKSLASHED = {
    ord("\b"): b"\\b",
    ord("\f"): b"\\f",
    ord("\n"): b"\\n",
    ord("\r"): b"\\r",
    ord("\t"): b"\\t",
    0: b"\\0",
    ord("'"): b"\\'",
    ord("\\"): b"\\\\",
}

# TabSeparated and texts in single quotes escape the same bytes.
ESCAPED = EscapeTable(BACKSLASHED)
CSV_QUOTED = EscapeTable({ord('"'): b'""'})
JSON_ESCAPES = {
    **{code: b"\\u%04X" % code for code in range(32)},
    **{byte: text for byte, text in BACKSLASHED.items() if byte not in {0, ord("'")}},
    ord('"'): b'\\"',
}
JSON_QUOTED = EscapeTable({**JSON_ESCAPES, ord("/"): b"\\/"})
JSON_QUOTED_WITHOUT_SLASH = EscapeTable(JSON_ESCAPES)
# A bar would end a cell of Markdown; the other marks only change how it looks.
MARKDOWN = EscapeTable({ord("|"): b"\\|"})
MARKDOWN_ALL = EscapeTable({code: b"\\%c" % code for code in b"`*_{}[]()<>#+-.!|~"})
