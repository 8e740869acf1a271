"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from quant.errors import QUANT_FILE_UNREADABLE, ExtensionError


def write_whole(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Write a file so that at every moment the old or the new one is there, whole.

    Parameters
    ----------
    path : Path
    write : callable
        Writes the content to the open file that it is given.

    Raises
    ------
    ExtensionError
        QUANT_FILE_UNREADABLE; the old file is untouched then.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with beside.open("wb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror or error}"
        raise ExtensionError(QUANT_FILE_UNREADABLE, message) from error
    finally:
        beside.unlink(missing_ok=True)


def write_bytes(path: Path, data: bytes | memoryview) -> None:
    """Write a file of these bytes, whole or not at all.

    Raises
    ------
    ExtensionError
        As `write_whole`.
    """
    write_whole(path, lambda file: file.write(data))
