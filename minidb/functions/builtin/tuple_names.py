"""The names of a tuple's elements, alone or beside their values."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from minidb.columns import ArrayColumn, Column, StringColumn, TupleColumn
from minidb.errors import ILLEGAL_TYPE_OF_ARGUMENT, BindError
from minidb.functions.arguments import TUPLE, Arg
from minidb.functions.builtin.kit import TEXT, interleave, tuple_type, tuples
from minidb.functions.declaration import Argument, Call, ScalarFunction
from minidb.types import ArrayType, DataType, TupleType


def names_of(data_type: TupleType) -> tuple[str, ...]:
    """Return the names of the elements; those without one are counted from 1."""
    if data_type.names:
        return data_type.names
    return tuple(str(place + 1) for place in range(len(data_type.elements)))


def _repeated(texts: Sequence[str], n_rows: int) -> Column:
    """Return the texts, again for each row."""
    once = StringColumn.from_bytes([text.encode("utf-8") for text in texts])
    return once.take(np.tile(np.arange(len(texts)), n_rows))


def _offsets(size: int, n_rows: int) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    return np.arange(n_rows + 1, dtype=np.int64) * size


def _names(call: Call) -> Column:
    names = names_of(tuple_type(call.columns[0].type))
    return ArrayColumn(
        ArrayType(TEXT), _offsets(len(names), call.n_rows), _repeated(names, call.n_rows)
    )


def _pairs_type(arguments: Sequence[Argument]) -> DataType:
    found = set(tuple_type(arguments[0].type).elements)
    if len(found) != 1:
        message = "tupleToNameValuePairs takes a tuple whose elements have one type"
        raise BindError(ILLEGAL_TYPE_OF_ARGUMENT, message)
    return ArrayType(TupleType((TEXT, found.pop())))


def _pairs(call: Call) -> Column:
    column = tuples(call.columns[0])
    names = names_of(tuple_type(column.type))
    values = interleave(column.children[0].type, column.children, call.n_rows)
    pair = TupleType((TEXT, values.type))
    pairs = TupleColumn(pair, (_repeated(names, call.n_rows), values), len(values))
    return ArrayColumn(ArrayType(pair), _offsets(len(names), call.n_rows), pairs)


FUNCTIONS: tuple[ScalarFunction, ...] = (
    ScalarFunction(
        name="tupleNames",
        family="tuple",
        args=(Arg("tuple", TUPLE),),
        result=ArrayType(TEXT),
        kernel=_names,
        help="The names of a tuple's elements.",
        example="SELECT tupleNames(CAST((1, 2), 'Tuple(a UInt8, b UInt8)'))",
    ),
    ScalarFunction(
        name="tupleToNameValuePairs",
        family="tuple",
        args=(Arg("tuple", TUPLE),),
        result=_pairs_type,
        kernel=_pairs,
        help="The names and values of a tuple's elements, as pairs.",
        example="SELECT tupleToNameValuePairs(CAST((1, 2), 'Tuple(a UInt8, b UInt8)'))",
    ),
)
