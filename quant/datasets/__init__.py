"""The data sets by name, and what each of them gives: pixels to train on and pixels to judge by.

A data set hands out pixels as they are, 0 to `max_pixel`; the network normalizes them itself, so
that the same network answers for pixels in the database. Nothing is ever downloaded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

from quant.errors import unknown_name

if TYPE_CHECKING:
    import torch
    from torch import Tensor

__all__ = ["DATASETS", "Dataset", "DatasetEntry", "Split", "find_dataset", "load_dataset"]

Rows: TypeAlias = NDArray[np.int64]


class Split(Protocol):
    """Images with their labels, in a fixed order."""

    def __len__(self) -> int:
        """Return how many images there are."""

    def batch(self, rows: Rows, generator: torch.Generator | None) -> tuple[Tensor, Tensor]:
        """Return some of the images; called from several threads at once.

        Parameters
        ----------
        rows : ndarray of int64, shape (n,)
            Which images.
        generator : torch.Generator, optional
            The only source of randomness of the transform for training. None asks for the
            transform for evaluation, which gives the same pixels each time.

        Returns
        -------
        pixels : Tensor of float32, shape (n, channels, height, width)
            0 to `max_pixel`.
        labels : Tensor of int64, shape (n,)
        """


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """A data set, read.

    Attributes
    ----------
    name : str
    classes : tuple of str
        The names of the labels 0, 1, ...
    channels, image_size : int
        Of the images that the splits give; they are square.
    max_pixel : int
    mean, std : tuple of float
        Of each channel, for pixels divided by `max_pixel`.
    training, validation : Split
    """

    name: str
    classes: tuple[str, ...]
    channels: int
    image_size: int
    max_pixel: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    training: Split
    validation: Split


@dataclass(frozen=True, slots=True)
class DatasetEntry:
    """What is known of a data set before it is read.

    Attributes
    ----------
    name : str
    home : str
        ``module:function``; the function takes the folder of all data sets and the size that
        images are to have, or None for their usual one, and returns a `Dataset`.
    help : str
        One line.
    """

    name: str
    home: str
    help: str


DATASETS: Mapping[str, DatasetEntry] = {
    entry.name: entry
    for entry in (
        DatasetEntry(
            "digits", "quant.datasets.digits:load",
            "shipped, 8x8: 898 images to train on and 300 to choose by; 599 stay unseen",
        ),
        DatasetEntry(
            "digits-final", "quant.datasets.digits:load_final",
            "shipped, 8x8: all 1,198 images to train on, judged by the 599 held out",
        ),
        DatasetEntry(
            "mnist", "quant.datasets.mnist:load",
            "70,000 handwritten digits of 28x28, from IDX files",
        ),
        DatasetEntry(
            "cifar10", "quant.datasets.cifar:load_cifar10",
            "60,000 coloured images of 32x32 in ten classes, from binary or pickled batches",
        ),
        DatasetEntry(
            "cifar100", "quant.datasets.cifar:load_cifar100",
            "60,000 coloured images of 32x32 in a hundred classes",
        ),
        DatasetEntry(
            "imagenet", "quant.datasets.folder:load",
            "folders train/CLASS and val/CLASS of images; needs Pillow",
        ),
    )
}  # fmt: skip
"""All data sets, by name."""


def find_dataset(name: str) -> DatasetEntry:
    """Return a data set's entry.

    Raises
    ------
    ExtensionError
        QUANT_UNKNOWN_NAME, with the nearest name.
    """
    if name not in DATASETS:
        raise unknown_name("data set", name, DATASETS)
    return DATASETS[name]


def load_dataset(name: str, root: Path, image_size: int | None = None) -> Dataset:
    """Read a data set.

    Parameters
    ----------
    name : str
    root : Path
        The folder in which the data sets' own folders lie.
    image_size : int, optional
        Rows and columns that images are to have, instead of the usual ones.

    Raises
    ------
    ExtensionError
        QUANT_UNKNOWN_NAME; and what its reader raises for a missing or damaged file.
    """
    module, _, attribute = find_dataset(name).home.partition(":")
    dataset: Dataset = getattr(import_module(module), attribute)(root, image_size)
    return dataset
