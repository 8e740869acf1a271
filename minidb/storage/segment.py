"""One column file: a header that describes and bounds everything, then the streams.

The layout is described in docs/storage_format.md. The header has its own checksum, which the
manifest repeats; each stream has one checksum per granule, so a partial read verifies exactly
what it reads.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from minidb.columns import Column, concat_columns
from minidb.errors import CHECKSUM_DOESNT_MATCH, CORRUPTED_DATA, MiniDBError, StorageError
from minidb.record import record
from minidb.storage.encoding import (
    Piece,
    Stream,
    StreamError,
    decode_column,
    encode_column,
)
from minidb.storage.statistics import GranuleStatistics, granule_starts, granule_statistics
from minidb.storage.vfs import Vfs
from minidb.types import DataType, without_null
from minidb.types.names import parse_type

MAGIC = b"minidbSG"
SEGMENT_FORMAT = 1
# Magic, format, bytes of the header, bytes of its JSON text, checksum, four zero bytes.
PRELUDE = struct.Struct("<8sIIII4x")
ALIGNMENT = 8
HAS_NULL, HAS_NAN, HAS_BOUNDS = 1, 2, 4


@record
class FileEntry:
    """What the manifest says of a segment: its size, its header's size and checksum."""

    n_bytes: int
    header_bytes: int
    header_crc32: int


@record(eq=False)
class SegmentHeader:
    """A verified header.

    Parameters
    ----------
    type : DataType
        The column's type.
    n_rows, granule_rows : int
        Rows in all, and of a granule.
    item_bytes, offsets : tuple of int
        Per stream: bytes of an item, and where in the file it begins.
    ends : ndarray of int64, shape (n_streams, n_granules)
        Where in its stream each granule ends.
    checksums : ndarray of uint32, shape (n_streams, n_granules)
        CRC-32 of each granule's bytes.
    statistics : GranuleStatistics or None
        Bounds per granule.
    """

    type: DataType
    n_rows: int
    granule_rows: int
    item_bytes: tuple[int, ...]
    offsets: tuple[int, ...]
    ends: NDArray[np.int64]
    checksums: NDArray[np.uint32]
    statistics: GranuleStatistics | None


def segment_image(column: Column, granule_rows: int) -> tuple[FileEntry, list[bytes | memoryview]]:
    """Lay out a column file.

    Parameters
    ----------
    column : Column
        At least one row.
    granule_rows : int
        Rows of a granule.

    Returns
    -------
    entry : FileEntry
        What the manifest keeps of the file.
    buffers : list of bytes or memoryview
        The file, to be written one after another.
    """
    starts = granule_starts(len(column), granule_rows)
    streams = encode_column(column, starts)
    flags, bounds = _statistics_streams(granule_statistics(column, granule_rows))
    meta = {
        "type": column.type.name,
        "rows": len(column),
        "granule_rows": granule_rows,
        "streams": [[s.item_bytes, len(s.data)] for s in streams],
        "statistics": [[s.item_bytes, len(s.data)] for s in bounds] if flags is not None else None,
    }
    text = json.dumps(meta, separators=(",", ":")).encode()
    sections = [
        text,
        *(s.ends.astype("<i8").tobytes() for s in streams),
        *(_checksums(s).tobytes() for s in streams),
        b"" if flags is None else flags.tobytes(),
        *(s.data.tobytes() for s in bounds),
    ]
    body = b"".join(sections)
    header_bytes = _aligned(PRELUDE.size + len(body))
    body = body.ljust(header_bytes - PRELUDE.size, b"\0")
    crc = _header_crc(PRELUDE.pack(MAGIC, SEGMENT_FORMAT, header_bytes, len(text), 0), body)
    prelude = PRELUDE.pack(MAGIC, SEGMENT_FORMAT, header_bytes, len(text), crc)
    buffers: list[bytes | memoryview] = [prelude, body]
    for stream in streams:
        padding = _aligned(len(stream.data)) - len(stream.data)
        buffers += [np.ascontiguousarray(stream.data).data, bytes(padding)]
    return FileEntry(sum(map(len, buffers)), header_bytes, crc), buffers


