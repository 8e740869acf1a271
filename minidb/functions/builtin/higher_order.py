"""Functions of arrays that take a lambda, evaluated once for all elements of a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from minidb.columns import ArrayColumn, BoolArray, Column, split_nulls
from minidb.errors import (
    ILLEGAL_TYPE_OF_ARGUMENT,
    SIZES_OF_ARRAYS_DONT_MATCH,
    BindError,
    ValueExecutionError,
)
from minidb.functions.arguments import ARRAY, LAMBDA, Arg, either
from minidb.functions.builtin.kit import (
    U8,
    U32,
    Ints,
    array_of,
    arrays,
    count_per_row,
    element_type,
    first_per_row,
    flags,
    illegal_type,
    last_per_row,
    numbers,
    numeric,
    offsets_of,
    rows_of,
    take_or_default,
)
from minidb.functions.builtin.widen import widen
from minidb.functions.declaration import Argument, Call, Kernel, ResultRule, ScalarFunction
from minidb.types import (
    ArrayType,
    BoolType,
    DataType,
    LambdaType,
    NothingType,
    NullableType,
    nullable,
    without_null,
)
from minidb.types.family import can_be_nullable


def same_sizes(columns: Sequence[Column]) -> list[ArrayColumn]:
    """Return array columns whose rows have equal lengths.

    Raises
    ------
    ValueExecutionError
        SIZES_OF_ARRAYS_DONT_MATCH.
    """
    found = [arrays(column) for column in columns]
    for other in found[1:]:
        if not np.array_equal(found[0].offsets, other.offsets):
            message = "the arrays of one row have different sizes"
            raise ValueExecutionError(SIZES_OF_ARRAYS_DONT_MATCH, message)
    return found


def mapped(call: Call) -> tuple[list[ArrayColumn], Column]:
    """Return the array arguments, and what the lambda gives for each of their elements.

    Without a lambda, that is the elements of the first array themselves.
    """
    body = call.lambdas[0] if call.lambdas else None
    if body is None:
        inputs = same_sizes(call.columns)
        return inputs, inputs[0].child
    inputs = same_sizes(call.columns[1:])
    children = [column.child for column in inputs]
    return inputs, body.apply(children, rows_of(inputs[0].offsets))


def mapped_type(arguments: Sequence[Argument]) -> DataType:
    """Return the type that the lambda gives, or the first array's element type without one."""
    first = arguments[0].type
    return first.result if isinstance(first, LambdaType) else element_type(first)


def array_after_lambda(arguments: Sequence[Argument]) -> DataType:
    """Return the type of the first array argument."""
    position = 1 if isinstance(arguments[0].type, LambdaType) else 0
    if len(arguments) <= position:
        raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, "an array has to follow the lambda")
    element_type(arguments[position].type)
    return arguments[position].type


def require_condition(arguments: Sequence[Argument]) -> None:
    """Refuse a condition that is not UInt8 or Bool, perhaps Nullable."""
    found = without_null(mapped_type(arguments))
    if not (found == U8 or isinstance(found, BoolType | NothingType)):
        message = f"the condition has to give UInt8, not {found.name}"
        raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message)
    array_after_lambda(arguments)


def truths(column: Column) -> BoolArray:
    """Return where a condition holds; NULL does not hold."""
    values, is_null = split_nulls(column)
    holds: BoolArray = numbers(values) != 0
    return holds if is_null is None else holds & ~is_null


def _map_type(arguments: Sequence[Argument]) -> DataType:
    array_after_lambda(arguments)
    return ArrayType(mapped_type(arguments))


def _map(call: Call) -> Column:
    inputs, results = mapped(call)
    return array_of(results.type, inputs[0].offsets, results)


def _same_array(arguments: Sequence[Argument]) -> DataType:
    require_condition(arguments)
    return array_after_lambda(arguments)


def _filter(call: Call) -> Column:
    inputs, condition = mapped(call)
    keeps = truths(condition)
    offsets = offsets_of(count_per_row(keeps, inputs[0].offsets))
    return ArrayColumn(inputs[0].type, offsets, inputs[0].child.filter(keeps))


