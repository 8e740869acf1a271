"""Maps and lambdas: a function of key and value, evaluated once for all pairs of a batch."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from minidb.columns import ArrayColumn, BoolArray, Column, TupleColumn, split_nulls
from minidb.errors import ILLEGAL_TYPE_OF_ARGUMENT, BindError, InternalError
from minidb.functions.arguments import LAMBDA, MAP, Arg, Kind
from minidb.functions.builtin.kit import count_per_row, flags, numbers, offsets_of, rows_of
from minidb.functions.builtin.maps import MAP_ARG, SAMPLE, declare, made, map_type, parts
from minidb.functions.builtin.ranks import rank
from minidb.functions.declaration import Argument, Call, Kernel, ScalarFunction
from minidb.types import (
    BoolType,
    DataType,
    IntType,
    LambdaType,
    MapType,
    NothingType,
    TupleType,
    map_of,
    without_null,
)

U8 = IntType(8, False)
LAMBDA_AND_MAP = (Arg("lambda", LAMBDA), MAP_ARG)
SORT_ARGS = (
    Arg("lambda_or_map", Kind("a lambda or a Map", lambda t: isinstance(t, LambdaType | MapType))),
    Arg("map", MAP, is_optional=True),
)


def _applied(call: Call) -> tuple[ArrayColumn, Column]:
    """Return the map, and what the lambda gives for each pair."""
    whole, keys, values = parts(call.columns[1])
    body = call.lambdas[0]
    if body is None:
        raise InternalError("a lambda was expected")
    return whole, body.apply([keys, values], rows_of(whole.offsets))


def _lambda_result(arguments: Sequence[Argument]) -> DataType:
    first = arguments[0].type
    if not isinstance(first, LambdaType):
        raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, "the first argument is a lambda")
    return first.result


def _condition_rule(result: DataType | None) -> Callable[[Sequence[Argument]], DataType]:
    def rule(arguments: Sequence[Argument]) -> DataType:
        found = without_null(_lambda_result(arguments))
        if not isinstance(found, BoolType | NothingType) and found != IntType(8, False):
            message = f"the condition has to give UInt8, not {found.name}"
            raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message)
        return map_type(arguments[1].type) if result is None else result

    return rule


def _truths(column: Column) -> BoolArray:
    values, is_null = split_nulls(column)
    holds: BoolArray = numbers(values) != 0
    return holds if is_null is None else holds & ~is_null


def _filter(call: Call) -> Column:
    whole, condition = _applied(call)
    keeps = _truths(condition)
    offsets = offsets_of(count_per_row(keeps, whole.offsets))
    return ArrayColumn(whole.type, offsets, whole.child.filter(keeps))


def _exists(call: Call) -> Column:
    whole, condition = _applied(call)
    return flags(count_per_row(_truths(condition), whole.offsets) > 0)


def _all(call: Call) -> Column:
    whole, condition = _applied(call)
    return flags(count_per_row(_truths(condition), whole.offsets) == whole.lengths)


def _apply_result(arguments: Sequence[Argument]) -> DataType:
    found = _lambda_result(arguments)
    if not isinstance(found, TupleType) or len(found.elements) != 2:
        message = f"the lambda of mapApply has to give a pair, not {found.name}"
        raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message)
    return map_of(*found.elements)


def _apply(call: Call) -> Column:
    whole, pairs = _applied(call)
    if not isinstance(pairs, TupleColumn):
        raise InternalError("a map holds pairs")
    return made(map_type(call.result_type), whole.offsets, *pairs.children)


def _same_map(arguments: Sequence[Argument]) -> DataType:
    return map_type(arguments[-1].type)


def _sort(*, is_descending: bool) -> Kernel:
    """Return the kernel that sorts pairs by key, or by what the lambda gives."""

    def kernel(call: Call) -> Column:
        if call.lambdas and call.lambdas[0] is not None:
            whole, by = _applied(call)
        else:
            whole, by, _ = parts(call.columns[0])
        ranks = rank(by)
        order = np.lexsort((-ranks if is_descending else ranks, rows_of(whole.offsets)))
        return ArrayColumn(whole.type, whole.offsets, whole.child.take(order))

    return kernel


FUNCTIONS: tuple[ScalarFunction, ...] = (
    declare(
        "mapFilter",
        LAMBDA_AND_MAP,
        _condition_rule(None),
        _filter,
        "the pairs for which a condition holds",
        f"mapFilter((k, v) -> v > 1, {SAMPLE})",
    ),
    declare(
        "mapApply",
        LAMBDA_AND_MAP,
        _apply_result,
        _apply,
        "the pairs that a lambda makes of each pair",
        f"mapApply((k, v) -> (k, v * 2), {SAMPLE})",
    ),
    declare(
        "mapExists",
        LAMBDA_AND_MAP,
        _condition_rule(U8),
        _exists,
        "1 where a condition holds for a pair",
        f"mapExists((k, v) -> v > 1, {SAMPLE})",
    ),
    declare(
        "mapAll",
        LAMBDA_AND_MAP,
        _condition_rule(U8),
        _all,
        "1 where a condition holds for all pairs",
        f"mapAll((k, v) -> v > 1, {SAMPLE})",
    ),
    declare(
        "mapSort",
        SORT_ARGS,
        _same_map,
        _sort(is_descending=False),
        "the pairs by key, or by what a lambda gives",
        "mapSort(map('b', 1, 'a', 2))",
    ),
    declare(
        "mapReverseSort",
        SORT_ARGS,
        _same_map,
        _sort(is_descending=True),
        "the pairs by key, or by what a lambda gives, greatest first",
        "mapReverseSort(map('a', 1, 'b', 2))",
    ),
)
