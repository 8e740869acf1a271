"""The rows that the formats for people show: the first and last few, as texts."""

from __future__ import annotations

from collections import deque
from math import isfinite

from minidb.columns import ArrayColumn, Batch, Column, StringColumn, TupleColumn
from minidb.columns.strings import decode
from minidb.formats.assemble import ListMarks, Piece, concat_rows, join_lists
from minidb.formats.cells import PRETTY_NULL, plain_cells, value_cells
from minidb.formats.format import Table
from minidb.formats.json_values import Indent, JsonStyle, json_values
from minidb.record import record
from minidb.types import ArrayType, DataType, TupleType

# Numbers of this size are more often hashes and identifiers than quantities.
NO_TIP_ABOVE, NO_TIP_UP_TO = 1e17, 1.8446744073709552e19
TIP_THRESHOLD = 1_000_000
MAX_FIXED = 1e60
MAX_VALUE_WIDTH = 10_000
CUT_MARK = "⋯"
LIST = ListMarks(b"[", b",", b"]", b"[]")
OBJECT_STYLE = JsonStyle(Indent(b" ", extra=1))
SCALES = (
    *("", " thousand", " million", " billion", " trillion", " quadrillion", " quintillion"),
    *(" sextillion", " septillion", " octillion", " nonillion", " decillion", " undecillion"),
    *(" duodecillion", " tredecillion", " quattuordecillion", " quindecillion"),
    *(" sexdecillion", " septendecillion", " octodecillion", " novemdecillion", " vigintillion"),
)


@record
class ShownRows:
    """Rows as texts.

    Parameters
    ----------
    numbers : list of int
        The number of each row in the whole result, from 1.
    cells : list of list of str
        The texts of each row.
    n_rows : int
        The rows of the whole result.
    """

    numbers: list[int]
    cells: list[list[str]]
    n_rows: int


def first_and_last(table: Table) -> ShownRows:
    """Read all rows and keep the first half and the last half of what may be shown."""
    n_head, n_tail = (table.max_pretty_rows + 1) // 2, table.max_pretty_rows // 2
    head: list[Batch] = []
    tail: deque[Batch] = deque()
    n_rows = in_head = in_tail = 0
    for batch in table.batches:
        n_rows += batch.n_rows
        taken = min(n_head - in_head, batch.n_rows)
        in_head += taken
        head += [batch.slice(0, taken)] if taken else []
        rest = batch.slice(taken, batch.n_rows)
        if rest.n_rows and n_tail:
            tail.append(rest)
            in_tail += rest.n_rows
        while tail and in_tail - tail[0].n_rows >= n_tail:
            in_tail -= tail.popleft().n_rows
    if in_tail > n_tail:
        tail[0] = tail[0].slice(in_tail - n_tail, tail[0].n_rows)
        in_tail = n_tail
    numbers = [*range(1, in_head + 1), *range(n_rows - in_tail + 1, n_rows + 1)]
    return ShownRows(numbers, [row for b in (*head, *tail) for row in batch_texts(b)], n_rows)


def first_rows(table: Table) -> ShownRows:
    """Read all rows and keep the first ones."""
    kept: list[Batch] = []
    n_rows = n_kept = 0
    for batch in table.batches:
        n_rows += batch.n_rows
        part = batch.slice(0, table.max_pretty_rows - n_kept)
        n_kept += part.n_rows
        kept += [part] if part.n_rows else []
    cells = [row for b in kept for row in batch_texts(b, is_json_for_names=False)]
    return ShownRows(list(range(1, n_kept + 1)), cells, n_rows)


def batch_texts(batch: Batch, is_json_for_names: bool = True) -> list[list[str]]:
    """Return the texts of a batch, row by row."""
    columns = [column_texts(column, is_json_for_names) for column in batch.columns]
    return [list(row) for row in zip(*columns, strict=True)]


def column_texts(column: Column, is_json_for_names: bool = True) -> list[str]:
    """Return the texts of a column; tuples with names are drawn as JSON."""
    is_drawn = is_json_for_names and _has_names(column.type)
    text = _with_objects(column) if is_drawn else plain_cells(column, PRETTY_NULL)
    values = [decode(value) for value in text.to_bytes()]
    return [v if isinstance(v, str) else v.decode("utf-8", "surrogateescape") for v in values]


def _has_names(data_type: DataType) -> bool:
    """Whether a type is or holds a tuple with names."""
    match data_type:
        case ArrayType(element=element):
            return _has_names(element)
        case TupleType(elements=elements, names=names):
            return bool(names) or any(map(_has_names, elements))
        case _:
            return False


def _with_objects(column: Column) -> StringColumn:
    """Return the texts of a column with its tuples with names as JSON objects."""
    match column:
        case ArrayColumn():
            whole = column.compact()
            return join_lists(_with_objects(whole.child), whole.offsets, LIST)
        case TupleColumn(type=TupleType(names=())):
            pieces: list[Piece] = [b"("]
            for place, child in enumerate(column.children):
                pieces += [b"," if place else b"", _with_objects(child)]
            return concat_rows([*pieces, b")"], len(column))
        case TupleColumn():
            return json_values(column, OBJECT_STYLE)
        case _:
            return value_cells(column)


def cut(text: str) -> str:
    """Shorten a text that is longer than people read, with a mark where it was cut."""
    return text if len(text) <= MAX_VALUE_WIDTH else text[:MAX_VALUE_WIDTH] + CUT_MARK


def large_number_tip(text: str) -> str:
    """Return `` -- 1.23 million`` for the text of a large number, else nothing."""
    try:
        value = float(text)
    except ValueError:
        return ""
    size = abs(value)
    if not isfinite(size) or size <= TIP_THRESHOLD or NO_TIP_ABOVE < size <= NO_TIP_UP_TO:
        return ""
    scale = 0
    while scale + 1 < len(SCALES) and abs(value) >= 1000:
        value /= 1000
        scale += 1
    shown = f"{value:.2f}" if abs(value) < MAX_FIXED else repr(value).replace("+", "")
    return f" -- {shown}{SCALES[scale]}"
