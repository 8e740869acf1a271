"""Arrays as collections: what is in them, where, how often, and each value once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minidb.columns import (
    ArrayColumn,
    BoolArray,
    Column,
    FixedStringColumn,
    NullableColumn,
    NumericColumn,
    concat_columns,
)
from minidb.functions.arguments import ANY, ARRAY, Arg
from minidb.functions.builtin.higher_order import same_sizes
from minidb.functions.builtin.kit import (
    U8,
    U32,
    U64,
    Ints,
    array_of,
    arrays,
    count_per_row,
    element_type,
    first_per_row,
    flags,
    numeric,
    offsets_of,
    rows_of,
    strings,
)
from minidb.functions.builtin.ranks import equal_rows, rank, rank_columns
from minidb.functions.builtin.widen import widen
from minidb.functions.declaration import (
    Argument,
    Call,
    Kernel,
    NullPolicy,
    ResultRule,
    ScalarFunction,
)
from minidb.types import ArrayType, DataType, StringType, without_null
from minidb.types.promotion import common_type


def _match_rule(result: DataType) -> ResultRule:
    """Return the rule that wants the value and the elements to have a common type."""

    def rule(arguments: Sequence[Argument]) -> DataType:
        common_type([element_type(arguments[0].type), arguments[1].type])
        return result

    return rule


def _comparable(column: Column, target: DataType) -> Column:
    """Widen without cutting a FixedString's zero bytes: they count when texts are compared."""
    if isinstance(column, FixedStringColumn) and isinstance(without_null(target), StringType):
        column = strings(column)
    return widen(column, target)


def _matches(call: Call) -> tuple[ArrayColumn, BoolArray]:
    """Return the arrays, and which elements equal the value of their row; NULL equals NULL."""
    array = arrays(call.columns[0])
    common = common_type([array.type.element, call.columns[1].type])
    values = _comparable(call.columns[1], common).take(rows_of(array.offsets))
    return array, equal_rows(_comparable(array.child, common), values)


def _has(call: Call) -> Column:
    array, matches = _matches(call)
    return flags(count_per_row(matches, array.offsets) > 0)


def _index_of(call: Call) -> Column:
    array, matches = _matches(call)
    first = first_per_row(matches, array.offsets)
    return numeric(U64, np.where(first >= 0, first - array.offsets[:-1] + 1, 0))


def _count_equal(call: Call) -> Column:
    array, matches = _matches(call)
    return numeric(U64, count_per_row(matches, array.offsets))


def _pair_rule(arguments: Sequence[Argument]) -> DataType:
    common_type([argument.type for argument in arguments])
    return U8


def _found_in_first(call: Call) -> tuple[ArrayColumn, BoolArray]:
    """Return the second arrays, and which of their elements the first array of the row holds."""
    whole, parts = arrays(call.columns[0]), arrays(call.columns[1])
    common = common_type([whole.type.element, parts.type.element])
    left, right = _comparable(whole.child, common), _comparable(parts.child, common)
    ranks = rank(concat_columns(common, [left, right]))
    rows = np.concatenate([rows_of(whole.offsets), rows_of(parts.offsets)])
    keys = rank_columns([rows, ranks])
    found = np.isin(keys[len(left) :], keys[: len(left)])
    return parts, found & ~_is_nan(right)


def _is_nan(column: Column) -> BoolArray:
    """Return where a float is NaN, which equals nothing."""
    values = column.inner if isinstance(column, NullableColumn) else column
    if isinstance(values, NumericColumn) and values.values.dtype.kind == "f":
        is_nan: BoolArray = np.isnan(values.values)
        return is_nan & ~column.is_null if isinstance(column, NullableColumn) else is_nan
    return np.zeros(len(column), np.bool_)


def _has_all(call: Call) -> Column:
    parts, found = _found_in_first(call)
    return flags(count_per_row(found, parts.offsets) == parts.lengths)


def _has_any(call: Call) -> Column:
    parts, found = _found_in_first(call)
    return flags(count_per_row(found, parts.offsets) > 0)


def _keys(call: Call) -> tuple[ArrayColumn, Ints]:
    """Return the first array, and a key per element that tells the rows' values apart."""
    inputs = same_sizes(call.columns)
    rows = rows_of(inputs[0].offsets)
    return inputs[0], rank_columns([rows, *(rank(c.child, by_bits=True) for c in inputs)])


def _first_of_each(keys: Ints) -> BoolArray:
    """Return which elements are the first with their key."""
    is_first = np.zeros(len(keys), np.bool_)
    is_first[np.unique(keys, return_index=True)[1]] = True
    return is_first


def _distinct_type(arguments: Sequence[Argument]) -> DataType:
    return ArrayType(without_null(element_type(arguments[0].type)))


def _distinct(call: Call) -> Column:
    """Keep the first of equal elements, and no NULL."""
    array, keys = _keys(call)
    keeps = _first_of_each(keys)
    child = array.child
    if isinstance(child, NullableColumn):
        keeps &= ~child.is_null
        child = child.inner
    offsets = offsets_of(count_per_row(keeps, array.offsets))
    return array_of(child.type, offsets, child.filter(keeps))


