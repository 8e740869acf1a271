"""Columns of 128- and 256-bit integers, Decimals and UUIDs as lanes of uint64, least significant lane first."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from minidb.columns.base import Column, IndexArray
from minidb.columns.numeric import decimals_of
from minidb.record import record
from minidb.types import DecimalType, IntType, UUIDType

WideType: TypeAlias = IntType | DecimalType | UUIDType


@record(eq=False, repr=False)
class WideColumn(Column):
    """Integers of 128 or 256 bits, two's complement over all lanes when signed.

    Parameters
    ----------
    type : IntType or DecimalType
        Of 128 or 256 bits.
    lanes : ndarray of uint64, shape (n, bits // 64)
        Lane 0 holds the least significant 64 bits.
    """

    type: WideType
    lanes: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.lanes)

    @property
    def nbytes(self) -> int:
        """Return the bytes of the lanes; a constant counts as one value."""
        return self.lanes.shape[1] * 8 if self.lanes.strides[0] == 0 else self.lanes.nbytes

    def take(self, indices: IndexArray) -> WideColumn:
        """Gather rows by number."""
        return WideColumn(self.type, self.lanes[indices])

    def slice(self, start: int, stop: int) -> WideColumn:
        """Return the rows of a range."""
        return WideColumn(self.type, self.lanes[start:stop])

    def to_pylist(self) -> list[object]:
        """Return int, Decimal or UUID objects."""
        if isinstance(self.type, UUIDType):
            # Lane 0, the first half, is the upper one of the number that Python means.
            turned = lanes_to_ints(self.type, self.lanes[:, ::-1])
            return [uuid.UUID(int=value) for value in turned]
        values = lanes_to_ints(self.type, self.lanes)
        if isinstance(self.type, DecimalType):
            return list(decimals_of(values, self.type.scale))
        return list(values)


def lanes_to_ints(data_type: WideType, lanes: NDArray[np.uint64]) -> list[int]:
    """Return the values of lanes (uint64, shape (n, lanes)) as Python integers."""
    size = data_type.n_lanes * 8
    raw = np.ascontiguousarray(lanes, dtype="<u8").tobytes()
    signed = data_type.is_signed
    return [
        int.from_bytes(raw[at : at + size], "little", signed=signed)
        for at in range(0, len(raw), size)
    ]


def ints_to_lanes(data_type: WideType, values: Iterable[int]) -> NDArray[np.uint64]:
    """Return Python integers modulo 2**bits as lanes of uint64, shape (n, lanes)."""
    size, mask = data_type.n_lanes * 8, (1 << data_type.bits) - 1
    raw = b"".join((value & mask).to_bytes(size, "little") for value in values)
    return np.frombuffer(raw, dtype="<u8").reshape(-1, data_type.n_lanes).astype(np.uint64)
