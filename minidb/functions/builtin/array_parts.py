"""Arrays put together, cut, turned around and brought to a size."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from minidb.columns import (
    ArrayColumn,
    Column,
    FixedStringColumn,
    StringColumn,
    TupleColumn,
    concat_columns,
    default_column,
    split_nulls,
)
from minidb.errors import TOO_LARGE_ARRAY_SIZE, ValueExecutionError
from minidb.functions.arguments import ANY, ARRAY, INTEGER, NUMBER, Arg, either
from minidb.functions.arguments import TEXT as TEXT_KIND
from minidb.functions.builtin.arrays import INDEX
from minidb.functions.builtin.higher_order import same_sizes
from minidb.functions.builtin.kit import (
    U32,
    Ints,
    array_of,
    arrays,
    check_room,
    element_type,
    numeric,
    offsets_of,
    pieces,
    places_of,
    range_indices,
    require_not_null,
    reversing,
    rows_of,
    strings,
    whole_numbers,
)
from minidb.functions.builtin.widen import widen
from minidb.functions.declaration import (
    Argument,
    Call,
    Kernel,
    NullPolicy,
    ResultRule,
    ScalarFunction,
)
from minidb.types import ArrayType, DataType, NothingType, TupleType
from minidb.types.promotion import common_type

MAX_ARRAY_SIZE = 1 << 30


def concat_arrays(columns: Sequence[ArrayColumn]) -> ArrayColumn:
    """Put the arrays of each row one after another; all columns are of one type."""
    whole = [arrays(column) for column in columns]
    element = whole[0].type.element
    bases = np.cumsum([0, *(len(column.child) for column in whole[:-1])])
    starts = [column.offsets[:-1] + base for column, base in zip(whole, bases, strict=True)]
    lengths = np.stack([column.lengths for column in whole], axis=1)
    child = concat_columns(element, [column.child for column in whole])
    order = range_indices(np.stack(starts, axis=1).reshape(-1), lengths.reshape(-1))
    return array_of(element, offsets_of(lengths.sum(axis=1)), child.take(order))


def _common_array(arguments: Sequence[Argument]) -> DataType:
    return common_type([argument.type for argument in arguments])


def concat_kernel(call: Call) -> Column:
    """Put arrays one after another in the result's type."""
    return concat_arrays([arrays(widen(column, call.result_type)) for column in call.columns])


def _one_each(column: Column) -> ArrayColumn:
    """Return an array of one element for every row."""
    return array_of(column.type, np.arange(len(column) + 1, dtype=np.int64), column)


def _pushed_type(arguments: Sequence[Argument]) -> DataType:
    return ArrayType(common_type([element_type(arguments[0].type), arguments[1].type]))


def _push(is_front: bool) -> Kernel:
    """Return the kernel that adds one element at an end."""

    def kernel(call: Call) -> Column:
        array = arrays(widen(call.columns[0], call.result_type))
        one = _one_each(widen(call.columns[1], element_type(call.result_type)))
        return concat_arrays([one, array] if is_front else [array, one])

    return kernel


def _first_type(arguments: Sequence[Argument]) -> DataType:
    return arguments[0].type


def cut_array(array: ArrayColumn, begin: Ints, length: Ints) -> ArrayColumn:
    """Return one piece of each row; `begin` counts from 0 in its row."""
    order = range_indices(array.offsets[:-1] + begin, length)
    return ArrayColumn(array.type, offsets_of(length), array.child.take(order))


def _pop(is_front: bool) -> Kernel:
    """Return the kernel that drops one element at an end."""

    def kernel(call: Call) -> Column:
        array = arrays(call.columns[0])
        length = np.maximum(array.lengths - 1, 0)
        begin = np.full(call.n_rows, int(is_front), np.int64)
        return cut_array(array, begin, length)

    return kernel


def _slice(call: Call) -> Column:
    """Cut a piece of each row; a NULL start is the first element, a NULL size all the rest."""
    array = arrays(call.columns[0])
    start = _with_null_as(call.columns[1], np.ones(call.n_rows, np.int64))
    size = None
    if len(call.columns) > 2:
        size = _with_null_as(call.columns[2], np.full(call.n_rows, np.iinfo(np.int64).max))
    begin, length = pieces(array.lengths, start, size)
    return cut_array(array, begin, length)


