"""How much memory a step of an expression is about to take, as far as its input tells."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from minidb.columns import ArrayColumn, Column, NullableColumn, StringColumn, TupleColumn
from minidb.errors import MEMORY_LIMIT_EXCEEDED, LimitExecutionError
from minidb.settings import Settings
from minidb.types import ArrayType, DataType, StringType, without_null

WORK_PER_TEXT_BYTE = 16
WORK_PER_ARRAY_BYTE = 2
WORK_PER_SHOWN_BYTE = 8
"""Moving a byte of text takes its old and its new place; an element of an array likewise."""


def is_text(data_type: DataType) -> bool:
    """Whether values are laid end to end as text."""
    return isinstance(without_null(data_type), StringType)


def bytes_to_repeat(column: Column, n_rows: int) -> int:
    """Return about how many bytes `n_rows` rows like those of a column take while they are made.

    Values of fixed width are counted as they are; a constant of them takes no memory.
    """
    match column:
        case StringColumn():
            return 2 * n_rows * column.nbytes // max(len(column), 1)
        case ArrayColumn():
            return (1 + WORK_PER_ARRAY_BYTE) * n_rows * column.nbytes // max(len(column), 1)
        case NullableColumn(inner=inner):
            return bytes_to_repeat(inner, n_rows)
        case TupleColumn(children=children):
            return sum(bytes_to_repeat(child, n_rows) for child in children)
        case _:
            return 0


def limit_of(settings: Settings) -> Callable[[int], None] | None:
    """Return what refuses more bytes than a statement may hold, None without a limit."""
    limit = settings.integer("max_memory_usage")
    if not limit:
        return None

    def check(n_bytes: int) -> None:
        if n_bytes > limit:
            message = f"an expression needs {n_bytes:,} bytes, over max_memory_usage of {limit:,}"
            raise LimitExecutionError(MEMORY_LIMIT_EXCEEDED, message)

    return check


def bytes_to_take(columns: Iterable[Column], n_rows: int) -> int:
    """Return about how many bytes it takes to gather `n_rows` rows of each column."""
    return sum(
        max(bytes_to_repeat(column, n_rows), n_rows * column.nbytes // max(len(column), 1))
        for column in columns
    )


def bytes_to_work(columns: Iterable[Column], result_type: DataType) -> int:
    """Return about how many bytes a function needs beside its arguments and its result.

    Only functions that make text or arrays are counted: the others work on a few words per row.
    """
    if not isinstance(without_null(result_type), StringType | ArrayType):
        return 0
    n_bytes = 0
    for column in columns:
        inner = column.inner if isinstance(column, NullableColumn) else column
        if isinstance(inner, StringColumn):
            n_bytes += WORK_PER_TEXT_BYTE * int(inner.offsets[-1] - inner.offsets[0])
        elif isinstance(inner, ArrayColumn):
            shows = is_text(result_type)
            n_bytes += (WORK_PER_SHOWN_BYTE if shows else WORK_PER_ARRAY_BYTE) * inner.nbytes
    return n_bytes
