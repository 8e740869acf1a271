"""The window functions that count rows and peers: ``row_number``, ``rank``, ``ntile`` ..."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from minidb.columns import Column, NumericColumn
from minidb.errors import BAD_ARGUMENTS, BindError, ValueExecutionError
from minidb.functions.arguments import Arg
from minidb.functions.cast_numbers import numbers_of
from minidb.functions.declaration import Argument
from minidb.functions.window import (
    FRAME_ANY,
    FRAME_WHOLE,
    FRAME_WHOLE_ORDERED,
    WindowCall,
    WindowFunction,
    WindowRows,
)
from minidb.types import DataType, FloatType, IntType

UINT64 = IntType(64, False)
FLOAT64 = FloatType(64)


def _row_number(rows: WindowRows) -> NDArray[np.intp]:
    return np.arange(rows.n_rows) - rows.partition_starts + 1


def _rank(rows: WindowRows) -> NDArray[np.intp]:
    return rows.peer_starts - rows.partition_starts + 1


def _dense_rank(rows: WindowRows) -> NDArray[np.intp]:
    if not rows.n_rows:
        return rows.peer_numbers
    return rows.peer_numbers - rows.peer_numbers[rows.partition_starts] + 1


def _percent_rank(rows: WindowRows) -> NDArray[np.float64]:
    """Return (rank - 1) / (rows - 1), 0 for a partition of one row."""
    others = rows.partition_ends - rows.partition_starts - 1
    ranks = (rows.peer_starts - rows.partition_starts).astype(np.float64)
    shares: NDArray[np.float64] = ranks / np.maximum(others, 1)
    return shares


def _cume_dist(rows: WindowRows) -> NDArray[np.float64]:
    """Return the share of rows up to the last peer."""
    sizes = rows.partition_ends - rows.partition_starts
    shares: NDArray[np.float64] = (rows.peer_ends - rows.partition_starts) / sizes
    return shares


def _ntile(call: WindowCall) -> Column:
    """Return the number of the row's bucket: the first ones are one row larger."""
    rows = call.rows
    n_buckets = numbers_of(call.columns[0]).astype(np.intp)
    if (n_buckets < 1).any():
        message = "the argument of ntile has to be greater than 0"
        raise ValueExecutionError(BAD_ARGUMENTS, message)
    places = np.arange(rows.n_rows) - rows.partition_starts
    small, n_large = np.divmod(rows.partition_ends - rows.partition_starts, n_buckets)
    in_large = places < n_large * (small + 1)
    of_large = places // (small + 1)
    of_small = n_large + (places - n_large * (small + 1)) // np.maximum(small, 1)
    buckets = np.where(in_large, of_large, of_small) + 1
    return NumericColumn(UINT64, buckets.astype(np.uint64))


def _check_ntile(arguments: Sequence[Argument]) -> None:
    """Refuse everything but a constant unsigned integer of at most 64 bits."""
    given = arguments[0].type
    if not isinstance(given, IntType) or given.is_signed or given.is_wide:
        message = f"the argument of ntile has to be an unsigned integer, not {given.name}"
        raise BindError(BAD_ARGUMENTS, message)
    value = arguments[0].constant_value()
    if not isinstance(value, int):
        raise BindError(BAD_ARGUMENTS, "the argument of ntile has to be constant")
    if value < 1:
        raise BindError(BAD_ARGUMENTS, "the argument of ntile has to be greater than 0")


def _counted(
    find: Callable[[WindowRows], NDArray[np.intp]],
) -> Callable[[WindowCall], Column]:
    return lambda call: NumericColumn(UINT64, find(call.rows).astype(np.uint64))


def _shared(
    find: Callable[[WindowRows], NDArray[np.float64]],
) -> Callable[[WindowCall], Column]:
    return lambda call: NumericColumn(FLOAT64, find(call.rows))


def _over_rows(
    name: str,
    compute: Callable[[WindowCall], Column],
    result: DataType,
    help_: str,
    *,
    aliases: tuple[str, ...] = (),
    frame: str = FRAME_ANY,
    args: tuple[Arg, ...] = (),
) -> WindowFunction:
    example = f"SELECT number, {name}() OVER (ORDER BY number % 3) FROM numbers(5)"
    return WindowFunction(
        name, args, result, compute, help_, example, "window", aliases, True, frame
    )


FUNCTIONS: tuple[WindowFunction, ...] = (
    _over_rows(
        "row_number",
        _counted(_row_number),
        UINT64,
        "The row's number in its partition, from 1.",
        args=(Arg("ignored", is_optional=True, is_repeated=True),),
    ),
    _over_rows("rank", _counted(_rank), UINT64, "Number of the first peer; gaps after peers."),
    _over_rows(
        "dense_rank",
        _counted(_dense_rank),
        UINT64,
        "Number of the set of peers, without gaps.",
        aliases=("denseRank",),
    ),
    _over_rows(
        "percent_rank",
        _shared(_percent_rank),
        FLOAT64,
        "(rank - 1) / (rows of the partition - 1); 0 for a single row.",
        aliases=("percentRank",),
        frame=FRAME_WHOLE,
    ),
    _over_rows(
        "cume_dist",
        _shared(_cume_dist),
        FLOAT64,
        "Share of the partition's rows up to the last peer.",
        frame=FRAME_WHOLE,
    ),
    WindowFunction(
        "ntile",
        (Arg("buckets"),),
        UINT64,
        _ntile,
        "Number of the row's bucket, of so many about equal ones.",
        "SELECT number, ntile(2) OVER (ORDER BY number) FROM numbers(5)",
        is_case_insensitive=True,
        frame=FRAME_WHOLE_ORDERED,
        check=_check_ntile,
    ),
)