def read_header(vfs: Vfs, path: str, entry: FileEntry) -> SegmentHeader:
    """Read and verify a segment's header.

    Raises
    ------
    StorageError
        CHECKSUM_DOESNT_MATCH or CORRUPTED_DATA, naming the file.
    """
    raw = vfs.read(path, [(0, entry.header_bytes)])[0]
    if len(raw) < PRELUDE.size:
        raise _damaged(path, "its header is too short")
    magic, version, header_bytes, text_bytes, crc = PRELUDE.unpack_from(raw)
    body = raw[PRELUDE.size :]
    computed = _header_crc(PRELUDE.pack(magic, version, header_bytes, text_bytes, 0), body)
    # The four zero bytes of the prelude are outside the checksum, and hold nothing.
    if computed != crc or crc != entry.header_crc32:
        raise StorageError(
            CHECKSUM_DOESNT_MATCH, f"the header of file {path!r} is damaged (checksum differs)"
        )
    if magic != MAGIC or version != SEGMENT_FORMAT:
        raise _damaged(path, f"it is no segment of format {SEGMENT_FORMAT}")
    try:
        return _parse_header(body, text_bytes, entry)
    except (KeyError, TypeError, ValueError, IndexError, RecursionError, MiniDBError) as error:
        raise _damaged(path, str(error)) from error


def read_rows(
    vfs: Vfs, path: str, header: SegmentHeader, granules: Sequence[range] | None
) -> Column:
    """Read the rows of whole granules.

    Parameters
    ----------
    vfs : Vfs
        Where the file is.
    path : str
        The segment.
    header : SegmentHeader
        Its verified header.
    granules : sequence of range, optional
        Ranges of granule numbers inside the segment, in the order wanted; None means all.

    Raises
    ------
    StorageError
        CHECKSUM_DOESNT_MATCH or CORRUPTED_DATA, naming the file.
    """
    runs = (
        [range(header.ends.shape[1])] if granules is None else [run for run in granules if len(run)]
    )
    places = [_place(header, stream, run) for run in runs for stream in range(len(header.offsets))]
    found = iter(vfs.read(path, places))
    columns = []
    for run in runs:
        pieces = []
        for stream, size in enumerate(header.item_bytes):
            data = next(found)
            _verify(path, header, stream, run, data)
            pieces.append(Piece(size, data))
        n_rows = min(run.stop * header.granule_rows, header.n_rows)
        n_rows -= run.start * header.granule_rows
        try:
            columns.append(decode_column(header.type, iter(pieces), n_rows))
        except StreamError as error:
            raise _damaged(path, str(error)) from error
    return concat_columns(header.type, columns)


