"""Arrays: making them and asking for their length and elements."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minidb.columns import (
    ArrayColumn,
    Column,
    FixedStringColumn,
    default_column,
    split_nulls,
)
from minidb.errors import (
    ARGUMENT_OUT_OF_BOUND,
    BAD_ARGUMENTS,
    TOO_LARGE_ARRAY_SIZE,
    ValueExecutionError,
)
from minidb.functions.arguments import ANY, ARRAY, MAP, NUMBER, Arg, Kind, either
from minidb.functions.arguments import TEXT as TEXT_KIND
from minidb.functions.builtin.kit import (
    U8,
    U64,
    Ints,
    array_of,
    arrays,
    check_room,
    element_type,
    flags,
    illegal_type,
    interleave,
    numeric,
    offsets_of,
    places_of,
    require_not_null,
    rows_of,
    strings,
    take_or_default,
    whole_numbers,
)
from minidb.functions.builtin.maps import map_element, map_element_type
from minidb.functions.builtin.widen import widen
from minidb.functions.declaration import Argument, Call, NullPolicy, ScalarFunction
from minidb.types import (
    ArrayType,
    BoolType,
    DataType,
    DateTimeType,
    DateType,
    FloatType,
    IntType,
    MapType,
    NothingType,
    StringType,
    without_null,
)
from minidb.types.promotion import common_type, mixed_type

RANGE_WORK_BYTES = 40  # of an element: its row, its place, its start, its step, itself
MAX_RANGE_ELEMENTS = 500_000_000
MAX_ARRAY_BYTES = 1 << 30

INDEX = Kind(
    "an integer of at most 64 bits",
    lambda t: isinstance(t, BoolType) or (isinstance(t, IntType) and not t.is_wide),
)
SIZED = either(ARRAY, TEXT_KIND, MAP)


def _array_type(arguments: Sequence[Argument]) -> DataType:
    """Return Array of the arguments' common type."""
    if not arguments:
        return ArrayType(NothingType())
    return ArrayType(mixed_type([argument.type for argument in arguments]))


def _array(call: Call) -> Column:
    """Lay the arguments of each row side by side."""
    if not call.columns:
        return default_column(call.result_type, call.n_rows)
    element = element_type(call.result_type)
    columns = [widen(column, element) for column in call.columns]
    offsets = np.arange(call.n_rows + 1, dtype=np.int64) * len(columns)
    return array_of(element, offsets, interleave(element, columns, call.n_rows))


def _element_result(arguments: Sequence[Argument]) -> DataType:
    """Return the element type of the first argument."""
    return element_type(arguments[0].type)


def _array_element(call: Call) -> Column:
    """Pick one element of each row: from 1 on from the start, below 0 from the end."""
    index = whole_numbers(call.columns[1])
    constant = call.constants[0]
    if constant is not None:
        # One array for all rows: look into it, not into as many copies.
        array = arrays(constant)
        starts, lengths = array.offsets[:1], array.lengths
    else:
        array = arrays(call.columns[0])
        starts, lengths = array.offsets[:-1], array.lengths
    place = np.where(index > 0, index - 1, lengths + index)
    is_inside = (index != 0) & (place >= 0) & (place < lengths)
    return take_or_default(array.child, starts + place, is_inside)


def _element_or_value_result(arguments: Sequence[Argument]) -> DataType:
    """Return the type of an array's elements, or of a map's values."""
    if isinstance(arguments[0].type, MapType):
        return map_element_type(arguments)
    if not INDEX.accepts(arguments[1].type):
        raise illegal_type("arrayElement", arguments[1].type, INDEX.name)
    return _element_result(arguments)


def _array_element_or_value(call: Call) -> Column:
    is_map = isinstance(call.columns[0].type, MapType)
    return map_element(call) if is_map else _array_element(call)


def _lengths(column: Column) -> Ints:
    """Return the elements or bytes of each row; zero bytes alone make an empty FixedString."""
    return column.lengths if isinstance(column, ArrayColumn) else strings(column).lengths


def _length(call: Call) -> Column:
    return numeric(U64, _lengths(call.columns[0]))


def _empty(call: Call) -> Column:
    column = call.columns[0]
    if isinstance(column, FixedStringColumn):
        return flags((column.data == 0).all(axis=1))
    return flags(_lengths(column) == 0)


def _not_empty(call: Call) -> Column:
    column = call.columns[0]
    if isinstance(column, FixedStringColumn):
        return flags((column.data != 0).sum(axis=1) > 0)
    return flags(_lengths(column) != 0)


def _range_type(arguments: Sequence[Argument]) -> DataType:
    """Return Array of the bounds' common type."""
    return ArrayType(common_type([without_null(argument.type) for argument in arguments]))


