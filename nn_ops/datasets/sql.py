"""The table functions ``idx``, ``cifar10`` and ``cifar100``: data files as rows."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from minidb.extension import (
    BAD_ARGUMENTS,
    STRING,
    Arg,
    Argument,
    ArrayColumn,
    ArrayType,
    BindError,
    Column,
    DataType,
    FloatType,
    IntType,
    NumericColumn,
    Settings,
    TableFunction,
)
from nn_ops.datasets.cifar import CIFAR10, CIFAR100, CifarForm, read_cifar
from nn_ops.datasets.idx import read_idx


@dataclass(frozen=True, slots=True, eq=False)
class ArraySource:
    """Rows of whole arrays: a number, and one or more values or lists of values.

    Attributes
    ----------
    names : tuple of str
    types : tuple of DataType
    arrays : tuple of ndarray, shape (n,) or (n, values per row)
    """

    names: tuple[str, ...]
    types: tuple[DataType, ...]
    arrays: tuple[NDArray[np.generic], ...]

    def scan(self, columns: Sequence[int], batch_rows: int) -> Iterator[tuple[Column, ...]]:
        """Yield the wanted columns (by number), at most `batch_rows` rows at a time."""
        n_rows = len(self.arrays[0])
        for start in range(0, n_rows, batch_rows):
            block = slice(start, min(start + batch_rows, n_rows))
            yield tuple(_column(self.types[place], self.arrays[place][block]) for place in columns)

    def estimate_rows(self) -> int:
        """Return the number of rows."""
        return len(self.arrays[0])


def _column(data_type: DataType, values: NDArray[np.generic]) -> Column:
    """Return a vector as a column, a matrix as a column of lists."""
    if isinstance(data_type, ArrayType):
        offsets = np.arange(len(values) + 1, dtype=np.int64) * values.shape[1]
        child = NumericColumn(data_type.element, np.ascontiguousarray(values).reshape(-1))
        return ArrayColumn(data_type, offsets, child)
    return NumericColumn(data_type, np.ascontiguousarray(values))


def _type_of(values: NDArray[np.generic]) -> DataType:
    """Return the engine's type of a NumPy array's elements."""
    bits = 8 * values.dtype.itemsize
    if values.dtype.kind == "f":
        return FloatType(bits)
    return IntType(bits, values.dtype.kind == "i")


def _path(arguments: Sequence[Argument]) -> Path:
    value = arguments[0].constant_value()
    text = os.fsdecode(value) if isinstance(value, bytes) else str(value)
    if not text or "\0" in text:
        raise BindError(BAD_ARGUMENTS, f"{text!r} is no file name")
    return Path(text)


def _numbers(n_rows: int) -> NDArray[np.uint32]:
    return np.arange(n_rows, dtype=np.uint32)


def _open_idx(arguments: Sequence[Argument], _settings: Settings) -> ArraySource:
    """Read an IDX file: one value per row, or one list per row."""
    values = read_idx(_path(arguments))
    kind = _type_of(values)
    names, types = ("id", "value"), (IntType(32, False), kind)
    if values.ndim > 1:
        values = values.reshape(len(values), int(np.prod(values.shape[1:])))
        names, types = ("id", "pixels"), (IntType(32, False), ArrayType(kind))
    return ArraySource(names, types, (_numbers(len(values)), values))


def _open_cifar(arguments: Sequence[Argument], form: CifarForm) -> ArraySource:
    """Read a batch: labels, and the pixels by row, column, channel."""
    images = read_cifar(_path(arguments), form)
    n_images = len(images.labels)
    singular = tuple(name.removesuffix("s") for name in form.labels)
    byte = IntType(8, False)
    return ArraySource(
        ("id", *singular, "pixels"),
        (IntType(32, False), *(byte for _ in singular), ArrayType(byte)),
        (_numbers(n_images), *images.labels.T, images.pixels.reshape(n_images, -1)),
    )


def _open_cifar10(arguments: Sequence[Argument], _settings: Settings) -> ArraySource:
    return _open_cifar(arguments, CIFAR10)


def _open_cifar100(arguments: Sequence[Argument], _settings: Settings) -> ArraySource:
    return _open_cifar(arguments, CIFAR100)


_PATH = (Arg("path", STRING, is_constant=True),)

FUNCTIONS = (
    TableFunction(
        "idx",
        _PATH,
        _open_idx,
        "the rows of an IDX file, .gz or not: (id, value) of a vector, else (id, pixels)",
        "SELECT id, pixels FROM idx('t10k-images-idx3-ubyte.gz')",
    ),
    TableFunction(
        "cifar10",
        _PATH,
        _open_cifar10,
        "the images of a CIFAR-10 batch, binary or pickled; pixels by row, column, channel",
        "SELECT id, label, pixels FROM cifar10('data_batch_1.bin')",
    ),
    TableFunction(
        "cifar100",
        _PATH,
        _open_cifar100,
        "the images of a CIFAR-100 file, binary or pickled; pixels by row, column, channel",
        "SELECT id, fine_label, pixels FROM cifar100('test.bin')",
    ),
)
