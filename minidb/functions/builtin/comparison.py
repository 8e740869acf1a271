"""Comparison of any two values that have an order: equals, less, and their relatives."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from minidb.columns import (
    BitsColumn,
    BoolArray,
    Column,
    FixedStringColumn,
    NullableColumn,
    NumericColumn,
    StringColumn,
    TupleColumn,
    concat_columns,
    null_mask,
    split_nulls,
)
from minidb.errors import NO_COMMON_TYPE, BindError
from minidb.functions.arguments import ANY, Arg
from minidb.functions.builtin.compare_constants import read_constant
from minidb.functions.builtin.number_types import illegal_pair
from minidb.functions.builtin.ranks import rank
from minidb.functions.cast import cast_column, to_text
from minidb.functions.compare_numbers import (
    COMPARISONS,
    EQUALS,
    GREATER,
    LESS,
    NOT_EQUALS,
    Comparison,
    compare_numbers,
    equal_constant_text,
    equal_text,
    text_signs,
)
from minidb.functions.declaration import Argument, Call, NullPolicy, ScalarFunction
from minidb.types import (
    ArrayType,
    BitsType,
    DataType,
    DateTimeType,
    DateType,
    EnumType,
    IntType,
    NothingType,
    NullableType,
    StringType,
    TupleType,
    UUIDType,
    is_number,
    is_numeric,
    is_string_like,
    without_null,
)
from minidb.types.promotion import common_type

FAMILY = "comparison"
UINT8 = IntType(8, False)
SYMBOLS = {
    "equals": ("=", "1 where x = y"),
    "notEquals": ("!=", "1 where x and y differ"),
    "less": ("<", "1 where x < y"),
    "greater": (">", "1 where x > y"),
    "lessOrEquals": ("<=", "1 where x <= y"),
    "greaterOrEquals": (">=", "1 where x >= y"),
}


def _check_pair(function: str, left: DataType, right: DataType) -> bool:
    """Refuse two types that cannot be compared; return whether the result can be NULL."""
    is_nullable = isinstance(left, NullableType) or isinstance(right, NullableType)
    a, b = without_null(left), without_null(right)
    match a, b:
        case (NothingType(), _) | (_, NothingType()):
            return is_nullable
        case TupleType(elements=ours), TupleType(elements=theirs):
            if len(ours) != len(theirs):
                raise illegal_pair(function, left, right)
            # A list, so that every pair is checked.
            found = [_check_pair(function, x, y) for x, y in zip(ours, theirs, strict=True)]
            return any(found)
        case ArrayType(), ArrayType():
            try:
                common_type([a, b])
            except BindError as error:
                raise illegal_pair(function, left, right) from error
            return False
        case _:
            if not _is_comparable(a, b):
                raise _incomparable(function, left, right)
            return is_nullable


def _incomparable(function: str, left: DataType, right: DataType) -> BindError:
    """Return the error for a pair; beside a text ClickHouse looks for a common type."""
    error = illegal_pair(function, left, right)
    if is_string_like(without_null(left)) != is_string_like(without_null(right)):
        return BindError(NO_COMMON_TYPE, error.message)
    return error


def _is_comparable(a: DataType, b: DataType) -> bool:
    if is_numeric(a) and is_numeric(b):
        return True
    if is_string_like(a) and is_string_like(b):
        return True
    if isinstance(a, BitsType | UUIDType):
        return a == b
    if isinstance(a, EnumType) or isinstance(b, EnumType):
        rest = b if isinstance(a, EnumType) else a
        return isinstance(rest, EnumType) or is_number(rest) or is_string_like(rest)
    moments = (DateType, DateTimeType)
    if isinstance(a, moments) and isinstance(b, moments):
        return True
    seconds = isinstance(a, DateTimeType) or isinstance(b, DateTimeType)
    return seconds and (is_number(a) or is_number(b))


def _result_type(function: str) -> Callable[[Sequence[Argument]], DataType]:
    """Return the rule of one comparison."""

    def rule(args: Sequence[Argument]) -> DataType:
        left, right = (without_null(arg.type) for arg in args)
        if _constant_text(args, left, right) is not None:
            return UINT8
        is_nullable = _check_pair(function, left, right)
        return NullableType(UINT8) if is_nullable else UINT8

    return rule


def _constant_text(args: Sequence[Argument], left: DataType, right: DataType) -> Column | None:
    """Return a constant text that is read as the other side's type; None for other pairs."""
    for arg, own, other in ((args[0], left, right), (args[1], right, left)):
        is_read = isinstance(own, StringType) and not is_string_like(other)
        if is_read and arg.constant is not None:
            text = split_nulls(arg.constant)[0]
            return read_constant(text, other)
    return None


