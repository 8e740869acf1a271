"""Arrays sorted, by their elements or by what a lambda gives for them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minidb.columns import ArrayColumn, Column, NullableColumn, NumericColumn
from minidb.functions.builtin.higher_order import (
    MAYBE_LAMBDA_ARGS,
    array_after_lambda,
    mapped,
    mapped_type,
)
from minidb.functions.builtin.kit import Ints, rows_of
from minidb.functions.builtin.ranks import rank
from minidb.functions.declaration import Argument, Call, Kernel, ScalarFunction
from minidb.types import DataType


def _sorted_type(arguments: Sequence[Argument]) -> DataType:
    mapped_type(arguments)
    return array_after_lambda(arguments)


def _descending(column: Column) -> Ints:
    """Return keys that put larger values first, but NaN and then NULL last all the same."""
    values = column.inner if isinstance(column, NullableColumn) else column
    keys = -rank(values)
    if isinstance(values, NumericColumn) and values.values.dtype.kind == "f":
        keys[np.isnan(values.values)] = 1
    if isinstance(column, NullableColumn):
        keys[column.is_null] = 2
    return keys


def _sort(is_reverse: bool) -> Kernel:
    """Return the kernel that sorts each row; equal elements keep their order."""

    def kernel(call: Call) -> Column:
        inputs, column = mapped(call)
        keys = _descending(column) if is_reverse else rank(column)
        order = np.lexsort([keys, rows_of(inputs[0].offsets)])
        return ArrayColumn(inputs[0].type, inputs[0].offsets, inputs[0].child.take(order))

    return kernel


FUNCTIONS: tuple[ScalarFunction, ...] = (
    ScalarFunction(
        name="arraySort",
        family="array",
        args=MAYBE_LAMBDA_ARGS,
        result=_sorted_type,
        kernel=_sort(is_reverse=False),
        help="The array in rising order, of its elements or of a lambda's results; NULL last.",
        example="SELECT arraySort([3, 1, 2]), arraySort(x -> -x, [3, 1, 2])",
        can_fail=True,
    ),
    ScalarFunction(
        name="arrayReverseSort",
        family="array",
        args=MAYBE_LAMBDA_ARGS,
        result=_sorted_type,
        kernel=_sort(is_reverse=True),
        help="The array in falling order, of its elements or of a lambda's results; NULL last.",
        example="SELECT arrayReverseSort([3, 1, 2])",
        can_fail=True,
    ),
)