def _range(call: Call) -> Column:
    """Count from the first bound (0 when there is one bound only) up to the last, in steps."""
    parts = [split_nulls(column) for column in call.columns]
    if any(is_null is not None and is_null.any() for _, is_null in parts):
        raise ValueExecutionError(BAD_ARGUMENTS, "range takes no NULL")
    bounds = [whole_numbers(column) for column, _ in parts]
    first = bounds[0] if len(bounds) > 1 else np.zeros(call.n_rows, np.int64)
    last = bounds[1] if len(bounds) > 1 else bounds[0]
    step = bounds[2] if len(bounds) > 2 else np.ones(call.n_rows, np.int64)
    if len(bounds) == 1 and (last < 0).any():
        raise ValueExecutionError(ARGUMENT_OUT_OF_BOUND, "range takes no negative end alone")
    if (step == 0).any():
        raise ValueExecutionError(ARGUMENT_OUT_OF_BOUND, "range takes no step of 0")
    # As float64 no difference overflows; a length over 2**53 is refused below all the same.
    span = np.ceil((last.astype(np.float64) - first) / step)
    lengths = np.maximum(span, 0)
    total = lengths.sum()
    if total > MAX_RANGE_ELEMENTS:
        message = f"range would make {total:.0f} elements, more than {MAX_RANGE_ELEMENTS}"
        raise ValueExecutionError(ARGUMENT_OUT_OF_BOUND, message)
    check_room(call, int(total) * RANGE_WORK_BYTES)
    offsets = offsets_of(lengths.astype(np.int64))
    rows = rows_of(offsets)
    element = element_type(call.result_type)
    return array_of(
        element, offsets, numeric(element, first[rows] + places_of(offsets) * step[rows])
    )


def _with_constant_type(arguments: Sequence[Argument]) -> DataType:
    require_not_null("arrayWithConstant", arguments[0].type)
    return ArrayType(arguments[1].type)


def _with_constant(call: Call) -> Column:
    """Repeat a value a given number of times."""
    counts, values = call.columns
    sizes = whole_numbers(counts)
    if (sizes < 0).any():
        raise ValueExecutionError(TOO_LARGE_ARRAY_SIZE, "an array's size cannot be negative")
    size_bytes = sizes.astype(np.float64).sum() * max(1, values.nbytes // max(1, len(values)))
    if size_bytes > MAX_ARRAY_BYTES:
        message = f"arrays of {size_bytes:.0f} bytes, more than {MAX_ARRAY_BYTES}"
        raise ValueExecutionError(TOO_LARGE_ARRAY_SIZE, message)
    check_room(call, int(size_bytes))
    offsets = offsets_of(sizes)
    return array_of(values.type, offsets, values.take(rows_of(offsets)))


EMPTY_ARRAYS: tuple[tuple[str, DataType], ...] = (
    *((f"emptyArrayUInt{bits}", IntType(bits, False)) for bits in (8, 16, 32, 64)),
    *((f"emptyArrayInt{bits}", IntType(bits, True)) for bits in (8, 16, 32, 64)),
    *((f"emptyArrayFloat{bits}", FloatType(bits)) for bits in (32, 64)),
    ("emptyArrayDate", DateType()),
    ("emptyArrayDateTime", DateTimeType()),
    ("emptyArrayString", StringType()),
)


def _empty_array(name: str, element: DataType) -> ScalarFunction:
    """Declare the function that gives an empty array of one element type."""
    return ScalarFunction(
        name=name,
        family="array",
        args=(),
        result=ArrayType(element),
        kernel=lambda call: default_column(call.result_type, call.n_rows),
        help=f"An empty Array({element.name}).",
        example=f"SELECT {name}()",
    )


FUNCTIONS: tuple[ScalarFunction, ...] = (
    ScalarFunction(
        name="array",
        family="array",
        args=(Arg("value", ANY, is_optional=True, is_repeated=True),),
        result=_array_type,
        kernel=_array,
        help="The array of the arguments, in their common type; also written [a, b].",
        example="SELECT array(1, 2, 300)",
        nulls=NullPolicy.OWN,
    ),
    ScalarFunction(
        name="arrayElement",
        family="array",
        args=(Arg("array", either(ARRAY, MAP)), Arg("index", ANY)),
        result=_element_or_value_result,
        kernel=_array_element_or_value,
        help="The element at a place: 1 is the first, -1 the last; the type's default outside.",
        example="SELECT ['a', 'b'][2]",
    ),
    ScalarFunction(
        name="length",
        family="array",
        args=(Arg("value", SIZED),),
        result=U64,
        kernel=_length,
        help="The elements of an array, or the bytes of a text.",
        example="SELECT length([1, 2]), length('abc')",
        aliases=("OCTET_LENGTH",),
        is_case_insensitive=True,
    ),
    ScalarFunction(
        name="empty",
        family="array",
        args=(Arg("value", SIZED),),
        result=U8,
        kernel=_empty,
        help="1 for an empty array or text, else 0.",
        example="SELECT empty([]), empty('a')",
    ),
    ScalarFunction(
        name="notEmpty",
        family="array",
        args=(Arg("value", SIZED),),
        result=U8,
        kernel=_not_empty,
        help="0 for an empty array or text, else 1.",
        example="SELECT notEmpty([]), notEmpty('a')",
    ),
    ScalarFunction(
        name="range",
        family="array",
        args=(
            Arg("end", INDEX),
            Arg("end_after_start", INDEX, is_optional=True),
            Arg("step", INDEX, is_optional=True),
        ),
        result=_range_type,
        kernel=_range,
        nulls=NullPolicy.OWN,
        help="The numbers from 0 (or a start) up to but without an end, in steps of 1 (or a step).",
        example="SELECT range(5), range(2, 10, 3)",
        can_fail=True,
    ),
    ScalarFunction(
        name="arrayWithConstant",
        family="array",
        args=(Arg("size", NUMBER), Arg("value", ANY)),
        result=_with_constant_type,
        kernel=_with_constant,
        help="An array of one value repeated.",
        example="SELECT arrayWithConstant(3, 'a')",
        nulls=NullPolicy.OWN,
        can_fail=True,
    ),
    *(_empty_array(name, element) for name, element in EMPTY_ARRAYS),
)
