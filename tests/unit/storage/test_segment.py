"""Column files: what is read of them, and nonsense under a right checksum."""

from __future__ import annotations

import json
import zlib

import numpy as np
import pytest

from minidb.columns import ArrayColumn, NumericColumn, column_from_values
from minidb.errors import CORRUPTED_DATA, DATABASE_IS_NEWER, StorageError
from minidb.storage.encoding import Piece, StreamError, decode_column, encode_column
from minidb.storage.manifest import (
    Manifest,
    decode_manifest,
    encode_manifest,
    is_temporary,
    manifest_name,
    version_of,
)
from minidb.storage.segment import (
    MAGIC,
    PRELUDE,
    FileEntry,
    read_header,
    read_rows,
    segment_image,
)
from minidb.storage.statistics import granule_starts
from minidb.storage.vfs import Vfs
from minidb.types import ArrayType, IntType, StringType
from tests.strategies.columns import EVERY_TYPE, same_values, sample_column


@pytest.mark.parametrize("data_type", EVERY_TYPE, ids=str)
@pytest.mark.parametrize("n_rows", [1, 63, 64, 65])
def test_every_type_comes_back(tmp_path, data_type, n_rows):
    column = sample_column(data_type, n_rows)
    entry, buffers = segment_image(column, 32)
    path = str(tmp_path / "file")
    (tmp_path / "file").write_bytes(b"".join(buffers))
    assert sum(map(len, buffers)) == entry.n_bytes
    header = read_header(Vfs(), path, entry)
    assert same_values(read_rows(Vfs(), path, header, None), column)
    last = range((n_rows - 1) // 32, (n_rows - 1) // 32 + 1)
    assert same_values(
        read_rows(Vfs(), path, header, [last]), column.slice(last.start * 32, n_rows)
    )


def test_the_constant_column_is_written_in_full(tmp_path):
    column = NumericColumn(IntType(16, True), np.broadcast_to(np.int16(-7), 5))
    streams = encode_column(column, granule_starts(5, 2))
    assert len(streams[0].data) == 10


@pytest.mark.parametrize(("length", "size"), [(255, 1), (256, 2), (65_536, 4)])
def test_lengths_take_the_bytes_they_need(length, size):
    column = column_from_values(StringType(), ["x" * length])
    assert encode_column(column, granule_starts(1, 1))[0].item_bytes == size


def test_pieces_that_do_not_fit_are_refused():
    text = StringType()
    for pieces in (
        [],
        [Piece(1, b"\2")],
        [Piece(1, b"\2"), Piece(1, b"a")],
        [Piece(3, b"\2"), Piece(1, b"ab")],
        [Piece(1, b"\2\2"), Piece(1, b"ab")],
        [Piece(8, b"\xff" * 8), Piece(1, b"")],
    ):
        with pytest.raises(StreamError):
            decode_column(text, iter(pieces), 1)


def test_a_slice_is_stored_without_what_it_leaves_out():
    whole = column_from_values(ArrayType(IntType(8, False)), [[1, 2], [3], [4, 5]])
    assert isinstance(whole, ArrayColumn)
    streams = encode_column(whole.slice(1, 2), granule_starts(1, 8))
    assert [stream.data.tolist() for stream in streams] == [[1], [3]]


META = {"type": "UInt8", "rows": 3, "granule_rows": 2, "streams": [[1, 3]], "statistics": None}


def write_crafted(path, meta: object, ends: list[int], magic: bytes = MAGIC, version: int = 1):
    """Write a segment whose checksum is right, whatever stands in it."""
    text = json.dumps(meta).encode()
    body = text + np.array(ends, "<i8").tobytes() + bytes(4 * len(ends))
    size = PRELUDE.size + len(body)
    crc = zlib.crc32(body, zlib.crc32(PRELUDE.pack(magic, version, size, len(text), 0)))
    path.write_bytes(PRELUDE.pack(magic, version, size, len(text), crc) + body + b"\1\2\3")
    return FileEntry(size + 8, size, crc)


@pytest.mark.parametrize(
    ("change", "ends"),
    [
        ({"type": "Nope"}, [2, 3]),
        ({"type": 3}, [2, 3]),
        ({"rows": -1}, [2, 3]),
        ({"rows": 1 << 62}, [2, 3]),
        ({"granule_rows": 0}, [2, 3]),
        ({"streams": [[1, 1 << 62]]}, [2, 3]),
        ({"streams": 5}, [2, 3]),
        ({"statistics": [[1, 5]]}, [2, 3]),
        ({}, [4, 3]),
        ({}, [-1, 3]),
        ({}, [2]),
    ],
)
def test_nonsense_with_the_right_checksum_is_damage(tmp_path, change, ends):
    entry = write_crafted(tmp_path / "file", META | change, ends)
    with pytest.raises(StorageError, match="file") as caught:
        read_header(Vfs(), str(tmp_path / "file"), entry)
    assert caught.value.code == CORRUPTED_DATA


@pytest.mark.parametrize(("magic", "version"), [(b"elseelse", 1), (MAGIC, 2)])
def test_another_kind_of_file_is_damage(tmp_path, magic, version):
    entry = write_crafted(tmp_path / "file", META, [2, 3], magic, version)
    with pytest.raises(StorageError, match="no segment of format 1"):
        read_header(Vfs(), str(tmp_path / "file"), entry)


def test_a_header_too_short_is_damage(tmp_path):
    (tmp_path / "file").write_bytes(b"abc")
    with pytest.raises(StorageError, match="too short"):
        read_header(Vfs(), str(tmp_path / "file"), FileEntry(3, 3, 0))


def test_streams_of_another_type_are_damage(tmp_path):
    entry = write_crafted(tmp_path / "file", META | {"type": "UInt16"}, [2, 3])
    header = read_header(Vfs(), str(tmp_path / "file"), entry)
    with pytest.raises(StorageError):
        read_rows(Vfs(), str(tmp_path / "file"), header, None)


def test_manifest_names():
    assert manifest_name(7) == "manifest-000000000007"
    assert version_of("manifest-000000000007") == 7
    assert version_of("manifest-000000000007.tmp") is None
    assert version_of("letter.txt") is None
    assert is_temporary("manifest-000000000007.tmp")
    assert not is_temporary("manifest-000000000007")


def test_a_manifest_says_its_version_twice():
    content = encode_manifest(Manifest(7, 1))
    assert decode_manifest(content, "path", 7) == Manifest(7, 1)
    with pytest.raises(StorageError, match="it is version 7"):
        decode_manifest(content, "path", 8)


def test_the_first_line_is_checked_before_it_is_believed():
    content = encode_manifest(Manifest(7, 1))
    newer = content.replace(b"format 0001", b"format 0002")
    with pytest.raises(StorageError) as caught:
        decode_manifest(newer, "path", 7)
    assert caught.value.code != DATABASE_IS_NEWER
