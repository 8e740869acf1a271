"""IDX files, in which MNIST is published: an array with its type and sizes in front."""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn_ops.datasets.files import MNIST_PAGE, damaged, read_data_file

DTYPES: dict[int, np.dtype[Any]] = {
    0x08: np.dtype(np.uint8),
    0x09: np.dtype(np.int8),
    0x0B: np.dtype(">i2"),
    0x0C: np.dtype(">i4"),
    0x0D: np.dtype(">f4"),
    0x0E: np.dtype(">f8"),
}
"""By the third byte of the file."""
_PREFIX = 4


def read_idx(path: Path) -> NDArray[Any]:
    """Return the array in an IDX file.

    Parameters
    ----------
    path : Path
        A name that ends in ``.gz`` is unpacked.

    Returns
    -------
    ndarray
        Of one of the format's types, in this machine's byte order; read-only.

    Raises
    ------
    ExtensionError
        NN_FILE_UNREADABLE, or NN_FILE_DAMAGED with the file's name and the offset.
    """
    return parse_idx(read_data_file(path, MNIST_PAGE), path)


def parse_idx(data: bytes, path: Path) -> NDArray[Any]:
    """Return the array in the bytes of an IDX file; `path` is for messages.

    Raises
    ------
    ExtensionError
        NN_FILE_DAMAGED.
    """
    if len(data) < _PREFIX:
        raise damaged(path, len(data), "the file ends inside its first four bytes", MNIST_PAGE)
    zeros, type_byte, n_axes = struct.unpack(">HBB", data[:_PREFIX])
    if zeros != 0:
        raise damaged(path, 0, "an IDX file begins with two bytes of zero", MNIST_PAGE)
    if type_byte not in DTYPES:
        raise damaged(path, 2, f"0x{type_byte:02x} is no type of the IDX format", MNIST_PAGE)
    if n_axes == 0:
        raise damaged(path, 3, "the array has no axis", MNIST_PAGE)
    start = _PREFIX + 4 * n_axes
    if len(data) < start:
        raise damaged(path, len(data), f"the file ends inside its {n_axes} sizes", MNIST_PAGE)
    sizes = struct.unpack(f">{n_axes}I", data[_PREFIX:start])
    dtype = DTYPES[type_byte]
    expected = start + math.prod(sizes) * dtype.itemsize
    if len(data) != expected:
        shape = "x".join(map(str, sizes))
        what = f"{shape} values need a file of {expected} bytes, this one has {len(data)}"
        raise damaged(path, min(len(data), expected), what, MNIST_PAGE)
    values: NDArray[Any] = np.frombuffer(data, dtype, offset=start).reshape(sizes)
    return values.astype(dtype.newbyteorder("="), copy=False)
