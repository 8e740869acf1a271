"""MNIST from its four IDX files, packed or not."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nn_ops.datasets.files import MNIST_PAGE, damaged
from nn_ops.datasets.idx import read_idx
from quant.datasets import Dataset
from quant.datasets.arrays import ArraySplit
from quant.datasets.places import find_file
from quant.datasets.transforms import resized

SIZE, N_CLASSES, MAX_PIXEL = 28, 10, 255
MEAN, STD = 0.1307, 0.3081
FOLDERS = ("mnist", "MNIST/raw", "MNIST", ".")


def load(root: Path, image_size: int | None) -> Dataset:
    """Return MNIST: 60,000 images to train on, judged by 10,000.

    Raises
    ------
    ExtensionError
        NN_FILE_UNREADABLE with where each file was looked for, NN_FILE_DAMAGED with its offset.
    """
    size = SIZE if image_size is None else image_size
    return Dataset(
        name="mnist",
        classes=tuple(str(digit) for digit in range(N_CLASSES)),
        channels=1,
        image_size=size,
        max_pixel=MAX_PIXEL,
        mean=(MEAN,),
        std=(STD,),
        training=_split(root, "train", size),
        validation=_split(root, "t10k", size),
    )


def _split(root: Path, prefix: str, size: int) -> ArraySplit:
    pixels = _read(root, f"{prefix}-images-idx3-ubyte", 3)
    labels = _read(root, f"{prefix}-labels-idx1-ubyte", 1)
    path = Path(f"{prefix}-labels-idx1-ubyte")
    if len(pixels) != len(labels):
        raise damaged(path, 4, f"{len(labels)} labels for {len(pixels)} images", MNIST_PAGE)
    if len(labels) and labels.max() >= N_CLASSES:
        place = int(np.argmax(labels >= N_CLASSES))
        raise damaged(path, 8 + place, f"label {labels[place]} is no digit", MNIST_PAGE)
    return ArraySplit(pixels[..., None], labels, resized(size))


def _read(root: Path, name: str, n_axes: int) -> NDArray[np.uint8]:
    """Return one of the files' arrays."""
    path = find_file(root, FOLDERS, (name, f"{name}.gz"), MNIST_PAGE)
    values = read_idx(path)
    sizes_fit = values.shape[1:] == (SIZE, SIZE)[: n_axes - 1]
    if values.ndim != n_axes or values.dtype != np.uint8 or not sizes_fit:
        found = f"{values.dtype} {values.shape}"
        raise damaged(path, 2, f"the array is {found}, which is not MNIST's", MNIST_PAGE)
    return values
