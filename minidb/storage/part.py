"""A part on disk: a folder with one segment per column."""

from __future__ import annotations

import os
from collections.abc import Sequence

from minidb.columns import Batch, Column
from minidb.errors import CORRUPTED_DATA, InternalError, StorageError
from minidb.storage.definition import TableDef
from minidb.storage.manifest import PartEntry
from minidb.storage.segment import (
    FileEntry,
    SegmentHeader,
    read_header,
    read_rows,
    segment_image,
)
from minidb.storage.statistics import GranuleStatistics
from minidb.storage.store import Part
from minidb.storage.vfs import Vfs


def segment_name(position: int) -> str:
    """Return the file name of the column at `position` in the table, counted from 0."""
    return f"{position:06d}.seg"


class DiskPart(Part):
    """A part whose columns are files, read when asked for.

    Parameters
    ----------
    vfs : Vfs
        Where the files are.
    folder : str
        The part's folder.
    definition : TableDef
        Names and types of the columns.
    entry : PartEntry
        What the manifest says.
    """

    __slots__ = (
        "_columns",
        "_folder",
        "_headers",
        "_types",
        "_vfs",
        "entry",
        "granule_rows",
        "n_bytes",
        "n_rows",
        "name",
    )

    def __init__(self, vfs: Vfs, folder: str, definition: TableDef, entry: PartEntry) -> None:
        self.name = entry.name
        self.n_rows = entry.n_rows
        self.n_bytes = entry.n_bytes
        self.granule_rows = entry.granule_rows
        self.entry = entry
        self._vfs = vfs
        self._folder = folder
        self._columns = {name: i for i, name in enumerate(definition.column_names)}
        self._types = definition.column_types
        # Verified headers; two threads may both read one, which comes out equal.
        self._headers: dict[int, SegmentHeader] = {}

    def statistics(self, column: str) -> GranuleStatistics | None:
        """Return bounds per granule out of the column's header."""
        return self._header(self._position(column)).statistics

    def read(self, columns: Sequence[str], granules: Sequence[range] | None = None) -> Batch:
        """Read columns of whole granules, verifying what is read."""
        n_rows = sum(stop - start for start, stop in self.rows_of(granules))
        return Batch(tuple(self._read_column(name, granules) for name in columns), n_rows)

    def _read_column(self, name: str, granules: Sequence[range] | None) -> Column:
        position = self._position(name)
        return read_rows(self._vfs, self._path(position), self._header(position), granules)

    def _position(self, column: str) -> int:
        position = self._columns.get(column)
        if position is None:
            raise InternalError(f"part {self.name!r} has no column {column!r}")
        return position

    def _path(self, position: int) -> str:
        return os.path.join(self._folder, segment_name(position))

    def _header(self, position: int) -> SegmentHeader:
        header = self._headers.get(position)
        if header is None:
            path = self._path(position)
            header = read_header(self._vfs, path, self.entry.files[position])
            described = (header.type, header.n_rows, header.granule_rows)
            if described != (self._types[position], self.n_rows, self.granule_rows):
                raise StorageError(CORRUPTED_DATA, f"file {path!r} is of another part")
            self._headers[position] = header
        return header


def write_part(
    vfs: Vfs, folder: str, name: str, definition: TableDef, batch: Batch, granule_rows: int
) -> DiskPart:
    """Write the files of a part and wait until the disk has them.

    The folder's own name lasts only after its parent is synced, which the commit does.

    Raises
    ------
    StorageError
        NOT_ENOUGH_SPACE or another failure; files may stay behind, which nothing names.
    """
    vfs.make_folder(folder)
    files: list[FileEntry] = []
    for position, column in enumerate(batch.columns):
        entry, buffers = segment_image(column, granule_rows)
        vfs.write_new(os.path.join(folder, segment_name(position)), buffers)
        files.append(entry)
    vfs.sync_folder(folder)
    entry_of_part = PartEntry(name, batch.n_rows, granule_rows, tuple(files))
    return DiskPart(vfs, folder, definition, entry_of_part)
