"""The constant arguments of a network's SQL function: read, checked and named in messages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from minidb.extension import Column, TupleColumn
from nn_ops.conventions import Words, n_words
from nn_ops.errors import (
    NN_NOT_FINITE,
    NN_SHAPE_MISMATCH,
    ErrorCode,
    ExtensionError,
    InternalError,
)
from nn_ops.geometry import ImageShape, Window
from nn_ops.graph import Floats
from nn_ops.sql_values import Tensor, reals_of, tensor_of, words_of

Pair: TypeAlias = tuple[int, int]

MAX_SIZE = 65_535
"""The greatest side, kernel, stride, padding or dilation."""
MAX_CELLS = 1 << 26
"""The most values of an image, and the most cells under all positions of a window."""


class Given:
    """The arguments of one call, by name.

    Parameters
    ----------
    function : str
    names : sequence of str
        As declared.
    constants : sequence of (Column or None)
        The one-row column of each constant argument that was given.
    """

    def __init__(
        self, function: str, names: Sequence[str], constants: Sequence[Column | None]
    ) -> None:
        self._function = function
        self._constants = dict(zip(names, constants, strict=False))

    def has(self, name: str) -> bool:
        """Whether an optional argument was given."""
        return self._constants.get(name) is not None

    def column(self, name: str) -> Column:
        """Return a constant as a column of one row."""
        found = self._constants.get(name)
        if found is None:
            raise InternalError(f"{self._function} has no constant {name}")
        return found

    def refused(
        self, message: str, hint: str | None = None, code: ErrorCode = NN_SHAPE_MISMATCH
    ) -> ExtensionError:
        """Return the error that refuses an argument."""
        return ExtensionError(code, f"{self._function}: {message}", hint=hint)

    def sizes(self, name: str) -> tuple[int, ...]:
        """Return an integer, or the integers of an array or tuple, none of them negative."""
        value = self.column(name).to_pylist()[0]
        items = value if isinstance(value, list | tuple) else (value,)
        found = tuple(item for item in items if isinstance(item, int))
        if len(found) != len(items) or any(not 0 <= item <= MAX_SIZE for item in found):
            shown = ", ".join(map(str, items))
            raise self.refused(
                f"{name} is {shown}", hint=f"every size is a whole number from 0 to {MAX_SIZE}"
            )
        return found

    def integer(self, name: str, default: int, least: int = 0, most: int = MAX_CELLS) -> int:
        """Return a whole number."""
        if not self.has(name):
            return default
        value = self.column(name).to_pylist()[0]
        if not isinstance(value, int) or not least <= value <= most:
            raise self.refused(f"{name} is {value}", hint=f"it is from {least} to {most}")
        return value

    def real(self, name: str) -> float:
        """Return a number."""
        value = self.column(name).to_pylist()[0]
        if not isinstance(value, int | float) or value != value:  # noqa: PLR0124 - NaN
            raise self.refused(f"{name} is {value}", "give a number", NN_NOT_FINITE)
        return float(value)

    def pair(self, name: str, default: Pair, least: int) -> Pair:
        """Return sizes (down the rows, along a row); one number stands for both."""
        if not self.has(name):
            return default
        found = self.sizes(name)
        if len(found) == 1:
            found = found * 2
        if len(found) != 2 or min(found) < least:
            shown = ", ".join(map(str, found))
            hint = f"one number, or [down, along], from {least} on"
            raise self.refused(f"{name} is {shown}", hint=hint)
        return found[0], found[1]

    def shape(self, name: str = "shape") -> ImageShape:
        """Return the shape of an image: [height, width, channels]."""
        found = self.sizes(name)
        if len(found) != 3 or min(found) < 1:
            shown = ", ".join(map(str, found))
            hint = "give [height, width, channels], each from 1 on; [1, 1, n] for a vector"
            raise self.refused(f"{name} is {shown}", hint=hint)
        shape = ImageShape(*found)
        if shape.size > MAX_CELLS:
            raise self.refused(f"an image of {shape.size:,} values is too large")
        return shape

    def window(self, shape: ImageShape, *, is_pool: bool = False) -> Window:
        """Return the window of kernel, stride, padding and dilation over images of a shape.

        The stride of a pool is its kernel unless it is given, as in PyTorch.
        """
        kernel = self.pair("kernel", (1, 1), 1)
        window = Window(
            kernel,
            self.pair("stride", kernel if is_pool else (1, 1), 1),
            self.pair("padding", (0, 0), 0),
            self.pair("dilation", (1, 1), 1),
        )
        down, along = window.output_size(shape.height, shape.width)
        cells = down * along * window.taps
        if cells > MAX_CELLS:
            raise self.refused(f"the window has {cells:,} cells over all its positions")
        return window

    def words(self, name: str, n_bits: int) -> Words:
        """Return rows of packed bits, one per filter.

        Returns
        -------
        ndarray of uint64, shape (filters, n_words(n_bits))

        Raises
        ------
        ExtensionError
            NN_SHAPE_MISMATCH for rows of another length, or bits beyond `n_bits`.
        """
        rows = words_of(tensor_of(self.column(name), name, 2))[0]
        wanted = n_words(n_bits)
        if not len(rows):
            raise self.refused(f"{name} has no rows", "give one row of words per filter")
        if rows.shape[1] != wanted:
            raise self.refused(
                f"{name} has {rows.shape[1]} words per filter, a fan-in of {n_bits} takes {wanted}",
                "pack the weights of a filter by kernel row, kernel column, channel",
            )
        used = n_bits % 64
        if used and bool((rows[:, -1] >> np.uint64(used)).any()):
            raise self.refused(f"{name} has bits beyond the fan-in of {n_bits}")
        return np.asarray(rows)

    def floats(self, name: str, size: int) -> Floats:
        """Return an array of numbers, one per channel or filter."""
        found = self.numbers(name)
        if len(found) != size:
            raise self.refused(f"{name} has {len(found)} values instead of {size}")
        return found

    def numbers(self, name: str) -> Floats:
        """Return an array of numbers."""
        return np.asarray(reals_of(tensor_of(self.column(name), name), name)[0])

    def integers(self, name: str, n_axes: int) -> NDArray[np.int64]:
        """Return whole numbers as int64, in `n_axes` axes."""
        return _whole(self, name, tensor_of(self.column(name), name, n_axes)[0])

    def part(self, name: str, place: int, n_axes: int) -> NDArray[np.int64]:
        """Return whole numbers that are an element of a tuple."""
        column = self.column(name)
        if not isinstance(column, TupleColumn) or place >= len(column.children):
            raise self.refused(f"{name} is {column.type.name}")
        label = f"{name}.{place + 1}"
        return _whole(self, label, tensor_of(column.children[place], label, n_axes)[0])


def _whole(given: Given, name: str, tensor: Tensor) -> NDArray[np.int64]:
    """Return numbers as int64, which have to be whole and fit an int32."""
    # Written so that NaN is refused too.
    if np.all(np.abs(tensor) <= np.iinfo(np.int32).max):
        found = tensor.astype(np.int64)
        if np.array_equal(found, tensor):
            return found
    raise given.refused(f"{name} holds numbers that are no 32-bit integers")
