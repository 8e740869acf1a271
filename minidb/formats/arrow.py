"""Arrow, ArrowStream and Parquet by pyarrow, and Arrow's C interface for streams.

pyarrow comes with the extra ``arrow``; without it a clear error says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from importlib import import_module
from importlib.util import find_spec
from io import BytesIO
from typing import Any

import numpy as np

from minidb.columns import (
    ArrayColumn,
    Column,
    FixedStringColumn,
    NumericColumn,
    StringColumn,
    TupleColumn,
    WideColumn,
    concat_columns,
    default_column,
    split_nulls,
    with_nulls,
)
from minidb.columns.text import render_text
from minidb.errors import (
    INCORRECT_DATA,
    NOT_IMPLEMENTED,
    ExtensionError,
    MiniDBError,
    ValueExecutionError,
)
from minidb.formats.arrow_types import arrow_type, type_of_arrow
from minidb.formats.fixed_bytes import column_of_bytes, fixed_width
from minidb.formats.format import Format, Table, Target
from minidb.formats.maps import map_of_sides, map_sides
from minidb.functions.cast import cast_column
from minidb.types import (
    ArrayType,
    BoolType,
    DataType,
    DateTimeType,
    DateType,
    DecimalType,
    FixedStringType,
    FloatType,
    IntType,
    MapType,
    NothingType,
    NullableType,
    StringType,
    TupleType,
    nullable,
    without_null,
)

# Arrow's texts and lists count in 32 bits; so few rows do not come near.
PACK_ROWS = 65_536


def load_pyarrow(name: str = "pyarrow") -> Any:
    """Return a module of pyarrow.

    Raises
    ------
    ExtensionError
        NOT_IMPLEMENTED when it is not installed, with the extra to install.
    """
    if find_spec("pyarrow") is None:
        message = "Arrow and Parquet need pyarrow, which is not installed"
        raise ExtensionError(NOT_IMPLEMENTED, message, hint="pip install 'minidb-nn[arrow]'")
    return import_module(name)


def arrow_array(pa: Any, column: Column) -> Any:
    """Return a column as an array of pyarrow."""
    values, mask = split_nulls(column)
    kind = arrow_type(pa, column.type)
    match values:
        case NumericColumn(type=NothingType()):
            return pa.nulls(len(values))
        case NumericColumn(type=BoolType(), values=numbers):
            return pa.array(numbers.astype(np.bool_), mask=mask)
        case NumericColumn(type=DateType(), values=days):
            return pa.array(days.astype(np.int32), pa.int32(), mask=mask).cast(kind)
        case NumericColumn(type=DateTimeType(), values=seconds):
            return pa.array(seconds.astype(np.int64), pa.int64(), mask=mask).cast(kind)
        case NumericColumn(type=IntType() | FloatType(), values=numbers):
            return pa.array(np.ascontiguousarray(numbers), kind, mask=mask)
        case StringColumn():
            return _arrow_texts(pa, values.compact(), mask, kind)
        case FixedStringColumn(data=data):
            return _arrow_fixed(pa, np.ascontiguousarray(data), mask, kind)
        case WideColumn(type=IntType(), lanes=lanes):
            raw = np.ascontiguousarray(lanes, "<u8").view(np.uint8)
            return _arrow_fixed(pa, raw, mask, kind)
        case ArrayColumn(type=MapType()):
            whole = values.compact()
            offsets = pa.array(whole.offsets.astype(np.int32))
            sides = [arrow_array(pa, side) for side in map_sides(whole)]
            return pa.MapArray.from_arrays(offsets, *sides, type=kind)
        case ArrayColumn():
            whole = values.compact()
            offsets = pa.array(whole.offsets.astype(np.int32))
            return pa.ListArray.from_arrays(offsets, arrow_array(pa, whole.child), type=kind)
        case TupleColumn(children=children):
            parts = [arrow_array(pa, child) for child in children]
            return (
                pa.StructArray.from_arrays(parts, fields=list(kind))
                if parts
                else _empty_structs(pa, len(values), kind)
            )
        case _:
            texts = _arrow_texts(pa, render_text(values).compact(), mask, pa.string())
            return texts if kind == pa.string() else texts.cast(kind)


def _empty_structs(pa: Any, n_rows: int, kind: Any) -> Any:
    return pa.array([{}] * n_rows, kind)


def _validity(pa: Any, mask: Any) -> Any:
    """Return Arrow's bits of the values that are there."""
    return None if mask is None else pa.py_buffer(np.packbits(~mask, bitorder="little").tobytes())


