"""Convolutions and pools of unpacked signs, cell by cell of the window: the plain definition."""

from __future__ import annotations

import numpy as np

from nn_ops import binary_conv
from nn_ops.geometry import Window
from tests.strategies.products import Case


def sums_of_kernel(case: Case) -> np.ndarray:
    """The sums of a convolution from the counts of differing bits, as the product defines them."""
    product = case.product
    base = product.terms.base[product.classes.of_position]
    return base - 2 * binary_conv.distances(case.images, product)


def sums_by_numpy(case: Case) -> np.ndarray:
    """The sums of a convolution of unpacked signs, cell by cell of the window."""
    product = case.product
    window, shape = product.window, product.input
    (down, along), out = window.padding, product.output
    padded = np.pad(
        case.signs.astype(np.int64),
        ((0, 0), (down, down), (along, along), (0, 0)),
        constant_values=product.padding_value,
    )
    rows = np.arange(out.height) * window.stride[0]
    columns = np.arange(out.width) * window.stride[1]
    per_group = shape.channels // product.groups
    filters = out.channels // product.groups
    found = np.zeros((len(padded), out.height, out.width, out.channels), dtype=np.int64)
    for row in range(window.kernel[0]):
        for column in range(window.kernel[1]):
            at_rows = rows + row * window.dilation[0]
            at_columns = columns + column * window.dilation[1]
            cells = padded[:, at_rows[:, None], at_columns]
            for group in range(product.groups):
                own = slice(group * filters, (group + 1) * filters)
                channels = slice(group * per_group, (group + 1) * per_group)
                found[..., own] += cells[..., channels] @ case.weights[own, row, column].T.astype(
                    np.int64
                )
    return found.reshape(len(padded), -1, out.channels)


def pooled_by_numpy(bits: np.ndarray, pool: Window, polarity: np.ndarray) -> np.ndarray:
    """OR or AND of each window over the cells inside the image, filter by filter."""
    n, height, width, filters = bits.shape
    rows, columns = pool.sources(height, width)
    found = np.zeros((n, len(rows), len(columns), filters), dtype=np.bool_)
    for row, its_rows in enumerate(rows):
        for column, its_columns in enumerate(columns):
            inside = bits[:, its_rows[(its_rows >= 0) & (its_rows < height)]]
            inside = inside[:, :, its_columns[(its_columns >= 0) & (its_columns < width)]]
            found[:, row, column] = np.where(
                polarity > 0, inside.any(axis=(1, 2)), inside.all(axis=(1, 2))
            )
    return found
