"""Layers of signs: patches, sums, limits and pools, bit by bit.

An image is one `bitarray` by row, column, channel, the channel fastest: 1 is +1, 0 is -1.
"""

from __future__ import annotations

from collections.abc import Sequence

from bitarray import bitarray

from nn_ops.errors import InternalError
from nn_ops.geometry import ImageShape, Window
from nn_ops.reference.words import distance


def thermometer(pixels: Sequence[int], thresholds: Sequence[int]) -> bitarray:
    """Return one bit per pixel and threshold, the threshold fastest: 1 where pixel > threshold."""
    bits = bitarray()
    for pixel in pixels:
        for threshold in thresholds:
            bits.append(pixel > threshold)
    return bits


def cells_of(window: Window, shape: ImageShape, row: int, column: int) -> list[int | None]:
    """Return the cells under a window at one position.

    Parameters
    ----------
    window : Window
    shape : ImageShape
    row, column : int
        The position.

    Returns
    -------
    list of int or None
        By kernel row and kernel column: the number of the image's cell, by row and column, or None
        for one of the border.
    """
    cells: list[int | None] = []
    for kernel_row in range(window.kernel[0]):
        for kernel_column in range(window.kernel[1]):
            y = row * window.stride[0] + kernel_row * window.dilation[0] - window.padding[0]
            x = column * window.stride[1] + kernel_column * window.dilation[1] - window.padding[1]
            is_inside = 0 <= y < shape.height and 0 <= x < shape.width
            cells.append(y * shape.width + x if is_inside else None)
    return cells


def positions_of(window: Window, shape: ImageShape) -> list[list[int | None]]:
    """Return the cells under a window at each of its positions, by row and column."""
    down, along = window.output_size(shape.height, shape.width)
    return [cells_of(window, shape, row, column) for row in range(down) for column in range(along)]


def im2col(
    bits: bitarray, shape: ImageShape, window: Window, groups: int = 1
) -> list[list[bitarray]]:
    """Return the patch of each position, group by group.

    Parameters
    ----------
    bits : bitarray
        The image.
    shape : ImageShape
    window : Window
    groups : int

    Returns
    -------
    list of list of bitarray
        Of each group, of each position: bits by kernel row, kernel column, channel of the group;
        those of the border are 0.
    """
    width = shape.channels // groups
    patches: list[list[bitarray]] = []
    for group in range(groups):
        patches.append([])
        for cells in positions_of(window, shape):
            patch = bitarray()
            for cell in cells:
                for channel in range(group * width, (group + 1) * width):
                    patch.append(0 if cell is None else bits[cell * shape.channels + channel])
            patches[group].append(patch)
    return patches


def recover(
    patches: list[list[bitarray]], shape: ImageShape, window: Window, groups: int = 1
) -> bitarray:
    """Return the image that has these patches: the inverse of `im2col`.

    Parameters
    ----------
    patches : list of list of bitarray
        As `im2col` gives them; together they hold every cell of the image.
    shape : ImageShape
    window : Window
    groups : int
    """
    width = shape.channels // groups
    bits = bitarray(shape.size)
    is_found = bitarray(shape.size)
    for group in range(groups):
        for patch, cells in zip(patches[group], positions_of(window, shape), strict=True):
            for tap, cell in enumerate(cells):
                if cell is None:
                    continue
                for channel in range(width):
                    place = cell * shape.channels + group * width + channel
                    bits[place] = patch[tap * width + channel]
                    is_found[place] = 1
    if not is_found.all():
        raise InternalError("patches that do not hold the whole image")
    return bits


def conv(
    bits: bitarray,
    shape: ImageShape,
    window: Window,
    filters: Sequence[bitarray],
    masks: Sequence[bitarray] | None = None,
    groups: int = 1,
    padding_value: int = 0,
) -> list[int]:
    """Return the sums of a convolution of signs by signs.

    Parameters
    ----------
    bits : bitarray
        The image.
    shape : ImageShape
    window : Window
    filters : sequence of bitarray
        By kernel row, kernel column, channel of the filter's group.
    masks : sequence of bitarray, or None
        Of each filter: 1 where the weight counts.
    groups : int
    padding_value : 0 or -1
        0: a cell of the border has no term. -1: its term is minus the weight.

    Returns
    -------
    list of int
        By row, column, filter. Each is V - 2 * D over the terms that count.
    """
    width, each = shape.channels // groups, len(filters) // groups
    patches = im2col(bits, shape, window, groups)
    sums = []
    for position, cells in enumerate(positions_of(window, shape)):
        inside = bitarray()
        for cell in cells:
            inside.extend([cell is not None or padding_value == -1] * width)
        for number, weights in enumerate(filters):
            counts = inside if masks is None else inside & masks[number]
            patch = patches[number // each][position]
            sums.append(counts.count(1) - 2 * distance(patch & counts, weights & counts))
    return sums


def linear(
    bits: bitarray, filters: Sequence[bitarray], masks: Sequence[bitarray] | None = None
) -> list[int]:
    """Return the sums of a linear layer of signs by signs, one per feature."""
    shape = ImageShape(1, 1, len(bits))
    return conv(bits, shape, Window((1, 1)), filters, masks)


def decide(distances: Sequence[int], limits: Sequence[int], polarity: Sequence[int]) -> bitarray:
    """Return the sign bits of distances whose fastest place is the filter.

    Parameters
    ----------
    distances : sequence of int
        D, by position and filter.
    limits, polarity : sequence of int
        Of each filter; see `nn_ops.limits.Limits`.
    """
    bits = bitarray()
    for place, found in enumerate(distances):
        number = place % len(limits)
        if polarity[number] > 0:
            bits.append(found <= limits[number])
        else:
            bits.append(found >= limits[number])
    return bits


def pool(
    bits: bitarray, shape: ImageShape, window: Window, polarity: Sequence[int] | None = None
) -> bitarray:
    """Return the OR of each window where a channel's polarity is +1, and the AND where it is -1.

    Parameters
    ----------
    bits : bitarray
        The image.
    shape : ImageShape
    window : Window
        Cells of the border do not take part.
    polarity : sequence of int, or None
        Of each channel; None is +1 for all, the greatest sign of each window.
    """
    pooled = bitarray()
    for cells in positions_of(window, shape):
        for channel in range(shape.channels):
            values = [bits[cell * shape.channels + channel] for cell in cells if cell is not None]
            is_or = polarity is None or polarity[channel] > 0
            pooled.append(any(values) if is_or else all(values))
    return pooled


def average_pool(bits: bitarray, shape: ImageShape, window: Window) -> list[float]:
    """Return the mean sign of each window, from the number of its bits that are set."""
    means = []
    for cells in positions_of(window, shape):
        for channel in range(shape.channels):
            values = bitarray()
            for cell in cells:
                if cell is None:
                    raise InternalError("an average pool has no padding")
                values.append(bits[cell * shape.channels + channel])
            means.append((2 * values.count(1) - len(values)) / len(values))
    return means
