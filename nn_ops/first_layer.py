"""Products of pixels or reals with weights of +1 and -1: a first layer, or one over reals.

Pixels stay integers: their sums are exact in BLAS, channel by channel, and the normalization is
applied to the sums.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from nn_ops.conventions import unpack_bits, unpack_signs
from nn_ops.errors import NN_SHAPE_MISMATCH, ExtensionError
from nn_ops.geometry import Window
from nn_ops.graph import Floats
from nn_ops.program import Product, RealProductStage

EXACT_IN_FLOAT32 = 1 << 24
"""Every integer up to this is a float32, so sums of integers that stay below it are exact."""
BLOCK_BYTES = 1 << 24
"""About so many bytes of patches are made at a time."""


@dataclass(frozen=True, slots=True, eq=False)
class _Part:
    """The channels that are summed together, and what their sum is multiplied by.

    Attributes
    ----------
    channels : slice
        Of the input.
    filters : slice
        Those that read these channels.
    signs : ndarray, shape (taps * channels, filters)
    factor : float
    """

    channels: slice
    filters: slice
    signs: NDArray[Any]
    factor: float


def real_product(values: NDArray[Any], stage: RealProductStage) -> Floats:
    """Return the sums of a layer whose input is not binary, its bias added.

    Parameters
    ----------
    values : ndarray, shape (n, height, width, channels)
        Pixels of an integer dtype where the stage normalizes; else these, or reals of float64.
    stage : RealProductStage

    Returns
    -------
    ndarray of float64, shape (n, positions down, positions along, filters)

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH when the images are not of the stage's shape.

    Notes
    -----
    PyTorch normalizes first: ``x = (p / max_pixel - mean[c]) / std[c]``, and pads with ``x = 0``.
    So a border cell is absent from both sums of
    ``s = sum over c of (sum of w * p) / (max_pixel * std[c]) - mean[c] / std[c] * (sum of w)``.
    The first is over integers, and the second has one value per border class and filter.
    """
    product = stage.product
    shape = product.input
    expected = (shape.height, shape.width, shape.channels)
    if values.ndim != 4 or values.shape[1:] != expected:
        raise ExtensionError(
            NN_SHAPE_MISMATCH,
            f"layer {stage.name!r} takes images of shape {expected}, found {values.shape[1:]}",
        )
    signs = signs_of_weights(product)
    shift = stage.bias - _mean_part(signs, stage)[product.classes.of_position]
    dtype = _exact_dtype(values, signs, stage)
    parts = _parts(signs.astype(dtype), stage)
    sums = np.empty((len(values), *shift.shape))
    widest = max(part.signs.shape[0] for part in parts)
    images = max(1, BLOCK_BYTES // (len(shift) * widest * dtype.itemsize))
    for start in range(0, len(values), images):
        block = slice(start, start + images)
        sums[block] = _summed(values[block].astype(dtype), product, parts)
    sums += shift
    output = product.output
    return sums.reshape(len(values), output.height, output.width, output.channels)


def signs_of_weights(product: Product) -> Floats:
    """Return a layer's weights as numbers.

    Parameters
    ----------
    product : Product

    Returns
    -------
    ndarray of float64, shape (groups, taps, channels of a group, filters of a group)
        +1 and -1; 0 where the weight was pruned.
    """
    weights, groups = product.weights, product.groups
    filters, width = len(weights.words), product.input.channels // groups
    fan_in = product.window.taps * width
    signs = unpack_signs(weights.words, fan_in).astype(np.float64)
    if weights.mask is not None:
        signs *= unpack_bits(weights.mask, fan_in)
    shaped = signs.reshape(groups, filters // groups, product.window.taps, width)
    return np.ascontiguousarray(shaped.transpose(0, 2, 3, 1))


def _mean_part(signs: Floats, stage: RealProductStage) -> Floats:
    """Return what the means take from the sums, shape (classes, filters)."""
    if stage.normalize is None:
        return np.zeros(stage.product.terms.base.shape)
    mean, std = np.array(stage.normalize.mean), np.array(stage.normalize.std)
    ratio = (mean / std).reshape(signs.shape[0], signs.shape[2])
    inside = stage.product.classes.inside.astype(np.float64)
    found: Floats = np.einsum("bt,gtcf,gc->bgf", inside, signs, ratio)
    return found.reshape(len(inside), -1)


def _exact_dtype(values: NDArray[Any], signs: Floats, stage: RealProductStage) -> np.dtype[Any]:
    """Return the narrowest float in which the products of integers are exact."""
    if values.dtype.kind not in "iu":
        return np.dtype(np.float64)
    terms = signs.shape[1] * (1 if stage.normalize else signs.shape[2])
    greatest = max(int(values.max(initial=0)), -int(values.min(initial=0)))
    return np.dtype(np.float32 if greatest * terms < EXACT_IN_FLOAT32 else np.float64)


def _parts(signs: NDArray[Any], stage: RealProductStage) -> list[_Part]:
    """Return the products to make: one per channel where each is scaled alone, or per group."""
    groups, taps, width, each = signs.shape
    parts = []
    for group in range(groups):
        filters = slice(group * each, (group + 1) * each)
        if stage.normalize is None:
            channels = slice(group * width, (group + 1) * width)
            parts.append(_Part(channels, filters, signs[group].reshape(taps * width, each), 1.0))
            continue
        for place in range(width):
            channel = group * width + place
            factor = 1.0 / (stage.max_pixel * stage.normalize.std[channel])
            channels = slice(channel, channel + 1)
            parts.append(_Part(channels, filters, signs[group, :, place], factor))
    return parts


def _summed(values: NDArray[Any], product: Product, parts: list[_Part]) -> Floats:
    """Return the scaled sums of a block of images, shape (n, positions, filters)."""
    positions, filters = len(product.classes.of_position), len(product.weights.words)
    (down, along), n = product.window.padding, len(values)
    padded = np.pad(values, ((0, 0), (down, down), (along, along), (0, 0)))
    sums = np.zeros((n, positions, filters))
    for part in parts:
        patches = _patches(padded[..., part.channels], product.window)
        # One product per image: where the terms are no integers, BLAS rounds by the shape of a
        # product, and an image's answer must not depend on the images beside it.
        images = patches.reshape(n, positions, -1)
        sums[..., part.filters] += (images @ part.signs) * np.float64(part.factor)
    return sums


def _patches(padded: NDArray[Any], window: Window) -> NDArray[Any]:
    """Return the patches of padded images, shape (n * positions, taps * channels)."""
    reach = tuple(d * (k - 1) + 1 for k, d in zip(window.kernel, window.dilation, strict=True))
    views = sliding_window_view(padded, reach, axis=(1, 2))  # (n, h, w, channel, kh, kw)
    down, along = window.stride
    far, wide = window.dilation
    taken = views[:, ::down, ::along, :, ::far, ::wide].transpose(0, 1, 2, 4, 5, 3)
    return taken.reshape(-1, window.taps * padded.shape[3])
