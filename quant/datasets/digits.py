"""The shipped digits; the last third is judged by once, and nothing is chosen by looking at it."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

from nn_ops.digits import HEIGHT, MAX_PIXEL, N_CLASSES, WIDTH, Digits, load_digits
from quant.augment import Distortion, distort
from quant.datasets import Dataset
from quant.datasets.arrays import ArraySplit
from quant.errors import QUANT_BAD_OPTION, ExtensionError

N_FITTED = 898
"""Of the 1,198 images that are not held out; the other 300 are there to choose by."""
MEAN, STD = 0.306, 0.375
"""Of the first 1,198 images, pixels from 0 to 1."""


def load(root: Path, image_size: int | None) -> Dataset:
    """Return the digits to choose by: the held-out third takes no part."""
    digits = load_digits().training
    return _dataset("digits", digits[:N_FITTED], digits[N_FITTED:], image_size)


def load_final(root: Path, image_size: int | None) -> Dataset:
    """Return the digits for a last run, judged by the held-out third."""
    digits = load_digits()
    return _dataset("digits-final", digits.training, digits.held_out, image_size)


def _dataset(name: str, fitted: Digits, judged: Digits, image_size: int | None) -> Dataset:
    if image_size not in {None, HEIGHT}:
        message = f"the digits have {HEIGHT}x{WIDTH} pixels, not {image_size}x{image_size}"
        raise ExtensionError(QUANT_BAD_OPTION, message)
    return Dataset(
        name=name,
        classes=tuple(str(digit) for digit in range(N_CLASSES)),
        channels=1,
        image_size=HEIGHT,
        max_pixel=MAX_PIXEL,
        mean=(MEAN,),
        std=(STD,),
        training=_split(fitted),
        validation=_split(judged),
    )


def _split(digits: Digits) -> ArraySplit:
    return ArraySplit(digits.pixels.reshape(-1, HEIGHT, WIDTH, 1), digits.labels, _distorted)


def _distorted(pixels: Tensor, generator: torch.Generator | None) -> Tensor:
    """Rotate, shift and scale while training; leave the image as it is otherwise."""
    if generator is None:
        return pixels
    return distort(pixels[:, 0], Distortion(), generator)[:, None]