def _with_null_as(column: Column, instead: Ints) -> Ints:
    """Return whole numbers, with other values where they are NULL."""
    values, is_null = split_nulls(column)
    if isinstance(values.type, NothingType):
        return instead
    found = whole_numbers(values)
    return found if is_null is None else np.where(is_null, instead, found)


def _reverse(call: Call) -> Column:
    """Turn arrays or texts around, byte by byte."""
    match call.columns[0]:
        case ArrayColumn() as column:
            array = column.compact()
            child = array.child.take(reversing(array.offsets))
            return ArrayColumn(array.type, array.offsets, child)
        case FixedStringColumn(type=fixed_type, data=data):
            return FixedStringColumn(fixed_type, data[:, ::-1])
        case other:
            text = strings(other)
            return StringColumn(text.offsets, text.data[reversing(text.offsets)])


def _resized_type(arguments: Sequence[Argument]) -> DataType:
    element = element_type(arguments[0].type)
    require_not_null("arrayResize", arguments[1].type)
    if len(arguments) > 2:
        element = common_type([element, arguments[2].type])
    return ArrayType(element)


def _resize(call: Call) -> Column:
    """Cut or fill to a size: at the end, or at the start when the size is below 0."""
    array = arrays(widen(call.columns[0], call.result_type))
    element = element_type(call.result_type)
    wanted = whole_numbers(call.columns[1])
    size = np.abs(np.maximum(wanted, -np.iinfo(np.int64).max))
    if (size > MAX_ARRAY_SIZE).any() or size.sum(dtype=np.float64) > MAX_ARRAY_SIZE:
        message = f"an array of {size.max()} elements is over the limit of {MAX_ARRAY_SIZE}"
        raise ValueExecutionError(TOO_LARGE_ARRAY_SIZE, message)
    check_room(call, int(size.sum()) * 8)
    kept = np.minimum(size, array.lengths)
    begin = np.where(wanted < 0, array.lengths - kept, 0)
    piece = cut_array(array, begin, kept)
    if len(call.columns) > 2:
        filler = widen(call.columns[2], element)
    else:
        filler = default_column(element, call.n_rows)
    n_filled = size - kept
    rows = np.repeat(np.arange(call.n_rows), n_filled)
    filling = array_of(element, offsets_of(n_filled), filler.take(rows))
    is_front = wanted < 0
    front = cut_array(filling, np.zeros(call.n_rows, np.int64), np.where(is_front, n_filled, 0))
    back = cut_array(filling, np.zeros(call.n_rows, np.int64), np.where(is_front, 0, n_filled))
    return concat_arrays([front, piece, back])


def _zip_type(arguments: Sequence[Argument]) -> DataType:
    return ArrayType(TupleType(tuple(element_type(a.type) for a in arguments)))


def _zip(call: Call) -> Column:
    """Make tuples of the elements at equal places; no element is copied."""
    inputs = same_sizes(call.columns)
    element = element_type(call.result_type)
    children = tuple(column.child for column in inputs)
    if not isinstance(element, TupleType):
        return default_column(call.result_type, call.n_rows)
    child = TupleColumn(element, children, len(children[0]))
    return array_of(element, inputs[0].offsets, child)


def _flat_type(arguments: Sequence[Argument]) -> DataType:
    found = arguments[0].type
    while isinstance(found, ArrayType) and isinstance(found.element, ArrayType):
        found = found.element
    return found


def _flatten(call: Call) -> Column:
    """Take the inner brackets away."""
    array = arrays(call.columns[0])
    while isinstance(array.child, ArrayColumn):
        inner = array.child.compact()
        array = ArrayColumn(inner.type, inner.offsets[array.offsets], inner.child)
    return array


def _enumerate(call: Call) -> Column:
    array = arrays(call.columns[0])
    return array_of(U32, array.offsets, numeric(U32, places_of(array.offsets) + 1))


def _rotate(sign: int) -> Kernel:
    """Return the kernel that moves elements in a ring, `sign` 1 to the left."""

    def kernel(call: Call) -> Column:
        array = arrays(call.columns[0])
        lengths = np.maximum(array.lengths, 1)
        shift = whole_numbers(call.columns[1]) % lengths * sign
        rows = rows_of(array.offsets)
        place = (places_of(array.offsets) + shift[rows]) % lengths[rows]
        order = array.offsets[:-1][rows] + place
        return ArrayColumn(array.type, array.offsets, array.child.take(order))

    return kernel


