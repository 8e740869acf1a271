"""AND, OR, XOR and NOT with three truth values: true, false and NULL."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minidb.columns import BoolArray, Column, NumericColumn, split_nulls, with_nulls
from minidb.errors import ILLEGAL_TYPE_OF_ARGUMENT, BindError, InternalError
from minidb.functions.arguments import Arg, Kind
from minidb.functions.cast_numbers import is_true
from minidb.functions.declaration import Argument, Call, LazyCall, NullPolicy, ScalarFunction
from minidb.types import (
    BoolType,
    DataType,
    FloatType,
    IntType,
    NothingType,
    NullableType,
    without_null,
)

FAMILY = "logic"
UINT8 = IntType(8, False)


def _is_truth(data_type: DataType) -> bool:
    if isinstance(data_type, IntType):
        return not data_type.is_wide
    return isinstance(data_type, BoolType | FloatType | NothingType)


TRUTH = Kind("a number of at most 64 bits", _is_truth)


def truth_type(args: Sequence[Argument]) -> DataType:
    """Return Bool if one argument is (Nullable(Bool) does not count), else UInt8."""
    for arg in args:
        if not TRUTH.accepts(without_null(arg.type)):
            message = f"a condition is a number of at most 64 bits, not {arg.type.name}"
            raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message)
    is_bool = any(isinstance(arg.type, BoolType) for arg in args)
    result: DataType = BoolType() if is_bool else UINT8
    is_nullable = any(isinstance(arg.type, NullableType) for arg in args)
    return NullableType(result) if is_nullable else result


def truth_of(column: Column) -> tuple[BoolArray, BoolArray | None]:
    """Return where a condition is true (NULL is not), and where it is NULL if it can be."""
    values, is_null = split_nulls(column)
    if isinstance(values.type, NothingType):
        return np.zeros(len(column), np.bool_), np.ones(len(column), np.bool_)
    truth = is_true(values)
    return (truth if is_null is None else truth & ~is_null), is_null


def _truth_column(result_type: DataType, values: BoolArray, is_null: BoolArray | None) -> Column:
    """Return truth values as the result type, with a mask where the type has NULL."""
    plain = NumericColumn(without_null(result_type), values.astype(np.uint8))
    if not isinstance(result_type, NullableType):
        return plain
    mask = np.zeros(len(values), np.bool_) if is_null is None else is_null
    return with_nulls(plain, mask)


def _and(call: LazyCall) -> Column:
    """Evaluate argument after argument on the rows that no false has decided."""
    is_open = np.ones(call.n_rows, np.bool_)
    is_null = np.zeros(call.n_rows, np.bool_)
    for index in range(len(call.types)):
        truth, nulls = truth_of(call.evaluate(index, is_open))
        if nulls is not None:
            is_null |= nulls & is_open
            truth = truth | nulls
        is_open = is_open & truth
    is_null &= is_open
    return _truth_column(call.result_type, is_open & ~is_null, is_null)


def _or(call: LazyCall) -> Column:
    """Evaluate argument after argument on the rows that no true has decided."""
    is_open = np.ones(call.n_rows, np.bool_)
    is_null = np.zeros(call.n_rows, np.bool_)
    for index in range(len(call.types)):
        truth, nulls = truth_of(call.evaluate(index, is_open))
        if nulls is not None:
            is_null |= nulls & is_open
        is_open = is_open & ~truth
    is_null &= is_open
    return _truth_column(call.result_type, ~is_open, is_null)


def _xor(call: Call) -> Column:
    result = np.zeros(call.n_rows, np.bool_)
    for column in call.columns:
        result = result ^ is_true(column)
    return NumericColumn(call.result_type, result.view(np.uint8))


def _not_type(args: Sequence[Argument]) -> DataType:
    if isinstance(without_null(args[0].type), NothingType):
        return args[0].type
    return truth_type(args)


def _not(call: Call) -> Column:
    column = call.columns[0]
    return NumericColumn(call.result_type, (~is_true(column)).astype(np.uint8))


def never_called(call: Call) -> Column:
    """Stand in as the kernel of functions that choose their arguments by a lazy kernel."""
    raise InternalError(f"a lazy function was called eagerly for {call.result_type.name}")


CONDITIONS = (Arg("x", TRUTH), Arg("y", TRUTH, is_repeated=True))

FUNCTIONS: tuple[ScalarFunction, ...] = (
    ScalarFunction(
        "and",
        FAMILY,
        CONDITIONS,
        truth_type,
        never_called,
        "true if no argument is 0; arguments behind a 0 are not evaluated",
        "SELECT 1 AND 0",
        nulls=NullPolicy.OWN,
        lazy_kernel=_and,
    ),
    ScalarFunction(
        "or",
        FAMILY,
        CONDITIONS,
        truth_type,
        never_called,
        "true if an argument is not 0; arguments behind it are not evaluated",
        "SELECT 1 OR 0",
        nulls=NullPolicy.OWN,
        lazy_kernel=_or,
    ),
    ScalarFunction(
        "xor",
        FAMILY,
        CONDITIONS,
        truth_type,
        _xor,
        "true if an odd number of arguments is not 0",
        "SELECT xor(1, 0)",
    ),
    ScalarFunction(
        "not",
        FAMILY,
        (Arg("x", TRUTH),),
        _not_type,
        _not,
        "true if the argument is 0",
        "SELECT NOT 1",
        is_case_insensitive=True,
    ),
)
