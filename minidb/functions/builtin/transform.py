"""The function ``transform``: values replaced by a table of values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minidb.columns import Column, concat_columns
from minidb.columns.grouping import factorize
from minidb.errors import BAD_ARGUMENTS, BindError, InternalError
from minidb.functions.arguments import ARRAY, Arg
from minidb.functions.builtin.kit import arrays, element_type
from minidb.functions.cast import cast_column
from minidb.functions.declaration import Argument, Call, NullPolicy, ScalarFunction
from minidb.types import DataType
from minidb.types.promotion import common_type


def _type(arguments: Sequence[Argument]) -> DataType:
    """Return the type of the new values and of what stays, or of the default."""
    found, given = (arguments[place].constant for place in (1, 2))
    if found is None or given is None:
        raise BindError(BAD_ARGUMENTS, "transform takes constant arrays")
    if len(arrays(found).child) != len(arrays(given).child):
        message = "the two arrays of transform are of equal length"
        raise BindError(BAD_ARGUMENTS, message)
    common_type([arguments[0].type, element_type(arguments[1].type)])
    other = arguments[3] if len(arguments) > 3 else arguments[0]
    return common_type([element_type(arguments[2].type), other.type])


def _transform(call: Call) -> Column:
    """Look each value up among the old ones; the first that is equal counts."""
    old, new = call.constants[1], call.constants[2]
    if old is None or new is None:
        raise InternalError("the arrays of transform are constants")
    values, keys = call.columns[0], arrays(old).child
    together = common_type([values.type, keys.type])
    both = concat_columns(together, [cast_column(c, together) for c in (keys, values)])
    grouping = factorize([both])
    first = grouping.first_rows[grouping.codes[len(keys) :]]
    wanted = call.result_type
    other = call.columns[3] if len(call.columns) > 3 else values
    is_known = first < len(keys)
    table = concat_columns(
        wanted, [cast_column(arrays(new).child, wanted), cast_column(other, wanted)]
    )
    return table.take(np.where(is_known, first, len(keys) + np.arange(call.n_rows)))


FUNCTIONS: tuple[ScalarFunction, ...] = (
    ScalarFunction(
        name="transform",
        family="conditional",
        args=(
            Arg("value"),
            Arg("from", ARRAY, is_constant=True),
            Arg("to", ARRAY, is_constant=True),
            Arg("default", is_optional=True),
        ),
        result=_type,
        kernel=_transform,
        help="The value's counterpart in another array; else the default, or the value.",
        example="SELECT transform(number, [1, 2], ['one', 'two'], 'more') FROM numbers(4)",
        nulls=NullPolicy.OWN,
        can_fail=True,
    ),
)