def _uniq(call: Call) -> Column:
    array, keys = _keys(call)
    return numeric(U32, count_per_row(_first_of_each(keys), array.offsets))


def _enumerate_uniq(call: Call) -> Column:
    """Give equal elements the numbers 1, 2, 3 in their order."""
    array, keys = _keys(call)
    order = np.argsort(keys, kind="stable")
    numbers = np.empty(len(keys), np.int64)
    # A key is the number of smaller keys, so it is where its group begins in `order`.
    numbers[order] = np.arange(len(keys)) - keys[order] + 1
    return array_of(U32, array.offsets, numeric(U32, numbers))


def _enumerate_dense(call: Call) -> Column:
    """Give the different values of a row numbers in order of appearance."""
    array, keys = _keys(call)
    is_first = _first_of_each(keys)
    running = np.cumsum(is_first)
    before = np.append(0, running)[array.offsets[:-1]]
    number_of_key = np.zeros(len(keys) + 1, np.int64)
    number_of_key[keys[is_first]] = (running - before[rows_of(array.offsets)])[is_first]
    return array_of(U32, array.offsets, numeric(U32, number_of_key[keys]))


def _compact(call: Call) -> Column:
    """Keep the first of neighbours that are equal."""
    array, keys = _keys(call)
    keeps = np.ones(len(keys), np.bool_)
    keeps[1:] = keys[1:] != keys[:-1]
    offsets = offsets_of(count_per_row(keeps, array.offsets))
    return ArrayColumn(array.type, offsets, array.child.filter(keeps))


def _same_type(arguments: Sequence[Argument]) -> DataType:
    return arguments[0].type


ARRAY_AND_VALUE = (Arg("array", ARRAY), Arg("value", ANY))
TWO_ARRAYS = (Arg("array", ARRAY), Arg("part", ARRAY))
SEVERAL_ARRAYS = (Arg("array", ARRAY, is_repeated=True),)
ONE_ARRAY = (Arg("array", ARRAY),)


def _declare(
    name: str,
    args: tuple[Arg, ...],
    result: ResultRule,
    kernel: Kernel,
    help_text: str,
    example: str,
) -> ScalarFunction:
    """Declare one function of this file."""
    return ScalarFunction(
        name=name,
        family="array",
        args=args,
        result=result,
        kernel=kernel,
        help=help_text,
        example=f"SELECT {example}",
        nulls=NullPolicy.OWN if args is ARRAY_AND_VALUE else NullPolicy.PROPAGATE,
        can_fail=args is SEVERAL_ARRAYS,
    )


FUNCTIONS: tuple[ScalarFunction, ...] = (
    _declare(
        "has",
        ARRAY_AND_VALUE,
        _match_rule(U8),
        _has,
        "1 if the array holds the value, else 0; NULL finds NULL.",
        "has([1, 2], 2)",
    ),
    _declare(
        "indexOf",
        ARRAY_AND_VALUE,
        _match_rule(U64),
        _index_of,
        "The place, from 1, of the first element equal to the value, or 0.",
        "indexOf([5, 6, 6], 6)",
    ),
    _declare(
        "countEqual",
        ARRAY_AND_VALUE,
        _match_rule(U64),
        _count_equal,
        "How many elements equal the value.",
        "countEqual([1, 2, 1], 1)",
    ),
    _declare(
        "hasAll",
        TWO_ARRAYS,
        _pair_rule,
        _has_all,
        "1 if the first array holds every element of the second, else 0.",
        "hasAll([1, 2, 3], [3, 1])",
    ),
    _declare(
        "hasAny",
        TWO_ARRAYS,
        _pair_rule,
        _has_any,
        "1 if the first array holds some element of the second, else 0.",
        "hasAny([1, 2, 3], [4, 1])",
    ),
    _declare(
        "arrayDistinct",
        ONE_ARRAY,
        _distinct_type,
        _distinct,
        "Each value of the array once, without NULL.",
        "arrayDistinct([1, 2, 1])",
    ),
    _declare(
        "arrayUniq",
        SEVERAL_ARRAYS,
        U32,
        _uniq,
        "How many different values (or combinations of several arrays' values) there are.",
        "arrayUniq([1, 2, 1])",
    ),
    _declare(
        "arrayEnumerateUniq",
        SEVERAL_ARRAYS,
        ArrayType(U32),
        _enumerate_uniq,
        "For each element how many equal ones have come so far, itself included.",
        "arrayEnumerateUniq([5, 6, 5])",
    ),
    _declare(
        "arrayEnumerateDense",
        SEVERAL_ARRAYS,
        ArrayType(U32),
        _enumerate_dense,
        "For each element the number of its value, in order of appearance.",
        "arrayEnumerateDense([5, 6, 5])",
    ),
    _declare(
        "arrayCompact",
        ONE_ARRAY,
        _same_type,
        _compact,
        "The array without elements equal to the one before them.",
        "arrayCompact([1, 1, 2, 1])",
    ),
)