def _compare(comparison: Comparison, call: Call) -> Column:
    left, right = call.columns
    if _is_read(call, 0):
        left = _repeated_constant(call, 0, right)
    elif _is_read(call, 1):
        right = _repeated_constant(call, 1, left)
    elif comparison in (EQUALS, NOT_EQUALS):
        quick = _compare_with_constant_text(comparison, call)
        if quick is not None:
            return quick
    values, is_null = compare_columns(comparison, left, right)
    result = NumericColumn(UINT8, values.view(np.uint8))
    if isinstance(call.result_type, NullableType):
        mask = np.zeros(call.n_rows, np.bool_) if is_null is None else is_null
        return NullableColumn(call.result_type, result, mask)
    return result


def _is_read(call: Call, index: int) -> bool:
    """Whether a side is a text that is read as the type of the other one."""
    own, other = call.columns[index].type, call.columns[1 - index].type
    if not isinstance(own, StringType) or is_string_like(other):
        return False
    # The texts of a column are compared with those of an Enum.
    return call.constants[index] is not None or not isinstance(without_null(other), EnumType)


def _repeated_constant(call: Call, index: int, other: Column) -> Column:
    """Return a constant text, read as the other side's type, for every row."""
    constant = call.constants[index]
    if constant is None:
        raise illegal_pair("a comparison", call.columns[index].type, other.type)
    return read_constant(constant, other.type).take(np.zeros(call.n_rows, np.intp))


def _compare_with_constant_text(comparison: Comparison, call: Call) -> Column | None:
    """Look for one text in a String column without repeating it."""
    for index in (0, 1):
        constant, column = call.constants[index], call.columns[1 - index]
        if isinstance(constant, StringColumn) and isinstance(column, StringColumn):
            found = equal_constant_text(column, constant.to_bytes()[0])
            found = found if comparison is EQUALS else ~found
            return NumericColumn(UINT8, found.view(np.uint8))
    return None


def compare_columns(
    comparison: Comparison, left: Column, right: Column
) -> tuple[BoolArray, BoolArray | None]:
    """Compare two columns row by row.

    Parameters
    ----------
    left, right : Column, n rows each
        Of types that can be compared.

    Returns
    -------
    values : ndarray of bool, shape (n,)
        The comparison's value; False where it is NULL.
    is_null : ndarray of bool, shape (n,), or None
        Where the comparison is NULL.
    """
    a, a_null = split_nulls(left)
    b, b_null = split_nulls(right)
    if isinstance(a.type, NothingType) or isinstance(b.type, NothingType):
        return np.zeros(len(a), np.bool_), np.ones(len(a), np.bool_)
    if isinstance(a, TupleColumn) and isinstance(b, TupleColumn):
        return _compare_tuples(comparison, a, b)
    values = _compare_bare(comparison, a, b)
    masks = [mask for mask in (a_null, b_null) if mask is not None]
    if not masks:
        return values, None
    is_null = masks[0] | masks[-1]
    return values & ~is_null, is_null


def _compare_bare(comparison: Comparison, left: Column, right: Column) -> BoolArray:
    match left, right:
        case (StringColumn() | FixedStringColumn(), StringColumn() | FixedStringColumn()):
            return _compare_text(comparison, left, right)
        case BitsColumn(words=a), BitsColumn(words=b):
            if comparison in (EQUALS, NOT_EQUALS):
                same: BoolArray = (a == b).all(axis=1)
                return same if comparison is EQUALS else ~same
            signs = np.sign(_bits_difference(left, right)).astype(np.int8)
            return comparison.from_signs(signs)
        case _ if isinstance(left.type, EnumType) and is_string_like(right.type):
            return _compare_text(comparison, to_text(left), right)
        case _ if isinstance(right.type, EnumType) and is_string_like(left.type):
            return _compare_text(comparison, left, to_text(right))
        case _ if isinstance(left.type, ArrayType):
            return _compare_by_rank(comparison, left, right)
        case _:
            if DateType() in (left.type, right.type) and left.type != right.type:
                left = cast_column(left, DateTimeType())
                right = cast_column(right, DateTimeType())
            return compare_numbers(comparison, left, right)


def _compare_text(comparison: Comparison, left: Column, right: Column) -> BoolArray:
    """Compare by bytes; beside a FixedString, zero bytes at the end do not count."""
    if isinstance(left, FixedStringColumn) or isinstance(right, FixedStringColumn):
        left, right = (_without_zeros(to_text(side)) for side in (left, right))
    a, b = to_text(left), to_text(right)
    if comparison in (EQUALS, NOT_EQUALS):
        same = equal_text(a, b)
        return same if comparison is EQUALS else ~same
    return comparison.from_signs(text_signs(a, b))


