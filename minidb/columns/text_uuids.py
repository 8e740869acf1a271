"""UUIDs as 32 hexadecimal digits in five groups, and back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from minidb.columns.base import BoolArray
from minidb.columns.strings import StringColumn
from minidb.columns.text_layout import padded_matrix
from minidb.columns.wide import WideColumn
from minidb.types import UUIDType

WIDTH, N_DIGITS = 36, 32
DASHES = (8, 13, 18, 23)
DIGIT_PLACES = np.array([place for place in range(WIDTH) if place not in DASHES])
HEX = np.frombuffer(b"0123456789abcdef", np.uint8)
NO_DIGIT = 255
# The value of each byte as a hexadecimal digit.
VALUES = np.full(256, NO_DIGIT, np.uint8)
VALUES[HEX] = np.arange(16)
VALUES[np.frombuffer(b"ABCDEF", np.uint8)] = np.arange(10, 16)


def uuid_bytes(lanes: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """Return UUIDs as bytes in their written order, uint8, shape (n, 16)."""
    return np.ascontiguousarray(lanes, dtype=">u8").view(np.uint8).reshape(len(lanes), 16)


def uuids_of_bytes(raw: NDArray[np.uint8]) -> WideColumn:
    """Return bytes in written order (uint8, shape (n, 16)) as UUIDs."""
    lanes = np.ascontiguousarray(raw).view(">u8").reshape(len(raw), 2)
    return WideColumn(UUIDType(), lanes.astype(np.uint64))


def render_uuids(lanes: NDArray[np.uint64]) -> StringColumn:
    """Return UUIDs as text such as ``61f0c404-5cb3-11e7-907b-a6006ad3dba0``."""
    raw = uuid_bytes(lanes)
    digits = np.empty((len(raw), N_DIGITS), np.uint8)
    digits[:, 0::2] = HEX[raw >> 4]
    digits[:, 1::2] = HEX[raw & 15]
    matrix = np.full((len(raw), WIDTH), ord("-"), np.uint8)
    matrix[:, DIGIT_PLACES] = digits
    return StringColumn(np.arange(len(raw) + 1, dtype=np.int64) * WIDTH, matrix.reshape(-1))


def parse_uuids(strings: StringColumn) -> tuple[WideColumn, BoolArray]:
    """Read UUIDs with their four dashes, or without any."""
    matrix = padded_matrix(strings, WIDTH)
    lengths = strings.lengths
    has_dashes = (lengths == WIDTH) & (matrix[:, DASHES] == ord("-")).all(axis=1)
    written = np.where(has_dashes[:, None], matrix[:, DIGIT_PLACES], matrix[:, :N_DIGITS])
    digits = VALUES[written]
    ok: BoolArray = (has_dashes | (lengths == N_DIGITS)) & (digits != NO_DIGIT).all(axis=1)
    raw = (digits[:, 0::2] << np.uint8(4)) | (digits[:, 1::2] & np.uint8(15))
    return uuids_of_bytes(np.where(ok[:, None], raw, np.uint8(0))), ok
