"""Memory that a thread uses again and again for the tiles of its products."""

from __future__ import annotations

import threading
from typing import Any, TypeVar

import numpy as np
from numpy.typing import DTypeLike, NDArray

Value = TypeVar("Value", bound=np.generic)

ALIGNMENT_BYTES = 64
"""Cache lines and the widest vector registers have this size; NumPy aligns to 16 bytes only."""


class Scratch(threading.local):
    """Named buffers of one thread, which only grow."""

    def __init__(self) -> None:
        self._buffers: dict[str, NDArray[np.uint8]] = {}

    def get(self, name: str, count: int, dtype: DTypeLike) -> NDArray[Any]:
        """Return `count` values of what was last left in a buffer.

        Parameters
        ----------
        name : str
            Each array that is in use at the same time has a name of its own.
        count : int
        dtype : dtype

        Returns
        -------
        ndarray, shape (count,)
            Its first byte stands at a multiple of `ALIGNMENT_BYTES`.
        """
        n_bytes = count * np.dtype(dtype).itemsize
        buffer = self._buffers.get(name)
        if buffer is None or len(buffer) < n_bytes:
            buffer = self._buffers[name] = aligned_bytes(n_bytes)
        return buffer[:n_bytes].view(dtype)


def aligned(values: NDArray[Value]) -> NDArray[Value]:
    """Return a C-contiguous copy whose first byte stands at a multiple of `ALIGNMENT_BYTES`."""
    copy = aligned_bytes(values.nbytes).view(values.dtype).reshape(values.shape)
    copy[...] = values
    return copy


def aligned_bytes(count: int) -> NDArray[np.uint8]:
    """Return `count` bytes, not cleared, that start at a multiple of `ALIGNMENT_BYTES`."""
    raw = np.empty(count + ALIGNMENT_BYTES, dtype=np.uint8)
    start = -raw.ctypes.data % ALIGNMENT_BYTES
    return raw[start : start + count]