def _arrow_texts(pa: Any, column: StringColumn, mask: Any, kind: Any) -> Any:
    """Return texts with their offsets."""
    try:
        column.data.tobytes().decode()
    except UnicodeDecodeError:
        message = "a text is not UTF-8, which Arrow's texts have to be"
        hint = "write hex(text), or a FixedString"
        raise ValueExecutionError(INCORRECT_DATA, message, hint=hint) from None
    buffers = [
        _validity(pa, mask),
        pa.py_buffer(column.offsets.astype(np.int32).tobytes()),
        pa.py_buffer(np.ascontiguousarray(column.data).tobytes()),
    ]
    return pa.Array.from_buffers(kind, len(column), buffers)


def _arrow_fixed(pa: Any, matrix: Any, mask: Any, kind: Any) -> Any:
    """Return values of one width as bytes."""
    buffers = [_validity(pa, mask), pa.py_buffer(matrix.tobytes())]
    return pa.Array.from_buffers(kind, len(matrix), buffers)


def record_batches(table: Table) -> Iterator[Any]:
    """Yield pyarrow's record batches of a table."""
    pa = load_pyarrow()
    schema = arrow_schema(table.names, table.types)
    for batch in table.batches:
        for start in range(0, batch.n_rows, PACK_ROWS):
            part = batch.slice(start, start + PACK_ROWS)
            arrays = [arrow_array(pa, column) for column in part.columns]
            yield pa.RecordBatch.from_arrays(arrays, schema=schema)


def arrow_schema(names: Iterable[str], types: Iterable[DataType]) -> Any:
    """Return pyarrow's schema of columns."""
    pa = load_pyarrow()
    fields = [
        pa.field(name, arrow_type(pa, data_type), isinstance(data_type, NullableType))
        for name, data_type in zip(names, types, strict=True)
    ]
    return pa.schema(fields)


def record_batch_reader(table: Table) -> Any:
    """Return pyarrow's reader over a table, whose batches are made as they are asked for."""
    pa = load_pyarrow()
    schema = arrow_schema(table.names, table.types)
    return pa.RecordBatchReader.from_batches(schema, record_batches(table))


def write_stream(table: Table) -> Iterator[bytes]:
    """Yield Arrow's stream."""
    return _whole(table, load_pyarrow("pyarrow.ipc").new_stream)


def write_file(table: Table) -> Iterator[bytes]:
    """Yield Arrow's file."""
    return _whole(table, load_pyarrow("pyarrow.ipc").new_file)


def write_parquet(table: Table) -> Iterator[bytes]:
    """Yield a Parquet file."""
    return _whole(table, load_pyarrow("pyarrow.parquet").ParquetWriter)


def _whole(table: Table, open_writer: Any) -> Iterator[bytes]:
    """Yield a file at once: its end tells where its parts lie."""
    sink = BytesIO()
    with open_writer(sink, arrow_schema(table.names, table.types)) as writer:
        for batch in record_batches(table):
            writer.write_batch(batch)
    yield sink.getvalue()


