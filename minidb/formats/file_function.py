"""The table function ``file(path[, format[, structure]])``: rows of a text file."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import field, replace

from minidb.columns import Column
from minidb.errors import (
    BAD_ARGUMENTS,
    FILE_DOESNT_EXIST,
    FILE_SYSTEM_ERROR,
    UNKNOWN_FORMAT,
    BindError,
    StorageError,
)
from minidb.formats.format import Format, Target, format_options
from minidb.formats.registry import all_formats, find_input_format
from minidb.functions.arguments import STRING, Arg
from minidb.functions.declaration import Argument, TableFunction
from minidb.record import state
from minidb.settings import Settings
from minidb.storage.vfs import Vfs
from minidb.types import DataType, TupleType
from minidb.types.names import parse_type


@state
class FileSource:
    """The rows of one file, parsed when they are scanned.

    Parameters
    ----------
    data : bytes
        The whole file.
    format : Format
        One that can be read.
    target : Target
        The columns, given or inferred.
    """

    data: bytes
    format: Format
    target: Target
    names: tuple[str, ...] = field(init=False)
    types: tuple[DataType, ...] = field(init=False)

    def __post_init__(self) -> None:
        self.names, self.types = self.target.names, self.target.types

    def scan(self, columns: Sequence[int], batch_rows: int) -> Iterator[tuple[Column, ...]]:
        """Yield the wanted columns (by number), at most `batch_rows` rows at a time."""
        if self.format.read is None:
            return
        whole = self.format.read(self.data, self.target)
        n_rows = len(whole[0]) if whole else 0
        for start in range(0, n_rows, batch_rows):
            stop = min(start + batch_rows, n_rows)
            yield tuple(whole[place].slice(start, stop) for place in columns)

    def estimate_rows(self) -> int | None:
        """Return the number of lines."""
        return self.data.count(b"\n")


def read_file(path: str) -> bytes:
    """Return the bytes of a file; a relative path begins at the working directory.

    Raises
    ------
    StorageError
        FILE_DOESNT_EXIST, or FILE_SYSTEM_ERROR for a folder or a file that cannot be read.
    """
    absolute = os.path.abspath(path)
    vfs = Vfs()
    if vfs.kind(absolute) == "folder":
        raise StorageError(FILE_SYSTEM_ERROR, f"{path!r} is a folder, not a file")
    hold = vfs.hold(absolute)
    if hold is None:
        raise StorageError(FILE_DOESNT_EXIST, f"file {path!r} does not exist")
    try:
        return hold.read()
    finally:
        hold.close()


def parse_structure(structure: str) -> Target:
    """Return the columns of a text such as ``a UInt8, b String``.

    Raises
    ------
    BindError, SqlSyntaxError
        BAD_ARGUMENTS when a column has no name, and what `parse_type` raises.
    """
    parsed = parse_type(f"Tuple({structure})")
    if not isinstance(parsed, TupleType) or not parsed.names:
        hint = "for example 'a UInt8, b String'"
        raise BindError(BAD_ARGUMENTS, "the structure names each column and its type", hint=hint)
    return Target(parsed.names, parsed.elements)


def format_of_path(path: str) -> Format:
    """Return the format that the end of a file's name tells.

    Raises
    ------
    BindError
        UNKNOWN_FORMAT when it tells none.
    """
    suffix = path.rpartition(".")[2].lower()
    for item in all_formats():
        if item.read is not None and suffix in item.suffixes:
            return item
    hint = f"name it: file('{path}', 'CSV')"
    raise BindError(UNKNOWN_FORMAT, f"the name {path!r} does not tell a format", hint=hint)


def _open(arguments: Sequence[Argument], settings: Settings) -> FileSource:
    """Read the file, and find its columns when no structure is given."""
    path, name, structure = (*(_text(argument) for argument in arguments), "auto", "auto")[:3]
    if not path or "\0" in path:
        raise BindError(BAD_ARGUMENTS, f"{path!r} is no file name")
    chosen = format_of_path(path) if name.lower() == "auto" else find_input_format(name)
    given = parse_structure(structure) if structure.lower() != "auto" else None
    data = read_file(path)
    if given is None:
        if chosen.infer is None:
            raise BindError(BAD_ARGUMENTS, f"file() needs a structure for format {chosen.name}")
        given = chosen.infer(data)
    return FileSource(data, chosen, replace(given, options=format_options(settings)))


def _text(argument: Argument) -> str:
    """Return a constant text; bytes that are not UTF-8 as the system's file names have them."""
    value = argument.constant_value()
    return os.fsdecode(value) if isinstance(value, bytes) else str(value)


TABLE_FUNCTIONS = (
    TableFunction(
        "file",
        (
            Arg("path", STRING, is_constant=True),
            Arg("format", STRING, is_optional=True, is_constant=True),
            Arg("structure", STRING, is_optional=True, is_constant=True),
        ),
        _open,
        "the rows of a file in any format that is read; names and types are found when not given",
        "SELECT * FROM file('digits.csv', 'CSV', 'label UInt8, pixels Array(UInt8)')",
    ),
)
