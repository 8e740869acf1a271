"""Files that are there whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

from quant.errors import QUANT_FILE_UNREADABLE, ExtensionError


def write_whole(path: Path, data: bytes | memoryview) -> None:
    """Write a file so that at every moment the old or the new one is there, whole.

    Parameters
    ----------
    path : Path
    data : bytes

    Raises
    ------
    ExtensionError
        QUANT_FILE_UNREADABLE.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with beside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        message = f"{path} cannot be written: {error.strerror}"
        raise ExtensionError(QUANT_FILE_UNREADABLE, message) from error
