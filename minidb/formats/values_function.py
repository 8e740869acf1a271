"""The table function ``values(['a UInt8, b String',] (1, 'x'), ...)``: rows as written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from minidb.columns import Batch, Column, concat_columns, split_nulls
from minidb.columns.nested import TupleColumn
from minidb.errors import (
    ARGUMENT_OUT_OF_BOUND,
    BAD_ARGUMENTS,
    BindError,
    MiniDBError,
    ValueExecutionError,
)
from minidb.formats.file_function import parse_structure
from minidb.formats.format import Target
from minidb.functions.arguments import ANY, Arg
from minidb.functions.cast import cast_column
from minidb.functions.cast_exact import cast_exactly
from minidb.functions.declaration import Argument, TableFunction, TableSource
from minidb.record import record
from minidb.settings import Settings
from minidb.types import DataType, IntType, StringType, TupleType
from minidb.types.promotion import common_type


@record
class ValuesSource:
    """Rows that are known already."""

    names: tuple[str, ...]
    types: tuple[DataType, ...]
    batch: Batch

    def scan(self, columns: Sequence[int], batch_rows: int) -> Iterator[tuple[Column, ...]]:
        """Yield the wanted columns."""
        for start in range(0, self.batch.n_rows, batch_rows):
            piece = self.batch.slice(start, start + batch_rows)
            yield tuple(piece.columns[place] for place in columns)

    def estimate_rows(self) -> int:
        """Return the number of rows."""
        return self.batch.n_rows


def open_values(arguments: Sequence[Argument], settings: Settings) -> TableSource:
    """Open ``values``: with names and types in a first text, or with columns c1, c2, ...

    Raises
    ------
    BindError
        BAD_ARGUMENTS for rows of different lengths, NO_COMMON_TYPE.
    ValueExecutionError
        When a value does not fit the type in the structure.
    """
    rows = list(arguments)
    structure = _structure(arguments)
    if structure is not None:
        rows = rows[1:]
    cells = [_cells(row) for row in rows]
    width = len(structure.names) if structure is not None else len(cells[0])
    if any(len(row) != width for row in cells):
        raise BindError(BAD_ARGUMENTS, f"every row of values has to have {width} values")
    by_column = [[row[place] for row in cells] for place in range(width)]
    if structure is not None:
        names, types = structure.names, structure.types
    else:
        names = tuple(f"c{place + 1}" for place in range(width))
        types = tuple(common_type([cell.type for cell in column], None) for column in by_column)
    columns = tuple(
        concat_columns(data_type, [_converted(cell, data_type) for cell in column])
        for column, data_type in zip(by_column, types, strict=True)
    )
    return ValuesSource(names, types, Batch(columns, len(rows)))


def _structure(arguments: Sequence[Argument]) -> Target | None:
    """Return the columns that a first text names; a text alone, or of another form, is a value."""
    if len(arguments) < 2 or not isinstance(arguments[0].type, StringType):
        return None
    try:
        return parse_structure(str(arguments[0].constant_value()))
    except MiniDBError:
        return None


def _cells(argument: Argument) -> list[Column]:
    """Return a row's values as columns of one row; a tuple is a row of several."""
    column = argument.constant
    if column is None:
        raise BindError(BAD_ARGUMENTS, "the rows of values are constants")
    if isinstance(argument.type, TupleType) and isinstance(column, TupleColumn):
        return list(column.children)
    return [column]


def _converted(column: Column, data_type: DataType) -> Column:
    """Convert one value; an integer that does not fit is refused, as in INSERT."""
    inner, is_null = split_nulls(column)
    is_whole = isinstance(inner.type, IntType) and isinstance(data_type, IntType)
    if is_whole and (is_null is None or not is_null.any()):
        converted, is_exact = cast_exactly(inner, data_type)
        if not np.all(is_exact):
            message = f"{inner.to_pylist()[0]!r} does not fit {data_type.name}"
            raise ValueExecutionError(ARGUMENT_OUT_OF_BOUND, message)
        return converted
    return cast_column(column, data_type)


VALUES_FUNCTION = TableFunction(
    "values",
    (Arg("structure_or_row", ANY, is_repeated=True, is_constant=True),),
    open_values,
    "the rows written as its arguments, with columns from a first text or c1, c2, ...",
    "SELECT a, b FROM values('a UInt8, b String', (1, 'x'), (2, 'y'))",
    is_case_insensitive=True,
)
