"""The shipped handwritten digits: 1,797 images of 8x8 pixels, and the split that is held out."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from nn_ops.errors import NN_FILE_DAMAGED, NN_FILE_UNREADABLE, ExtensionError

N_IMAGES = 1797
N_HELD_OUT = 599
N_CLASSES = 10
HEIGHT = WIDTH = 8
MAX_PIXEL = 16
SHA256 = "089d33176bf6819a5c6ebd6746c5293713f4e81c2c8fc52b672e6e15faa78f41"
"""Of `data/digits.npz`."""


@dataclass(frozen=True, slots=True, eq=False)
class Digits:
    """Handwritten digits in their original order.

    Attributes
    ----------
    pixels : ndarray of uint8, shape (n, 64)
        Row-major 8x8 images; ink from 0 (none) to 16.
    labels : ndarray of uint8, shape (n,)
        The digit, 0 to 9.
    """

    pixels: NDArray[np.uint8]
    labels: NDArray[np.uint8]

    @property
    def training(self) -> Digits:
        """The first two thirds: 1,198 images."""
        return self[:-N_HELD_OUT]

    @property
    def held_out(self) -> Digits:
        """The last third, never looked at while training or choosing: 599 images."""
        return self[-N_HELD_OUT:]

    def __getitem__(self, rows: slice) -> Digits:
        return Digits(self.pixels[rows], self.labels[rows])

    def __len__(self) -> int:
        return len(self.labels)


def load_digits() -> Digits:
    """Return the shipped digits.

    Returns
    -------
    Digits
        All 1,797 images; its arrays are read-only.

    Raises
    ------
    ExtensionError
        NN_FILE_UNREADABLE when the package lacks the file, NN_FILE_DAMAGED when it is
        not the one that was shipped.
    """
    try:
        data = files("nn_ops").joinpath("data/digits.npz").read_bytes()
    except OSError as error:
        raise ExtensionError(
            NN_FILE_UNREADABLE,
            f"the shipped digits cannot be read: {error}",
            hint="install the package again",
        ) from error
    return parse_digits(data)


def parse_digits(data: bytes) -> Digits:
    """Return the digits that the bytes of the shipped NPZ file hold.

    Parameters
    ----------
    data : bytes
        An NPZ file with uint8 arrays `pixels` (1797, 64) and `labels` (1797,).

    Returns
    -------
    Digits

    Raises
    ------
    ExtensionError
        NN_FILE_DAMAGED for any other bytes.

    Notes
    -----
    The checksum comes first: on damaged bytes NumPy raises many kinds of exceptions, and what a
    checksum lets pass cannot be damaged.
    """
    if hashlib.sha256(data).hexdigest() != SHA256:
        raise ExtensionError(
            NN_FILE_DAMAGED,
            f"the digits file ({len(data)} bytes) is not the one that was shipped",
            hint="install the package again",
        )
    with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
        pixels, labels = arrays["pixels"], arrays["labels"]
    pixels.flags.writeable = labels.flags.writeable = False
    return Digits(pixels, labels)
