"""The manifest: the one file that says which tables, parts and objects the database holds.

It is a line of fixed form, with format number, size and checksum, and a JSON text.
"""

from __future__ import annotations

import json
import re
import zlib
from typing import Any

from minidb.errors import (
    CHECKSUM_DOESNT_MATCH,
    CORRUPTED_DATA,
    DATABASE_IS_NEWER,
    StorageError,
)
from minidb.record import record
from minidb.storage.definition import TableDef, table_from_json, table_to_json
from minidb.storage.segment import FileEntry

MANIFEST_FORMAT = 1
TEMPORARY_ENDING = ".tmp"

_NAME = re.compile(r"manifest-(\d{12})")
_TEMPORARY = re.compile(r"manifest-\d{12}\.tmp")
# The form of this line is the same in every format, so that a newer one is recognised.
_FIRST_LINE = re.compile(rb"minidb manifest format (\d{4}) bytes (\d{12}) crc32 ([0-9a-f]{8})\n")


@record
class PartEntry:
    """What the manifest says of a part: one file per column, in the table's order."""

    name: str
    n_rows: int
    granule_rows: int
    files: tuple[FileEntry, ...]

    @property
    def n_bytes(self) -> int:
        """Return the bytes of all files."""
        return sum(file.n_bytes for file in self.files)


@record
class TableEntry:
    """A table and its parts, oldest first."""

    definition: TableDef
    parts: tuple[PartEntry, ...]


@record
class Manifest:
    """The whole database at one version.

    Parameters
    ----------
    version : int
        Grows with every commit; it is in the file's name too.
    next_part : int
        A number above those of all parts there ever were.
    tables : tuple of TableEntry
        All tables, with those of engine Memory, whose parts are not stored.
    objects : tuple of (kind, name, text)
        The other catalog objects.
    """

    version: int
    next_part: int
    tables: tuple[TableEntry, ...] = ()
    objects: tuple[tuple[str, str, str], ...] = ()

    @property
    def part_names(self) -> frozenset[str]:
        """Return the names of all parts."""
        return frozenset(part.name for table in self.tables for part in table.parts)


def manifest_name(version: int) -> str:
    """Return the file name of a version."""
    return f"manifest-{version:012d}"


def version_of(name: str) -> int | None:
    """Return the version that a file name says, None for other files."""
    found = _NAME.fullmatch(name)
    return int(found[1]) if found else None


def is_temporary(name: str) -> bool:
    """Whether `name` is that of a manifest that was never published."""
    return _TEMPORARY.fullmatch(name) is not None


def encode_manifest(manifest: Manifest) -> bytes:
    """Return the file's content."""
    data = {
        "version": manifest.version,
        "next_part": manifest.next_part,
        "tables": [
            {**table_to_json(t.definition), "parts": [_part_to_json(p) for p in t.parts]}
            for t in manifest.tables
        ],
        "objects": [list(entry) for entry in manifest.objects],
    }
    text = json.dumps(data, separators=(",", ":")).encode()
    return _first_line(MANIFEST_FORMAT, text) + text


def decode_manifest(content: bytes, path: str, version: int) -> Manifest:
    """Read what `encode_manifest` made.

    Parameters
    ----------
    content : bytes
        The whole file.
    path : str
        Its name, for messages.
    version : int
        The version that the file name says.

    Raises
    ------
    StorageError
        CHECKSUM_DOESNT_MATCH or CORRUPTED_DATA, or DATABASE_IS_NEWER.
    """
    found = _FIRST_LINE.match(content)
    if found is None:
        raise _damaged(path, "its first line is not a manifest's")
    text = content[found.end() :]
    if int(found[2]) != len(text):
        raise _damaged(path, f"it holds {len(text)} bytes, expected {int(found[2])}")
    if found[0] != _first_line(int(found[1]), text):
        raise StorageError(
            CHECKSUM_DOESNT_MATCH, f"the manifest {path!r} is damaged (checksum differs)"
        )
    if int(found[1]) > MANIFEST_FORMAT:
        raise StorageError(
            DATABASE_IS_NEWER,
            f"{path!r} has format {int(found[1])}, this minidb reads up to {MANIFEST_FORMAT}",
            hint="open it with the newer minidb that wrote it",
        )
    try:
        manifest = _manifest_from_json(json.loads(text))
    except (KeyError, TypeError, ValueError, RecursionError, StorageError) as error:
        raise _damaged(path, str(error)) from error
    if manifest.version != version:
        raise _damaged(path, f"it is version {manifest.version}")
    return manifest


def _first_line(version: int, text: bytes) -> bytes:
    """Return the first line: what follows, and what the line itself says, under one checksum."""
    described = b"minidb manifest format %04d bytes %012d crc32 " % (version, len(text))
    return described + b"%08x\n" % zlib.crc32(text, zlib.crc32(described))


def _part_to_json(part: PartEntry) -> list[Any]:
    files = [[f.n_bytes, f.header_bytes, f.header_crc32] for f in part.files]
    return [part.name, part.n_rows, part.granule_rows, files]


def _manifest_from_json(data: Any) -> Manifest:
    tables = []
    for entry in data["tables"]:
        definition = table_from_json(entry)
        parts = tuple(
            _part_from_json(part, len(definition.column_names)) for part in entry["parts"]
        )
        tables.append(TableEntry(definition, parts))
    objects = tuple((str(kind), str(name), str(text)) for kind, name, text in data["objects"])
    return Manifest(_number(data["version"]), _number(data["next_part"]), tuple(tables), objects)


def _part_from_json(data: Any, n_columns: int) -> PartEntry:
    name, n_rows, granule_rows, files = data
    if not isinstance(name, str) or not re.fullmatch(r"p\d{12}", name):
        raise ValueError(f"{name!r} is no name of a part")
    if len(files) != n_columns:
        raise ValueError(f"part {name} has {len(files)} files for {n_columns} columns")
    entries = tuple(FileEntry(_number(a), _number(b), _number(c, 0)) for a, b, c in files)
    return PartEntry(name, _number(n_rows), _number(granule_rows), entries)


def _number(value: object, least: int = 1) -> int:
    if not isinstance(value, int) or value < least:
        raise ValueError(f"expected a number of at least {least}, got {value!r}")
    return value


def _damaged(path: str, why: str) -> StorageError:
    return StorageError(CORRUPTED_DATA, f"the manifest {path!r} is damaged: {why}")
