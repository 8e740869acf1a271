"""Window functions as data: what they see of the sorted rows, and their declaration."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from minidb.columns import Column, IndexArray
from minidb.functions.arguments import Arg
from minidb.functions.declaration import Argument, ResultRule
from minidb.record import record
from minidb.types import DataType


@record(eq=False)
class WindowRows:
    """The rows of all partitions in window order, and where each row's neighbours begin and end.

    Every array is intp, shape (n,): a value for each row. Ends are the first row behind.

    Parameters
    ----------
    n_rows : int
        The number of rows, n.
    partition_starts, partition_ends : ndarray
        The partition of the row.
    peer_starts, peer_ends : ndarray
        The rows that the frame's unit takes for equal to the row: those with the same ORDER BY,
        for ROWS the row alone.
    peer_numbers : ndarray
        How many sets of peers stand before the row's own, in all partitions together.
    frame_starts, frame_ends : ndarray
        The frame; ``start <= end``, equal for an empty one.
    """

    n_rows: int
    partition_starts: IndexArray
    partition_ends: IndexArray
    peer_starts: IndexArray
    peer_ends: IndexArray
    peer_numbers: IndexArray
    frame_starts: IndexArray
    frame_ends: IndexArray


@record(eq=False)
class WindowCall:
    """One evaluation of a window function.

    Parameters
    ----------
    columns : tuple of Column, n rows each
        The arguments in window order, Nullable where they are.
    rows : WindowRows
        Partitions, peers and frames.
    result_type : DataType
        What the result rule gave.
    """

    columns: tuple[Column, ...]
    rows: WindowRows
    result_type: DataType


FRAME_ANY = "any"
FRAME_NONE = "none"
FRAME_WHOLE = "whole"
FRAME_WHOLE_ORDERED = "whole, ordered"


@record
class WindowFunction:
    """A function that stands only before OVER.

    Parameters
    ----------
    name, family, args, result, help, example, aliases, is_case_insensitive
        As in `ScalarFunction`; `result` sees the types as they are, Nullable or not.
    compute : callable
        Returns one value for each row, in window order.
    frame : str
        Which frames it takes: ``any``; ``none`` (nothing may be written); ``whole`` (nothing, or
        RANGE over the whole partition); ``whole, ordered`` (that, with ORDER BY).
    check : callable, optional
        Looks at the arguments before `result`; raises BindError.
    value_places : tuple of int
        The arguments that are converted to the type of the first one.
    """

    name: str
    args: tuple[Arg, ...]
    result: ResultRule
    compute: Callable[[WindowCall], Column]
    help: str
    example: str
    family: str = "window"
    aliases: tuple[str, ...] = ()
    is_case_insensitive: bool = False
    frame: str = FRAME_ANY
    check: Callable[[Sequence[Argument]], None] | None = None
    value_places: tuple[int, ...] = ()
