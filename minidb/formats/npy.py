"""Npy: one column as the file of one NumPy array."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minidb.columns import (
    ArrayColumn,
    Column,
    FixedStringColumn,
    NumericColumn,
    StringColumn,
    concat_columns,
)
from minidb.columns.text_layout import padded_matrix
from minidb.errors import (
    BAD_ARGUMENTS,
    INCORRECT_DATA,
    TOO_MANY_COLUMNS,
    BindError,
    ValueExecutionError,
)
from minidb.formats.fields import input_error
from minidb.formats.format import Format, Table, Target
from minidb.functions.cast import cast_column
from minidb.types import (
    ArrayType,
    BoolType,
    DataType,
    FixedStringType,
    FloatType,
    IntType,
    StringType,
    numpy_dtype,
)

MAGIC = b"\x93NUMPY"
ALIGNMENT = 64
SHORT_PREFIX = 10
HEADER = re.compile(
    r"\{'descr': ?'(?P<descr>[^']*)', ?'fortran_order': ?(?P<order>True|False), ?"
    r"'shape': ?\((?P<shape>[\d, ]*)\),? ?\}"
)


def _leaf_type(data_type: DataType) -> DataType:
    while isinstance(data_type, ArrayType):
        data_type = data_type.element
    return data_type


def write_npy(table: Table) -> Iterator[bytes]:
    """Yield the header and the values of the only column; the rows are held until the end."""
    if len(table.types) != 1:
        message = f"Npy holds one column, not {len(table.types)}"
        raise BindError(TOO_MANY_COLUMNS, message)
    leaf = _leaf_type(table.types[0])
    is_number = isinstance(leaf, BoolType | FloatType) or (
        isinstance(leaf, IntType) and not leaf.is_wide
    )
    if not is_number and not isinstance(leaf, StringType | FixedStringType):
        raise BindError(BAD_ARGUMENTS, f"Npy does not hold {table.types[0].name}")
    column = concat_columns(table.types[0], [batch.columns[0] for batch in table.batches])
    shape = [len(column)]
    while isinstance(column, ArrayColumn):
        shape.append(_common_length(column))
        column = column.compact().child
    description, raw = _values(column)
    sizes = ",".join(map(str, shape)) + ","
    header = f"{{'descr':'{description}','fortran_order':False,'shape':({sizes}),}}".encode()
    padding = -(len(MAGIC) + 6 + len(header) + 1) % ALIGNMENT
    header += b" " * padding + b"\n"
    yield MAGIC + b"\x03\x00" + len(header).to_bytes(4, "little") + header
    yield raw


def _common_length(column: ArrayColumn) -> int:
    """Return the length that all lists have."""
    lengths = np.unique(column.lengths)
    if len(lengths) > 1:
        message = "Npy holds lists of one length alone"
        raise ValueExecutionError(BAD_ARGUMENTS, message)
    return int(lengths[0]) if len(lengths) else 0


def _values(column: Column) -> tuple[str, bytes]:
    """Return NumPy's name of the type, and the values."""
    match column:
        case StringColumn():
            width = int(column.lengths.max(initial=0))
            return f"|S{width}", padded_matrix(column, width).tobytes()
        case FixedStringColumn(type=fixed_type, data=data):
            return f"|S{fixed_type.width}", np.ascontiguousarray(data).tobytes()
        case NumericColumn(values=values):
            little = values.dtype.newbyteorder("<")
            return f"<{values.dtype.kind}{values.itemsize}", values.astype(little).tobytes()
        case _:
            raise BindError(BAD_ARGUMENTS, f"Npy does not hold {column.type.name}")


def _parse(raw: bytes) -> NDArray[Any]:
    """Return the array of a file.

    Raises
    ------
    ValueExecutionError
        INCORRECT_DATA when it is none, or holds what no column can.
    """
    if raw[:6] != MAGIC or len(raw) < SHORT_PREFIX + 2:
        raise input_error(None, None, "this is no Npy file", INCORRECT_DATA, byte=0)
    n_length = 2 if raw[6] == 1 else 4
    start = 8 + n_length
    end = start + int.from_bytes(raw[8:start], "little")
    found = HEADER.fullmatch(raw[start:end].decode("latin-1").strip())
    if found is None or found["order"] == "True":
        message = "the header is none that can be read (rows have to come first)"
        raise input_error(None, None, message, INCORRECT_DATA, byte=start)
    if re.fullmatch(r"[<>|=]?(?:[iu][1248]|f[248]|b1|S\d{1,9})", found["descr"]) is None:
        message = f"no column holds values of {found['descr']!r}"
        raise input_error(None, None, message, INCORRECT_DATA, byte=start)
    kind = np.dtype(found["descr"])
    shape = tuple(int(size) for size in found["shape"].split(",") if size.strip())
    size = kind.itemsize
    for length in shape:
        size *= length
    if not shape or size > len(raw) - end:
        message = f"the input ends before the {size} bytes of shape {shape}"
        raise input_error(None, None, message, INCORRECT_DATA, byte=len(raw))
    count = size // kind.itemsize if kind.itemsize else 0
    if not kind.itemsize:
        return np.zeros(shape, "S1")
    return np.frombuffer(raw, kind, count, end).reshape(shape)


def _column(array: NDArray[Any], data_type: DataType) -> Column:
    """Return an array as a column of its own type."""
    if isinstance(data_type, ArrayType):
        n_rows, length = array.shape[:2]
        offsets = np.arange(n_rows + 1, dtype=np.int64) * length
        child = array.reshape((n_rows * length, *array.shape[2:]))
        return ArrayColumn(data_type, offsets, _column(child, data_type.element))
    if array.dtype.kind == "S":
        return StringColumn.from_bytes(array.tolist())
    return NumericColumn(data_type, array.astype(numpy_dtype(data_type)))


def _type_of(array: NDArray[Any]) -> DataType:
    """Return the type of an array's rows."""
    kind = array.dtype.kind
    data_type: DataType = StringType()
    if kind == "f":
        data_type = FloatType(64 if array.dtype.itemsize == 8 else 32)
    elif kind == "b":
        data_type = BoolType()
    elif kind in "iu":
        data_type = IntType(array.dtype.itemsize * 8, kind == "i")
    for _ in array.shape[1:]:
        data_type = ArrayType(data_type)
    return data_type


def read_npy(raw: bytes, target: Target) -> tuple[Column, ...]:
    """Read one column; numbers are converted where the wanted type is another."""
    if len(target.types) != 1:
        message = f"Npy holds one column, not {len(target.types)}"
        raise ValueExecutionError(INCORRECT_DATA, message)
    array = _parse(raw)
    column = _column(array, _type_of(array))
    wanted = target.types[0]
    return (column if column.type == wanted else cast_column(column, wanted),)


def infer_npy(raw: bytes) -> Target:
    """Find the type of the one column."""
    return Target(("array",), (_type_of(_parse(raw)),))


NPY_FORMATS = (
    Format(
        "Npy",
        "one column as the file of a NumPy array",
        write_npy,
        read_npy,
        infer_npy,
        suffixes=("npy",),
        is_text=False,
    ),
)
