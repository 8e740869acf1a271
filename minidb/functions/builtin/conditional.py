"""Choosing between values: if, multiIf, and the functions that look for NULL."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minidb.columns import (
    BoolArray,
    Column,
    NullableColumn,
    NumericColumn,
    WideColumn,
    concat_columns,
    null_mask,
    split_nulls,
)
from minidb.errors import ILLEGAL_TYPE_OF_ARGUMENT, NUMBER_OF_ARGUMENTS_DOESNT_MATCH, BindError
from minidb.functions.arguments import ANY, BOOL, Arg
from minidb.functions.builtin.logic import never_called, truth_of
from minidb.functions.cast import cast_column
from minidb.functions.declaration import Argument, Call, LazyCall, NullPolicy, ScalarFunction
from minidb.types import (
    DataType,
    IntType,
    NothingType,
    NullableType,
    nullable,
    without_null,
)
from minidb.types.promotion import mixed_type

FAMILY = "conditional"
UINT8 = IntType(8, False)


def select_rows(condition: BoolArray, yes: Column, no: Column) -> Column:
    """Return `yes` where the condition holds, else `no`; both are of one type."""
    match yes, no:
        case NumericColumn(values=a), NumericColumn(values=b):
            return NumericColumn(yes.type, np.where(condition, a, b))
        case WideColumn(lanes=a), WideColumn(lanes=b):
            return WideColumn(yes.type, np.where(condition[:, None], a, b))
        case NullableColumn(), NullableColumn():
            mask = np.where(condition, yes.is_null, no.is_null)
            return NullableColumn(yes.type, select_rows(condition, yes.inner, no.inner), mask)
        case _:
            if condition.all() or not condition.any():
                return yes if condition.any() else no
            rows = np.arange(len(no))
            both = concat_columns(no.type, [no, yes])
            return both.take(np.where(condition, rows + len(no), rows))


def _check_conditions(args: Sequence[Argument]) -> None:
    """Refuse conditions that are neither Bool nor UInt8, as ClickHouse does."""
    for arg in args:
        bare = without_null(arg.type)
        if not isinstance(bare, NothingType) and not BOOL.accepts(bare):
            message = f"a condition is {BOOL.name}, not {arg.type.name}"
            hint = "compare it with something, such as x != 0"
            raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message, hint=hint)


def _if_type(args: Sequence[Argument]) -> DataType:
    _check_conditions(args[:1])
    return mixed_type([args[1].type, args[2].type])


def _multi_if_type(args: Sequence[Argument]) -> DataType:
    if len(args) % 2 == 0:
        message = "multiIf takes pairs of condition and value, and one value more"
        raise BindError(NUMBER_OF_ARGUMENTS_DOESNT_MATCH, message)
    _check_conditions(args[0:-1:2])
    return mixed_type([arg.type for arg in [*args[1::2], args[-1]]])


def _choose(call: LazyCall) -> Column:
    """Evaluate condition after condition on the open rows, and each value on its own rows."""
    is_open = np.ones(call.n_rows, np.bool_)
    parts: list[tuple[BoolArray, Column]] = []
    last = len(call.types) - 1
    for index in range(0, last, 2):
        truth = truth_of(call.evaluate(index, is_open))[0] & is_open
        if truth.any():
            parts.append((truth, _value(call, index + 1, truth)))
        is_open = is_open & ~truth
    if is_open.any() or not parts:
        parts.append((is_open, _value(call, last, is_open)))
    result = parts[-1][1]
    for truth, values in reversed(parts[:-1]):
        result = select_rows(truth, values, result)
    return result


def _value(call: LazyCall, index: int, rows: BoolArray) -> Column:
    """Return a value argument in the result type; what stands outside `rows` must not fail."""
    column = call.evaluate(index, rows)
    if column.type == call.result_type:
        return column
    if isinstance(column, NullableColumn) and not isinstance(call.result_type, NullableType):
        column = column.inner
    return cast_column(column, call.result_type)


def _coalesce_type(args: Sequence[Argument]) -> DataType:
    """Return the common type of the arguments that can be reached."""
    types: list[DataType] = []
    for arg in args:
        if isinstance(without_null(arg.type), NothingType):
            continue
        types.append(arg.type)
        if not isinstance(arg.type, NullableType):
            break
    if not types:
        return NullableType(NothingType())
    bare = mixed_type([without_null(t) for t in types])
    return nullable(bare) if isinstance(types[-1], NullableType) else bare


def _coalesce(call: LazyCall) -> Column:
    """Evaluate argument after argument on the rows that are NULL so far."""
    is_open = np.ones(call.n_rows, np.bool_)
    result: Column | None = None
    for index, data_type in enumerate(call.types):
        if isinstance(without_null(data_type), NothingType):
            continue
        column = call.evaluate(index, is_open)
        found = is_open & ~null_mask(column)
        inner = split_nulls(column)[0]
        values = cast_column(inner, without_null(call.result_type))
        result = values if result is None else select_rows(found, values, result)
        is_open = is_open & ~found
        if not isinstance(data_type, NullableType):
            break
    if result is None:
        return call.evaluate(0)
    if isinstance(call.result_type, NullableType):
        return NullableColumn(call.result_type, result, is_open)
    return result


def nullable_of(data_type: DataType) -> DataType:
    """Return the type with NULL added.

    Raises
    ------
    BindError
        ILLEGAL_TYPE_OF_ARGUMENT for arrays and tuples, which cannot be NULL.
    """
    found = nullable(data_type)
    if not isinstance(found, NullableType) and not isinstance(data_type, NullableType):
        message = f"{data_type.name} cannot be NULL"
        raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message)
    return found


def _is_null(call: Call) -> Column:
    return NumericColumn(UINT8, null_mask(call.columns[0]).astype(np.uint8))


def _is_not_null(call: Call) -> Column:
    return NumericColumn(UINT8, (~null_mask(call.columns[0])).astype(np.uint8))


def _assume_not_null(call: Call) -> Column:
    return split_nulls(call.columns[0])[0]


def _to_nullable(call: Call) -> Column:
    return cast_column(call.columns[0], call.result_type)


def _is_nullable(call: Call) -> Column:
    answer = np.uint8(isinstance(call.columns[0].type, NullableType))
    return NumericColumn(UINT8, np.broadcast_to(answer, call.n_rows))


FUNCTIONS: tuple[ScalarFunction, ...] = (
    ScalarFunction(
        "if",
        FAMILY,
        (Arg("condition", ANY), Arg("yes", ANY), Arg("no", ANY)),
        _if_type,
        never_called,
        "yes where the condition is true, else no; only the chosen one is evaluated",
        "SELECT if(1 < 2, 'yes', 'no')",
        is_case_insensitive=True,
        nulls=NullPolicy.OWN,
        lazy_kernel=_choose,
    ),
    ScalarFunction(
        "multiIf",
        FAMILY,
        (Arg("condition", ANY), Arg("value", ANY), Arg("more", ANY, is_repeated=True)),
        _multi_if_type,
        never_called,
        "the value behind the first true condition, else the last argument",
        "SELECT multiIf(1 > 2, 'a', 2 > 1, 'b', 'c')",
        aliases=("caseWithoutExpression",),
        nulls=NullPolicy.OWN,
        lazy_kernel=_choose,
    ),
    ScalarFunction(
        "coalesce",
        FAMILY,
        (Arg("x", ANY, is_repeated=True),),
        _coalesce_type,
        never_called,
        "the first argument that is not NULL",
        "SELECT coalesce(NULL, 1)",
        is_case_insensitive=True,
        nulls=NullPolicy.OWN,
        lazy_kernel=_coalesce,
    ),
    ScalarFunction(
        "ifNull",
        FAMILY,
        (Arg("x", ANY), Arg("instead", ANY)),
        _coalesce_type,
        never_called,
        "x, or the second argument where x is NULL",
        "SELECT ifNull(NULL, 0)",
        is_case_insensitive=True,
        nulls=NullPolicy.OWN,
        lazy_kernel=_coalesce,
    ),
    ScalarFunction(
        "isNull",
        FAMILY,
        (Arg("x", ANY),),
        UINT8,
        _is_null,
        "1 where x is NULL",
        "SELECT isNull(NULL)",
        is_case_insensitive=True,
        nulls=NullPolicy.OWN,
    ),
    ScalarFunction(
        "isNotNull",
        FAMILY,
        (Arg("x", ANY),),
        UINT8,
        _is_not_null,
        "1 where x is not NULL",
        "SELECT isNotNull(1)",
        nulls=NullPolicy.OWN,
    ),
    ScalarFunction(
        "assumeNotNull",
        FAMILY,
        (Arg("x", ANY),),
        lambda args: without_null(args[0].type),
        _assume_not_null,
        "x with a type without NULL; any value where x is NULL",
        "SELECT assumeNotNull(toNullable(1))",
        nulls=NullPolicy.OWN,
    ),
    ScalarFunction(
        "toNullable",
        FAMILY,
        (Arg("x", ANY),),
        lambda args: nullable_of(args[0].type),
        _to_nullable,
        "x with a type that holds NULL",
        "SELECT toNullable(1)",
        nulls=NullPolicy.OWN,
    ),
    ScalarFunction(
        "isNullable",
        FAMILY,
        (Arg("x", ANY),),
        UINT8,
        _is_nullable,
        "1 if the type of x holds NULL",
        "SELECT isNullable(1)",
        nulls=NullPolicy.OWN,
    ),
)
