"""CIFAR-10 and CIFAR-100 from their binary or pickled batches."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nn_ops.datasets.cifar import CIFAR10, CIFAR100, CifarForm, LabelledImages, read_cifar
from nn_ops.datasets.files import CIFAR_PAGE
from quant.datasets import Dataset
from quant.datasets.arrays import ArraySplit
from quant.datasets.places import find_file
from quant.datasets.transforms import cropped_and_flipped, resized

SIZE, PADDING, MAX_PIXEL = 32, 4, 255
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
"""Those of ImageNet, as the original uses them for CIFAR too."""
CIFAR10_CLASSES = (
    "airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck",
)  # fmt: skip
CIFAR10_FOLDERS = ("cifar-10-batches-bin", "cifar-10-batches-py", "cifar10", ".")
CIFAR100_FOLDERS = ("cifar-100-binary", "cifar-100-python", "cifar100")


def load_cifar10(root: Path, image_size: int | None) -> Dataset:
    """Return CIFAR-10: 50,000 images to train on, judged by 10,000.

    Raises
    ------
    ExtensionError
        NN_FILE_UNREADABLE with where each file was looked for, NN_FILE_DAMAGED with its offset.
    """
    batches = [f"data_batch_{number}" for number in range(1, 6)]
    training = _read(root, CIFAR10_FOLDERS, batches, CIFAR10)
    judged = _read(root, CIFAR10_FOLDERS, ["test_batch"], CIFAR10)
    return _dataset("cifar10", CIFAR10_CLASSES, training, judged, image_size)


def load_cifar100(root: Path, image_size: int | None) -> Dataset:
    """Return CIFAR-100 with its fine labels.

    Raises
    ------
    ExtensionError
        As `load_cifar10`.
    """
    training = _read(root, CIFAR100_FOLDERS, ["train"], CIFAR100)
    judged = _read(root, CIFAR100_FOLDERS, ["test"], CIFAR100)
    classes = tuple(str(number) for number in range(CIFAR100.classes[-1]))
    return _dataset("cifar100", classes, training, judged, image_size)


def _read(
    root: Path, folders: Sequence[str], names: Sequence[str], form: CifarForm
) -> LabelledImages:
    """Return the images of all files of a split."""
    found = [
        read_cifar(find_file(root, folders, (f"{name}.bin", name), CIFAR_PAGE), form)
        for name in names
    ]
    return LabelledImages(
        np.concatenate([part.pixels for part in found]),
        np.concatenate([part.labels for part in found]),
    )


def _dataset(
    name: str,
    classes: tuple[str, ...],
    training: LabelledImages,
    judged: LabelledImages,
    image_size: int | None,
) -> Dataset:
    size = SIZE if image_size is None else image_size
    augmented = resized(size, cropped_and_flipped(PADDING))
    return Dataset(
        name=name,
        classes=classes,
        channels=3,
        image_size=size,
        max_pixel=MAX_PIXEL,
        mean=MEAN,
        std=STD,
        training=ArraySplit(training.pixels, training.labels[:, -1], augmented),
        validation=ArraySplit(judged.pixels, judged.labels[:, -1], resized(size)),
    )
