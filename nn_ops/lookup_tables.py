"""The three ways in which `lookup` counts bits, two of them from tables as the paper describes.

``table8x8`` has one entry for every pair of bytes, ``table16`` one for every word of 16 bits, which
is read after the XOR. ``popcount`` asks the processor. A table is made when it is first read, lies
in one piece of memory, cannot be written to, and is shared by all databases of the process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from minidb.extension import (
    BoolType,
    IntType,
    Settings,
    StringType,
    SystemSource,
    SystemTable,
)
from nn_ops.settings import LOOKUP_METHOD

Word: TypeAlias = NDArray[Any]
Counter: TypeAlias = Callable[[Word, Word | None], NDArray[Any]]
Table: TypeAlias = NDArray[np.uint8]


@cache
def table_8x8() -> Table:
    """Return the number of differing bits of every pair of bytes.

    Returns
    -------
    ndarray of uint8, shape (256, 256), C-contiguous, read-only
        Entry (a, b) is popcount(a XOR b).
    """
    octets = np.arange(256, dtype=np.uint8)
    return _kept(np.bitwise_count(octets[:, None] ^ octets))


@cache
def table_16() -> Table:
    """Return the number of set bits of every word of 16 bits.

    Returns
    -------
    ndarray of uint8, shape (65536,), C-contiguous, read-only
    """
    return _kept(np.bitwise_count(np.arange(65_536, dtype=np.uint16)))


def _kept(table: NDArray[Any]) -> Table:
    """Return a table in one piece that nobody can change."""
    made: Table = np.ascontiguousarray(table, np.uint8)
    made.flags.writeable = False
    return made


def count_native(left: Word, right: Word | None) -> NDArray[Any]:
    """Count bits as the processor does; see `count_by_bytes`."""
    return np.asarray(np.bitwise_count(left if right is None else np.bitwise_xor(left, right)))


def count_by_bytes(left: Word, right: Word | None) -> NDArray[Any]:
    """Count differing bits, or set bits where there is no `right`, one table entry per byte.

    Parameters
    ----------
    left, right : ndarray of uint8, uint16, uint32 or uint64, shape (n,)
        Of one type.

    Returns
    -------
    ndarray of uint8, shape (n,)
        From 0 to 64.
    """
    table = table_8x8()
    octets = _parts(left, np.uint8)
    if right is None:
        # The XOR with 0 changes nothing, so the table's first row is the count of one byte.
        found = table[0][octets]
    else:
        found = table[octets, _parts(right, np.uint8)]
    return np.asarray(found.sum(axis=1, dtype=np.uint8))


def count_by_shorts(left: Word, right: Word | None) -> NDArray[Any]:
    """Count bits after the XOR, one table entry per 16 bits; see `count_by_bytes`."""
    differing = left if right is None else np.bitwise_xor(left, right)
    if differing.dtype.itemsize == 1:
        return np.asarray(table_16()[differing])
    return np.asarray(table_16()[_parts(differing, np.uint16)].sum(axis=1, dtype=np.uint8))


def _parts(word: Word, dtype: type[np.unsignedinteger[Any]]) -> NDArray[Any]:
    """Return words cut into narrower ones, shape (n, parts)."""
    whole = np.ascontiguousarray(word)
    return whole.view(dtype).reshape(len(whole), whole.itemsize // np.dtype(dtype).itemsize)


N_ENTRIES = 65_536  # of either table
COUNTERS: dict[str, Counter] = {
    "popcount": count_native,
    "table8x8": count_by_bytes,
    "table16": count_by_shorts,
}


def counter_of(settings: Settings) -> Counter:
    """Return how the session wants bits to be counted."""
    return COUNTERS[settings.text(LOOKUP_METHOD.name)]


def _rows(source: SystemSource) -> Sequence[tuple[object, ...]]:
    """Return one row per method."""
    used = source.settings.text(LOOKUP_METHOD.name)
    is_built = {
        "table8x8": bool(table_8x8.cache_info().currsize),
        "table16": bool(table_16.cache_info().currsize),
    }
    operands = {"table8x8": 2, "table16": 1}
    return [
        (
            method,
            operands.get(method, 0),
            N_ENTRIES if method in operands else 0,
            N_ENTRIES if method in operands else 0,
            is_built.get(method, False),
            method == used,
        )
        for method in COUNTERS
    ]


LOOKUP_TABLES = SystemTable(
    name="lookup_tables",
    columns=(
        ("method", StringType()),
        ("operands", IntType(8, False)),
        ("entries", IntType(32, False)),
        ("bytes", IntType(64, False)),
        ("is_built", BoolType()),
        ("is_used", BoolType()),
    ),
    rows=_rows,
    help="The tables that lookup reads, by the setting lookup_method: entries of one byte.",
)
