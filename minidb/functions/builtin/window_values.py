"""The window functions that take a value of another row: ``lag``, ``lead``, ``nth_value`` ..."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from minidb.columns import Column, IndexArray, concat_columns, default_column, split_nulls
from minidb.errors import BAD_ARGUMENTS, BindError, MiniDBError, ValueExecutionError
from minidb.functions.arguments import Arg
from minidb.functions.cast_numbers import numbers_of
from minidb.functions.declaration import Argument
from minidb.functions.window import FRAME_ANY, FRAME_NONE, WindowCall, WindowFunction
from minidb.types import BoolType, DataType, IntType, without_null
from minidb.types.promotion import common_type

LARGEST_OFFSET = (1 << 63) - 1


def _offsets(call: WindowCall, name: str, least: int) -> NDArray[np.int64]:
    """Return the offset of each row, 1 where none is given.

    Raises
    ------
    ValueExecutionError
        BAD_ARGUMENTS for an offset below `least` or beyond 63 bits.
    """
    if len(call.columns) < 2:
        return np.ones(call.rows.n_rows, np.int64)
    values = numbers_of(split_nulls(call.columns[1])[0])
    wrong = (values < least) | (values > LARGEST_OFFSET)
    if wrong.any():
        message = f"the offset of {name} has to be from {least} to {LARGEST_OFFSET}, "
        message += f"not {values[wrong][0]}"
        raise ValueExecutionError(BAD_ARGUMENTS, message)
    return values.astype(np.int64)


def _chosen(call: WindowCall, rows: IndexArray, is_there: NDArray[np.bool_]) -> Column:
    """Return the value of a row for each row; where there is none, the default."""
    values = call.columns[0]
    n_rows = call.rows.n_rows
    if len(call.columns) > 2:
        both = concat_columns(values.type, [values, call.columns[2]])
        return both.take(np.where(is_there, rows, np.arange(n_rows, 2 * n_rows)))
    both = concat_columns(values.type, [values, default_column(values.type, 1)])
    return both.take(np.where(is_there, rows, n_rows))


def _shifted(call: WindowCall, *, name: str, forward: bool, in_frame: bool) -> Column:
    """Return the value so many rows before or behind, within the frame or the partition."""
    rows = call.rows
    # No partition is so long, and the sum stays in 64 bits.
    steps = np.minimum(_offsets(call, name, 0), np.int64(rows.n_rows))
    here = np.arange(rows.n_rows)
    wanted = here + steps if forward else here - steps
    starts = rows.frame_starts if in_frame else rows.partition_starts
    ends = rows.frame_ends if in_frame else rows.partition_ends
    return _chosen(call, wanted, (wanted >= starts) & (wanted < ends))


def _nth_value(call: WindowCall) -> Column:
    """Return the value of the frame's n-th row."""
    rows = call.rows
    steps = np.minimum(_offsets(call, "nth_value", 1), np.int64(rows.n_rows + 1))
    wanted = rows.frame_starts + steps - 1
    return _chosen(call, wanted, wanted < rows.frame_ends)


def _check_shift(arguments: Sequence[Argument]) -> None:
    """Check the offset's type, and that the default fits the value's type."""
    _check_offset(arguments, 0)
    if len(arguments) < 3:
        return
    value, default = arguments[0].type, arguments[2].type
    try:
        shared = common_type([value, default])
    except MiniDBError as error:
        message = f"the value of type {value.name} and the default of type {default.name} have "
        raise BindError(BAD_ARGUMENTS, message + "no common type") from error
    if shared != value:
        message = f"the default of type {default.name} does not fit the value's type {value.name}"
        raise BindError(BAD_ARGUMENTS, message)


def _check_offset(arguments: Sequence[Argument], least: int) -> None:
    if len(arguments) < 2:
        return
    given = arguments[1].type
    if not isinstance(without_null(given), IntType | BoolType):
        raise BindError(BAD_ARGUMENTS, f"the offset has to be an integer, not {given.name}")
    value = arguments[1].constant_value()
    if isinstance(value, int) and not least <= value <= LARGEST_OFFSET:
        message = f"the offset has to be from {least} to {LARGEST_OFFSET}, not {value}"
        raise BindError(BAD_ARGUMENTS, message)


def _value_type(arguments: Sequence[Argument]) -> DataType:
    return arguments[0].type


def _shift(name: str, help_: str, compute: Callable[[WindowCall], Column]) -> WindowFunction:
    return WindowFunction(
        name,
        (
            Arg("value"),
            Arg("offset", is_optional=True),
            Arg("default", is_optional=True),
        ),
        _value_type,
        compute,
        help_ + "; the default, or the type's own, where there is none.",
        f"SELECT number, {name}(number) OVER (ORDER BY number) FROM numbers(3)",
        is_case_insensitive=not name.endswith("Frame"),
        frame=FRAME_ANY if name.endswith("Frame") else FRAME_NONE,
        check=_check_shift,
        value_places=(2,),
    )


def _make(name: str, help_: str, *, forward: bool, in_frame: bool) -> WindowFunction:
    compute = partial(_shifted, name=name, forward=forward, in_frame=in_frame)
    return _shift(name, help_, compute)


FUNCTIONS: tuple[WindowFunction, ...] = (
    _make("lag", "Value so many rows before (1), in the partition", forward=False, in_frame=False),
    _make("lead", "Value so many rows behind (1), in the partition", forward=True, in_frame=False),
    _make("lagInFrame", "Value so many rows before, in the frame", forward=False, in_frame=True),
    _make("leadInFrame", "Value so many rows behind, in the frame", forward=True, in_frame=True),
    WindowFunction(
        "nth_value",
        (Arg("value"), Arg("place")),
        _value_type,
        _nth_value,
        "Value of the frame's n-th row, from 1; the type's default where there is none.",
        "SELECT number, nth_value(number, 2) OVER (ORDER BY number) FROM numbers(3)",
        is_case_insensitive=True,
        check=partial(_check_offset, least=1),
    ),
)