def _fixed(result: DataType) -> Callable[[Sequence[Argument]], DataType]:
    """Return the rule that checks the condition and gives one type."""

    def rule(arguments: Sequence[Argument]) -> DataType:
        require_condition(arguments)
        return result

    return rule


def _count(call: Call) -> Column:
    inputs, condition = mapped(call)
    return numeric(U32, count_per_row(truths(condition), inputs[0].offsets))


def _exists(call: Call) -> Column:
    inputs, condition = mapped(call)
    return flags(count_per_row(truths(condition), inputs[0].offsets) > 0)


def _all(call: Call) -> Column:
    inputs, condition = mapped(call)
    return flags(count_per_row(truths(condition), inputs[0].offsets) == inputs[0].lengths)


PerRow = Callable[[BoolArray, Ints], Ints]


def _element(pick: PerRow) -> Callable[[Call], Column]:
    """Return the kernel for the element that `pick` chooses, or the type's default."""

    def kernel(call: Call) -> Column:
        inputs, condition = mapped(call)
        index = pick(truths(condition), inputs[0].offsets)
        child = inputs[0].child
        if child.type != call.result_type:
            # The form that gives NULL where nothing fits: a Nullable type's default is NULL.
            child = widen(child, call.result_type)
        return take_or_default(child, index, index >= 0)

    return kernel


def _index(pick: PerRow) -> Callable[[Call], Column]:
    """Return the kernel for the place, from 1, of the element that `pick` chooses; 0 for none."""

    def kernel(call: Call) -> Column:
        inputs, condition = mapped(call)
        offsets = inputs[0].offsets
        index = pick(truths(condition), offsets)
        return numeric(U32, np.where(index >= 0, index - offsets[:-1] + 1, 0))

    return kernel


def _element_or_null_type(arguments: Sequence[Argument]) -> DataType:
    require_condition(arguments)
    element = element_type(array_after_lambda(arguments))
    if not can_be_nullable(element) and not isinstance(element, NullableType):
        raise illegal_type("this function", element, "elements that can be NULL")
    return nullable(element)


def _element_of_array(arguments: Sequence[Argument]) -> DataType:
    require_condition(arguments)
    return element_type(array_after_lambda(arguments))


def _fill(is_reverse: bool) -> Callable[[Call], Column]:
    """Return the kernel that overwrites elements with the last one before that fits."""

    def kernel(call: Call) -> Column:
        inputs, condition = mapped(call)
        offsets, fits = inputs[0].offsets, truths(condition).copy()
        lengths = np.diff(offsets)
        ends = (offsets[1:] - 1 if is_reverse else offsets[:-1])[lengths > 0]
        fits[ends] = True
        places = np.arange(len(fits))
        if is_reverse:
            source = np.minimum.accumulate(np.where(fits, places, len(fits))[::-1])[::-1]
        else:
            source = np.maximum.accumulate(np.where(fits, places, -1))
        return ArrayColumn(inputs[0].type, offsets, inputs[0].child.take(source))

    return kernel


def _array_of_array(arguments: Sequence[Argument]) -> DataType:
    require_condition(arguments)
    return ArrayType(array_after_lambda(arguments))


def _split(is_reverse: bool) -> Callable[[Call], Column]:
    """Return the kernel that cuts arrays before (or after) each element that fits."""

    def kernel(call: Call) -> Column:
        inputs, condition = mapped(call)
        offsets, cuts = inputs[0].offsets, truths(condition).copy()
        if is_reverse:
            cuts[1:], cuts[:1] = truths(condition)[:-1], True
        cuts[offsets[:-1][np.diff(offsets) > 0]] = True
        inner = np.append(np.flatnonzero(cuts), len(cuts)).astype(np.int64)
        parts = ArrayColumn(inputs[0].type, inner, inputs[0].child)
        return array_of(parts.type, offsets_of(count_per_row(cuts, offsets)), parts)

    return kernel


LAMBDA_ARGS = (Arg("lambda", LAMBDA), Arg("array", ARRAY, is_repeated=True))
MAYBE_LAMBDA_ARGS = (
    Arg("lambda_or_array", either(LAMBDA, ARRAY)),
    Arg("array", ARRAY, is_optional=True, is_repeated=True),
)


