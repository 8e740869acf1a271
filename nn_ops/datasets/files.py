"""The bytes of a data file, unpacked when it ends in ``.gz``, and errors that say where to find it."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

from nn_ops.errors import NN_FILE_DAMAGED, NN_FILE_UNREADABLE, ExtensionError

MNIST_PAGE = "yann.lecun.com/exdb/mnist"
CIFAR_PAGE = "www.cs.toronto.edu/~kriz/cifar.html"
IMAGENET_PAGE = "www.image-net.org"


def read_data_file(path: Path, published_at: str) -> bytes:
    """Return the bytes of a data file; a name that ends in ``.gz`` is unpacked.

    Parameters
    ----------
    path : Path
    published_at : str
        The page where its publisher offers it, for the message.

    Raises
    ------
    ExtensionError
        NN_FILE_UNREADABLE when there is no such file or it cannot be read, NN_FILE_DAMAGED when
        its compressed content is not whole.
    """
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise ExtensionError(
            NN_FILE_UNREADABLE,
            f"there is no data file {path.name!r} in {str(path.parent)!r}",
            hint=f"nothing is downloaded: it is published at {published_at}; put it there",
        ) from error
    except (OSError, ValueError) as error:
        raise ExtensionError(
            NN_FILE_UNREADABLE,
            f"the data file {str(path)!r} cannot be read: {error}",
            hint="check the path and its permissions",
        ) from error
    if path.suffix != ".gz":
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise ExtensionError(
            NN_FILE_DAMAGED,
            f"the compressed file {path.name!r} ({len(data)} bytes) is not whole: {error}",
            hint=f"fetch it again from {published_at}",
        ) from error


def damaged(path: Path, offset: int, what: str, published_at: str) -> ExtensionError:
    """Return the error for a data file whose content is wrong at an offset.

    Parameters
    ----------
    path : Path
    offset : int
        In bytes, from the start of the (unpacked) content.
    what : str
        What is wrong there.
    published_at : str
    """
    return ExtensionError(
        NN_FILE_DAMAGED,
        f"{path.name!r}, at byte {offset}: {what}",
        hint=f"fetch it again from {published_at}",
    )
