"""CIFAR-10 and CIFAR-100, from the binary and from the pickled batches."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nn_ops.datasets.files import CIFAR_PAGE, damaged, read_data_file
from nn_ops.datasets.pickled import PICKLE_START, PickledBytes, read_pickled

HEIGHT = WIDTH = 32
CHANNELS = 3
IMAGE_BYTES = HEIGHT * WIDTH * CHANNELS


@dataclass(frozen=True, slots=True)
class CifarForm:
    """What tells CIFAR-10 from CIFAR-100.

    Attributes
    ----------
    name : str
    labels : tuple of str
        The kinds of label, one byte each, in the order of a binary record; the last is the finest.
    classes : tuple of int
        How many classes each kind has.
    """

    name: str
    labels: tuple[str, ...]
    classes: tuple[int, ...]


CIFAR10 = CifarForm("CIFAR-10", ("labels",), (10,))
CIFAR100 = CifarForm("CIFAR-100", ("coarse_labels", "fine_labels"), (20, 100))


@dataclass(frozen=True, slots=True, eq=False)
class LabelledImages:
    """Images and their labels.

    Attributes
    ----------
    pixels : ndarray of uint8, shape (n, 32, 32, 3)
        By row, column, channel; red, green, blue from 0 to 255.
    labels : ndarray of uint8, shape (n, kinds of label)
    """

    pixels: NDArray[np.uint8]
    labels: NDArray[np.uint8]


def read_cifar(path: Path, form: CifarForm) -> LabelledImages:
    """Return the images of one batch file, binary or pickled: its first byte tells which.

    Parameters
    ----------
    path : Path
        A name that ends in ``.gz`` is unpacked.
    form : CifarForm

    Raises
    ------
    ExtensionError
        NN_FILE_UNREADABLE, or NN_FILE_DAMAGED with the file's name and the offset.
    """
    data = read_data_file(path, CIFAR_PAGE)
    if data[: len(PICKLE_START)] == PICKLE_START:
        return _parse_pickled(data, path, form)
    return parse_binary(data, path, form)


def parse_binary(data: bytes, path: Path, form: CifarForm) -> LabelledImages:
    """Return the images of a binary batch: per image its labels, then three planes of pixels.

    Raises
    ------
    ExtensionError
        NN_FILE_DAMAGED.
    """
    n_labels = len(form.labels)
    size = n_labels + IMAGE_BYTES
    if not data or len(data) % size:
        whole = len(data) // size * size
        what = f"a record of {form.name} has {size} bytes, the last one here {len(data) - whole}"
        raise damaged(path, whole, what, CIFAR_PAGE)
    records = np.frombuffer(data, np.uint8).reshape(-1, size)
    labels = records[:, :n_labels]
    _check_labels(labels, form, path, size)
    return LabelledImages(_channels_last(records[:, n_labels:]), labels.copy())


def _parse_pickled(data: bytes, path: Path, form: CifarForm) -> LabelledImages:
    """Return the images of a pickled batch: a dictionary with an array and lists of labels."""
    batch = read_pickled(data, path)
    if not isinstance(batch, dict):
        raise damaged(path, 0, f"a pickled batch of {form.name} is a dictionary", CIFAR_PAGE)
    pixels = batch.get(b"data", batch.get("data"))
    if not isinstance(pixels, PickledBytes) or pixels.item_type not in {"u1", "|u1", "uint8"}:
        raise damaged(path, 0, "its 'data' is no array of bytes", CIFAR_PAGE)
    n_images = len(pixels.data) // IMAGE_BYTES
    if pixels.shape != (n_images, IMAGE_BYTES) or len(pixels.data) != n_images * IMAGE_BYTES:
        raise damaged(path, 0, f"its 'data' has no rows of {IMAGE_BYTES} bytes", CIFAR_PAGE)
    columns = [_labels(batch, name, n_images, form, path) for name in form.labels]
    labels = np.array(columns, np.int64).T.reshape(n_images, len(form.labels))
    _check_labels(labels, form, path, 0)
    rows = np.frombuffer(pixels.data, np.uint8).reshape(n_images, IMAGE_BYTES)
    return LabelledImages(_channels_last(rows), labels.astype(np.uint8))


def _labels(
    batch: dict[object, object], name: str, n_images: int, form: CifarForm, path: Path
) -> list[int]:
    """Return one kind of label, a small integer for each image."""
    found = batch.get(name.encode(), batch.get(name))
    limit = form.classes[form.labels.index(name)]
    if not isinstance(found, list) or len(found) != n_images:
        raise damaged(path, 0, f"its {name!r} is no list of {n_images} labels", CIFAR_PAGE)
    if not all(type(label) is int and 0 <= label < limit for label in found):
        raise damaged(path, 0, f"its {name!r} are not all from 0 to {limit - 1}", CIFAR_PAGE)
    return found


def _check_labels(labels: NDArray[np.generic], form: CifarForm, path: Path, record: int) -> None:
    """Raise at the first label that is outside its classes."""
    wrong = np.argwhere(labels >= np.array(form.classes))
    if len(wrong):
        row, place = (int(number) for number in wrong[0])
        what = f"label {labels[row, place]} of image {row} is not below {form.classes[place]}"
        raise damaged(path, row * record + place, what, CIFAR_PAGE)


def _channels_last(planes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return rows of three planes as images with the channel fastest."""
    images = planes.reshape(-1, CHANNELS, HEIGHT, WIDTH).transpose(0, 2, 3, 1)
    return np.ascontiguousarray(images)
