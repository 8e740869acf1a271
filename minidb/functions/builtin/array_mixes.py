"""Arrays put together: folds with a lambda, common and other elements, shifts, products."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from minidb.columns import (
    BoolArray,
    Column,
    NumericColumn,
    concat_columns,
    with_nulls,
)
from minidb.columns.grouping import factorize
from minidb.errors import ARGUMENT_OUT_OF_BOUND, TYPE_MISMATCH, BindError, ValueExecutionError
from minidb.functions.arguments import ANY, ARRAY, INTEGER, LAMBDA, Arg
from minidb.functions.builtin.array_folds import as_floats, sum_per_row, sum_type
from minidb.functions.builtin.higher_order import same_sizes
from minidb.functions.builtin.kit import (
    F64,
    I64,
    Ints,
    array_of,
    arrays,
    element_type,
    illegal_type,
    numbers,
    numeric,
    offsets_of,
    places_of,
    range_indices,
    rows_of,
    take_or_default,
    whole_numbers,
)
from minidb.functions.builtin.number_types import sum_type as product_type
from minidb.functions.cast import cast_column
from minidb.functions.declaration import (
    Argument,
    Call,
    Kernel,
    NullPolicy,
    ResultRule,
    ScalarFunction,
)
from minidb.types import (
    ArrayType,
    BoolType,
    DataType,
    FloatType,
    IntType,
    LambdaType,
    is_number,
    nullable,
)
from minidb.types.promotion import common_type

# -- arrayFold -------------------------------------------------------------------------------


def _fold_type(arguments: Sequence[Argument]) -> DataType:
    """Return the accumulator's type, which the lambda has to give back."""
    found, start = arguments[0].type, arguments[-1].type
    if len(arguments) < 3 or not isinstance(found, LambdaType):
        raise illegal_type("arrayFold", found, "a lambda, arrays and a first value")
    if found.result != start:
        message = f"the lambda of arrayFold gives {found.result.name}, and starts from {start.name}"
        raise BindError(TYPE_MISMATCH, message, hint="convert the first value or the result")
    return start


def _fold_parameters(types: Sequence[DataType]) -> tuple[DataType, ...]:
    """Return the accumulator's type and those of the elements."""
    return (types[-1], *(element_type(data_type) for data_type in types[:-1]))


def _fold(call: Call) -> Column:
    """Go through all rows at once, place by place."""
    body = call.lambdas[0]
    inputs = same_sizes(call.columns[1:-1])
    state = call.columns[-1]
    lengths = inputs[0].lengths
    if body is None:
        return state
    for place in range(int(lengths.max(initial=0))):
        rows = np.flatnonzero(lengths > place)
        elements = [array.child.take(array.offsets[:-1][rows] + place) for array in inputs]
        found = body.apply([state.take(rows), *elements], rows)
        both = concat_columns(call.result_type, [state, found])
        order = np.arange(call.n_rows)
        order[rows] = np.arange(call.n_rows, call.n_rows + len(rows))
        state = both.take(order)
    return state


# -- sets ------------------------------------------------------------------------------------


def _sets_type(arguments: Sequence[Argument]) -> DataType:
    return ArrayType(common_type([element_type(argument.type) for argument in arguments]))


def _intersect_type(arguments: Sequence[Argument]) -> DataType:
    """Return the narrowest type: what all arrays hold fits it."""
    elements = [element_type(argument.type) for argument in arguments]
    whole = [t for t in elements if isinstance(t, IntType)]
    if len(whole) == len(elements) and len({t.is_signed for t in whole}) == 1:
        return ArrayType(min(whole, key=lambda t: t.bits))
    return _sets_type(arguments)


def _except_type(arguments: Sequence[Argument]) -> DataType:
    if arguments[0].type != arguments[1].type:
        raise illegal_type("arrayExcept", arguments[1].type, arguments[0].type.name)
    return arguments[0].type


