"""How a window slides over an image: output sizes, places of its cells, and classes of its border."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nn_ops.errors import NN_SHAPE_MISMATCH, ExtensionError


@dataclass(frozen=True, slots=True)
class ImageShape:
    """The size of an image or of a layer's output, in pixels and channels."""

    height: int
    width: int
    channels: int

    @property
    def size(self) -> int:
        """Values per image."""
        return self.height * self.width * self.channels

    @property
    def cells(self) -> int:
        """Pixels per image."""
        return self.height * self.width


@dataclass(frozen=True, slots=True)
class Window:
    """A window that slides over rows and columns; every pair is (down the rows, along a row).

    Attributes
    ----------
    kernel : (int, int)
        Cells of the window.
    stride : (int, int)
        Cells from one position to the next.
    padding : (int, int)
        Cells of border before the first and behind the last row and column.
    dilation : (int, int)
        Cells from one of the window's cells to the next.
    """

    kernel: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)
    dilation: tuple[int, int] = (1, 1)

    @property
    def taps(self) -> int:
        """Cells of the window."""
        return self.kernel[0] * self.kernel[1]

    def output_size(self, height: int, width: int) -> tuple[int, int]:
        """Return how many positions the window has down and along an image.

        Parameters
        ----------
        height, width : int
            Cells of the image.

        Raises
        ------
        ExtensionError
            NN_SHAPE_MISMATCH when the window is larger than the image and its border.
        """
        found = []
        for cells, kernel, stride, padding, dilation in zip(
            (height, width), self.kernel, self.stride, self.padding, self.dilation, strict=True
        ):
            room = cells + 2 * padding - dilation * (kernel - 1) - 1
            if room < 0:
                raise ExtensionError(
                    NN_SHAPE_MISMATCH,
                    f"a window of {self.kernel[0]}x{self.kernel[1]} cells does not fit into "
                    f"{height}x{width} cells with padding {self.padding[0]}x{self.padding[1]}",
                )
            found.append(room // stride + 1)
        return found[0], found[1]

    def cells_inside(self, height: int, width: int) -> NDArray[np.bool_]:
        """Return which of the window's cells lie inside the image, at every position.

        Parameters
        ----------
        height, width : int
            Cells of the image.

        Returns
        -------
        ndarray of bool, shape (positions, taps)
            Positions by row and column; taps by kernel row and kernel column.

        Raises
        ------
        ExtensionError
            NN_SHAPE_MISMATCH when the window does not fit.
        """
        rows, columns = self.sources(height, width)
        inside_rows = (rows >= 0) & (rows < height)
        inside_columns = (columns >= 0) & (columns < width)
        inside = inside_rows[:, None, :, None] & inside_columns[None, :, None, :]
        return inside.reshape(-1, self.taps)

    def sources(self, height: int, width: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return the image's row and column under each of the window's rows and columns.

        Parameters
        ----------
        height, width : int
            Cells of the image.

        Returns
        -------
        rows : ndarray of intp, shape (positions down, kernel[0])
        columns : ndarray of intp, shape (positions along, kernel[1])
            Border cells have numbers below 0, or from `height` or `width` on.
        """
        found = []
        for count, kernel, stride, padding, dilation in zip(
            self.output_size(height, width),
            self.kernel,
            self.stride,
            self.padding,
            self.dilation,
            strict=True,
        ):
            starts = np.arange(count) * stride - padding
            found.append(starts[:, None] + np.arange(kernel) * dilation)
        return found[0], found[1]


@dataclass(frozen=True, slots=True, eq=False)
class BorderClasses:
    """Positions whose windows have the same cells inside the image share one class.

    Attributes
    ----------
    of_position : ndarray of intp, shape (positions,)
        The class of each position, by row and column; classes are numbered as they first appear.
    inside : ndarray of bool, shape (classes, taps)
        Which cells of the window count.
    """

    of_position: NDArray[np.intp]
    inside: NDArray[np.bool_]


def border_classes(window: Window, height: int, width: int) -> BorderClasses:
    """Return the classes of a window's positions over an image.

    A cell of the border is neither +1 nor -1: a sum has as many terms as cells of its window lie
    inside. Positions of one class have the same number of terms and the same correction, so there
    is one limit per class and filter (at most 9 classes where the kernel is 3x3).

    Parameters
    ----------
    window : Window
    height, width : int
        Cells of the image.

    Returns
    -------
    BorderClasses

    Raises
    ------
    ExtensionError
        NN_SHAPE_MISMATCH when the window does not fit.
    """
    rows, columns = window.sources(height, width)
    of_row, in_rows = _distinct((rows >= 0) & (rows < height))
    of_column, in_columns = _distinct((columns >= 0) & (columns < width))
    pairs = in_rows[:, None, :, None] & in_columns[None, :, None, :]
    of_pair, inside = _distinct(pairs.reshape(-1, window.taps))
    pair_at = of_row[:, None] * len(in_columns) + of_column
    return BorderClasses(of_pair[pair_at.reshape(-1)], inside)


def _distinct(patterns: NDArray[np.bool_]) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return the number of each row among the distinct ones, and these as they first appear."""
    _, first, inverse = np.unique(patterns, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first)
    rank = np.empty_like(order)
    rank[order] = np.arange(len(order))
    return rank[inverse.reshape(-1)], patterns[first[order]]