ArrayRule = Callable[[Sequence[Argument]], DataType]
ONE_ARRAY = (Arg("array", ARRAY),)
ARRAY_AND_VALUE = (Arg("array", ARRAY), Arg("value", ANY))
ARRAY_AND_SHIFT = (Arg("array", ARRAY), Arg("n", INDEX))


def _declare(
    name: str,
    args: tuple[Arg, ...],
    result: ResultRule,
    kernel: Kernel,
    help_text: str,
    example: str,
    *,
    nulls: NullPolicy = NullPolicy.PROPAGATE,
    can_fail: bool = False,
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
        is_case_insensitive=name == "reverse",
        nulls=nulls,
        can_fail=can_fail,
    )


FUNCTIONS: tuple[ScalarFunction, ...] = (
    _declare(
        "arrayConcat",
        (Arg("array", ARRAY, is_repeated=True),),
        _common_array,
        concat_kernel,
        "The arrays one after another.",
        "arrayConcat([1], [2, 3])",
    ),
    _declare(
        "arrayPushBack",
        ARRAY_AND_VALUE,
        _pushed_type,
        _push(is_front=False),
        "The array with a value added at its end.",
        "arrayPushBack([1, 2], 3)",
        nulls=NullPolicy.OWN,
    ),
    _declare(
        "arrayPushFront",
        ARRAY_AND_VALUE,
        _pushed_type,
        _push(is_front=True),
        "The array with a value added at its start.",
        "arrayPushFront([1, 2], 3)",
        nulls=NullPolicy.OWN,
    ),
    _declare(
        "arrayPopBack",
        ONE_ARRAY,
        _first_type,
        _pop(is_front=False),
        "The array without its last element.",
        "arrayPopBack([1, 2])",
    ),
    _declare(
        "arrayPopFront",
        ONE_ARRAY,
        _first_type,
        _pop(is_front=True),
        "The array without its first element.",
        "arrayPopFront([1, 2])",
    ),
    _declare(
        "arraySlice",
        (Arg("array", ARRAY), Arg("start", INTEGER), Arg("size", INTEGER, is_optional=True)),
        _first_type,
        _slice,
        "A piece of an array: from a place (below 0 from the end), of a size or all the rest.",
        "arraySlice([1, 2, 3, 4], 2, 2)",
        nulls=NullPolicy.OWN,
    ),
    _declare(
        "arrayReverse",
        ONE_ARRAY,
        _first_type,
        _reverse,
        "The array from its end to its start.",
        "arrayReverse([1, 2, 3])",
    ),
    _declare(
        "reverse",
        (Arg("value", either(ARRAY, TEXT_KIND)),),
        _first_type,
        _reverse,
        "The array, or the bytes of the text, from the end to the start.",
        "reverse('abc')",
    ),
    _declare(
        "arrayResize",
        (Arg("array", ARRAY), Arg("size", NUMBER), Arg("filler", ANY, is_optional=True)),
        _resized_type,
        _resize,
        "The array cut or filled to a size, at its start when the size is below 0.",
        "arrayResize([1, 2], 4, 9)",
        nulls=NullPolicy.OWN,
        can_fail=True,
    ),
    _declare(
        "arrayZip",
        (Arg("array", ARRAY, is_repeated=True),),
        _zip_type,
        _zip,
        "The tuples of the elements at equal places.",
        "arrayZip([1, 2], ['a', 'b'])",
        can_fail=True,
    ),
    _declare(
        "arrayFlatten",
        ONE_ARRAY,
        _flat_type,
        _flatten,
        "The array of arrays without its inner brackets.",
        "arrayFlatten([[1], [2, 3]])",
    ),
    _declare(
        "arrayEnumerate",
        ONE_ARRAY,
        ArrayType(U32),
        _enumerate,
        "The places of the elements: 1, 2, 3 and so on.",
        "arrayEnumerate(['a', 'b'])",
    ),
    _declare(
        "arrayRotateLeft",
        ARRAY_AND_SHIFT,
        _first_type,
        _rotate(1),
        "The array moved to the left by n places; what falls out comes back on the right.",
        "arrayRotateLeft([1, 2, 3], 1)",
    ),
    _declare(
        "arrayRotateRight",
        ARRAY_AND_SHIFT,
        _first_type,
        _rotate(-1),
        "The array moved to the right by n places; what falls out comes back on the left.",
        "arrayRotateRight([1, 2, 3], 1)",
    ),
)