def _intersect(call: Call) -> Column:
    wanted = _sets_type([Argument(column.type) for column in call.columns])
    typed = Call(call.columns, call.n_rows, wanted, call.constants, call.settings)
    return cast_column(_chosen_codes(typed, lambda holders, n: holders == n), call.result_type)


def _coded(call: Call) -> tuple[Column, list[Ints], Ints, Ints]:
    """Return all elements, the codes of each array's, and for each code its row and element."""
    found = [arrays(column) for column in call.columns]
    wanted = element_type(call.result_type)
    child = concat_columns(wanted, [cast_column(a.child, wanted) for a in found])
    rows = np.concatenate([rows_of(a.offsets) for a in found])
    if not len(rows):
        return child, [np.zeros(0, np.int64) for _ in found], rows, rows
    grouping = factorize([NumericColumn(I64, rows.astype(np.int64)), child])
    codes = np.split(grouping.codes, np.cumsum([len(a.child) for a in found])[:-1])
    return child, codes, rows[grouping.first_rows], grouping.first_rows


def _chosen_codes(call: Call, choose: Callable[[Ints, int], BoolArray]) -> Column:
    """Return the distinct elements whose number of arrays that hold them is right."""
    child, codes, rows, firsts = _coded(call)
    holders = np.zeros(len(rows), np.int64)
    for own in codes:
        holders[np.unique(own)] += 1
    chosen = np.flatnonzero(choose(holders, len(codes)))
    order = chosen[np.argsort(rows[chosen], kind="stable")]
    offsets = offsets_of(np.bincount(rows[chosen], minlength=call.n_rows))
    return array_of(element_type(call.result_type), offsets, child.take(firsts[order]))


def _union(call: Call) -> Column:
    return _chosen_codes(call, lambda holders, n: holders > 0)


def _difference(call: Call) -> Column:
    return _chosen_codes(call, lambda holders, n: holders < n)


def _jaccard(call: Call) -> Column:
    """Return the share of the distinct elements that both arrays hold."""
    wanted = _sets_type([Argument(column.type) for column in call.columns])
    typed = Call(call.columns, call.n_rows, wanted, call.constants, call.settings)
    both, either = arrays(_intersect(typed)), arrays(_union(typed))
    with np.errstate(invalid="ignore", divide="ignore"):
        return numeric(F64, both.lengths / either.lengths)


def _except(call: Call) -> Column:
    """Return the elements of the first array that the second does not hold."""
    pair = Call(call.columns, call.n_rows, call.result_type, call.constants, call.settings)
    child, codes, _, _ = _coded(pair)
    first = arrays(call.columns[0])
    keep = ~np.isin(codes[0], codes[1])
    kept = np.flatnonzero(keep)
    offsets = offsets_of(np.bincount(rows_of(first.offsets)[kept], minlength=call.n_rows))
    return array_of(element_type(call.result_type), offsets, child.take(kept))


# -- shifts and pieces -----------------------------------------------------------------------


def _shift_type(arguments: Sequence[Argument]) -> DataType:
    element = element_type(arguments[0].type)
    if len(arguments) > 2:
        return ArrayType(common_type([element, arguments[2].type]))
    return ArrayType(element)


def _shift(call: Call, *, sign: int) -> Column:
    """Move the elements of each row; what comes in is a default."""
    element = element_type(call.result_type)
    array = arrays(call.columns[0])
    child = cast_column(array.child, element)
    amounts = np.clip(whole_numbers(call.columns[1]), -(2**40), 2**40) * sign
    rows, places = rows_of(array.offsets), places_of(array.offsets)
    source = places + amounts[rows]
    inside = (source >= 0) & (source < array.lengths[rows])
    where = np.where(inside, array.offsets[:-1][rows] + source, 0)
    if len(call.columns) < 3:
        return array_of(element, array.offsets, take_or_default(child, where, inside))
    filler = cast_column(call.columns[2], element)
    both = concat_columns(element, [child, filler])
    return array_of(element, array.offsets, both.take(np.where(inside, where, len(child) + rows)))


