"""Maps: making them, looking into them, and changing all their pairs at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from minidb.columns import (
    ArrayColumn,
    BoolArray,
    Column,
    NumericColumn,
    TupleColumn,
    concat_columns,
)
from minidb.errors import (
    ILLEGAL_TYPE_OF_ARGUMENT,
    NUMBER_OF_ARGUMENTS_DOESNT_MATCH,
    BindError,
    InternalError,
)
from minidb.functions.arguments import ANY, ARRAY, MAP, Arg
from minidb.functions.builtin.kit import (
    F64,
    I64,
    U64,
    Ints,
    arrays,
    count_per_row,
    first_per_row,
    flags,
    illegal_type,
    interleave,
    numbers,
    numeric,
    offsets_of,
    rows_of,
    take_or_default,
)
from minidb.functions.builtin.ranks import equal_rows, rank
from minidb.functions.builtin.widen import widen
from minidb.functions.cast import map_of_arrays
from minidb.functions.declaration import Argument, Call, Kernel, NullPolicy, ScalarFunction
from minidb.types import (
    ArrayType,
    BoolType,
    DataType,
    FloatType,
    IntType,
    MapType,
    NothingType,
    NullableType,
    TupleType,
    map_of,
)
from minidb.types.promotion import common_type, mixed_type

FAMILY = "map"
MAP_ARG = Arg("map", MAP)


def map_type(data_type: DataType) -> MapType:
    """Return a type that has to be a map."""
    if not isinstance(data_type, MapType):
        raise illegal_type("this function", data_type, "a Map")
    return data_type


def parts(column: Column) -> tuple[ArrayColumn, Column, Column]:
    """Return a map column without slack, its keys and its values."""
    whole = arrays(column)
    if not isinstance(whole.child, TupleColumn):
        raise InternalError("a map holds pairs")
    keys, values = whole.child.children
    return whole, keys, values


def made(data_type: MapType, offsets: Ints, keys: Column, values: Column) -> ArrayColumn:
    """Return a map column from its parts."""
    pairs = TupleColumn(TupleType((data_type.key, data_type.value)), (keys, values), len(keys))
    return ArrayColumn(data_type, offsets, pairs)


def _map_result(arguments: Sequence[Argument]) -> DataType:
    if len(arguments) % 2:
        message = f"map takes keys and values in turn, not {len(arguments)} arguments"
        raise BindError(NUMBER_OF_ARGUMENTS_DOESNT_MATCH, message)
    if not arguments:
        return map_of(NothingType(), NothingType())
    key = common_type([argument.type for argument in arguments[::2]])
    if isinstance(key, NullableType):
        raise illegal_type("map", key, "keys that cannot be NULL")
    return map_of(key, mixed_type([argument.type for argument in arguments[1::2]]))


def _map(call: Call) -> Column:
    target = map_type(call.result_type)
    n_pairs = len(call.columns) // 2
    offsets = np.arange(call.n_rows + 1, dtype=np.int64) * n_pairs
    if not n_pairs:
        return made(target, offsets, *(NumericColumn(NothingType(), np.zeros(0, np.uint8)),) * 2)
    keys = [widen(column, target.key) for column in call.columns[::2]]
    values = [widen(column, target.value) for column in call.columns[1::2]]
    return made(
        target,
        offsets,
        interleave(target.key, keys, call.n_rows),
        interleave(target.value, values, call.n_rows),
    )


def _of_arrays_result(arguments: Sequence[Argument]) -> DataType:
    keys, values = (argument.type for argument in arguments)
    if not isinstance(keys, ArrayType) or not isinstance(values, ArrayType):
        raise illegal_type("mapFromArrays", keys, "two arrays")
    if isinstance(keys.element, NullableType):
        raise illegal_type("mapFromArrays", keys, "keys that cannot be NULL")
    return map_of(keys.element, values.element)


def _of_arrays(call: Call) -> Column:
    pair_type = TupleType(tuple(column.type for column in call.columns))
    return map_of_arrays(
        TupleColumn(pair_type, call.columns, call.n_rows), map_type(call.result_type)
    )


def _keys(call: Call) -> Column:
    whole, keys, _ = parts(call.columns[0])
    return ArrayColumn(ArrayType(keys.type), whole.offsets, keys)


def _values(call: Call) -> Column:
    whole, _, values = parts(call.columns[0])
    return ArrayColumn(ArrayType(values.type), whole.offsets, values)


def _equal(found: Column, wanted: Column, offsets: Ints) -> BoolArray:
    """Tell which pairs hold the value that their row asks for."""
    shared = common_type([found.type, wanted.type])
    repeated = widen(wanted, shared).take(rows_of(offsets))
    return equal_rows(widen(found, shared), repeated)


def _check_key(arguments: Sequence[Argument]) -> MapType:
    found = map_type(arguments[0].type)
    common_type([found.key, arguments[1].type])
    return found


def map_element_type(arguments: Sequence[Argument]) -> DataType:
    """Return the type of the values of a map that a key is looked up in."""
    return _check_key(arguments).value


def map_element(call: Call) -> Column:
    """Return the value of the first pair with a key, or the default of its type."""
    whole, keys, values = parts(call.columns[0])
    index = first_per_row(_equal(keys, call.columns[1], whole.offsets), whole.offsets)
    return take_or_default(values, index, index >= 0)


def _contains(*, is_key: bool) -> Kernel:
    def kernel(call: Call) -> Column:
        whole, keys, values = parts(call.columns[0])
        same = _equal(keys if is_key else values, call.columns[1], whole.offsets)
        return flags(count_per_row(same, whole.offsets) > 0)

    return kernel


def _contains_value_result(arguments: Sequence[Argument]) -> DataType:
    common_type([map_type(arguments[0].type).value, arguments[1].type])
    return IntType(8, False)


def _contains_key_result(arguments: Sequence[Argument]) -> DataType:
    _check_key(arguments)
    return IntType(8, False)


def _sum_type(name: str) -> Callable[[Sequence[Argument]], DataType]:
    """Return the rule of mapAdd and mapSubtract: values of 64 bits."""

    def rule(arguments: Sequence[Argument]) -> DataType:
        found = [map_type(argument.type) for argument in arguments]
        key = common_type([t.key for t in found])
        types = {type(t.value) for t in found}
        if FloatType in types and types <= {FloatType, IntType, BoolType}:
            return map_of(key, F64)
        if not types <= {IntType, BoolType}:
            raise illegal_type(name, found[0], "maps of numbers")
        is_signed = any(isinstance(t.value, IntType) and t.value.is_signed for t in found)
        if any(isinstance(t.value, IntType) and t.value.is_wide for t in found):
            raise illegal_type(name, found[0], "values of at most 64 bits")
        return map_of(key, I64 if is_signed else U64)

    return rule


def _sum(*, is_minus: bool) -> Kernel:
    """Return the kernel that adds the values of equal keys; the keys come out sorted."""

    def kernel(call: Call) -> Column:
        target = map_type(call.result_type)
        rows, keys, values = [], [], []
        for place, column in enumerate(call.columns):
            whole, own_keys, own_values = parts(column)
            rows.append(rows_of(whole.offsets))
            keys.append(widen(own_keys, target.key))
            plain = numeric(target.value, numbers(own_values)).values
            with np.errstate(over="ignore"):
                values.append(np.negative(plain) if is_minus and place else plain)
        row, value = np.concatenate(rows), np.concatenate(values)
        key = concat_columns(target.key, keys)
        ranks = rank(key)
        order = np.lexsort((ranks, row))
        row, ranks, value = row[order], ranks[order], value[order]
        is_first = np.ones(len(row), np.bool_)
        is_first[1:] = (row[1:] != row[:-1]) | (ranks[1:] != ranks[:-1])
        starts = np.flatnonzero(is_first)
        sums = np.add.reduceat(value, starts) if len(starts) else value
        lengths = np.bincount(row[starts], minlength=call.n_rows)
        chosen = key.take(order[starts])
        return made(target, offsets_of(lengths), chosen, numeric(target.value, sums))

    return kernel


def _concat_result(arguments: Sequence[Argument]) -> DataType:
    return common_type([map_type(argument.type) for argument in arguments])


def _joined(call: Call) -> tuple[Column, Ints, Ints]:
    """Return the pairs of all maps row by row, their offsets, and the map each comes from."""
    target = map_type(call.result_type)
    wholes = [arrays(widen(column, target)) for column in call.columns]
    row = np.concatenate([rows_of(whole.offsets) for whole in wholes])
    source = np.repeat(np.arange(len(wholes)), [len(whole.child) for whole in wholes])
    order = np.lexsort((source, row))
    pairs = concat_columns(target.element, [whole.child for whole in wholes]).take(order)
    return pairs, offsets_of(np.bincount(row, minlength=call.n_rows)), source[order]


def _concat(call: Call) -> Column:
    pairs, offsets, _ = _joined(call)
    return ArrayColumn(map_type(call.result_type), offsets, pairs)


def _update(call: Call) -> Column:
    """Keep the pairs of the first map whose keys are not in the second, then those of that one."""
    pairs, offsets, source = _joined(call)
    target = map_type(call.result_type)
    _, keys, _ = parts(ArrayColumn(target, offsets, pairs))
    row, ranks = rows_of(offsets), rank(keys)
    order = np.lexsort((ranks, row))
    is_first = np.ones(len(row), np.bool_)
    is_first[1:] = (row[order][1:] != row[order][:-1]) | (ranks[order][1:] != ranks[order][:-1])
    group = np.empty(len(row), np.int64)
    group[order] = np.cumsum(is_first) - 1
    is_newer = np.zeros(len(row) + 1, np.bool_)
    is_newer[group[source == 1]] = True
    kept = np.flatnonzero((source == 1) | ~is_newer[group])
    lengths = np.bincount(row[kept], minlength=call.n_rows)
    return ArrayColumn(target, offsets_of(lengths), pairs.take(kept))


def pair_types(types: Sequence[DataType]) -> tuple[DataType, ...]:
    """Return the types of the parameters of a lambda over a map."""
    if not types:
        raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, "a Map has to follow the lambda")
    found = map_type(types[0])
    return found.key, found.value


def declare(
    name: str,
    args: tuple[Arg, ...],
    result: DataType | Callable[[Sequence[Argument]], DataType],
    kernel: Kernel,
    text: str,
    example: str,
    aliases: tuple[str, ...] = (),
) -> ScalarFunction:
    """Return the declaration of one function of maps."""
    return ScalarFunction(
        name,
        FAMILY,
        args,
        result,
        kernel,
        text,
        f"SELECT {example}",
        aliases=aliases,
        nulls=NullPolicy.OWN,
        can_fail=name == "mapFromArrays",
        lambda_parameters=pair_types,
    )


SAMPLE = "map('a', 1, 'b', 2)"
MAPS = (Arg("map", MAP, is_repeated=True),)

FUNCTIONS: tuple[ScalarFunction, ...] = (
    declare(
        "map",
        (Arg("value", ANY, is_optional=True, is_repeated=True),),
        _map_result,
        _map,
        "the map of keys and values that stand in turn",
        SAMPLE,
    ),
    declare(
        "mapFromArrays",
        (Arg("keys", ARRAY), Arg("values", ARRAY)),
        _of_arrays_result,
        _of_arrays,
        "the map of an array of keys and one of values",
        "mapFromArrays(['a', 'b'], [1, 2])",
        ("MAP_FROM_ARRAYS",),
    ),
    declare(
        "mapKeys",
        (MAP_ARG,),
        lambda args: ArrayType(map_type(args[0].type).key),
        _keys,
        "the keys of a map",
        f"mapKeys({SAMPLE})",
    ),
    declare(
        "mapValues",
        (MAP_ARG,),
        lambda args: ArrayType(map_type(args[0].type).value),
        _values,
        "the values of a map",
        f"mapValues({SAMPLE})",
    ),
    declare(
        "mapContains",
        (MAP_ARG, Arg("key", ANY)),
        _contains_key_result,
        _contains(is_key=True),
        "1 where a map has a key",
        f"mapContains({SAMPLE}, 'a')",
        ("mapContainsKey",),
    ),
    declare(
        "mapContainsValue",
        (MAP_ARG, Arg("value", ANY)),
        _contains_value_result,
        _contains(is_key=False),
        "1 where a map has a value",
        f"mapContainsValue({SAMPLE}, 2)",
    ),
    declare(
        "mapAdd",
        MAPS,
        _sum_type("mapAdd"),
        _sum(is_minus=False),
        "the values of equal keys added, by key",
        f"mapAdd({SAMPLE}, map('b', 3))",
    ),
    declare(
        "mapSubtract",
        MAPS,
        _sum_type("mapSubtract"),
        _sum(is_minus=True),
        "the values of equal keys subtracted from the first, by key",
        f"mapSubtract({SAMPLE}, map('b', 3))",
    ),
    declare(
        "mapConcat",
        MAPS,
        _concat_result,
        _concat,
        "the pairs of several maps, one map after another",
        f"mapConcat({SAMPLE}, map('c', 3))",
    ),
    declare(
        "mapUpdate",
        (MAP_ARG, Arg("other", MAP)),
        _concat_result,
        _update,
        "the first map with the values of the second in place of its own",
        f"mapUpdate({SAMPLE}, map('b', 5))",
    ),
)