def _declare(
    name: str,
    result: ResultRule,
    kernel: Kernel,
    help_text: str,
    example: str,
    *,
    needs_lambda: bool = True,
) -> ScalarFunction:
    """Declare one function of this file."""
    return ScalarFunction(
        name=name,
        family="array",
        args=LAMBDA_ARGS if needs_lambda else MAYBE_LAMBDA_ARGS,
        result=result,
        kernel=kernel,
        help=help_text,
        example=f"SELECT {example}",
        can_fail=True,
    )


FUNCTIONS: tuple[ScalarFunction, ...] = (
    _declare(
        "arrayMap",
        _map_type,
        _map,
        "The array of what a lambda gives for each element.",
        "arrayMap(x -> x + 1, [1, 2])",
    ),
    _declare(
        "arrayFilter",
        _same_array,
        _filter,
        "The elements for which a lambda holds.",
        "arrayFilter(x -> x > 1, [1, 2])",
    ),
    _declare(
        "arrayCount",
        _fixed(U32),
        _count,
        "How many elements a lambda holds for, or are not 0.",
        "arrayCount(x -> x > 1, [1, 2])",
        needs_lambda=False,
    ),
    _declare(
        "arrayExists",
        _fixed(U8),
        _exists,
        "1 if a lambda holds for some element, else 0.",
        "arrayExists(x -> x > 1, [1, 2])",
        needs_lambda=False,
    ),
    _declare(
        "arrayAll",
        _fixed(U8),
        _all,
        "1 if a lambda holds for every element, else 0.",
        "arrayAll(x -> x > 1, [1, 2])",
        needs_lambda=False,
    ),
    _declare(
        "arrayFirst",
        _element_of_array,
        _element(first_per_row),
        "The first element for which a lambda holds, or the type's default.",
        "arrayFirst(x -> x > 1, [1, 2, 3])",
    ),
    _declare(
        "arrayFirstOrNull",
        _element_or_null_type,
        _element(first_per_row),
        "The first element for which a lambda holds, or NULL.",
        "arrayFirstOrNull(x -> x > 5, [1, 2, 3])",
    ),
    _declare(
        "arrayFirstIndex",
        _fixed(U32),
        _index(first_per_row),
        "The place, from 1, of the first element for which a lambda holds, or 0.",
        "arrayFirstIndex(x -> x > 1, [1, 2, 3])",
    ),
    _declare(
        "arrayLast",
        _element_of_array,
        _element(last_per_row),
        "The last element for which a lambda holds, or the type's default.",
        "arrayLast(x -> x > 1, [1, 2, 3])",
    ),
    _declare(
        "arrayLastOrNull",
        _element_or_null_type,
        _element(last_per_row),
        "The last element for which a lambda holds, or NULL.",
        "arrayLastOrNull(x -> x > 5, [1, 2, 3])",
    ),
    _declare(
        "arrayLastIndex",
        _fixed(U32),
        _index(last_per_row),
        "The place, from 1, of the last element for which a lambda holds, or 0.",
        "arrayLastIndex(x -> x > 1, [1, 2, 3])",
    ),
    _declare(
        "arrayFill",
        _same_array,
        _fill(is_reverse=False),
        "Elements for which a lambda fails become the one before them.",
        "arrayFill(x -> x > 0, [1, 0, 2, 0])",
    ),
    _declare(
        "arrayReverseFill",
        _same_array,
        _fill(is_reverse=True),
        "Elements for which a lambda fails become the one after them.",
        "arrayReverseFill(x -> x > 0, [1, 0, 2, 0])",
    ),
    _declare(
        "arraySplit",
        _array_of_array,
        _split(is_reverse=False),
        "The array cut in front of each element for which a lambda holds.",
        "arraySplit(x -> x = 0, [1, 0, 2])",
    ),
    _declare(
        "arrayReverseSplit",
        _array_of_array,
        _split(is_reverse=True),
        "The array cut behind each element for which a lambda holds.",
        "arrayReverseSplit(x -> x = 0, [1, 0, 2])",
    ),
)