def _shingles(call: Call) -> Column:
    """Return all runs of neighbours of a length."""
    array, sizes = arrays(call.columns[0]), whole_numbers(call.columns[1])
    if ((sizes < 1) | (sizes > array.lengths)).any():
        message = "arrayShingles takes a length from 1 to that of the array"
        raise ValueExecutionError(ARGUMENT_OUT_OF_BOUND, message)
    counts = array.lengths - sizes + 1
    outer = offsets_of(counts)
    starts = np.repeat(array.offsets[:-1], counts) + places_of(outer)
    lengths = np.repeat(sizes, counts)
    child = array.child.take(range_indices(starts, lengths))
    inner = array_of(array.type.element, offsets_of(lengths), child)
    return array_of(inner.type, outer, inner)


def _element_or_null_type(arguments: Sequence[Argument]) -> DataType:
    return nullable(element_type(arguments[0].type))


def _element_or_null(call: Call) -> Column:
    array, places = arrays(call.columns[0]), whole_numbers(call.columns[1])
    begin = np.where(places > 0, places - 1, array.lengths + places)
    inside = (places != 0) & (begin >= 0) & (begin < array.lengths)
    found = take_or_default(array.child, np.where(inside, array.offsets[:-1] + begin, 0), inside)
    return with_nulls(found, ~inside) if found.type != call.result_type else found


def _non_negative(call: Call) -> Column:
    """Add up each row, place by place, never below 0."""
    array = arrays(call.columns[0])
    result = element_type(call.result_type)
    values = numbers(array.child)
    values = values.astype(np.float64 if isinstance(result, FloatType) else np.int64)
    found, state = values.copy(), np.zeros(call.n_rows, values.dtype)
    for place in range(int(array.lengths.max(initial=0))):
        rows = np.flatnonzero(array.lengths > place)
        where = array.offsets[:-1][rows] + place
        state[rows] = np.maximum(state[rows] + values[where], 0)
        found[where] = state[rows]
    return array_of(result, array.offsets, numeric(result, found))


def _replicate(call: Call) -> Column:
    """Repeat a value as often as an array has elements."""
    array = arrays(call.columns[1])
    return array_of(
        call.columns[0].type, array.offsets, call.columns[0].take(rows_of(array.offsets))
    )


def _at_least_one(call: Call) -> Column:
    """Put a default into arrays without elements."""
    array = arrays(call.columns[0])
    lengths = np.maximum(array.lengths, 1)
    offsets = offsets_of(lengths)
    has_any = np.repeat(array.lengths > 0, lengths)
    where = np.where(has_any, np.repeat(array.offsets[:-1], lengths) + places_of(offsets), 0)
    return array_of(array.type.element, offsets, take_or_default(array.child, where, has_any))


# -- vectors ---------------------------------------------------------------------------------


def _vector_type(arguments: Sequence[Argument]) -> DataType:
    for argument in arguments:
        if not is_number(element_type(argument.type)):
            raise illegal_type("a function of vectors", argument.type, "arrays of numbers")
    elements = [element_type(argument.type) for argument in arguments]
    # As where numbers meet: Float32 holds integers of up to 16 bits.
    has_narrow = FloatType(32) in elements
    wide = [
        t for t in elements if t != FloatType(32) and (not isinstance(t, IntType) or t.bits > 16)
    ]
    return FloatType(32) if has_narrow and not wide else F64


def _dot_type(arguments: Sequence[Argument]) -> DataType:
    """Return the type of a product, Float32 for two of them."""
    _vector_type(arguments)
    left, right = (element_type(argument.type) for argument in arguments)
    return left if left == right == FloatType(32) else product_type("arrayDotProduct", left, right)