def _parse_header(body: bytes, text_bytes: int, entry: FileEntry) -> SegmentHeader:
    """Take a header apart whose checksum is right."""
    meta: dict[str, Any] = json.loads(body[:text_bytes])
    if not isinstance(meta["type"], str):
        raise TypeError("its type is no text")
    data_type = parse_type(meta["type"])
    n_rows, granule_rows = _count(meta["rows"]), _count(meta["granule_rows"])
    n_granules = -(-n_rows // granule_rows)
    sizes = [(_count(item), _size(n_bytes)) for item, n_bytes in meta["streams"]]
    cursor = _Cursor(body, text_bytes)
    n_streams = len(sizes)
    ends = cursor.array("<i8", n_streams * n_granules).reshape(n_streams, n_granules)
    checksums = cursor.array("<u4", n_streams * n_granules).reshape(n_streams, n_granules)
    offsets, at = [], entry.header_bytes
    for stream, (_, n_bytes) in enumerate(sizes):
        line = ends[stream]
        if int(line[-1]) != n_bytes or int(line[0]) < 0 or bool((np.diff(line) < 0).any()):
            raise ValueError("the granules of a stream do not add up")
        offsets.append(at)
        at += _aligned(n_bytes)
    if at != entry.n_bytes:
        raise ValueError(f"its streams end at byte {at}, not {entry.n_bytes}")
    statistics = _read_statistics(cursor, without_null(data_type), meta["statistics"], n_granules)
    items = tuple(item for item, _ in sizes)
    return SegmentHeader(
        data_type, n_rows, granule_rows, items, tuple(offsets), ends, checksums, statistics
    )


class _Cursor:
    """Takes arrays off a header, one after another."""

    def __init__(self, body: bytes, at: int) -> None:
        self._body = body
        self._at = at

    def take(self, n_bytes: int) -> bytes:
        piece = self._body[self._at : self._at + n_bytes]
        if len(piece) != n_bytes:
            raise ValueError("the header ends too early")
        self._at += n_bytes
        return piece

    def array(self, dtype: str, n_items: int) -> NDArray[Any]:
        kind = np.dtype(dtype)
        raw = np.frombuffer(self.take(n_items * kind.itemsize), kind)
        return raw.astype(kind.newbyteorder("="), copy=False)


def _statistics_streams(
    statistics: GranuleStatistics | None,
) -> tuple[NDArray[np.uint8] | None, list[Stream]]:
    """Turn bounds into one byte of flags per granule and the streams of two columns."""
    if statistics is None:
        return None, []
    flags = statistics.has_null * np.uint8(HAS_NULL)
    flags |= statistics.has_nan * np.uint8(HAS_NAN)
    flags |= statistics.has_bounds * np.uint8(HAS_BOUNDS)
    whole = np.array([0, len(statistics)], np.int64)
    streams = encode_column(statistics.minimum, whole) + encode_column(statistics.maximum, whole)
    return flags.astype(np.uint8), streams


def _read_statistics(
    cursor: _Cursor, data_type: DataType, sizes: Any, n_granules: int
) -> GranuleStatistics | None:
    """Read what `_statistics_streams` made."""
    if sizes is None:
        return None
    flags = cursor.array("u1", n_granules)
    pieces = iter([Piece(_count(item), cursor.take(_size(n_bytes))) for item, n_bytes in sizes])
    return GranuleStatistics(
        decode_column(data_type, pieces, n_granules),
        decode_column(data_type, pieces, n_granules),
        (flags & HAS_NULL) != 0,
        (flags & HAS_NAN) != 0,
        (flags & HAS_BOUNDS) != 0,
    )


def _place(header: SegmentHeader, stream: int, run: range) -> tuple[int, int]:
    """Return offset in the file and length of a run of granules of one stream."""
    start = int(header.ends[stream, run.start - 1]) if run.start else 0
    stop = int(header.ends[stream, run.stop - 1])
    return header.offsets[stream] + start, stop - start


def _verify(path: str, header: SegmentHeader, stream: int, run: range, data: bytes) -> None:
    """Compare the checksum of every granule of a run."""
    ends = header.ends[stream]
    base = int(ends[run.start - 1]) if run.start else 0
    view, at = memoryview(data), 0
    expected = header.checksums[stream, run.start : run.stop].tolist()
    for end, crc in zip(ends[run.start : run.stop].tolist(), expected, strict=True):
        if zlib.crc32(view[at : end - base]) != crc:
            raise StorageError(
                CHECKSUM_DOESNT_MATCH,
                f"file {path!r} is damaged near byte {header.offsets[stream] + base + at} "
                "(checksum differs)",
            )
        at = end - base


def _checksums(stream: Stream) -> NDArray[np.uint32]:
    """Return the CRC-32 of each granule of a stream, uint32 little-endian."""
    view, at = np.ascontiguousarray(stream.data).data, 0
    found = []
    for end in stream.ends.tolist():
        found.append(zlib.crc32(view[at:end]))
        at = end
    return np.array(found, "<u4")


def _header_crc(prelude: bytes, body: bytes) -> int:
    """Return the CRC-32 of a header whose checksum field is zero."""
    return zlib.crc32(body, zlib.crc32(prelude))


def _aligned(n_bytes: int) -> int:
    """Round up to whole words, so that arrays begin where processors like them to."""
    return -(-n_bytes // ALIGNMENT) * ALIGNMENT


def _count(value: object) -> int:
    """Return a whole number of at least 1."""
    if not isinstance(value, int) or value < 1:
        raise ValueError(f"expected a positive number, got {value!r}")
    return value


def _size(value: object) -> int:
    """Return a whole number of at least 0."""
    if not isinstance(value, int) or value < 0:
        raise ValueError(f"expected a size, got {value!r}")
    return value


def _damaged(path: str, why: str) -> StorageError:
    return StorageError(CORRUPTED_DATA, f"file {path!r} is damaged: {why}")
