"""A folder of images as ImageNet has it: ``train/CLASS/*.jpeg`` and ``val/CLASS/*.jpeg``."""

from __future__ import annotations

import importlib.util
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from nn_ops.datasets.files import IMAGENET_PAGE
from nn_ops.errors import NN_FILE_DAMAGED, NN_FILE_UNREADABLE
from quant.datasets import Dataset, Rows
from quant.errors import QUANT_BAD_OPTION, ExtensionError

if importlib.util.find_spec("PIL") is None:
    raise ExtensionError(
        QUANT_BAD_OPTION,
        "folders of images are read by Pillow, which is not installed",
        hint="pip install 'minidb-nn[images]'",
    )

from PIL import Image, UnidentifiedImageError

SIZE, MAX_PIXEL = 224, 255
BORDER = 256 / 224
"""For evaluation the shorter side becomes so much larger than the crop from its middle."""
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
SUFFIXES = frozenset({".jpeg", ".jpg", ".png", ".bmp", ".gif", ".ppm", ".tif", ".tiff", ".webp"})
AREA, RATIO, TRIES = (0.08, 1.0), (3 / 4, 4 / 3), 10
"""A random crop: its share of the image, its width by its height, and how often it is tried."""


@dataclass(frozen=True, slots=True)
class FolderSplit:
    """Images in files, read when they are asked for.

    Attributes
    ----------
    files : tuple of (Path, int)
        Each image and its label.
    size : int
        Rows and columns of what is handed out.
    """

    files: tuple[tuple[Path, int], ...]
    size: int

    def __len__(self) -> int:
        """Return how many images there are."""
        return len(self.files)

    def batch(self, rows: Rows, generator: torch.Generator | None) -> tuple[Tensor, Tensor]:
        """Return some of the images; see `Split`.

        Raises
        ------
        ExtensionError
            NN_FILE_DAMAGED for a file that is no whole image.
        """
        chosen = [self.files[row] for row in rows.tolist()]
        images = np.stack([self._read(path, generator) for path, _ in chosen])
        labels = torch.tensor([label for _, label in chosen], dtype=torch.int64)
        return torch.from_numpy(images).permute(0, 3, 1, 2).float(), labels

    def _read(self, path: Path, generator: torch.Generator | None) -> np.ndarray[tuple[int, ...]]:
        """Return one image, uint8 of shape (size, size, 3)."""
        try:
            with Image.open(path) as file:
                image = file.convert("RGB")
        except (OSError, UnidentifiedImageError, ValueError, SyntaxError) as error:
            raise _damaged(path, error) from error
        except Image.DecompressionBombError as error:
            raise _damaged(path, error) from error
        if generator is None:
            return np.asarray(middle(image, self.size))
        return np.asarray(random_part(image, self.size, generator))


def middle(image: Image.Image, size: int) -> Image.Image:
    """Return the square from the middle of an image whose shorter side is a little longer."""
    factor = round(size * BORDER) / min(image.size)
    width, height = (max(size, round(side * factor)) for side in image.size)
    larger = image.resize((width, height), Image.Resampling.BILINEAR)
    left, top = round((width - size) / 2), round((height - size) / 2)
    return larger.crop((left, top, left + size, top + size))


def random_part(image: Image.Image, size: int, generator: torch.Generator) -> Image.Image:
    """Return a random part of an image, of random size and shape, mirrored every other time."""

    def draw(low: float, high: float) -> float:
        return low + (high - low) * float(torch.rand((), generator=generator))

    width, height = image.size
    box = (0.0, 0.0, float(width), float(height))
    for _ in range(TRIES):
        area = draw(*AREA) * width * height
        ratio = math.exp(draw(math.log(RATIO[0]), math.log(RATIO[1])))
        across, down = math.sqrt(area * ratio), math.sqrt(area / ratio)
        if across <= width and down <= height:
            left, top = draw(0, width - across), draw(0, height - down)
            box = (left, top, left + across, top + down)
            break
    part = image.resize((size, size), Image.Resampling.BILINEAR, box=box)
    if draw(0, 1) < 0.5:
        part = part.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    return part


def load(root: Path, image_size: int | None) -> Dataset:
    """Return the images below ``root/imagenet``, or below `root` itself.

    Raises
    ------
    ExtensionError
        NN_FILE_UNREADABLE when there are no such folders, or their classes differ.
    """
    size = SIZE if image_size is None else image_size
    home = root / "imagenet" if (root / "imagenet").is_dir() else root
    classes = _classes(home / "train")
    if _classes(home / "val") != classes:
        raise ExtensionError(
            NN_FILE_UNREADABLE,
            f"{str(home / 'val')!r} has other classes than {str(home / 'train')!r}",
            hint="each class is one folder of the same name in both",
        )
    return Dataset(
        name="imagenet",
        classes=classes,
        channels=3,
        image_size=size,
        max_pixel=MAX_PIXEL,
        mean=MEAN,
        std=STD,
        training=_split(home / "train", classes, size),
        validation=_split(home / "val", classes, size),
    )


def _classes(folder: Path) -> tuple[str, ...]:
    """Return the names of a folder's folders, in order."""
    names = (
        tuple(sorted(one.name for one in folder.iterdir() if one.is_dir()))
        if (folder.is_dir())
        else ()
    )
    if not names:
        raise ExtensionError(
            NN_FILE_UNREADABLE,
            f"there are no folders of images in {str(folder)!r}",
            hint=f"nothing is downloaded: ImageNet is published at {IMAGENET_PAGE}; "
            "each class is a folder below train and val",
        )
    return names


def _split(folder: Path, classes: tuple[str, ...], size: int) -> FolderSplit:
    files = tuple(
        (path, label)
        for label, name in enumerate(classes)
        for path in sorted((folder / name).iterdir())
        if path.suffix.lower() in SUFFIXES
    )
    if not files:
        raise ExtensionError(
            NN_FILE_UNREADABLE,
            f"there are no images in the folders of {str(folder)!r}",
            hint=f"images end in one of {', '.join(sorted(SUFFIXES))}",
        )
    return FolderSplit(files, size)


def _damaged(path: Path, error: Exception) -> ExtensionError:
    return ExtensionError(
        NN_FILE_DAMAGED, f"{str(path)!r} is no whole image: {error}", hint="fetch it again"
    )