def _dot(call: Call) -> Column:
    left, right = same_sizes(call.columns)
    if isinstance(call.result_type, FloatType):
        product = as_floats(left.child) * as_floats(right.child)
        found = sum_per_row(numeric(F64, product), left.offsets, F64)
        return numeric(call.result_type, numbers(found))
    a, b = (numbers(array.child).astype(np.int64).view(np.uint64) for array in (left, right))
    with np.errstate(over="ignore"):
        products = NumericColumn(IntType(64, False), a * b)
    sums = sum_per_row(products, left.offsets, IntType(64, False))
    return numeric(call.result_type, numbers(sums))


def _norm(call: Call, *, power: float) -> Column:
    """Return a norm of one vector, or of the difference of two."""
    found = same_sizes(call.columns)
    values = as_floats(found[0].child)
    if len(found) > 1:
        values = values - as_floats(found[1].child)
    size = np.abs(values)
    offsets = found[0].offsets
    if power == np.inf:
        largest = np.zeros(call.n_rows)
        np.maximum.at(largest, rows_of(offsets), size)
        return numeric(call.result_type, largest)
    raised = size if power == 1 else size * size
    sums = numbers(sum_per_row(numeric(F64, raised), offsets, F64))
    return numeric(call.result_type, np.sqrt(sums) if power == 2 else sums)


def _cosine(call: Call) -> Column:
    left, right = same_sizes(call.columns)
    a, b = as_floats(left.child), as_floats(right.child)
    total = [
        numbers(sum_per_row(numeric(F64, v), left.offsets, F64)) for v in (a * b, a * a, b * b)
    ]
    with np.errstate(invalid="ignore", divide="ignore"):
        return numeric(call.result_type, 1 - total[0] / np.sqrt(total[1] * total[2]))


def _first_type(arguments: Sequence[Argument]) -> DataType:
    return arguments[0].type


def _summed_type(arguments: Sequence[Argument]) -> DataType:
    element = element_type(arguments[0].type)
    if not isinstance(element, IntType | FloatType | BoolType):
        raise illegal_type("arrayCumSumNonNegative", element, "numbers")
    return ArrayType(sum_type(element))


def _declare(
    name: str,
    args: Sequence[Arg],
    result: ResultRule,
    kernel: Kernel,
    what: str,
    example: str,
    **more: Any,
) -> ScalarFunction:
    return ScalarFunction(
        name=name,
        family=more.pop("family", "array"),
        args=tuple(args),
        result=result,
        kernel=kernel,
        help=what,
        example=f"SELECT {example}",
        **more,
    )


ONE, TWO = Arg("array", ARRAY), Arg("other", ARRAY)
SOME = (Arg("array", ARRAY, is_repeated=True),)
SHIFT = (ONE, Arg("number", INTEGER), Arg("default", ANY, is_optional=True))
OWN: dict[str, Any] = {"nulls": NullPolicy.OWN}
VECTORS: dict[str, Any] = {"family": "distance", "can_fail": True}

