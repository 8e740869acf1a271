"""Columns as what a user's Python code takes, and what it returns as columns."""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minidb.columns import (
    BoolArray,
    Column,
    NullableColumn,
    NumericColumn,
    column_from_values,
    default_column,
    split_nulls,
    with_nulls,
)
from minidb.errors import (
    TYPE_MISMATCH,
    USER_FUNCTION_FAILED,
    MiniDBError,
    ValueExecutionError,
)
from minidb.functions.cast_exact import cast_exactly
from minidb.types import (
    BoolType,
    DataType,
    DateTimeType,
    DateType,
    FloatType,
    IntType,
    NothingType,
    NullableType,
    without_null,
)

# What NumPy calls the columns that are one array.
VIEWS = {BoolType(): "?", DateType(): "datetime64[D]", DateTimeType(): "datetime64[s]"}


def arguments_of(
    name: str, columns: Sequence[Column], types: Sequence[DataType]
) -> tuple[list[Column], BoolArray | None]:
    """Convert columns to the declared types.

    Returns
    -------
    columns : list of Column
        Of the declared types.
    is_null : ndarray of bool, shape (n,), or None
        The rows where an argument is NULL that may not be; the columns hold any value there.
    """
    found: list[Column] = []
    missing: BoolArray | None = None
    for place, (column, wanted) in enumerate(zip(columns, types, strict=True)):
        inner, is_null = split_nulls(column)
        if isinstance(inner.type, NothingType):
            inner = default_column(without_null(wanted), len(inner))
        exact, fits = cast_exactly(inner, without_null(wanted))
        if is_null is not None:
            fits = fits | is_null
        if not fits.all():
            row = int(np.flatnonzero(~fits)[0])
            value = inner.slice(row, row + 1).to_pylist()[0]
            message = f"argument {place + 1} of {name}: {value!r} does not fit {wanted.name}"
            raise ValueExecutionError(TYPE_MISMATCH, message)
        if isinstance(wanted, NullableType):
            mask = np.zeros(len(inner), np.bool_) if is_null is None else is_null
            found.append(NullableColumn(wanted, exact, mask))
        else:
            found.append(exact)
            if is_null is not None:
                missing = is_null if missing is None else missing | is_null
    return found, missing


def array_from(column: Column) -> NDArray[Any]:
    """Return a column as an array that cannot be written to.

    Numbers, Bool, Date and DateTime have dtypes of their own; everything else is an array of
    Python objects. A Nullable column becomes a masked array.
    """
    if isinstance(column, NullableColumn):
        masked: NDArray[Any] = np.ma.MaskedArray(array_from(column.inner), column.is_null)
        return masked
    if isinstance(column, NumericColumn):
        values = column.values
        if isinstance(column.type, DateType | DateTimeType):
            values = values.astype(np.int64)
        view = values.view(VIEWS.get(column.type, values.dtype))
        view.flags.writeable = False
        return view
    objects = np.empty(len(column), object)
    objects[:] = column.to_pylist()
    return objects


def column_from(name: str, given: object, result: DataType, n_rows: int) -> Column:
    """Return what a user's code gave for `n_rows` rows as a column of the declared type.

    Raises
    ------
    ValueExecutionError
        TYPE_MISMATCH for another number of rows, or values that do not fit the type.
    """
    if isinstance(given, Column):
        if given.type != result or len(given) != n_rows:
            shown = f"{len(given)} rows of {given.type.name}"
            raise _unfit(name, f"{shown}, not {n_rows} of {result.name}")
        return given
    is_list = isinstance(given, list | tuple) or (isinstance(given, np.ndarray) and given.ndim > 0)
    n_given = len(given) if is_list else -1  # type: ignore[arg-type] # a list or an array
    if n_given != n_rows:
        shown = f"{n_given} rows" if n_given >= 0 else f"a {type(given).__name__}"
        raise _unfit(name, f"{shown}, not {n_rows} rows of {result.name}")
    if isinstance(given, np.ma.MaskedArray) and isinstance(result, NullableType):
        mask = np.ma.getmaskarray(given)
        inner = column_from(name, given.filled(), result.inner, n_rows)
        return with_nulls(inner, mask)
    if isinstance(given, np.ndarray) and given.ndim == 1 and given.dtype.kind in "biufM":
        return _from_array(name, given, result)
    values = given.tolist() if isinstance(given, np.ndarray) else given
    return _from_values(name, values, result)


def _from_values(name: str, values: Any, result: DataType) -> Column:
    """Return Python values as a column."""
    try:
        return column_from_values(result, values)
    except ValueExecutionError as error:
        raise _unfit(name, error.message) from error


def _from_array(name: str, given: NDArray[Any], result: DataType) -> Column:
    """Return an array of numbers or moments as a column."""
    if given.dtype.kind == "M":
        unit = "D" if isinstance(without_null(result), DateType) else "s"
        return _from_values(name, given.astype(f"datetime64[{unit}]").tolist(), result)
    source: DataType
    match given.dtype.kind:
        case "b":
            source, given = BoolType(), given.view(np.uint8)
        case "f":
            given = given if given.dtype.itemsize in {4, 8} else given.astype(np.float64)
            source = FloatType(8 * given.dtype.itemsize)
        case kind:
            source = IntType(8 * given.dtype.itemsize, kind == "i")
    column = NumericColumn(source, np.ascontiguousarray(given))
    target = without_null(result)
    if isinstance(target, FloatType):
        fits = np.ones(len(given), np.bool_)
        found = NumericColumn(target, given.astype(f"f{target.bits // 8}"))
        return with_nulls(found, ~fits) if isinstance(result, NullableType) else found
    try:
        found_exactly, fits = cast_exactly(column, target)
    except MiniDBError as error:
        raise _unfit(name, f"an array of {given.dtype}, not {result.name}") from error
    if not fits.all():
        value = given[np.flatnonzero(~fits)[0]]
        raise _unfit(name, f"{value} does not fit {result.name}")
    return with_nulls(found_exactly, ~fits) if isinstance(result, NullableType) else found_exactly


def _unfit(name: str, what: str) -> ValueExecutionError:
    return ValueExecutionError(TYPE_MISMATCH, f"function {name} returned {what}")


class UsersCode:
    """A block that runs a user's code: whatever that raises becomes an error of minidb.

    Parameters
    ----------
    name : str
        The function, for the message.
    """

    def __init__(self, name: str) -> None:
        self.name = name

    def __enter__(self) -> None:
        pass

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Raise USER_FUNCTION_FAILED with the exception as its cause; Ctrl+C goes through."""
        if not isinstance(error, Exception):
            return
        frames = traceback.extract_tb(trace)[1:]
        place = f" at {frames[-1].filename}:{frames[-1].lineno}" if frames else ""
        message = f"function {self.name} raised {type(error).__name__}{place}: {error}"
        raise ValueExecutionError(USER_FUNCTION_FAILED, message) from error