def _without_zeros(column: StringColumn) -> StringColumn:
    """Cut the zero bytes at the end of each text."""
    source = column.compact()
    last = np.zeros(len(source.data) + 1, np.int64)
    np.maximum.accumulate(
        np.where(source.data != 0, np.arange(1, len(source.data) + 1), 0), out=last[1:]
    )
    ends = np.maximum(last[source.offsets[1:]], source.offsets[:-1])
    if np.array_equal(ends, source.offsets[1:]):
        return source
    offsets = np.zeros(len(source) + 1, np.int64)
    np.cumsum(ends - source.offsets[:-1], out=offsets[1:])
    where = np.arange(offsets[-1]) + np.repeat(source.offsets[:-1] - offsets[:-1], np.diff(offsets))
    return StringColumn(offsets, source.data[where])


def _bits_difference(left: Column, right: Column) -> NDArray[np.int8]:
    """Return at the first place where two bit vectors differ, which of them has the 1."""
    ranks = rank(concat_columns(left.type, [left, right]))
    signs: NDArray[np.int8] = np.sign(ranks[: len(left)] - ranks[len(left) :]).astype(np.int8)
    return signs


def _compare_by_rank(comparison: Comparison, left: Column, right: Column) -> BoolArray:
    """Compare arrays in dictionary order; inside them NULL equals NULL and stands last."""
    shared = common_type([left.type, right.type])
    both = concat_columns(shared, [cast_column(left, shared), cast_column(right, shared)])
    ranks = rank(both)
    signs = np.sign(ranks[: len(left)] - ranks[len(left) :]).astype(np.int8)
    return comparison.from_signs(signs)


def _compare_tuples(
    comparison: Comparison, left: TupleColumn, right: TupleColumn
) -> tuple[BoolArray, BoolArray | None]:
    """Compare element by element with three truth values, as the written-out condition would."""
    n_rows = len(left)
    pairs = list(zip(left.children, right.children, strict=True))
    if comparison in (EQUALS, NOT_EQUALS):
        is_false, is_unknown = np.zeros(n_rows, np.bool_), np.zeros(n_rows, np.bool_)
        for a, b in pairs:
            same, mask = compare_columns(EQUALS, a, b)
            is_false |= ~same if mask is None else ~same & ~mask
            if mask is not None:
                is_unknown |= mask
        is_unknown &= ~is_false
        values = is_false if comparison is NOT_EQUALS else ~is_false
        return values & ~is_unknown, is_unknown
    strict = LESS if comparison.name.startswith("less") else GREATER
    # From the last element to the first: x < y, or x = y and the rest decides.
    values = np.full(n_rows, comparison.name.endswith("Equals"))
    is_unknown = np.zeros(n_rows, np.bool_)
    for a, b in reversed(pairs):
        before, mask = compare_columns(strict, a, b)
        same, _ = compare_columns(EQUALS, a, b)
        values = before | (same & values)
        is_unknown = same & is_unknown
        if mask is not None:
            is_unknown |= mask
    return values & ~is_unknown, is_unknown


def _is_distinct(call: Call) -> BoolArray:
    """Tell where two values differ; NULL is a value like any other."""
    left, right = call.columns
    if isinstance(left, TupleColumn) and isinstance(right, TupleColumn):
        result = np.zeros(call.n_rows, np.bool_)
        for a, b in zip(left.children, right.children, strict=True):
            part = Call((a, b), call.n_rows, UINT8, (None, None), call.settings)
            result |= _is_distinct(part)
        return result
    a_null, b_null = null_mask(left), null_mask(right)
    values, is_null = compare_columns(NOT_EQUALS, left, right)
    if is_null is not None:
        values = values & ~is_null
    differs: BoolArray = values | (a_null != b_null)
    return differs


def _distinct_type(args: Sequence[Argument]) -> DataType:
    _check_pair("isDistinctFrom", args[0].type, args[1].type)
    return UINT8


def _kernel(comparison: Comparison) -> Callable[[Call], Column]:
    return lambda call: _compare(comparison, call)


PAIR = (Arg("x", ANY), Arg("y", ANY))

FUNCTIONS: tuple[ScalarFunction, ...] = (
    *(
        ScalarFunction(
            comparison.name,
            FAMILY,
            PAIR,
            _result_type(comparison.name),
            _kernel(comparison),
            SYMBOLS[comparison.name][1],
            f"SELECT 1 {SYMBOLS[comparison.name][0]} 2",
        )
        for comparison in COMPARISONS
    ),
    ScalarFunction(
        "isDistinctFrom",
        FAMILY,
        PAIR,
        _distinct_type,
        lambda call: NumericColumn(UINT8, _is_distinct(call).view(np.uint8)),
        "1 where x and y differ; NULL equals NULL",
        "SELECT 1 IS DISTINCT FROM NULL",
        nulls=NullPolicy.OWN,
    ),
    ScalarFunction(
        "isNotDistinctFrom",
        FAMILY,
        PAIR,
        _distinct_type,
        lambda call: NumericColumn(UINT8, (~_is_distinct(call)).view(np.uint8)),
        "1 where x and y are the same; NULL equals NULL",
        "SELECT NULL <=> NULL",
        nulls=NullPolicy.OWN,
    ),
)