def column_of_arrow(array: Any, data_type: DataType | None = None) -> Column:
    """Return a column from an array of pyarrow, of its own type or the type wanted.

    Raises
    ------
    ValueExecutionError
        INCORRECT_DATA for a type of Arrow that no column has, and what a conversion raises.
    """
    pa = load_pyarrow()
    found = type_of_arrow(pa, array.type)
    if found is None:
        message = f"no column holds Arrow's {array.type}"
        raise ValueExecutionError(INCORRECT_DATA, message)
    column = _own_column(pa, array, found)
    if data_type is not None:
        column = _as_number(column, data_type)
    if data_type is None or data_type == column.type:
        return column
    if not isinstance(data_type, NullableType):
        values, mask = split_nulls(column)
        if mask is not None:
            filler = default_column(values.type, 1)
            both = concat_columns(values.type, [values, filler])
            column = both.take(np.where(mask, len(values), np.arange(len(values))))
    return cast_column(column, data_type)


def _as_number(column: Column, wanted: DataType) -> Column:
    """Return bytes of one width as the wide integers they are, where those are wanted."""
    values, mask = split_nulls(column)
    bare = without_null(wanted)
    if not isinstance(values, FixedStringColumn) or not isinstance(bare, IntType):
        return column
    if values.type.width != fixed_width(bare):
        return column
    numbers = column_of_bytes(bare, values.data)
    return numbers if mask is None else with_nulls(numbers, mask)


def _own_column(pa: Any, array: Any, data_type: DataType) -> Column:
    """Return a column of the type that the array's type means; NULLs make it Nullable."""
    mask = None
    if array.null_count:
        mask = np.asarray(array.is_null().to_numpy(zero_copy_only=False), np.bool_)
    values = _values(pa, array, without_null(data_type))
    if mask is not None and isinstance(nullable(values.type), NullableType):
        return with_nulls(values, mask)
    return values


def _values(pa: Any, array: Any, data_type: DataType) -> Column:
    """Return the values without NULLs."""
    match data_type:
        case MapType(key=key, value=value):
            start, end = (array.offsets[place].as_py() for place in (0, len(array)))
            offsets = array.offsets.to_numpy().astype(np.int64) - start
            sides = (
                _own_column(pa, side.slice(start, end - start), of_side)
                for side, of_side in ((array.keys, key), (array.items, value))
            )
            return map_of_sides(data_type, offsets, *sides)
        case ArrayType(element=element):
            lists = array.cast(pa.large_list(array.type.value_type))
            if lists.null_count:
                lists = lists.fill_null([])
            lengths = pa.compute.list_value_length(lists).to_numpy(zero_copy_only=False)
            offsets = np.zeros(len(lists) + 1, np.int64)
            np.cumsum(lengths, out=offsets[1:])
            child = _own_column(pa, lists.flatten(), element)
            return ArrayColumn(ArrayType(child.type), offsets, child)
        case TupleType(elements=elements, names=names):
            parts = zip(array.flatten(), elements, strict=True)
            children = tuple(_own_column(pa, part, element) for part, element in parts)
            types = tuple(child.type for child in children)
            return TupleColumn(TupleType(types, names), children, len(array))
        case FixedStringType(width=width):
            filled = array.fill_null(bytes(width)) if array.null_count else array
            raw = b"".join(filled.to_pylist())
            return FixedStringColumn(data_type, np.frombuffer(raw, np.uint8).reshape(-1, width))
        case StringType():
            texts = array.cast(pa.large_binary())
            return StringColumn.from_bytes(value or b"" for value in texts.to_pylist())
        case DecimalType():
            texts = _values(pa, array.cast(pa.string()).fill_null("0"), StringType())
            return cast_column(texts, data_type)
        case NothingType():
            return default_column(data_type, len(array))
        case BoolType():
            numbers = array.cast(pa.uint8()).fill_null(0).to_numpy(zero_copy_only=False)
        case DateType():
            numbers = array.cast(pa.date32()).cast(pa.int32()).fill_null(0).to_numpy()
            return NumericColumn(data_type, _moments(numbers, data_type, 65_535))
        case DateTimeType():
            seconds = array.cast(pa.timestamp("s", array.type.tz), safe=False).cast(pa.int64())
            numbers = seconds.fill_null(0).to_numpy()
            return NumericColumn(data_type, _moments(numbers, data_type, (1 << 32) - 1))
        case _:
            numbers = array.fill_null(0).to_numpy(zero_copy_only=False)
            if numbers.dtype == np.float16:
                numbers = numbers.astype(np.float32)
    return NumericColumn(data_type, np.ascontiguousarray(numbers))


