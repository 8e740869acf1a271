"""Membership in a constant set: x IN (1, 2, 3)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from minidb.columns import (
    ArrayColumn,
    BoolArray,
    Column,
    NullableColumn,
    NumericColumn,
    StringColumn,
    TupleColumn,
    concat_columns,
    null_mask,
    split_nulls,
)
from minidb.errors import BAD_ARGUMENTS, TYPE_MISMATCH, BindError, InternalError
from minidb.functions.arguments import ANY, Arg
from minidb.functions.builtin.compare_constants import read_constant
from minidb.functions.builtin.ranks import rank
from minidb.functions.cast import can_cast, cast_column
from minidb.functions.cast_exact import cast_exactly
from minidb.functions.compare_numbers import equal_constant_text
from minidb.functions.declaration import Argument, Call, NullPolicy, ScalarFunction
from minidb.types import (
    ArrayType,
    DataType,
    IntType,
    NothingType,
    NullableType,
    StringType,
    TupleType,
    is_string_like,
    nullable,
    without_null,
)

FAMILY = "comparison"
UINT8 = IntType(8, False)
ALL_NULL = NullableType(NothingType())
# A text set of at most this many members is looked for one member after another.
MAX_SINGLE_TEXTS = 8


def _members(constant: Column, data_type: DataType) -> list[Column]:
    """Return the members of a set as columns, one per type: those of a tuple, array or value."""
    match constant:
        case TupleColumn(children=children, type=set_type):
            if isinstance(data_type, TupleType) and not _holds_tuples(set_type, data_type):
                return [constant]
            by_type: dict[DataType, list[Column]] = {}
            for child in children:
                by_type.setdefault(child.type, []).append(child)
            return [concat_columns(kind, columns) for kind, columns in by_type.items()]
        case ArrayColumn(type=array_type):
            is_member = isinstance(data_type, ArrayType)
            is_member = is_member and not isinstance(array_type.element, ArrayType)
            return [constant] if is_member else [constant.compact().child]
        case _:
            return [constant]


def _holds_tuples(set_type: TupleType, data_type: TupleType) -> bool:
    """Tell ``((1, 2), (3, 4))`` from a single tuple ``(1, 2)``."""
    size = len(data_type.elements)
    return all(isinstance(t, TupleType) and len(t.elements) == size for t in set_type.elements)


def set_column(constant: Column, data_type: DataType) -> Column:
    """Return the members of a set that `data_type` can hold, as one column of that type.

    Raises
    ------
    BindError
        TYPE_MISMATCH for a member that has nothing to do with the type.
    ValueExecutionError
        TYPE_MISMATCH, CANNOT_PARSE_DATE or CANNOT_PARSE_DATETIME for a text that is no value.
    """
    parts = [_as_type(members, data_type) for members in _members(constant, data_type)]
    return concat_columns(data_type, parts)


def _as_type(members: Column, data_type: DataType) -> Column:
    """Convert members of one type, and leave out NULL and what the type cannot hold."""
    bare, is_null = split_nulls(members)
    if isinstance(bare.type, NothingType):
        return cast_column(bare.slice(0, 0), data_type)
    if is_null is not None:
        bare = bare.filter(~is_null)
    if isinstance(bare.type, StringType) and not is_string_like(data_type):
        for row in range(len(bare)):
            read_constant(bare.slice(row, row + 1), data_type)
    if not can_cast(bare.type, data_type):
        message = f"a set of {bare.type.name} has no members for {data_type.name}"
        raise BindError(TYPE_MISMATCH, message)
    converted, exact = cast_exactly(bare, data_type)
    return converted if exact.all() else converted.filter(exact)


def is_member(column: Column, members: Column) -> BoolArray:
    """Tell which rows hold a member; both columns are of one type without Nullable."""
    if not len(members):
        return np.zeros(len(column), np.bool_)
    if isinstance(column, NumericColumn) and isinstance(members, NumericColumn):
        found: BoolArray = np.isin(column.values, members.values)
        if column.values.dtype.kind == "f" and np.isnan(members.values).any():
            found |= np.isnan(column.values)
        return found
    if isinstance(column, StringColumn) and len(members) <= MAX_SINGLE_TEXTS:
        found = np.zeros(len(column), np.bool_)
        if isinstance(members, StringColumn):
            for text in members.to_bytes():
                found |= equal_constant_text(column, text)
        return found
    ranks = rank(concat_columns(column.type, [column, members]))
    found = np.isin(ranks[: len(column)], ranks[len(column) :])
    return found & ~_holds_null(column)


def _holds_null(column: Column) -> BoolArray:
    """Tell which tuples hold a NULL: they are in no set."""
    result = np.zeros(len(column), np.bool_)
    if isinstance(column, TupleColumn):
        for child in column.children:
            result |= null_mask(child)
    return result


def _in_type(args: Sequence[Argument]) -> DataType:
    value, members = args
    if value.type == ALL_NULL:
        return ALL_NULL
    if members.constant is None:
        raise BindError(BAD_ARGUMENTS, "the set behind IN has to be constant")
    set_column(members.constant, without_null(value.type))
    return nullable(UINT8) if isinstance(value.type, NullableType) else UINT8


def _kernel(*, is_negated: bool) -> Callable[[Call], Column]:
    def kernel(call: Call) -> Column:
        column, is_null = split_nulls(call.columns[0])
        constant = call.constants[1]
        if call.result_type == ALL_NULL:
            return call.columns[0]
        if constant is None:
            raise InternalError("the set behind IN is not constant")
        found = is_member(column, set_column(constant, column.type))
        result = NumericColumn(UINT8, (found != is_negated).astype(np.uint8))
        if not isinstance(call.result_type, NullableType) or is_null is None:
            return result
        return NullableColumn(call.result_type, result, is_null)

    return kernel


PAIR = (Arg("x", ANY), Arg("set", ANY, is_constant=True))

FUNCTIONS: tuple[ScalarFunction, ...] = (
    ScalarFunction(
        "in",
        FAMILY,
        PAIR,
        _in_type,
        _kernel(is_negated=False),
        "1 where x is one of the constants in a tuple or array",
        "SELECT 1 IN (1, 2)",
        nulls=NullPolicy.OWN,
    ),
    ScalarFunction(
        "notIn",
        FAMILY,
        PAIR,
        _in_type,
        _kernel(is_negated=True),
        "1 where x is none of the constants in a tuple or array",
        "SELECT 1 NOT IN (1, 2)",
        nulls=NullPolicy.OWN,
    ),
)