FUNCTIONS: tuple[ScalarFunction, ...] = (
    _declare("arrayFold", [Arg("lambda", LAMBDA), Arg("array", ARRAY), Arg("more", ANY, is_repeated=True)], _fold_type, _fold, "The last state of a lambda that is given its state and each element.", "arrayFold((acc, x) -> acc + x * 2, [1, 2, 3], toInt64(5))", nulls=NullPolicy.OWN, lambda_parameters=_fold_parameters, can_fail=True),
    _declare("arrayIntersect", SOME, _intersect_type, _intersect, "The distinct elements that all arrays hold.", "arrayIntersect([1, 2, 3], [3, 4])", **OWN),
    _declare("arrayUnion", SOME, _sets_type, _union, "The distinct elements that any array holds.", "arraySort(arrayUnion([1, 2], [2, 3]))", **OWN),
    _declare("arraySymmetricDifference", SOME, _sets_type, _difference, "The distinct elements that not all arrays hold.", "arraySort(arraySymmetricDifference([1, 2], [2, 3]))", **OWN),
    _declare("arrayExcept", [ONE, TWO], _except_type, _except, "The elements of the first array that the second does not hold.", "arrayExcept([1, 2, 2, 3], [2])", **OWN),
    _declare("arrayJaccardIndex", [ONE, TWO], F64, _jaccard, "The share of the distinct elements that both arrays hold.", "arrayJaccardIndex([1, 2], [2, 3])"),
    _declare("arrayShiftLeft", SHIFT, _shift_type, partial(_shift, sign=1), "The elements moved to the left; defaults come in.", "arrayShiftLeft([1, 2, 3], 1)"),
    _declare("arrayShiftRight", SHIFT, _shift_type, partial(_shift, sign=-1), "The elements moved to the right; defaults come in.", "arrayShiftRight([1, 2, 3], 1, 9)"),
    _declare("arrayShingles", [ONE, Arg("length", INTEGER)], lambda a: ArrayType(a[0].type), _shingles, "All runs of neighbours of a length.", "arrayShingles([1, 2, 3, 4], 3)", can_fail=True),
    _declare("arrayElementOrNull", [ONE, Arg("place", INTEGER)], _element_or_null_type, _element_or_null, "The element at a place, NULL outside the array.", "arrayElementOrNull([1, 2], 3)"),
    _declare("arrayCumSumNonNegative", [ONE], _summed_type, _non_negative, "Running sums that never fall below 0.", "arrayCumSumNonNegative([1, 1, -4, 1])"),
    _declare("replicate", [Arg("value"), ONE], lambda a: ArrayType(a[0].type), _replicate, "A value as often as an array has elements.", "replicate('a', [1, 2, 3])", nulls=NullPolicy.OWN),
    _declare("emptyArrayToSingle", [ONE], _first_type, _at_least_one, "An empty array with a default put into it.", "emptyArrayToSingle([1]), emptyArrayToSingle(CAST([], 'Array(UInt8)'))"),
    _declare("arrayDotProduct", [ONE, TWO], _dot_type, _dot, "The sum of products of elements.", "arrayDotProduct([1, 2], [3, 4])", **VECTORS),
    _declare("L1Norm", [ONE], _vector_type, partial(_norm, power=1), "The sum of sizes.", "L1Norm([3, -4])", **VECTORS, aliases=("normL1",)),
    _declare("L2Norm", [ONE], _vector_type, partial(_norm, power=2), "The Euclidean length.", "L2Norm([3, -4])", **VECTORS, aliases=("normL2",)),
    _declare("L2SquaredNorm", [ONE], _vector_type, partial(_norm, power=2.5), "The sum of squares.", "L2SquaredNorm([3, -4])", **VECTORS, aliases=("normL2Squared",)),
    _declare("LinfNorm", [ONE], _vector_type, partial(_norm, power=np.inf), "The largest size.", "LinfNorm([3, -4])", **VECTORS, aliases=("normLinf",)),
    _declare("L1Distance", [ONE, TWO], _vector_type, partial(_norm, power=1), "The sum of sizes of differences.", "L1Distance([1, 2], [3, 5])", **VECTORS, aliases=("distanceL1",)),
    _declare("L2Distance", [ONE, TWO], _vector_type, partial(_norm, power=2), "The Euclidean distance.", "L2Distance([1, 2], [4, 6])", **VECTORS, aliases=("distanceL2",)),
    _declare("L2SquaredDistance", [ONE, TWO], _vector_type, partial(_norm, power=2.5), "The sum of squares of differences.", "L2SquaredDistance([1, 2], [4, 6])", **VECTORS, aliases=("distanceL2Squared",)),
    _declare("LinfDistance", [ONE, TWO], _vector_type, partial(_norm, power=np.inf), "The largest difference.", "LinfDistance([1, 2], [4, 6])", **VECTORS, aliases=("distanceLinf",)),
    _declare("cosineDistance", [ONE, TWO], _vector_type, _cosine, "1 minus the cosine of the angle.", "cosineDistance([1, 2], [2, 3])", **VECTORS, aliases=("distanceCosine",)),
)  # fmt: skip