def _moments(numbers: Any, data_type: DataType, limit: int) -> Any:
    """Return days or seconds in the width of the type."""
    if len(numbers) and (numbers.min() < 0 or numbers.max() > limit):
        message = f"a date of the input is outside {data_type.name}"
        raise ValueExecutionError(INCORRECT_DATA, message)
    return numbers.astype(np.uint16 if limit < 1 << 16 else np.uint32)


def columns_of_table(found: Any, target: Target) -> tuple[Column, ...]:
    """Return the wanted columns of pyarrow's table, by name; missing ones give defaults."""
    pa = load_pyarrow()
    columns = []
    for name, data_type in zip(target.names, target.types, strict=True):
        place = found.schema.get_field_index(name)
        if place < 0:
            columns.append(default_column(data_type, found.num_rows))
            continue
        try:
            parts = [column_of_arrow(chunk, data_type) for chunk in found.column(place).chunks]
        except pa.ArrowException as error:
            message = str(error).partition("\n")[0][:200]
            raise ValueExecutionError(INCORRECT_DATA, f"column '{name}': {message}") from None
        except MiniDBError as error:
            error.message = f"column '{name}': {error.message}"
            raise
        columns.append(concat_columns(data_type, parts))
    return tuple(columns)


def table_of_stream(source: Any) -> Any:
    """Return pyarrow's table of an object with ``__arrow_c_stream__``."""
    return load_pyarrow().RecordBatchReader.from_stream(source).read_all()


def _opened(raw: bytes, module: str, name: str) -> Any:
    """Return pyarrow's table of a file's bytes."""
    pa = load_pyarrow()
    opener = getattr(load_pyarrow(module), name)
    try:
        found = opener(pa.BufferReader(raw))
        table = found.read_all() if hasattr(found, "read_all") else found
        table.validate(full=True)
    except (pa.ArrowException, OSError, ValueError) as error:
        message = str(error).partition("\n")[0][:200]
        raise ValueExecutionError(INCORRECT_DATA, f"the input is damaged: {message}") from None
    return table


def _format(name: str, help_text: str, write: Any, opener: tuple[str, str], suffix: str) -> Format:
    """Return a format that pyarrow reads and writes."""

    def read(raw: bytes, target: Target) -> tuple[Column, ...]:
        return columns_of_table(_opened(raw, *opener), target)

    def infer(raw: bytes) -> Target:
        return target_of_schema(_opened(raw, *opener).schema)

    suffixes = (suffix,) if suffix else ()
    return Format(name, help_text, write, read, infer, suffixes=suffixes, is_text=False)


def target_of_schema(schema: Any) -> Target:
    """Return the columns of pyarrow's schema.

    Raises
    ------
    ValueExecutionError
        INCORRECT_DATA for a type of Arrow that no column has.
    """
    pa = load_pyarrow()
    types = []
    for field in schema:
        found = type_of_arrow(pa, field.type)
        if found is None:
            message = f"column '{field.name}': no column holds Arrow's {field.type}"
            raise ValueExecutionError(INCORRECT_DATA, message)
        types.append(nullable(found) if field.nullable else found)
    return Target(tuple(schema.names), tuple(types))


ARROW_FORMATS = (
    _format(
        "Arrow", "Arrow's file (needs pyarrow)", write_file, ("pyarrow.ipc", "open_file"), "arrow"
    ),
    _format(
        "ArrowStream",
        "Arrow's stream (needs pyarrow)",
        write_stream,
        ("pyarrow.ipc", "open_stream"),
        "arrows",
    ),
    _format(
        "Parquet",
        "a Parquet file (needs pyarrow)",
        write_parquet,
        ("pyarrow.parquet", "read_table"),
        "parquet",
    ),
)
