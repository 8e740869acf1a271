"""Pools over the cells of a window, channel by channel, on packed signs and on reals."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from nn_ops.conventions import Words, n_words, pack_bits, unpack_bits
from nn_ops.errors import NN_SHAPE_MISMATCH, ExtensionError
from nn_ops.geometry import ImageShape, Window
from nn_ops.graph import Floats

Cells = TypeVar("Cells", np.uint64, np.float64)


def max_pool_signs(images: Words, window: Window, shape: ImageShape) -> Words:
    """Return the greatest sign of each window: +1 where any of its cells is +1.

    Parameters
    ----------
    images : ndarray of uint64, shape (n, height, width, n_words(channels))
        Bit 1 is +1; channel c is bit c % 64 of word c // 64.
    window : Window
        It may overlap its neighbours. Border cells do not take part.
    shape : ImageShape
        Of the images.

    Returns
    -------
    ndarray of uint64, shape (n, positions down, positions along, n_words(channels))

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH when the images are not of this shape, the window does not fit, or one
        position of it lies in the border alone.
    """
    _check(images, shape, n_words(shape.channels))
    return _pool(images, window, shape, np.bitwise_or, np.uint64(0))


def pool_decided(
    images: Words, window: Window, shape: ImageShape, polarity: NDArray[np.integer]
) -> Words:
    """Return the decisions on pooled sums from the decisions on the sums.

    Parameters
    ----------
    images : ndarray of uint64, shape (n, height, width, n_words(channels))
        What `nn_ops.limits.Limits` decides of each sum.
    window : Window
    shape : ImageShape
        Of the images.
    polarity : ndarray of an integer dtype, shape (channels,)
        Of the limits: +1 where a greater sum is more likely +1, -1 where it is less likely.

    Returns
    -------
    ndarray of uint64, shape (n, positions down, positions along, n_words(channels))
        The OR of each window where the polarity is +1, and the AND where it is -1: the greatest
        sum passes a limit from below as soon as any does, and from above only if all do.

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH as for `max_pool_signs`.
    """
    if np.all(polarity == 1):
        return max_pool_signs(images, window, shape)
    turned = pack_bits(polarity == -1)  # not(AND of x) = OR of not(x); tail bits stay 0
    return max_pool_signs(images ^ turned, window, shape) ^ turned


def max_pool_reals(images: Floats, window: Window, shape: ImageShape) -> Floats:
    """Return the greatest value of each window.

    Parameters
    ----------
    images : ndarray of float64, shape (n, height, width, channels)
    window : Window
        Border cells do not take part.
    shape : ImageShape
        Of the images.

    Returns
    -------
    ndarray of float64, shape (n, positions down, positions along, channels)

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH as for `max_pool_signs`.
    """
    _check(images, shape, shape.channels)
    return _pool(images, window, shape, np.maximum, np.float64(-np.inf))


def average_pool(images: Floats, window: Window, shape: ImageShape) -> Floats:
    """Return the mean of each window.

    Parameters
    ----------
    images : ndarray of float64, shape (n, height, width, channels)
    window : Window
        Without padding.
    shape : ImageShape
        Of the images.

    Returns
    -------
    ndarray of float64, shape (n, positions down, positions along, channels)

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH when the images are not of this shape, or the window does not fit or has
        padding.
    """
    _check(images, shape, shape.channels)
    return _sums(images, window, shape, np.dtype(np.float64)) / window.taps


def average_pool_signs(images: Words, window: Window, shape: ImageShape) -> Floats:
    """Return the mean of each window of signs, from the number of its +1.

    Parameters
    ----------
    images : ndarray of uint64, shape (n, height, width, n_words(channels))
    window : Window
        Without padding.
    shape : ImageShape
        Of the images.

    Returns
    -------
    ndarray of float64, shape (n, positions down, positions along, channels)
        ``(2 * popcount - taps) / taps``, from -1 to +1.

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH as for `average_pool`.
    """
    _check(images, shape, n_words(shape.channels))
    bits = unpack_bits(images, shape.channels)
    counts = _sums(bits, window, shape, np.dtype(np.int32))
    found: Floats = (2 * counts - window.taps) / window.taps
    return found


def _check(images: NDArray[np.generic], shape: ImageShape, width: int) -> None:
    """Raise when images are not of the shape that they are said to have."""
    expected = (shape.height, shape.width, width)
    if images.ndim != 4 or images.shape[1:] != expected:
        raise ExtensionError(
            NN_SHAPE_MISMATCH, f"expected images of shape {expected}, found {images.shape[1:]}"
        )


def _reaches(window: Window, axis: int, shape: ImageShape) -> Iterator[tuple[slice, slice]]:
    """Yield, for each row (or column) of the window, which positions have it over which cells."""
    count = window.output_size(shape.height, shape.width)[axis]
    cells = (shape.height, shape.width)[axis]
    stride = window.stride[axis]
    for place in range(window.kernel[axis]):
        offset = place * window.dilation[axis] - window.padding[axis]
        first = max(0, -(offset // stride))
        last = min(count - 1, (cells - 1 - offset) // stride)
        if last >= first:
            source = slice(first * stride + offset, last * stride + offset + 1, stride)
            yield slice(first, last + 1), source


def _pool(
    images: NDArray[Cells], window: Window, shape: ImageShape, greater: np.ufunc, least: Cells
) -> NDArray[Cells]:
    """Return the greatest of each window: down the rows first, then along them."""
    if not window.cells_inside(shape.height, shape.width).any(axis=1).all():
        raise ExtensionError(
            NN_SHAPE_MISMATCH, "a window of the pool lies in the border alone", hint="pad less"
        )
    down, along = window.output_size(shape.height, shape.width)
    n, _, _, width = images.shape
    rows = np.full((n, down, shape.width, width), least)
    for into, source in _reaches(window, 0, shape):
        greater(rows[:, into], images[:, source], out=rows[:, into])
    found = np.full((n, down, along, width), least)
    for into, source in _reaches(window, 1, shape):
        greater(found[:, :, into], rows[:, :, source], out=found[:, :, into])
    return found


def _sums(
    images: NDArray[Any], window: Window, shape: ImageShape, dtype: np.dtype[Any]
) -> NDArray[Any]:
    """Return the sum of each window, its cells added by row and column as PyTorch does."""
    if window.padding != (0, 0):
        raise ExtensionError(NN_SHAPE_MISMATCH, "an average pool has no padding")
    down, along = window.output_size(shape.height, shape.width)
    found = np.zeros((len(images), down, along, images.shape[3]), dtype)
    for _, rows in _reaches(window, 0, shape):
        for _, columns in _reaches(window, 1, shape):
            found += images[:, rows, columns]
    return found
