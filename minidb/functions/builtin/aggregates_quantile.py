"""The aggregates ``quantile`` and ``median`` (interpolated) and ``quantileExact`` (a value)."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minidb.columns import (
    ArrayColumn,
    Column,
    IndexArray,
    NumericColumn,
    concat_columns,
    default_column,
)
from minidb.columns.words import offsets_of
from minidb.errors import (
    CANNOT_CONVERT_TYPE,
    NUMBER_OF_ARGUMENTS_DOESNT_MATCH,
    PARAMETER_OUT_OF_BOUND,
    BindError,
)
from minidb.functions.arguments import NUMERIC, TEMPORAL, Arg, either
from minidb.functions.builtin.grouped import CollectedRows, sorted_in_groups
from minidb.functions.builtin.kept_states import RowsState
from minidb.functions.cast_decimals import stored_floats, whole_of_floats
from minidb.functions.cast_numbers import floats_of, numbers_of
from minidb.functions.decimals import fitted
from minidb.functions.declaration import AggregateCall, AggregateFunction, Argument
from minidb.types import (
    ArrayType,
    DataType,
    DateTimeType,
    DateType,
    DecimalType,
    FloatType,
    numpy_dtype,
)

DEFAULT_LEVEL = 0.5
FLOAT64 = FloatType(64)
VALUE = either(NUMERIC, TEMPORAL)


def levels_of(call: AggregateCall, *, is_list: bool) -> list[float]:
    """Return the levels that the parameters name.

    Raises
    ------
    BindError
        CANNOT_CONVERT_TYPE for a parameter that is no number, PARAMETER_OUT_OF_BOUND for one
        outside 0..1, NUMBER_OF_ARGUMENTS_DOESNT_MATCH without the parameters that are needed.
    """
    if not call.parameters:
        if is_list:
            message = "a list of quantiles needs at least one level"
            raise BindError(NUMBER_OF_ARGUMENTS_DOESNT_MATCH, message)
        return [DEFAULT_LEVEL]
    levels = []
    for level in call.parameters:
        if isinstance(level, bool) or not isinstance(level, int | float):
            message = f"a quantile's level is a number, got {level!r}"
            raise BindError(CANNOT_CONVERT_TYPE, message)
        if not 0 <= level <= 1:
            message = f"a quantile's level is from 0 to 1, got {level!r}"
            raise BindError(PARAMETER_OUT_OF_BOUND, message)
        levels.append(float(level))
    return levels


class QuantileAccumulator(RowsState):
    """Keep all values, and sort them group by group at the end; NaN is left out.

    ClickHouse keeps a sample of 8,192 values for ``quantile``; here the result is always exact.
    """

    def __init__(self, call: AggregateCall, *, is_exact: bool, is_list: bool) -> None:
        self._type = call.result_type
        self._is_exact = is_exact
        self._is_list = is_list
        self._levels = levels_of(call, is_list=is_list)
        self._rows = CollectedRows(call.types)

    def update(self, columns: Sequence[Column], groups: IndexArray, n_groups: int) -> None:
        """Add rows."""
        (column,) = columns
        if isinstance(column.type, FloatType):
            is_nan = np.isnan(numbers_of(column))
            if is_nan.any():
                columns, groups = [column.filter(~is_nan)], groups[~is_nan]
        self._rows.add(columns, groups)

    def finish(self, n_groups: int) -> Column:
        """Return a value, or an array with one value per level."""
        (values,), groups = self._rows.all()
        order = sorted_in_groups(values, groups, n_groups)
        sizes = np.bincount(groups, minlength=n_groups).astype(np.int64)
        starts = offsets_of(sizes)[:-1]
        element = self._type.element if isinstance(self._type, ArrayType) else self._type
        find = _exact if self._is_exact else _interpolated
        found = [find(values.take(order), starts, sizes, level, element) for level in self._levels]
        if not isinstance(self._type, ArrayType):
            return _nan_if_empty(found[0], sizes)
        offsets = np.arange(n_groups + 1, dtype=np.int64) * len(found)
        return ArrayColumn(self._type, offsets, _side_by_side(found, n_groups))

    @property
    def row_types(self) -> tuple[DataType, ...]:
        """Return the types of the arguments."""
        return self._rows.types

    def kept_rows(self) -> tuple[tuple[Column, ...], IndexArray]:
        """Return the kept rows and the group of each."""
        return self._rows.all()

    @property
    def nbytes(self) -> int:
        """Return the bytes of the values."""
        return self._rows.nbytes


def _nan_if_empty(column: Column, sizes: NDArray[np.int64]) -> Column:
    """Put NaN where a float has no rows; in arrays of exact quantiles ClickHouse leaves 0."""
    if not isinstance(column.type, FloatType):
        return column
    values = np.where(sizes > 0, numbers_of(column), np.nan)
    return NumericColumn(column.type, values.astype(numpy_dtype(column.type)))


def _side_by_side(columns: list[Column], n_rows: int) -> Column:
    """Return row 0 of every column, then row 1 of every column, and so on."""
    whole = concat_columns(columns[0].type, columns)
    places = np.arange(n_rows)[:, None] + n_rows * np.arange(len(columns))
    return whole.take(places.reshape(-1))


def _exact(
    values: Column,
    starts: NDArray[np.int64],
    sizes: NDArray[np.int64],
    level: float,
    element: DataType,
) -> Column:
    """Return the value at place ``level * n`` of each sorted group; the default of empty ones."""
    whole = concat_columns(element, [values, default_column(element, 1)])
    places = starts + np.minimum((level * sizes).astype(np.int64), sizes - 1)
    return whole.take(np.where(sizes > 0, places, len(values)))


def _stored_floats(values: Column) -> NDArray[np.float64]:
    """Return values as floats, Decimals as their stored whole numbers."""
    if isinstance(values.type, DecimalType):
        return stored_floats(values)
    return floats_of(values)


def _interpolated(
    values: Column,
    starts: NDArray[np.int64],
    sizes: NDArray[np.int64],
    level: float,
    element: DataType,
) -> Column:
    """Interpolate between the two values around place ``level * (n - 1)``."""
    floats = np.append(_stored_floats(values), np.nan)
    place = level * np.maximum(sizes - 1, 0)
    left = place.astype(np.int64)
    is_last = left + 1 >= sizes
    low = floats[np.where(sizes > 0, starts + left, len(floats) - 1)]
    high = floats[np.where(is_last, len(floats) - 1, starts + left + 1)]
    with np.errstate(invalid="ignore", over="ignore"):
        between: NDArray[Any] = low * (left + 1 - place) + high * (place - left)
    found = np.where(is_last, low, between)
    if not isinstance(element, FloatType):
        found = np.where(sizes > 0, found, 0.0)
    if isinstance(element, DecimalType):
        return fitted(whole_of_floats(found), element)
    return NumericColumn(element, found.astype(numpy_dtype(element)))


def _interpolated_type(arguments: Sequence[Argument]) -> DataType:
    """Return Float64; Date, DateTime and Decimal stay what they are."""
    found = arguments[0].type
    is_kept = isinstance(found, DateType | DateTimeType | DecimalType)
    return found if is_kept else FLOAT64


def _exact_type(arguments: Sequence[Argument]) -> DataType:
    return arguments[0].type


def _quantile(
    name: str, what: str, *, is_exact: bool, is_list: bool, aliases: tuple[str, ...] = ()
) -> AggregateFunction:
    one = _exact_type if is_exact else _interpolated_type
    return AggregateFunction(
        name=name,
        family="aggregate",
        args=(Arg("value", VALUE),),
        result=(lambda arguments: ArrayType(one(arguments))) if is_list else one,
        make=partial(QuantileAccumulator, is_exact=is_exact, is_list=is_list),
        parameters=(Arg("level", is_optional=not is_list, is_repeated=is_list, is_constant=True),),
        help=what,
        example=f"SELECT {name}({'0.1, 0.9' if is_list else '0.9'})(number) FROM numbers(11)",
        aliases=aliases,
        is_null_if_empty=not is_list,
    )


FUNCTIONS: tuple[AggregateFunction, ...] = (
    _quantile(
        "quantile",
        "Quantile of a level (0.5 unless given), interpolated between two values.",
        is_exact=False,
        is_list=False,
        aliases=("median",),
    ),
    _quantile(
        "quantiles",
        "Array of interpolated quantiles, one per level.",
        is_exact=False,
        is_list=True,
    ),
    _quantile(
        "quantileExact",
        "Quantile of a level (0.5 unless given), always one of the values.",
        is_exact=True,
        is_list=False,
        aliases=("medianExact",),
    ),
    _quantile(
        "quantilesExact",
        "Array of quantiles that are values, one per level.",
        is_exact=True,
        is_list=True,
    ),
)
